"""The coder study: a leaf of the pipeline, whose packages no way to the image needs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from squeezenet_lib.coding.entropy import layer_entropy_bits
from squeezenet_lib.errors import UserError
from squeezenet_lib.paths import ROOT
from squeezenet_lib.tflite.reader import read_graph
from stages import coders
from tests.support.random_network import random_network

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
OTHERS = [f"stages.{name.replace('-', '_')}" for name in STAGES if name != "coders"]
# Runs main() of the modules named first, having imported all of them, where the packages do not exist.
WITHOUT_PACKAGES = """
import importlib, sys
from stages.coders import PACKAGES

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in PACKAGES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refused())
to_run = int(sys.argv.pop(1))
modules = [importlib.import_module(name) for name in sys.argv[1:]]
from stages.stage import run
for module in modules[:to_run]:
    run(module.main)
"""


def without_packages(folder: Path, to_run: int, *modules: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_PACKAGES, str(to_run), *modules],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_weights_are_held_against_other_coders_and_bounds(pipeline: Path) -> None:
    coders.main()
    sizes = json.loads((pipeline / "metrics/coders.json").read_text())
    assert list(sizes) == [
        "gzip -9",
        "xz -9e",
        "zstd -19",
        "brotli 11",
        "range coder",
        "bound: order-0 entropy",
        "bound: best model of each layer",
    ]
    weights = [conv.weights for conv in read_graph(random_network().tflite).convolutions]
    assert sizes["bound: order-0 entropy"] == int(np.ceil(layer_entropy_bits(weights) / 8))
    assert sizes["bound: order-0 entropy"] < sizes["range coder"]


def test_a_missing_model_is_one_sentence(pipeline: Path) -> None:
    (pipeline / "models/model.tflite").unlink()
    with pytest.raises(UserError, match=r"models/model\.tflite is missing; run the quantize stage first"):
        coders.main()


def test_a_missing_package_is_one_sentence_with_what_to_install(pipeline: Path) -> None:
    done = without_packages(pipeline, 1, "stages.coders")
    assert done.returncode == 1
    assert done.stderr == (
        "error: The Python package brotli, which only the coders stage needs, is not installed; run "
        "`pip install -r requirements.txt`.\n"
    )
    assert not (pipeline / "metrics").exists()


def test_no_other_stage_needs_the_packages(pipeline: Path) -> None:
    """All are imported, and the one is run whose work is next to the study's."""
    done = without_packages(pipeline, 1, "stages.huffman", *OTHERS)
    assert done.returncode == 0, done.stderr
    assert json.loads((pipeline / "metrics/huffman.json").read_text())["sqz_bytes"] > 0


def test_nothing_depends_on_the_study() -> None:
    made = {path for entry in STAGES["coders"]["metrics"] for path in entry}
    assert made == {"metrics/coders.json"}
    assert not any(made & set(stage["deps"]) for stage in STAGES.values())
