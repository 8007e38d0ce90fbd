"""How scores become an answer, where a model's file says so: a class's operating point, and "unknown".

The record is `sqz_decision` in `esp32_pio/lib/squeeze_rt/src/sqz_format.h`; `sqz_decide.c` there and
`site/src/decision.ts` answer alike. Without a record the highest score decides, of equal ones the first.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError
from squeezenet_lib.ranking import UNKNOWN

RECORD = struct.Struct("<HhBxh")
NO_CLASS = 0xFFFF  # in the record
LEAST_SCORE, MOST_SCORE, MOST_MARGIN = -128, 127, 255
_NOTHING = -1024  # the score of a class that is not there
Scores = npt.NDArray[np.int8]


class Statistic(IntEnum):
    """What tells how sure an answer is.

    SCORE: the answered class's. MARGIN: how far the scores are from another answer: from the highest to the
    next one, and, at an operating point, to the score at which its class begins.
    """

    NONE = 0
    SCORE = 1
    MARGIN = 2


@dataclass(frozen=True)
class Decision:
    """class_index: answered wherever its int8 score is class_score or more; elsewhere the highest of the
    others is; None: no class has such a point. threshold: of the statistic; below it the answer is "unknown".
    """

    class_index: int | None = None
    class_score: int = 0
    statistic: Statistic = Statistic.NONE
    threshold: int = 0

    @property
    def rejects(self) -> bool:
        """Whether some scores may be answered with "unknown"."""
        return self.statistic != Statistic.NONE

    def fits(self, classes: int) -> bool:
        """Whether a model of so many classes can have it."""
        score = self.statistic == Statistic.SCORE
        least, most = (LEAST_SCORE, MOST_SCORE) if score else (0, MOST_MARGIN)
        return (
            classes >= 2
            and (self.class_index is None or 0 <= self.class_index < classes)
            and LEAST_SCORE <= self.class_score <= MOST_SCORE
            and least <= self.threshold <= most
        )


def candidates(
    decision: Decision | None, scores: Scores
) -> tuple[npt.NDArray[np.int64], dict[Statistic, npt.NDArray[np.int64]]]:
    """What is answered unless it is unknown, (N,), and each statistic of it, (N,). scores: (N, classes)."""
    others = scores.astype(np.int64)
    index = decision.class_index if decision else None
    if index is not None:
        others[:, index] = _NOTHING
    best = others.argmax(axis=1)
    ordered = np.sort(np.pad(others, ((0, 0), (1, 0)), constant_values=_NOTHING), axis=1)
    highest, margin = ordered[:, -1], ordered[:, -1] - ordered[:, -2]
    if decision is not None and index is not None:
        above = scores[:, index].astype(np.int64) - decision.class_score
        best = np.where(above >= 0, index, best)
        highest = np.where(above >= 0, scores[:, index], highest)
        margin = np.where(above >= 0, above, np.minimum(margin, -above))
    return best, {Statistic.SCORE: highest, Statistic.MARGIN: margin}


def decide(decision: Decision | None, scores: Scores) -> npt.NDArray[np.int64]:
    """The class, or UNKNOWN, that each row of `scores` (N, classes) is answered with, (N,)."""
    answers, statistics = candidates(decision, scores)
    if decision is None or not decision.rejects:
        return answers
    return np.where(statistics[decision.statistic] < decision.threshold, UNKNOWN, answers)


def decide_one(decision: Decision | None, scores: npt.ArrayLike) -> int:
    """The answer to one picture's scores, (classes,)."""
    return int(decide(decision, np.asarray(scores, np.int8)[np.newaxis])[0])


def packed(decision: Decision | None) -> bytes:
    """As it stands in a model's file; nothing for None."""
    if decision is None:
        return b""
    index = NO_CLASS if decision.class_index is None else decision.class_index
    return RECORD.pack(index, decision.class_score, decision.statistic, decision.threshold)


def unpacked(record: bytes, classes: int) -> Decision | None:
    """The record of a model of so many classes; None for one that no such model can have."""
    if len(record) != RECORD.size:
        return None
    index, score, statistic, threshold = RECORD.unpack(record)
    try:
        found = Decision(None if index == NO_CLASS else index, score, Statistic(statistic), threshold)
    except ValueError:
        return None
    return found if found.fits(classes) else None


def in_words(decision: Decision | None, classes: Sequence[str]) -> str:
    """For people; of scores that are probabilities."""
    if decision is None:
        return "the class of the highest score is the answer"
    parts = []
    if decision.class_index is not None:
        parts.append(
            f"{classes[decision.class_index]} from a probability of {(decision.class_score + 128) / 256} on"
        )
    if decision.statistic == Statistic.SCORE:
        parts.append(f"unknown below a probability of {(decision.threshold + 128) / 256}")
    if decision.statistic == Statistic.MARGIN:
        parts.append(f"unknown within {decision.threshold / 256} of another answer")
    return f"the answer is {', '.join(parts)}"


def as_json(decision: Decision | None) -> dict[str, Any] | None:
    """For files that people and the page read."""
    if decision is None:
        return None
    return {
        "class": decision.class_index,
        "class_score": decision.class_score,
        "unknown": decision.statistic.name.lower(),
        "threshold": decision.threshold,
    }


def from_json(content: Mapping[str, Any] | None) -> Decision | None:
    """The inverse of as_json. Raises ValueError or KeyError for what that does not give."""
    if content is None:
        return None
    statistic = Statistic[str(content["unknown"]).upper()]
    index = content["class"]
    return Decision(
        None if index is None else int(index),
        int(content["class_score"]),
        statistic,
        int(content["threshold"]),
    )


def read_decision(path: Path, classes: int) -> Decision | None:
    """What the decide stage wrote to `path` for a model of so many classes.

    Raises UserError when it is missing, damaged or another model's.
    """
    try:
        decision = from_json(json.loads(path.read_text(encoding="utf-8"))["decision"])
    except FileNotFoundError:
        raise UserError(f"{path} is missing; run the decide stage first.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is no decision ({error!r}); run the decide stage again.") from None
    if decision is not None and not decision.fits(classes):
        raise UserError(f"{path} is no decision between {classes} classes; run the decide stage again.")
    return decision
