"""How often each value occurs, rounded to a total of 2**precision and stored in few bits.

A table in a bit stream: 4 bits precision - 1; 8 bits first value (two's complement); 8 bits last - first
value; then each frequency + 1 in Elias's gamma code: as many zeros as the number has bits after its first,
then the number. The precision is the one with which table and coded weights together are smallest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PRECISIONS = range(1, 17)
PRECISION_BITS, VALUE_BITS = 4, 8
HEADER_BITS = PRECISION_BITS + 2 * VALUE_BITS

Weights = npt.NDArray[np.int8]
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
        return HEADER_BITS + gamma_bits(self.frequencies)

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


def entropy_bits(counts: Counts) -> float:
    """Shannon's order-0 entropy of values that occur `counts` times, in bits altogether."""
    used = counts[counts > 0]
    return float(-(used * np.log2(used / used.sum())).sum())


def gamma_bits(frequencies: Counts) -> int:
    """Bits of the frequencies + 1 in Elias's gamma code."""
    return int((2 * np.floor(np.log2(frequencies + 1)) + 1).sum())


def pack_tables(tables: list[FrequencyTable]) -> bytes:
    """The tables one after the other, padded with zero bits to whole bytes."""
    digits = []
    for table in tables:
        digits.append(f"{table.precision - 1:0{PRECISION_BITS}b}{table.first & 0xFF:08b}")
        digits.append(f"{len(table.frequencies) - 1:08b}")
        for frequency in table.frequencies.tolist():
            number = f"{frequency + 1:b}"
            digits.append("0" * (len(number) - 1) + number)
    bits = "".join(digits)
    return np.packbits(np.frombuffer(bits.encode(), np.uint8) - ord("0")).tobytes()


def unpack_tables(data: bytes, count: int) -> tuple[list[FrequencyTable], int]:
    """`count` tables at the start of `data`, and the number of bytes that they take."""
    bits = "".join(f"{byte:08b}" for byte in data)
    at = 0

    def take(length: int) -> int:
        nonlocal at
        at += length
        return int(bits[at - length : at], 2)

    tables = []
    for _ in range(count):
        precision, first, span = take(PRECISION_BITS) + 1, take(VALUE_BITS), take(VALUE_BITS)
        frequencies = []
        for _ in range(span + 1):
            zeros = bits.index("1", at) - at
            at += zeros
            frequencies.append(take(zeros + 1) - 1)
        tables.append(FrequencyTable((first ^ 0x80) - 0x80, precision, np.array(frequencies, np.int64)))
    return tables, -(-at // 8)


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
