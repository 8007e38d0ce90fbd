"""How good scores are. labels: int (N,); scores: (N, classes), any numeric type, higher means likelier."""

from typing import Any

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]
Scores = npt.NDArray[Any]
BINS = 15  # of probabilities, as in the literature


def accuracy(labels: Labels, scores: Scores) -> float:
    """Share of items whose highest score is their class's (the lower class wins a tie), 0..1."""
    return float(np.mean(scores.argmax(axis=1) == labels))


def confusion_matrix(labels: Labels, scores: Scores) -> npt.NDArray[np.int64]:
    """int64 (classes, classes): row = true class, column = class with the highest score."""
    classes = scores.shape[1]
    pairs = labels * classes + scores.argmax(axis=1)
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def per_class(labels: Labels, scores: Scores) -> list[dict[str, float | None]]:
    """precision, recall, f1 (0 where undefined) and support (number of items) of each class.

    Of a class without items, recall and f1 are None: nobody knows how well it is told from others.
    """
    matrix = confusion_matrix(labels, scores)
    report: list[dict[str, float | None]] = []
    for index, hits in enumerate(matrix.diagonal().tolist()):
        predicted, actual = int(matrix[:, index].sum()), int(matrix[index].sum())
        report.append(
            {
                "precision": hits / predicted if predicted else 0.0,
                "recall": hits / actual if actual else None,
                "f1": 2 * hits / (predicted + actual) if actual else None,
                "support": actual,
            }
        )
    return report


def macro_f1(labels: Labels, scores: Scores) -> float:
    """Mean of the F1 of the classes that have items, each class counting the same, 0..1."""
    return float(np.mean([row["f1"] for row in per_class(labels, scores) if row["f1"] is not None]))


def auc(labels: Labels, scores: Scores) -> float:
    """Area under the ROC curve of class 1 of two classes: the share of pairs in the right order, ties half.

    An item's two scores add up to the same for all items, as probabilities do and logits do not: class 1's
    alone tells the order. Raises ValueError when there are not two classes or one of them has no item.
    """
    if scores.shape[1] != 2:
        raise ValueError(f"the area under the curve is for two classes, not {scores.shape[1]}")
    score = scores[:, 1].astype(np.float64)
    positives, negatives = score[labels == 1], np.sort(score[labels == 0])
    if not len(positives) or not len(negatives):
        raise ValueError("a class has no item")
    below = np.searchsorted(negatives, positives, side="left")
    up_to = np.searchsorted(negatives, positives, side="right")
    return float((below + up_to).sum() / (2 * len(positives) * len(negatives)))


def cross_entropy(
    targets: npt.NDArray[np.float32], probabilities: Scores, weights: npt.NDArray[np.float32] | float = 1.0
) -> float:
    """Mean over items of -weight x sum(target x log(probability)), in nats. targets: (N, classes)."""
    clipped = np.maximum(probabilities.astype(np.float64), 1e-7)
    return float(-np.mean(weights * (targets * np.log(clipped)).sum(axis=1)))


def summary(labels: Labels, scores: Scores) -> dict[str, float]:
    """accuracy, macro_f1 and, for two classes that both occur, auc."""
    result = {"accuracy": accuracy(labels, scores), "macro_f1": macro_f1(labels, scores)}
    if scores.shape[1] == 2 and len(np.unique(labels)) == 2:
        result["auc"] = auc(labels, scores)
    return result


def reliability(labels: Labels, probabilities: Scores, bins: int = BINS) -> list[dict[str, float]]:
    """How often answers are right that claim a certain probability: a row for each of `bins` equal intervals
    of 0..1 that holds any, with their mean probability, the share that is right, and how many they are.
    """
    claimed = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    which = np.minimum((claimed * bins).astype(np.int64), bins - 1)
    rows = []
    for index in np.unique(which):
        held = which == index
        accurate, mean = float(right[held].mean()), float(claimed[held].mean())
        rows.append({"probability": mean, "accuracy": accurate, "pictures": int(held.sum())})
    return rows


def expected_calibration_error(labels: Labels, probabilities: Scores, bins: int = BINS) -> float:
    """Mean over the items of |probability - share of right answers| of their interval (Guo et al. 2017)."""
    rows = reliability(labels, probabilities, bins)
    return sum(row["pictures"] * abs(row["probability"] - row["accuracy"]) for row in rows) / len(labels)
