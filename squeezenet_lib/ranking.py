"""A board's scores as people read them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from squeezenet_lib.board_report import Model
from squeezenet_lib.serial_protocol import Result


def rank(model: Model, result: Result) -> list[tuple[str, float]]:
    """(class name, probability), likeliest first."""
    probabilities = (np.array(result.scores) + 128) / 256
    return [
        (model.class_names[i], float(probabilities[i])) for i in np.argsort(-probabilities, kind="stable")
    ]


def in_words(ranked: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {probability:.3f}" for name, probability in ranked)
