"""The fixed-point numbers of a convolution's filters, coded as `sqz_format.h` describes it.

Multipliers that repeat go through a dictionary; a bias is written in steps that show in the output, as far as
all biases of the layer are multiples of theirs. Any numbers survive: nothing is rounded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from squeezenet_lib.coding.bit_stream import BitReader, BitWriter, exp_golomb_bits, unzigzag, zigzag
from squeezenet_lib.sqz.program import Filters

_MULTIPLIER_BITS = 31
_DICTIONARY_BITS = 24  # of its place in words
_COUNT_BITS = 13
_LARGEST_ORDER = 31


@dataclass(frozen=True)
class Records:
    """bias and multiplier int32, shift int8: (filters,) each."""

    bias: npt.NDArray[np.int32]
    multiplier: npt.NDArray[np.int32]
    shift: npt.NDArray[np.int8]


def multiplier_dictionary(filters: Filters) -> npt.NDArray[np.int32]:
    """Multipliers that filters refer to, or none where it takes less to write each filter's own."""
    distinct = np.unique(filters.multiplier)
    through = 32 * len(distinct) + len(filters.multiplier) * _index_bits(len(distinct))
    if distinct[0] >= 0 and through >= _MULTIPLIER_BITS * len(filters.multiplier):
        return np.empty(0, np.int32)
    return distinct


def pack_records(filters: Filters, dictionary: npt.NDArray[np.int32], dictionary_at: int) -> bytes:
    """In whole 16-bit units. dictionary_at: its offset in the file, a multiple of 4."""
    smallest = int(filters.shift.min())
    shift_bits = (int(filters.shift.max()) - smallest).bit_length()
    shifts, biases = filters.shift.tolist(), filters.bias.tolist()
    exact = _exactness(biases, shifts)
    steps = [zigzag(bias >> _step(shift, exact)) for bias, shift in zip(biases, shifts, strict=True)]
    order = min(range(_LARGEST_ORDER + 1), key=lambda k: sum(exp_golomb_bits(n, k) for n in steps))
    records = BitWriter()
    records.put(dictionary_at // 4 if len(dictionary) > 0 else 0, _DICTIONARY_BITS)
    records.put(len(dictionary), _COUNT_BITS)
    records.put(smallest & 0xFF, 8)
    records.put(shift_bits, 4)
    records.put(order, 5)
    records.put(exact, 8)
    index_bits = _index_bits(len(dictionary))
    for multiplier, shift, number in zip(filters.multiplier.tolist(), shifts, steps, strict=True):
        if len(dictionary) > 0:
            records.put(int(np.searchsorted(dictionary, multiplier)), index_bits)
        else:
            records.put(multiplier, _MULTIPLIER_BITS)
        records.put(shift - smallest, shift_bits)
        records.exp_golomb(number, order)
    return records.to_bytes()


def unpack_records(data: bytes, offset: int, count: int) -> Records:
    """The `count` records at `offset` of the file. Raises ValueError when they are none."""
    records = BitReader(data[offset:])
    dictionary_at, entries = 4 * records.take(_DICTIONARY_BITS), records.take(_COUNT_BITS)
    if dictionary_at + 4 * entries > len(data):
        raise ValueError("a dictionary of multipliers reaches past the file")
    dictionary = np.frombuffer(data, "<i4", entries, dictionary_at).tolist()
    smallest = (records.take(8) ^ 0x80) - 0x80
    shift_bits, order, exact = records.take(4), records.take(5), records.take(8)
    numbers = []
    for _ in range(count):
        multiplier = dictionary[records.take(_index_bits(entries))] if entries else records.take(31)
        shift = smallest + records.take(shift_bits)
        numbers.append((unzigzag(records.exp_golomb(order)) << _step(shift, exact), multiplier, shift))
    bias, multipliers, shifts = np.array(numbers, np.int64).reshape(count, 3).T
    return Records(bias.astype(np.int32), multipliers.astype(np.int32), shifts.astype(np.int8))


def _exactness(biases: list[int], shifts: list[int]) -> int:
    """The least number such that each bias is a multiple of 2^(-shift - number)."""
    needed = [
        -shift - ((bias & -bias).bit_length() - 1)
        for bias, shift in zip(biases, shifts, strict=True)
        if bias != 0
    ]
    return max([0, *needed])


def _step(shift: int, exact: int) -> int:
    return max(0, -shift - exact)


def _index_bits(entries: int) -> int:
    return max(entries - 1, 0).bit_length()
