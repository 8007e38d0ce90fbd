"""What several tests of stages start from."""

from pathlib import Path

import pytest

from squeezenet_lib.paths import ROOT
from tests.support.random_network import random_network
from tests.support.sweep_project import make_sweep_project


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pipeline's folder after decide."""
    for name, content in (
        ("params.yaml", (ROOT / "params.yaml").read_bytes()),
        ("models/model.tflite", random_network().tflite),
        ("models/decision.json", b'{"decision": null}'),
        ("data/processed/classes.json", b'["functional", "defective"]'),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sweep_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository of the sweep's tests, as the working directory."""
    make_sweep_project(tmp_path / "project", monkeypatch)
    return tmp_path / "project"
