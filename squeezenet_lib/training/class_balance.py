"""Rare classes in training: drawn more often, or weighing more."""

from typing import assert_never

import numpy as np
import numpy.typing as npt

from squeezenet_lib.params.sections import ClassBalance


def epoch_order(
    labels: npt.NDArray[np.int64], balance: ClassBalance, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Indices of one epoch, int64 (N,): a permutation, or for `sampling` draws that favour no class."""
    match balance:
        case "none" | "weights":
            return random.permutation(len(labels))
        case "sampling":
            counts = np.bincount(labels)
            chance = 1 / counts[labels]
            return random.choice(len(labels), len(labels), p=chance / chance.sum())
        case unknown:
            assert_never(unknown)


def class_weights(
    labels: npt.NDArray[np.int64], classes: int, balance: ClassBalance
) -> npt.NDArray[np.float32]:
    """Weight of each class in the loss, float32 (classes,): inverse to its frequency, or 1."""
    match balance:
        case "none" | "sampling":
            return np.ones(classes, np.float32)
        case "weights":
            counts = np.maximum(np.bincount(labels, minlength=classes), 1)
            return (len(labels) / (classes * counts)).astype(np.float32)
        case unknown:
            assert_never(unknown)


def validation_weights(
    labels: npt.NDArray[np.int64], classes: int, balance: ClassBalance
) -> npt.NDArray[np.float32]:
    """Weight of each picture in the validation loss, float32 (N,).

    Where training draws or weighs the classes alike, they count alike in the choice of the best epoch, too.
    """
    return class_weights(labels, classes, "none" if balance == "none" else "weights")[labels]
