"""A figure over several seeds."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """What became of a figure over several seeds."""

    mean: float
    lowest: float
    highest: float


def spread(values: Sequence[float]) -> Spread:
    """Mean, lowest and highest of at least one value."""
    # The mean of equal values can be a rounding away from them.
    mean = min(max(sum(values) / len(values), min(values)), max(values))
    return Spread(mean, min(values), max(values))
