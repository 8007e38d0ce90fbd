"""Thresholds that give what was asked for on the validation split; the test split has no part in it.

A class's operating point is a score of it. "Unknown" is Chow's reject option (1970, IEEE Trans. Inf. Theory
16(1)): answers that are less sure than a threshold are none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.sections import DecideParams
from squeezenet_lib.sqz.decision import LEAST_SCORE, MOST_SCORE, Decision, Scores, Statistic, candidates

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PointCurve:
    """What each score as class_score would give: scores from -128 to 127, precision and recall (256,).

    precision is 1 where no picture would be answered with the class.
    """

    scores: npt.NDArray[np.int64]
    precision: npt.NDArray[np.float64]
    recall: npt.NDArray[np.float64]


@dataclass(frozen=True)
class CoverageCurve:
    """What each threshold of a statistic would give, the highest first, (thresholds,).

    coverage: share of pictures that get an answer. accuracy: share of these whose answer is right.
    """

    thresholds: npt.NDArray[np.int64]
    coverage: npt.NDArray[np.float64]
    accuracy: npt.NDArray[np.float64]

    @property
    def area(self) -> float:
        """Mean accuracy over all shares of pictures that may get an answer."""
        return float(np.average(self.accuracy, weights=np.diff(self.coverage, prepend=0.0)))


def choose(wanted: DecideParams, classes: Sequence[str], labels: Labels, scores: Scores) -> Decision | None:
    """What gives the wanted on validation: labels (N,), scores int8 (N, classes). None: nothing is wanted.

    Raises UserError for a class that there is not, and for what no threshold gives, with what one does.
    """
    decision = Decision()
    if wanted.operating_point is not None:
        decision = _operating_point(wanted.operating_point, classes, labels, scores)
    if wanted.unknown == "auto":
        decision = _sure_enough(decision, wanted.precision, labels, scores)
    elif not isinstance(wanted.unknown, str):
        score = min(math.ceil(256 * wanted.unknown) - 128, MOST_SCORE)
        decision = replace(decision, statistic=Statistic.SCORE, threshold=score)
    return None if decision == Decision() else decision


def point_curve(index: int, labels: Labels, scores: Scores) -> PointCurve:
    """Of class `index`. Raises ValueError when no picture is of it."""
    thresholds = np.arange(LEAST_SCORE, MOST_SCORE + 1)
    own = scores[:, index].astype(np.int64)
    answered = own >= thresholds[:, np.newaxis]
    right = (answered & (labels == index)).sum(axis=1)
    count, there_are = answered.sum(axis=1), int((labels == index).sum())
    if there_are == 0:
        raise ValueError("no picture is of the class")
    precision = np.divide(right, count, out=np.ones(len(thresholds)), where=count > 0)
    return PointCurve(thresholds, precision, right / there_are)


def coverage_curve(
    decision: Decision | None, statistic: Statistic, labels: Labels, scores: Scores
) -> CoverageCurve:
    """At the operating point of `decision`, whatever it says of "unknown"."""
    answers, statistics = candidates(decision, scores)
    found = statistics[statistic]
    thresholds = np.unique(found)[::-1]
    kept = found >= thresholds[:, np.newaxis]
    return CoverageCurve(
        thresholds, kept.mean(axis=1), (kept & (answers == labels)).sum(axis=1) / kept.sum(axis=1)
    )


def _operating_point(
    wanted: dict[str, Any], classes: Sequence[str], labels: Labels, scores: Scores
) -> Decision:
    """The highest score with the recall; or of the scores with the precision that of the most recall."""
    name = wanted["class"]
    if name not in classes:
        raise UserError(
            f"decide.operating_point names the class {name}; there are {', '.join(classes)}: name one of them"
        )
    index = list(classes).index(name)
    try:
        curve = point_curve(index, labels, scores)
    except ValueError:
        raise UserError(
            f"no validation picture is of the class {name}: an operating point cannot be chosen for it"
        ) from None
    if "recall" in wanted:
        # a recall of 1 at the least score is always there
        return Decision(index, int(curve.scores[curve.recall >= wanted["recall"]][-1]))
    possible = (curve.precision >= wanted["precision"]) & (curve.recall > 0)
    if not possible.any():
        best = int(np.where(curve.recall > 0, curve.precision, -1.0).argmax())
        raise UserError(
            f"no score of {name} has a precision of {wanted['precision']} on the validation split; the "
            f"highest is {curve.precision[best]:.3f}, with a recall of {curve.recall[best]:.3f}: ask for less"
        )
    most = curve.recall[possible].max()
    return Decision(index, int(curve.scores[possible & (curve.recall == most)][-1]))


def _sure_enough(decision: Decision, precision: float, labels: Labels, scores: Scores) -> Decision:
    """With the statistic that leaves most pictures their answer; of equals, that with the larger area."""
    found: list[tuple[float, float, Decision]] = []
    best = 0.0
    for statistic in (Statistic.SCORE, Statistic.MARGIN):
        curve = coverage_curve(decision, statistic, labels, scores)
        enough = np.flatnonzero(curve.accuracy >= precision)
        best = max(best, float(curve.accuracy.max()))
        if len(enough):
            at = int(enough[-1])
            threshold = int(curve.thresholds[at])
            chosen = replace(decision, statistic=statistic, threshold=threshold)
            found.append((float(curve.coverage[at]), curve.area, chosen))
    if not found:
        raise UserError(
            f"no threshold makes {precision} of the answers right on the validation split; the most is "
            f"{best:.3f}: lower decide.precision"
        )
    return max(found, key=lambda one: one[:2])[2]
