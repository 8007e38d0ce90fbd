"""Curves to choose a threshold on, as tables for `dvc plots` and the page."""

from __future__ import annotations

from squeezenet_lib.decide.choice import Labels, coverage_curve, point_curve
from squeezenet_lib.sqz.decision import Decision, Scores, Statistic

Rows = list[dict[str, float]]


def precision_recall(index: int, labels: Labels, scores: Scores) -> Rows:
    """Of class `index`: what the probability from which on it is answered gives, from much recall to little.
    Equal points are there once, with the highest of their probabilities. None without such pictures.
    """
    if not (labels == index).any():
        return []
    curve = point_curve(index, labels, scores)
    rows = {}
    for score, precision, recall in zip(curve.scores, curve.precision, curve.recall, strict=True):
        if recall > 0:
            rows[float(recall), float(precision)] = (int(score) + 128) / 256
    return [{"recall": r, "precision": p, "probability": at} for (r, p), at in rows.items()]


def accuracy_coverage(decision: Decision | None, labels: Labels, scores: Scores) -> Rows:
    """What thresholds of the statistic that is decided by, or else of the score, would give: from few answers
    to all.
    """
    statistic = decision.statistic if decision and decision.rejects else Statistic.SCORE
    curve = coverage_curve(decision, statistic, labels, scores)
    columns = zip(curve.coverage, curve.accuracy, curve.thresholds, strict=True)
    return [{"coverage": float(c), "accuracy": float(a), "threshold": int(t)} for c, a, t in columns]


def most_missed(labels: Labels, scores: Scores) -> int:
    """The class of which the highest score finds the smallest share; of equals the first."""
    found = scores.argmax(axis=1) == labels
    there = [index for index in range(scores.shape[1]) if (labels == index).any()]
    return min(there, key=lambda index: float(found[labels == index].mean()))
