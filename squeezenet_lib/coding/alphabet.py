"""Symbols of coded weights: a run of 0 to 15 zeros and the weight after them, which may be 0, too.

A symbol is numbered (value + 128) x 16 + run. An alphabet says which symbols a layer is written with. Where
weights have symbols for many runs, one code word tells a weight and all the zeros before it: that takes less
than a bit a zero."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LONGEST_RUN = 15
MOST_SYMBOLS = 256  # what a decoder has room for
SYMBOLS = 256 * (LONGEST_RUN + 1)  # numbers that a symbol may have
Weights = npt.NDArray[np.int8]
Numbers = npt.NDArray[np.int64]

_GRIDS = (1, 2, 3, 4, 5, 6, 7, 9, 11, 13, 15)
_RUNS = (1, 2, 3, 5, 7, 11, 15)
_STAIRS = (1, 2, 3, 5, 7, 15)
_NONE = -1


def symbol(value: int, run: int) -> int:
    return (value + 128) * (LONGEST_RUN + 1) + run


def value_of(number: int) -> int:
    return number // (LONGEST_RUN + 1) - 128


def run_of(number: int) -> int:
    return number % (LONGEST_RUN + 1)


@dataclass(frozen=True)
class Runs:
    """A layer's non-zero weights: values (n,), zeros (n,) before each, and how many follow the last one."""

    values: Numbers
    zeros: Numbers
    tail: int


def runs_of(weights: Weights) -> Runs:
    """Of a layer in C order."""
    flat = weights.ravel()
    places = np.flatnonzero(flat)
    ends = np.concatenate([[-1], places])
    return Runs(flat[places].astype(np.int64), np.diff(ends) - 1, int(len(flat) - 1 - ends[-1]))


def joined(parts: Iterable[Runs]) -> Runs:
    """As if one came behind the other, but for zeros: those before a part's first weight are its own."""
    found = list(parts)
    values, zeros = ([getattr(runs, name) for runs in found] for name in ("values", "zeros"))
    return Runs(np.concatenate(values), np.concatenate(zeros), sum(runs.tail for runs in found))


@dataclass(frozen=True)
class Alphabet:
    """How runs of zeros are split. most: for each value + 128 the most zeros that a symbol has before it.
    zeros: a symbol of zeros alone holds at most so many, and one more.

    Before a weight go as few symbols of all zeros as leave a run that a symbol with the weight has, or none.
    """

    kind: str  # plain, runs, grid or stairs
    most: tuple[int, ...]
    zeros: int

    def symbols(self, runs: Runs) -> Numbers:
        """The layer's symbols; the last one may reach past its end, with zeros."""
        whole = symbol(0, self.zeros)
        most = np.array(self.most, np.int64)[runs.values + 128]
        full, rest = np.divmod(runs.zeros, self.zeros + 1)
        short = runs.zeros <= most
        full, rest = np.where(short, 0, full), np.where(short, runs.zeros, rest)
        apart = rest > most  # these zeros get a symbol of their own
        counts = full + apart + 1
        ends = np.cumsum(counts)
        found = np.full(int(counts.sum()) + -(-runs.tail // (self.zeros + 1)), whole, np.int64)
        found[ends[apart] - 2] = symbol(0, 0) + rest[apart] - 1
        found[ends - 1] = (runs.values + 128) * (LONGEST_RUN + 1) + np.where(apart, 0, rest)
        return found


def plain(values: npt.NDArray[np.bool_]) -> Alphabet:
    """Each weight by itself. values: whether value - 128 occurs (256,)."""
    return Alphabet("plain", _most(values, 0), 0)


def zero_runs(values: npt.NDArray[np.bool_], zeros: int) -> Alphabet:
    """Each weight by itself, and runs of up to zeros + 1 zeros."""
    return Alphabet("runs", _most(values, 0), zeros)


def grid(values: npt.NDArray[np.bool_], zeros: int) -> Alphabet:
    """Each weight after 0 to `zeros` zeros, and zeros + 1 zeros."""
    return Alphabet("grid", _most(values, zeros), zeros)


def regular(kind: str, values: npt.NDArray[np.bool_], zeros: int) -> Alphabet:
    """One of the above."""
    return Alphabet(kind, _most(values, zeros if kind == "grid" else 0), zeros)


def stairs(runs: Runs, values: npt.NDArray[np.bool_], zeros: int) -> Alphabet:
    """Each weight after as many zeros as occur often, and runs of up to zeros + 1 zeros."""
    counts = np.zeros((256, LONGEST_RUN + 1), np.int64)
    few = runs.zeros <= zeros
    np.add.at(counts, (runs.values[few] + 128, runs.zeros[few]), 1)
    counts[:, 0] = np.iinfo(np.int64).max  # each value needs a symbol
    least = np.minimum.accumulate(counts[values], axis=1)  # of the steps up to here
    room = MOST_SYMBOLS - (zeros + 1)
    ordered = np.sort(least.ravel())[::-1]
    threshold = int(ordered[room]) + 1 if len(ordered) > room else 1
    most = np.full(256, _NONE)
    most[values] = np.count_nonzero(least >= threshold, axis=1) - 1
    return Alphabet("stairs", tuple(most.tolist()), zeros)


def candidates(runs: Runs) -> Iterator[Alphabet]:
    """Alphabets that may suit a layer; each has room in a decoder."""
    values = occurring(runs)
    count = int(np.count_nonzero(values))
    yield plain(values)
    if not runs.zeros.any() and runs.tail == 0:
        return
    for zeros in _RUNS:
        if count + zeros + 1 <= MOST_SYMBOLS:
            yield zero_runs(values, zeros)
    for zeros in _GRIDS:
        if count * (zeros + 1) + 1 <= MOST_SYMBOLS:
            yield grid(values, zeros)
    for zeros in _STAIRS:
        if MOST_SYMBOLS - zeros > count > MOST_SYMBOLS // 16:
            yield stairs(runs, values, zeros)


def occurring(runs: Runs) -> npt.NDArray[np.bool_]:
    """Whether value - 128 occurs (256,); 0 does not count."""
    return np.bincount(runs.values + 128, minlength=256) > 0


def weights_of(values: Numbers, runs: Numbers, count: int) -> Weights:
    """The `count` weights that symbols of these values and runs (n,) stand for, without what reaches past."""
    places = np.cumsum(runs + 1) - 1
    weights = np.zeros(count, np.int8)
    inside = places < count
    weights[places[inside]] = values[inside]
    return weights


def alphabet_name(symbols: Collection[int]) -> str:
    """For reports: whether zeros have symbols of their own, or one together with the weight after them."""
    of_zeros = [run_of(number) for number in symbols if value_of(number) == 0]
    of_weights = [run_of(number) for number in symbols if value_of(number) != 0]
    if max(of_weights, default=0) > 0:
        return f"joint {max(of_weights) + 1}"
    return f"runs {max(of_zeros) + 1}" if max(of_zeros, default=0) > 0 else "plain"


def _most(values: npt.NDArray[np.bool_], zeros: int) -> tuple[int, ...]:
    return tuple(np.where(values, zeros, _NONE).tolist())
