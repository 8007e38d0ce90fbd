"""The train stage on tiny data in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from squeezenet_lib.paths import ROOT
from tests.support.tiny_data import write_tiny_data


def write_training_folder(folder: Path, **train: Any) -> None:
    """Data and params of a small network; `train` changes that section of params.yaml."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["model"]["width"] = 0.25
    params["train"] |= {"warmup_epochs": 1, "learning_rate": 0.01} | train
    write_tiny_data(folder / "data" / "processed")
    (folder / "params.yaml").write_text(yaml.safe_dump(params))


def start_training(
    folder: Path, stderr: int | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """Run the stage there; its output can be read line by line."""
    return subprocess.Popen(
        [sys.executable, "-m", "stages.train"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
