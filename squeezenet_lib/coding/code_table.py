"""Code tables as they stand in a .sqz file: the lengths of the code words of the symbols that occur.

Neighbouring runs, and neighbouring values, are about equally frequent; so a length is written as its
difference from that of its neighbour. `sqz_format.h` describes the layout."""

from __future__ import annotations

from dataclasses import dataclass

from squeezenet_lib.coding.alphabet import (
    LONGEST_RUN,
    MOST_SYMBOLS,
    alphabet_name,
    run_of,
    symbol,
    value_of,
)
from squeezenet_lib.coding.bit_stream import BitReader, BitWriter, unzigzag, zigzag
from squeezenet_lib.coding.low_bits import MOST_LOW_BITS, PAIR_LOW_BITS

_FIRST_OF_ZEROS = 1  # the length that is expected of the shortest run of zeros alone
_LONGEST_WITH_LOW_BITS = 15  # a code word with the low bits behind it
_PAIR_VALUES = 32  # of the upper bits of two weights, from -32 on
_PAIRS = 7  # where a table says how many low bits there are


@dataclass(frozen=True)
class CodeTable:
    """lengths: symbol -> length of its code word. low_bits: of each weight, stored as they are (low_bits.py).
    pairs: a symbol tells the upper bits of two weights, and the low bits of both stand before it.
    """

    lengths: dict[int, int]
    low_bits: int = 0
    pairs: bool = False


def code_name(table: CodeTable) -> str:
    """For reports: what kind of symbols, and how many low bits a weight has."""
    kind = "pairs" if table.pairs else alphabet_name(table.lengths)
    return f"{kind} + {table.low_bits} bits" if table.low_bits else kind


def pack_table(table: CodeTable) -> bytes:
    """In whole 16-bit units, whichever way takes fewer bits."""
    return min((_written(table, even) for even in (True, False)), key=lambda table: table.bits).to_bytes()


def _written(code: CodeTable, even: bool) -> BitWriter:
    """even: as if all values occurred with as many zeros before them."""
    lengths = code.lengths
    first, last, longest = value_of(min(lengths)), value_of(max(lengths)), max(lengths.values())
    runs: dict[int, list[int]] = {}
    for number in sorted(lengths):
        runs.setdefault(value_of(number), []).append(run_of(number))
    widest = max((column[-1] for value, column in runs.items() if value != 0), default=0)
    table = BitWriter()
    table.put(first + 128, 8)
    table.put(last - first, 8)
    if code.low_bits > 0:
        table.put(0, 4)  # no code word is so long
        table.put(_PAIRS if code.pairs else code.low_bits, 3)
    table.put(longest, 4)
    table.put(int(even), 1)
    if even:
        table.put(widest, 4)
    most, expected = 0, longest
    for value in range(first, last + 1):
        column = runs.get(value)
        if value == 0:
            least, most_zeros = (column[0], column[-1]) if column else (0, 0)
            table.put(least, 4)
            table.put(most_zeros, 4)
            _write_column(table, lengths, value, range(least, most_zeros + 1), _FIRST_OF_ZEROS, longest)
            continue
        if even:
            most = widest
        else:
            before, most = most, column[-1] if column else -1
            table.unary(zigzag(most - before))
        expected = _write_column(table, lengths, value, range(most + 1), expected, longest)
    return table


def _write_column(
    table: BitWriter, lengths: dict[int, int], value: int, runs: range, expected: int, longest: int
) -> int:
    """Returns the first run's length, or what was expected of it when there is none."""
    found = [lengths.get(symbol(value, run), longest + 1) for run in runs]
    for before, length in zip([expected, *found], found, strict=False):
        table.unary(zigzag(length - before))
    return found[0] if found else expected


def unpack_table(data: bytes) -> CodeTable:
    """Inverse of pack_table; `data` may go on after the table. Raises ValueError when it is none."""
    table = BitReader(data)
    first = table.take(8) - 128
    last = first + table.take(8)
    longest, low_bits, pairs = table.take(4), 0, False
    if longest == 0:
        low_bits, longest = table.take(3), table.take(4)
        pairs = low_bits == _PAIRS
        low_bits = PAIR_LOW_BITS if pairs else low_bits
        if not pairs and not (0 < low_bits <= MOST_LOW_BITS and longest + low_bits <= _LONGEST_WITH_LOW_BITS):
            raise ValueError("a code table has too many low bits or none")
    most = _PAIR_VALUES if pairs else 128 >> low_bits
    if not -most <= first <= last <= min(most - pairs, 127):
        raise ValueError("a code table has values that are no weights")
    even = table.take(1) == 1
    most, expected = table.take(4) if even else 0, longest
    lengths: dict[int, int] = {}
    for value in range(first, last + 1):
        if value == 0:
            least, most_zeros = table.take(4), table.take(4)
            if pairs and most_zeros > 0:
                raise ValueError("a code table of pairs has runs of zeros")
            _read_column(table, lengths, value, range(least, most_zeros + 1), _FIRST_OF_ZEROS, longest)
            continue
        if not even:
            most += unzigzag(table.unary())
        if not -1 <= most <= (0 if pairs else LONGEST_RUN):
            raise ValueError("a code table has runs that are too long")
        expected = _read_column(table, lengths, value, range(most + 1), expected, longest)
    if not 0 < len(lengths) <= MOST_SYMBOLS:
        raise ValueError("a code table holds too few symbols or too many")
    return CodeTable(lengths, low_bits, pairs)


def _read_column(
    table: BitReader, lengths: dict[int, int], value: int, runs: range, expected: int, longest: int
) -> int:
    """Adds to `lengths` what occurs; returns the first run's length, or `expected`."""
    length = expected
    for run in runs:
        length += unzigzag(table.unary())
        if not 1 <= length <= longest + 1:
            raise ValueError("a code table has a length that is out of range")
        if length <= longest:
            lengths[symbol(value, run)] = length
        if run == runs[0]:
            expected = length
    return expected
