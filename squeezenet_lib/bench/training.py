"""What the input pipeline costs in training: pictures a second beside a loop over batches already in RAM.

Both ways train the same network with the same step function, turn by turn in one process: with batches that
are read from memory-mapped files and augmented while training goes on, and with such batches made before. The
ratio of the two medians is the point; pictures a second depend on the machine.
"""

import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from squeezenet_lib.dataset.arrays import SPLITS, Split, load_split, save_split
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import AugmentParams, TrainParams
from squeezenet_lib.training.distribution import SINGLE
from squeezenet_lib.training.loop import Hooks, Run, Training, make_deterministic
from squeezenet_lib.training.network import build_squeezenet

# All that params.yaml offers at once.
EVERYTHING = AugmentParams(
    rotate=True, flip=True, shift=4, zoom=0.2, contrast=0.15, brightness=0.15, erase=0.2
)


@dataclass(frozen=True)
class Case:
    """A network and its pictures; steps: batches in a round."""

    size: int
    channels: int
    width: float
    batch: int
    steps: int


CASES = (
    Case(96, 1, 1.0, 32, 64),
    Case(150, 3, 1.0, 32, 32),
    Case(48, 1, 1.0, 64, 128),
    Case(48, 1, 0.25, 64, 256),
)


def bench_training(rounds: int) -> None:
    """Print a line for each case, with params.yaml's augmentation and with everything, of so many rounds."""
    params = load_params().train
    print("input      width batch  augmentation   in RAM pipeline   ratio")
    for case in CASES:
        for name, augment in (("params.yaml", params.augment), ("everything", EVERYTHING)):
            ram, pipeline = measure(case, replace(params, batch_size=case.batch, augment=augment), rounds)
            shape = f"{case.size}x{case.size}x{case.channels}"
            print(
                f"{shape:<10} {case.width:>5} {case.batch:>5}  {name:<12} {ram:>8.1f} {pipeline:>8.1f} "
                f"{pipeline / ram:>7.1%}",
                flush=True,
            )


def measure(case: Case, params: TrainParams, rounds: int) -> tuple[float, float]:
    """Pictures a second, median of the rounds: batches in RAM, and the pipeline."""
    make_deterministic(1)
    with tempfile.TemporaryDirectory(prefix="bench-train-") as work:
        write_pictures(Path(work), case)
        train, validation, _ = (load_split(Path(work), name) for name in SPLITS)
        model = build_squeezenet(case.size, case.channels, 2, case.width, dropout=0.2)
        run = Run(model, Training(train, validation, params, dropout=0.2, seed=1), Hooks(), SINGLE)
        made = [tuple(tensors) for tensors in run.batches(1)]
        run.train_on(made[:2], 1)  # compiles

        def rate(batches: Iterable[Sequence[tf.Tensor]]) -> float:
            start = time.perf_counter()
            run.train_on(batches, 1)
            return case.batch * case.steps / (time.perf_counter() - start)

        rates = [(rate(made), rate(run.batches(number))) for number in range(1, rounds + 1)]
    ram, pipeline = zip(*rates, strict=True)
    return statistics.median(ram), statistics.median(pipeline)


def write_pictures(folder: Path, case: Case) -> None:
    """Random pictures: as many for training as a round takes, one for each other split."""
    random = np.random.default_rng(0)
    for name in SPLITS:
        count = case.batch * case.steps if name == "train" else 1
        images = random.integers(0, 256, (count, case.size, case.size, case.channels), np.uint8)
        labels = np.arange(count, dtype=np.int64) % 2
        save_split(folder, name, Split(images, labels, np.eye(2, dtype=np.float32)[labels]))
