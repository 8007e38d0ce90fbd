"""Cross-validation: each network is measured on what it has not seen."""

from typing import Any

import numpy as np
import pytest
import tf_keras

from squeezenet_lib.dataset.arrays import Split
from squeezenet_lib.dataset.folds import Fold
from squeezenet_lib.training.cross_validation import cross_validate


def bright(labels: list[int]) -> Split:
    """Pictures of one pixel, bright ones of class 1."""
    hard = np.array(labels, np.int64)
    return Split(
        np.where(hard, 255, 0).astype(np.uint8).reshape(-1, 1, 1, 1), hard, np.eye(2, dtype=np.float32)[hard]
    )


def says(label: int | None) -> Any:
    """A network that says one class always, or (None) what the picture is."""
    picture = tf_keras.layers.Input((1, 1, 1))
    logits = tf_keras.layers.Dense(2)
    network = tf_keras.Model(picture, logits(tf_keras.layers.Flatten()(picture)))
    kernel = [[0.0, 0.0]] if label is not None else [[-1.0, 1.0]]
    logits.set_weights([np.array(kernel), np.array([float(label == 0), float(label == 1)])])
    return network


def test_mean_and_deviation_are_of_what_each_fold_held_out() -> None:
    folds = [
        Fold(bright([0, 1]), bright([1]), bright([0, 0, 1, 1])),
        Fold(bright([0, 1, 1]), bright([0]), bright([0, 1, 1, 1])),
        Fold(bright([1]), bright([0]), bright([0, 1])),
    ]
    asked = []

    def train(fold: Fold, number: int) -> Any:
        asked.append((number, len(fold.train.labels)))
        return says({1: 0, 2: 1, 3: None}[number])

    found = cross_validate(folds, train)
    assert asked == [(1, 2), (2, 3), (3, 1)]
    assert found == {"mean": 0.75, "deviation": pytest.approx(0.25), "fold": {"1": 0.5, "2": 0.75, "3": 1.0}}
