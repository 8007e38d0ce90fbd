"""The pipeline's other ways: colour, three classes, ready-made splits, quantization in training."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.tflite.reader import read_graph
from tests.pipeline.project import copy_project

PER_SPLIT = {"train": 24, "val": 6, "test": 9}
COLOURS = {"blue": (40, 60, 200), "green": (40, 200, 60), "red": (200, 60, 40)}


def write_splits(folder: Path) -> None:
    random = np.random.default_rng(0)
    for split, count in PER_SPLIT.items():
        for name, colour in COLOURS.items():
            (folder / split / name).mkdir(parents=True)
            for index in range(count):
                pixels = np.array(colour) + random.normal(0, 30, (40, 50, 3))
                picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
                picture.save(folder / split / name / f"{index}.webp", lossless=True)


@pytest.mark.full
def test_colour_three_classes_given_splits_and_quantization_in_training(tmp_path: Path) -> None:
    write_splits(tmp_path / "project/pictures")
    project = copy_project(
        tmp_path / "project",
        {
            "download": {"source": "folder", "folder": "pictures"},
            "preprocess": {"size": 48, "channels": 3, "standardise": False},
            "model": {"width": 0.25},
            "train": {
                "epochs": 4,
                "warmup_epochs": 1,
                "batch_size": 8,
                "weight_average": 0.0,
                "class_balance": "sampling",
            },
            "prune": {"epochs": 2, "sparsity": 0.6},
            "quantize": {"method": "qat", "epochs": 1, "calibration_pictures": 20},
            "emulate": {"pictures": 2},
        },
    )
    report = json.loads((project.folder / "data/processed/report.json").read_text())
    assert report["pictures"] == {split: dict.fromkeys(COLOURS, count) for split, count in PER_SPLIT.items()}
    assert project.metrics("quantize")["zeros"] > 0.55
    assert "auc" not in project.metrics("train")
    assert project.metrics("emulate")["agreement"] == 1.0


@pytest.mark.full
def test_the_sensitivity_scan_chooses_sparsity_and_levels_of_each_layer(tmp_path: Path) -> None:
    write_splits(tmp_path / "project/pictures")
    project = copy_project(
        tmp_path / "project",
        {
            "download": {"source": "folder", "folder": "pictures"},
            "preprocess": {"size": 32, "channels": 3},
            "model": {"width": 0.125},
            "train": {"epochs": 6, "warmup_epochs": 1, "batch_size": 8, "weight_average": 0.0},
            "prune": {"epochs": 2, "per_layer": "auto", "accuracy_budget": 0.5},
            "quantize": {"epochs": 1, "per_layer": "auto", "calibration_pictures": 20},
            "emulate": {"pictures": 2},
        },
    )
    chosen = json.loads((project.folder / "models/layers.json").read_text())
    assert "proposed by the sensitivity scan" in project.log
    assert chosen["levels"].keys() == chosen["sparsity"].keys() - {"conv1", "conv10"}
    assert len(set(chosen["sparsity"].values())) > 1
    found = project.metrics("prune")["per_layer"]
    assert all(found[name] >= share - 0.07 for name, share in chosen["sparsity"].items())
    graph = read_graph((project.folder / "models/model.tflite").read_bytes())
    layers = [name for name in chosen["sparsity"] if name in chosen["levels"]]
    for name, conv in zip(layers, graph.convolutions[1:-1], strict=True):
        assert max(len(set(weights[weights != 0])) for weights in conv.weights) <= chosen["levels"][name]
    assert {"sensitivity.csv", "sensitivity.svg"} <= {
        p.name for p in (project.folder / "plots/prune").iterdir()
    }
    assert project.metrics("emulate")["agreement"] == 1.0
