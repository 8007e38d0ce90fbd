"""Rare classes in training: drawn more often, or weighing more."""

import numpy as np
import numpy.typing as npt


def epoch_order(
    labels: npt.NDArray[np.int64], balance: str, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Indices of one epoch, int64 (N,): a permutation, or for `sampling` draws that favour no class."""
    if balance != "sampling":
        return random.permutation(len(labels))
    counts = np.bincount(labels)
    chance = 1 / counts[labels]
    return random.choice(len(labels), len(labels), p=chance / chance.sum())


def class_weights(labels: npt.NDArray[np.int64], classes: int, balance: str) -> npt.NDArray[np.float32]:
    """Weight of each class in the loss, float32 (classes,): inverse to its frequency, or 1."""
    if balance != "weights":
        return np.ones(classes, np.float32)
    counts = np.maximum(np.bincount(labels, minlength=classes), 1)
    return (len(labels) / (classes * counts)).astype(np.float32)


def validation_weights(labels: npt.NDArray[np.int64], classes: int, balance: str) -> npt.NDArray[np.float32]:
    """Weight of each picture in the validation loss, float32 (N,).

    Where training draws or weighs the classes alike, they count alike in the choice of the best epoch, too.
    """
    return class_weights(labels, classes, "none" if balance == "none" else "weights")[labels]
