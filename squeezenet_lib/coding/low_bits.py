"""Weights of many values in two parts: one that a code word tells, and low bits that stand as they are.

The low bits of weights of 8 bits are about equally frequent, so that a code word for them would save nothing;
without them there are few values, for which tables are small and runs of zeros have room in an alphabet."""

from __future__ import annotations

import numpy as np

from squeezenet_lib.coding.alphabet import LONGEST_RUN, Numbers, Runs, Weights

MOST_LOW_BITS = 6
PAIR_LOW_BITS = 5  # of each weight of a pair
_HIGH_VALUES = 8  # of a weight of a pair


def classes_of(runs: Runs, low_bits: int) -> tuple[Runs, Numbers]:
    """The same runs with classes instead of values, and each value's place in its class, (n,).

    Classes are numbered from 1 up and from -1 down; each has 2^low_bits values, 0 is in none.
    """
    from_0 = np.where(runs.values > 0, runs.values - 1, runs.values)
    high = from_0 >> low_bits
    return Runs(np.where(high < 0, high, high + 1), runs.zeros, runs.tail), from_0 & _mask(low_bits)


def with_low_bits(symbols: Numbers, low: Numbers) -> tuple[Numbers, Numbers]:
    """Symbols (n,), and the low bits of each (n,). low: of those with a weight; zeros alone have none."""
    found = np.zeros(len(symbols), np.int64)
    found[symbols // (LONGEST_RUN + 1) != 128] = low
    return symbols, found


def values_of(classes: Numbers, low: Numbers, low_bits: int) -> Numbers:
    """Inverse of classes_of: (n,). Class 0 has the value 0 alone; the highest class ends at 128."""
    first = np.where(classes > 0, ((classes - 1) << low_bits) + 1, classes << low_bits)
    values: Numbers = np.where(classes == 0, 0, first + low)
    return values


def pairs_of(weights: Weights) -> tuple[Numbers, Numbers]:
    """A symbol for each two neighbours of a layer with an even number of weights, and their low bits."""
    flat = weights.ravel().astype(np.int64).reshape(-1, 2)
    high, low = flat >> PAIR_LOW_BITS, flat & _mask(PAIR_LOW_BITS)
    both = high[:, 0] * _HIGH_VALUES + high[:, 1] % _HIGH_VALUES
    return (both + 128) * (LONGEST_RUN + 1), low[:, 0] << PAIR_LOW_BITS | low[:, 1]


def weights_of_pairs(symbols: Numbers, low: Numbers) -> Weights:
    """Inverse of pairs_of, (2 n,)."""
    both = symbols // (LONGEST_RUN + 1) - 128
    second = (both + _HIGH_VALUES // 2) % _HIGH_VALUES - _HIGH_VALUES // 2
    high = np.stack([both // _HIGH_VALUES, second], axis=1)
    lows = np.stack([low >> PAIR_LOW_BITS, low & _mask(PAIR_LOW_BITS)], axis=1)
    return ((high << PAIR_LOW_BITS) + lows).ravel().astype(np.int8)


def _mask(low_bits: int) -> int:
    return (1 << low_bits) - 1
