"""What training leaves for `dvc plots` and `dvc metrics`: curves, confusion matrix, per-class report."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy.typing as npt
import tf_keras
from dvclive import Live

from squeezenet_lib import evaluation
from squeezenet_lib.dataset.arrays import Split
from squeezenet_lib.outputs import replace_when_done, write_json
from squeezenet_lib.training.loop import Record, training_targets
from squeezenet_lib.training.prediction import predict


@contextmanager
def curves(folder: Path) -> Iterator[Callable[[Record], None]]:
    """Yield a function that logs one epoch's record: DVCLive's files in `folder`, a line on the terminal.

    Neither git nor dvc.yaml is touched.
    """
    with Live(str(folder), save_dvc_exp=False, dvcyaml=None, report=None) as live:

        def log(record: Record) -> None:
            live.step = int(record["epoch"])
            for split, prefix in (("train", ""), ("val", "val_")):
                for name in ("loss", "accuracy"):
                    live.log_metric(f"{split}/{name}", record[prefix + name])
            live.make_summary()
            print_record(record)

        yield log


def print_record(record: Record) -> None:
    """One line on the terminal."""
    values = " ".join(f"{key} {value:.4f}" for key, value in record.items() if key != "epoch")
    print(f"epoch {int(record['epoch'])}: {values}", flush=True)


def record_quality(
    model: tf_keras.Model, test: Split, classes: list[str], soft_target_share: float, folder: Path
) -> dict[str, float]:
    """Measure `model` on the test split; write confusion.csv and per_class.json into `folder`.

    Returns accuracy, macro_f1, auc (two classes) and loss (cross-entropy against the training targets).
    """
    scores = predict(model, test.images)
    write_confusion(folder / "confusion.csv", test.labels, scores, classes)
    report = evaluation.per_class(test.labels, scores)
    write_json(folder / "per_class.json", dict(zip(classes, report, strict=True)))
    loss = evaluation.cross_entropy(training_targets(test, soft_target_share), scores)
    return evaluation.summary(test.labels, scores) | {"loss": loss}


def write_confusion(
    path: Path, labels: evaluation.Labels, scores: npt.NDArray[Any], classes: list[str]
) -> None:
    """One line for each test picture with its actual and its predicted class: dvc's confusion template."""
    with replace_when_done(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["actual", "predicted"])
        for label, predicted in zip(labels, scores.argmax(axis=1), strict=True):
            table.writerow([classes[label], classes[predicted]])
