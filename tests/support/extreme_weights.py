"""Weights and arithmetic of kinds that training seldom gives, drawn at random."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from squeezenet_lib.bench.random_weights import Shape


def draw_extreme_weights(random: np.random.Generator, shape: Shape) -> npt.NDArray[np.int8]:
    """Weights (filters, kernel, kernel, channels) of a kind that training seldom gives."""
    kind = random.choice(["zero", "one value", "largest", "few values", "any"])
    if kind == "zero":
        return np.zeros(shape, np.int8)
    if kind == "one value":
        value = random.choice([-128, -127, -1, 1, 127, int(random.integers(-128, 128))])
        return np.broadcast_to(value.astype(np.int8), shape).copy()
    if kind == "largest":
        return random.choice(np.array([-127, 127], np.int8), shape)
    if kind == "few values":
        values = random.integers(-128, 128, random.integers(2, 6)).astype(np.int8)
        return random.choice(values, shape)
    return random.integers(-128, 128, shape).astype(np.int8)


def draw_extreme_arithmetic(
    random: np.random.Generator, multipliers: npt.NDArray[np.float64], bias: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Other multipliers from sums to output steps and other biases than a healthy layer's, (filters,) each.

    Multipliers may be below the least that has an effect, need shifts of 30 and 31 bits, or differ from
    filter to filter; biases come close to 2^30.
    """
    filters = len(bias)
    kind = random.choice(["tiny", "limit", "large", "large bias", "uneven"])
    if kind == "tiny":  # all sums become the zero point
        multipliers = 2.0 ** random.uniform(-45, -28, filters)
    elif kind == "limit":
        multipliers = 2.0 ** random.uniform(-32, -23, filters)
        bias = random.uniform(-(2**30), 2**30, filters)
    elif kind == "large":
        multipliers = 2.0 ** random.uniform(0, 8, filters)
    elif kind == "large bias":
        bias = random.choice([-1, 1], filters) * (2.0**30 - random.integers(0, 99, filters))
        multipliers = np.full(filters, 50 / 2**30)
    else:
        multipliers = multipliers * 2.0 ** random.uniform(-6, 4, filters)
    return multipliers, bias
