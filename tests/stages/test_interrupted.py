"""Ctrl-C at `dvc repro` while a network is trained: a line says how to go on, and that works."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from squeezenet_lib.paths import ROOT
from tests.support.train_stage import write_training_folder
from tests.support.waiting import outcome, started, wait_until

EPOCHS = 20


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A pipeline of one stage: training on tiny data."""
    write_training_folder(tmp_path, epochs=EPOCHS)
    whole = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]["train"]
    stage = {"cmd": whole["cmd"], "deps": ["data/processed"], "outs": ["models/float.keras"]}
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"train": stage}}))
    subprocess.run([sys.executable, "-m", "dvc", "init", "-q", "--no-scm"], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_in_training_says_how_to_go_on_and_that_works(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    checkpoints = project / "models/checkpoint/train"
    with started(project, "-m", "dvc", "repro") as dvc:
        wait_until(lambda: dvc.poll() is not None or (checkpoints / "state.npz").is_file(), dvc.pid)
        os.killpg(dvc.pid, signal.SIGINT)
        _, errors = outcome(dvc)
    assert dvc.returncode not in (0, None)
    assert "Traceback" not in errors
    print(errors)
    ours, *dvcs = [line for line in errors.splitlines() if re.match("interrupted|ERROR|error", line)]
    assert ours == "interrupted: `dvc repro` goes on after the last finished epoch"
    assert len(dvcs) == 1 and dvcs[0].startswith("ERROR: failed to reproduce 'train'")
    assert not (project / "models/float.keras").exists()
    with started(project, "-m", "dvc", "repro") as again:
        said, _ = outcome(again)
    assert again.returncode == 0
    assert re.search(rf"^continuing after epoch \d+ of {EPOCHS}$", said, re.MULTILINE)
    assert (project / "models/float.keras").is_file()
