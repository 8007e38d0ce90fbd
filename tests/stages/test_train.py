"""The train stage: one network is kept, and folds measure beside it."""

import json
import signal
from pathlib import Path

import pytest

from tests.support.train_stage import start_training, write_training_folder

EPOCHS = 3


def trained(folder: Path) -> str:
    with start_training(folder) as process:
        said, _ = process.communicate()
    assert process.returncode == 0
    return said


@pytest.mark.full
def test_folds_change_nothing_in_the_network_and_go_on_where_they_were_killed(tmp_path: Path) -> None:
    without, whole, killed = (tmp_path / name for name in ("without", "whole", "killed"))
    for folder in (without, whole, killed):
        folds = 1 if folder == without else 2
        write_training_folder(
            folder, epochs=EPOCHS, batch_size=16, weight_average=0.9, init_from="random", folds=folds
        )
    with start_training(killed) as victim:
        assert victim.stdout is not None
        fold = ""
        for line in victim.stdout:
            fold = line[:6] if line.startswith("fold") else fold
            if fold == "fold 2" and line.startswith("epoch 1:"):
                victim.send_signal(signal.SIGKILL)
    assert not (killed / "metrics").exists()
    trained(without)
    assert trained(whole).count("continuing") == 0
    # the network itself and the first fold are there, of the second an epoch or more
    again = trained(killed)
    assert again.count(f"continuing after epoch {EPOCHS} of {EPOCHS}") == 2
    assert again.count("continuing") == 3
    for folder in (whole, killed):
        for path in ("models/float.keras", "plots/train/metrics.json"):
            assert (folder / path).read_bytes() == (without / path).read_bytes()
        assert not (folder / "models/checkpoint/train").exists()
    figures = {
        folder: json.loads((folder / "metrics/train.json").read_text()) for folder in (without, whole, killed)
    }
    assert "folds" not in figures[without]
    assert figures[whole]["folds"] == figures[killed]["folds"]
    assert list(figures[whole]["folds"]["fold"]) == ["1", "2"]
