"""Scores as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

UNKNOWN = -1  # the answer that is no class


@dataclass(frozen=True)
class Ranking:
    """What a model says of a picture: (class name, value), highest first; of equal ones, the first class.

    probabilities: whether the values are; else they are the model's int8 scores. answer: the class that is
    answered, None: unknown. ruled: a rule of the model may answer with another class than the first, or none.
    """

    places: tuple[tuple[str, float], ...]
    probabilities: bool
    answer: str | None
    ruled: bool


def rank(
    class_names: Sequence[str], scores: npt.ArrayLike, probabilities: bool, answer: int | None = None
) -> Ranking:
    """scores: int8 (classes,). probabilities: whether a score is one, (score + 128) / 256.

    answer: what the model's rule makes of the scores, a class or UNKNOWN; None: it has no rule.
    """
    numbers = np.asarray(scores).astype(int)
    values = ((numbers + 128) / 256 if probabilities else numbers).tolist()
    order = np.argsort(-numbers, kind="stable")
    answered = order[0] if answer is None else answer
    return Ranking(
        tuple((class_names[i], values[i]) for i in order),
        probabilities,
        None if answered == UNKNOWN else class_names[answered],
        answer is not None,
    )


def in_words(ranking: Ranking) -> str:
    """The answer comes first where it does not follow from the rest."""
    if ranking.probabilities:
        values = ", ".join(f"{name} {probability:.3f}" for name, probability in ranking.places)
    else:
        values = ", ".join(f"{name} score {score}" for name, score in ranking.places)
    return f"{ranking.answer or 'unknown'}; {values}" if ranking.ruled else values


def in_json(ranking: Ranking) -> dict[str, Any]:
    """The answer, null when it is unknown, and the values under the key that says what they are."""
    kind = "probabilities" if ranking.probabilities else "scores"
    return {"answer": ranking.answer, kind: dict(ranking.places)}
