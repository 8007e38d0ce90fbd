"""Scores as people read them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def rank(class_names: Sequence[str], scores: npt.ArrayLike) -> list[tuple[str, float]]:
    """(class name, probability) of int8 `scores` (classes,), likeliest first; of equal ones, the first."""
    probabilities = (np.asarray(scores).astype(int) + 128) / 256
    return [(class_names[i], float(probabilities[i])) for i in np.argsort(-probabilities, kind="stable")]


def in_words(ranked: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {probability:.3f}" for name, probability in ranked)
