"""What a decision gives, as figures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from squeezenet_lib.decide.choice import Labels
from squeezenet_lib.ranking import UNKNOWN
from squeezenet_lib.sqz.decision import Decision, Scores, decide

Figures = dict[str, float | None]


def figures(decision: Decision | None, labels: Labels, scores: Scores) -> Figures:
    """coverage: share of pictures that get a class as an answer. accuracy: of these, the share that get the
    right one; None when there are none. scores: int8 (N, classes).
    """
    answers = decide(decision, scores)
    known = answers != UNKNOWN
    return {"coverage": float(known.mean()), "accuracy": _share(answers == labels, known)}


def figures_of_class(decision: Decision | None, index: int, labels: Labels, scores: Scores) -> Figures:
    """precision, recall: of the class `index`; an unknown picture counts as not found. missed: share of its
    pictures that get another class. Each is None where it is a share of nothing.
    """
    answers = decide(decision, scores)
    own, said = labels == index, answers == index
    return {
        "precision": _share(own, said),
        "recall": _share(said, own),
        "missed": _share(~said & (answers != UNKNOWN), own),
    }


def foreign_acceptance(decision: Decision | None, scores: Scores) -> float:
    """Share of pictures of no class that get one as an answer."""
    return float(np.mean(decide(decision, scores) != UNKNOWN))


def before_and_after(
    decision: Decision | None, index: int, labels: Labels, scores: Scores
) -> dict[str, Figures]:
    """All figures, with the highest score as the answer and as decided; those of a class are of `index`."""
    return {
        when: figures(rule, labels, scores) | figures_of_class(rule, index, labels, scores)
        for when, rule in (("highest", None), ("decided", decision))
    }


def _share(hits: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]) -> float | None:
    return float(hits[among].mean()) if among.any() else None
