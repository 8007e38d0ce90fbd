"""The pipeline in small: own pictures of two classes, a narrow network, few epochs."""

from pathlib import Path
from typing import Any

from tests.pipeline.project import Project, copy_project
from tests.pipeline.synthetic_pictures import write_pictures

PER_CLASS = 60
SPARSITY = 0.8
SMALL: dict[str, dict[str, Any]] = {
    "download": {"source": "folder", "folder": "pictures"},
    "preprocess": {"size": 32},
    "model": {"width": 0.125},
    # Few steps: the running mean of weights would hardly leave the initial ones.
    "train": {"epochs": 3, "warmup_epochs": 1, "batch_size": 8, "weight_average": 0.0},
    "prune": {"epochs": 2, "sparsity": SPARSITY},
    "quantize": {"calibration_pictures": 20, "epochs": 1, "levels": 6},
    "emulate": {"pictures": 3},
}


def make_small_project(folder: Path) -> Project:
    """Pictures, a copy of the project and the results of all stages, in `folder`."""
    write_pictures(folder / "pictures", PER_CLASS)
    return copy_project(folder, SMALL)
