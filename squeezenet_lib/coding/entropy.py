"""Shannon's order-0 entropy: what values take when each is coded by nothing but how often it occurs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt


def entropy_bits(counts: npt.NDArray[np.int64]) -> float:
    """Of values that occur `counts` times, any shape, in bits altogether; none take none."""
    used = counts[counts > 0]
    return float(-(used * np.log2(used / used.sum())).sum())


def layer_entropy_bits(layers: Iterable[npt.NDArray[np.int8]]) -> float:
    """Sum over layers of weights, any shapes, each with values of its own."""
    return sum(entropy_bits(np.unique(layer, return_counts=True)[1]) for layer in layers)
