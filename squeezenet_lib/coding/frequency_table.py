"""How often each value occurs, rounded to a total of 2**precision and stored in few bits.

A table in a bit stream (bit_stream.py): 4 bits precision - 1; 8 bits first value (two's complement); 8 bits
last - first value; then each frequency as an exponential Golomb number of order 0. The precision is the one
with which table and coded weights together are smallest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from squeezenet_lib.coding.alphabet import Weights
from squeezenet_lib.coding.bit_stream import BitReader, BitWriter, exp_golomb_bits

PRECISIONS = range(1, 17)
PRECISION_BITS, VALUE_BITS = 4, 8
HEADER_BITS = PRECISION_BITS + 2 * VALUE_BITS

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class FrequencyTable:
    """frequencies: int64 (last - first + 1,), summing to 2**precision; values that never occur have 0."""

    first: int
    precision: int
    frequencies: Counts

    @property
    def bits(self) -> int:
        """Size of the stored table."""
        return HEADER_BITS + sum(exp_golomb_bits(number, 0) for number in self.frequencies.tolist())

    def counts(self, weights: Weights) -> Counts:
        """How often each of the table's values occurs in `weights`, int64 like `frequencies`."""
        return np.bincount(weights.ravel().astype(np.int64) - self.first, minlength=len(self.frequencies))

    def cost_bits(self, counts: Counts) -> float:
        """What an ideal coder needs for values that occur `counts` times, int64 like `frequencies`."""
        used = counts > 0
        return float((counts[used] * (self.precision - np.log2(self.frequencies[used]))).sum())


def fit_table(weights: Weights) -> FrequencyTable:
    """The table for the values of `weights`, any shape, one or more."""
    first, last = int(weights.min()), int(weights.max())
    counts = np.bincount(weights.ravel().astype(np.int64) - first, minlength=last - first + 1)
    tables = (FrequencyTable(first, *rounded) for rounded in _roundings(counts))
    return min(tables, key=lambda table: table.bits + table.cost_bits(counts))


def pack_tables(tables: list[FrequencyTable]) -> bytes:
    """The tables one after the other, in whole 16-bit units as all bits of a .sqz."""
    stream = BitWriter()
    for table in tables:
        stream.put(table.precision - 1, PRECISION_BITS)
        stream.put(table.first & 0xFF, VALUE_BITS)
        stream.put(len(table.frequencies) - 1, VALUE_BITS)
        for frequency in table.frequencies.tolist():
            stream.exp_golomb(frequency, 0)
    return stream.to_bytes()


def unpack_tables(data: bytes, count: int) -> tuple[list[FrequencyTable], int]:
    """`count` tables at the start of `data`, and the number of bytes that they take."""
    stream = BitReader(data)
    tables = []
    for _ in range(count):
        precision, first, span = (stream.take(bits) for bits in (PRECISION_BITS, VALUE_BITS, VALUE_BITS))
        frequencies = [stream.exp_golomb(0) for _ in range(span + 1)]
        tables.append(FrequencyTable((first ^ 0x80) - 0x80, precision + 1, np.array(frequencies, np.int64)))
    return tables, stream.bytes_read


def _roundings(counts: Counts) -> Iterator[tuple[int, Counts]]:
    """Precisions that fit and the counts scaled to them: at least 1 where a value occurs, the sum exact."""
    for precision in PRECISIONS:
        if 2**precision < np.count_nonzero(counts):
            continue
        scaled = np.rint(counts * (2.0**precision / counts.sum())).astype(np.int64)
        scaled[counts > 0] = np.maximum(scaled[counts > 0], 1)
        excess = int(scaled.sum()) - 2**precision
        # What rounding left over is taken from or given to the largest, where it matters least.
        for largest in np.argsort(-scaled, kind="stable"):
            if excess == 0:
                break
            change = min(excess, int(scaled[largest]) - 1)
            scaled[largest] -= change
            excess -= change
        yield precision, scaled
