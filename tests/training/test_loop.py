"""Training: schedules, balance, and runs that are killed and continued."""

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.dataset.arrays import Split
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import ROOT
from squeezenet_lib.training.checkpoint import Checkpoint
from squeezenet_lib.training.loop import (
    Hooks,
    Training,
    fit,
    learning_rate,
    make_deterministic,
    of_one_training,
    training_targets,
)
from tests.support.few_layers import few_layers
from tests.support.tiny_data import tiny_split
from tests.support.train_stage import start_training, write_training_folder

PARAMS = load_params(ROOT / "params.yaml").train
EPOCHS = 15


def test_the_learning_rate_warms_up_and_falls_as_a_cosine() -> None:
    params = replace(PARAMS, epochs=10, warmup_epochs=2, learning_rate=1.0)
    rates = [learning_rate(step, 5, params) for step in range(50)]
    assert rates[:10] == pytest.approx([(i + 1) / 10 for i in range(10)])
    assert rates[10] == 1.0
    assert rates[30] == pytest.approx(0.5)
    assert 0 < rates[49] < 0.01
    assert sorted(rates[10:], reverse=True) == rates[10:]


@pytest.mark.parametrize(
    ("pictures", "steps", "epochs"),
    [
        (96, None, 20),
        (96, 60, 20),  # 3 steps an epoch: what is left over makes none
        (127, 60, 20),
        (96, 61, 21),
        (31, 61, 61),  # a batch of all of them
        (10_000, 61, 20),
    ],
)
def test_few_pictures_get_the_epochs_that_make_the_steps(
    pictures: int, steps: int | None, epochs: int
) -> None:
    params = of_one_training(replace(PARAMS, epochs=20, steps=steps, folds=5, batch_size=32), pictures)
    assert (params.epochs, params.steps, params.folds) == (epochs, None, 1)


def test_targets_mix_the_class_and_the_probability() -> None:
    split = Split(np.zeros((1, 29, 29, 1), np.uint8), np.array([1]), np.array([[0.4, 0.6]], np.float32))
    assert training_targets(split, 0.5).tolist() == [[pytest.approx(0.2), pytest.approx(0.8)]]


def test_a_teacher_takes_its_share_of_the_targets(tmp_path: Path) -> None:
    make_deterministic(1)
    teacher, student = (few_layers() for _ in range(2))
    decided = teacher.get_layer("logits")
    decided.set_weights([30 * values for values in decided.get_weights()])
    start = student.get_weights()
    split = tiny_split(16, 0)
    wrong = replace(split, targets=split.targets[:, ::-1].copy(), labels=1 - split.labels)

    def trained(train: Split, distillation: float) -> list[np.ndarray]:
        student.set_weights(start)
        hooks = Hooks(teacher=teacher, distillation=distillation)
        params = replace(PARAMS, epochs=1, warmup_epochs=0, batch_size=8, weight_average=0.0)
        training = Training(train, split, params, dropout=0.0, seed=1)
        fit(student, training, Checkpoint(tmp_path / "none", ""), hooks)
        shutil.rmtree(tmp_path / "none")
        weights: list[np.ndarray] = student.get_weights()
        return weights

    def distance(a: list[np.ndarray], b: list[np.ndarray]) -> float:
        return float(np.sqrt(sum(np.square(x - y).sum() for x, y in zip(a, b, strict=True))))

    right, half, none = (trained(split, share) for share in (1.0, 0.5, 0.0))
    assert distance(right, trained(wrong, 1.0)) < 0.02 * distance(right, start), "the teacher alone decides"
    assert distance(half, trained(wrong, 0.5)) > 0.04 * distance(half, start)
    assert distance(half, none) > 0.04 * distance(half, start)


def train_few_layers(folder: Path, last: int) -> tuple[int, list[str]]:
    """Returncode of a training that is killed after the epoch `last`, and its lines, without the seconds."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.support.few_layers_training", folder, str(EPOCHS), str(last)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, [line.partition(" seconds")[0] for line in done.stdout.splitlines()]


def test_a_killed_training_continues_and_ends_with_the_same_weights(tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    returncode, first = train_few_layers(killed, last=3)
    assert returncode == -signal.SIGKILL and len(first) == 3
    returncode, (said, *rest) = train_few_layers(killed, last=EPOCHS + 1)
    assert (returncode, said) == (0, f"continuing after epoch 3 of {EPOCHS}")
    assert rest[:3] == first, "finished epochs are told again"
    returncode, lines = train_few_layers(whole, last=EPOCHS + 1)
    assert (returncode, lines) == (0, rest)
    assert (killed / "weights.npz").read_bytes() == (whole / "weights.npz").read_bytes()


@pytest.fixture
def workspaces(tmp_path: Path) -> list[Path]:
    """Two folders that a train stage can run in, with the same tiny data and params."""
    folders = [tmp_path / "whole", tmp_path / "killed"]
    for folder in folders:
        write_training_folder(folder, epochs=EPOCHS, batch_size=16, weight_average=0.9)
    return folders


@pytest.mark.full
def test_a_killed_run_continues_and_ends_with_the_same_bytes(workspaces: list[Path]) -> None:
    whole, killed = workspaces
    with start_training(whole) as uninterrupted, start_training(killed) as victim:
        assert victim.stdout is not None
        for line in victim.stdout:
            if line.startswith("epoch 3:"):
                victim.send_signal(signal.SIGKILL)
        assert victim.wait() == -signal.SIGKILL
        assert uninterrupted.communicate()[0].count("epoch ") == EPOCHS
    assert not (killed / "models" / "float.keras").exists()
    with start_training(killed) as resumed:
        output, _ = resumed.communicate()
    assert resumed.returncode == 0
    assert "continuing after epoch" in output
    for path in ("models/float.keras", "plots/train/confusion.csv", "plots/train/metrics.json"):
        assert (whole / path).read_bytes() == (killed / path).read_bytes(), path
    curves = [p.relative_to(whole) for p in (whole / "plots").rglob("*.tsv")]
    assert len(curves) == 4
    for curve in curves:
        assert len((whole / curve).read_text().splitlines()) == EPOCHS + 1
        assert (whole / curve).read_bytes() == (killed / curve).read_bytes()
    # nothing but the declared outputs appeared, and the checkpoint is gone
    assert not (killed / "models" / "checkpoint" / "train").exists()
    assert {p.name for p in killed.iterdir()} == {"data", "params.yaml", "models", "metrics", "plots"}
    metrics = json.loads((killed / "metrics" / "train.json").read_text())
    assert metrics["accuracy"] > 0.9
    assert metrics["epochs"] == EPOCHS
    assert {"macro_f1", "auc", "loss", "images_per_second"} <= metrics.keys()
