"""How a convolution works: its bands, and what it needs beside its input and output."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from squeezenet_lib.coding.tap_lists import LARGEST_LEVEL, SHIFT_GRID, have_lists
from squeezenet_lib.graph import MaxPool2D
from squeezenet_lib.sqz.program import Measure, TensorRecord, whole_blocks

_LANE_BUDGET = 2**16 - 1  # what a lane of 16 bits holds
_LARGEST_INPUT = 255

# Instructions: to look at a word of two or four lanes; for a tap: to decode it in sequence, or into a list,
# by counting or exactly; for a chunk: to begin it, and to end its lists.
_LOOK_AT_TWO, _LOOK_AT_FOUR = 10, 15
_FILTER, _OUTPUT = 300, 14  # for a filter, and for a byte that it makes, beside that
_DECODE, _DECODE_LISTED, _DECODE_EXACTLY, _CHUNK, _END_LISTS = 29, 20, 28, 55, 85

# tap_lists.h
_CAUTIOUS_8 = 11  # what 8 is counted as
_LISTS_WITH_ZEROS, _RECORD_BYTES, _MARK_BYTES, _LISTED_BYTES = 16, 8, 4, 2
_MOST_CHUNKS = _LARGEST_BYTE = 255
# Where inputs are not measured one by one a chunk of lists ends when so much is counted: for a tap, and for
# each weight.
_COUNTED_TAP, _COUNTED_WEIGHT = 2048, 64
_LIKELY_LARGEST = 170  # of all inputs of a convolution

# Smaller bands would cost more time than the memory is worth: each starts anew, and pooled ones overlap.
_SMALLEST_BAND_WORDS = 64
_SMALLEST_BAND_ROWS = 2


@dataclass(frozen=True)
class FilterTaps:
    """What decoded filters take at most, inputs as large as can be. words: the largest one's taps in
    sequence, a header for each chunk, an end, and one more that the decoder wants to see free. chunks, taps:
    of all filters together. list_words, list_chunks: the same for taps in lists; list_words is 0 where
    weights have none. most_lists: chunks of the filter that has most, in lists. likely_list_chunks: as
    list_chunks, where no input is larger than is likely. large_room: taps for which lists of 4 to 7 have
    room; 0: as many as the others.
    """

    words: int
    filters: int
    chunks: int
    taps: int
    list_words: int
    list_chunks: int
    most_lists: int
    likely_list_chunks: int
    large_room: int

    def lists(self, record: TensorRecord) -> int:
        """The most chunks of a filter whose taps are to be in lists; 0 where taps in sequence cost less."""
        if self.list_words == 0:
            return 0
        sequence, lists = _sweep(record), _list_sweep(record)
        in_sequence = self.taps * (_DECODE + sequence.tap) + self.chunks * sequence.chunk
        in_lists = self.taps * (_DECODE_LISTED + lists.tap) + self.list_chunks * lists.chunk
        return self.most_lists if in_lists < in_sequence else 0

    def decoded_words(self, record: TensorRecord) -> int:
        """Of the filter that takes most."""
        return self.list_words if self.lists(record) else self.words


def filter_taps(weights: npt.NDArray[np.int8], coded_with: npt.NDArray[np.int8] | None = None) -> FilterTaps:
    """Of weights (filters, kernel, kernel, channels). coded_with: of all filters that have their code, if
    there are more: whether weights have lists depends on all."""
    flat = weights.reshape(len(weights), -1).astype(np.int64)
    magnitudes = np.abs(flat)
    chunks = [_chunks(taps[taps != 0]) for taps in magnitudes]
    counts = np.count_nonzero(magnitudes, axis=1).tolist()
    words = max(count + chunk + 2 for count, chunk in zip(counts, chunks, strict=True))
    listed = have_lists(magnitudes if coded_with is None else np.abs(coded_with.astype(np.int64)))
    in_lists = [_list_chunks(row) for row in flat] if listed else [_MOST_CHUNKS + 1]
    likely = sum(_list_chunks(row, _LIKELY_LARGEST) for row in flat) if listed else 0
    most = max(in_lists)
    list_words, large_room = _list_words(flat, most) if most <= _MOST_CHUNKS else (0, 0)
    return FilterTaps(
        words, len(weights), sum(chunks), sum(counts), list_words, sum(in_lists), most, likely, large_room
    )


def _list_words(flat: npt.NDArray[np.int64], most_chunks: int) -> tuple[int, int]:
    """Of filters (filters, weights), and their large_room."""

    def room(magnitudes: Iterable[int]) -> int:
        levels = (sign * magnitude for magnitude in magnitudes for sign in (1, -1))
        return max(1, *(int(np.count_nonzero(flat == level, axis=1).max()) for level in levels))

    small, large = room((1, 2, 3, SHIFT_GRID[-1])), room(range(4, LARGEST_LEVEL + 1))
    equal = large > _LARGEST_BYTE
    taps = 14 * max(small, large) if equal else 6 * small + 8 * large
    fixed = _LISTS_WITH_ZEROS * (_RECORD_BYTES + _MARK_BYTES * (1 + most_chunks))
    return -(-(fixed + taps * _LISTED_BYTES) // 4), 0 if equal else large


def _list_chunks(weights: npt.NDArray[np.int64], largest: int = _LARGEST_INPUT) -> int:
    """Chunks of a filter (weights,) whose taps are put into lists, counted with inputs up to `largest`; if
    each is looked at, there are no more."""
    limit = (_LANE_BUDGET // largest + 1) << 12
    places = np.flatnonzero(weights)
    taps = weights[places]
    magnitudes = np.abs(taps)
    lists = _COUNTED_TAP * (2 * np.where(magnitudes == SHIFT_GRID[-1], _CAUTIOUS_8, magnitudes) + (taps < 0))
    ends = np.cumsum(lists) + _COUNTED_WEIGHT * (places + 1)
    count, before = 1, 0
    while len(ends) and ends[-1] - before >= limit:
        first_of_next = int(np.searchsorted(ends, before + limit))
        before = int(ends[first_of_next] - lists[first_of_next])
        count += 1
    return count


def _chunks(magnitudes: npt.NDArray[np.int64]) -> int:
    """Chunks of taps that fit a lane, taken in order; at least one."""
    ends = np.cumsum(magnitudes) * _LARGEST_INPUT
    count, done = 1, 0
    while len(ends) and ends[-1] - done > _LANE_BUDGET:
        first_of_next = int(np.searchsorted(ends, done + _LANE_BUDGET, side="right"))
        done = int(ends[first_of_next - 1])
        count += 1
    return count


@dataclass(frozen=True)
class _Sweep:
    """Instructions for all words of a plane: of a tap, and of a chunk beside its taps."""

    tap: int
    chunk: int


def _sweep(record: TensorRecord) -> _Sweep:
    """Of taps in sequence: in two lanes blocks of eight words, of which the last may be a half or a quarter;
    in four lanes blocks of four, or words one by one."""
    if record.lanes == 2:
        blocks, half, quarter = _blocks_of_two_lanes(record)
        return _Sweep(28 * blocks + 16 * half + 10 * quarter, _CHUNK + 80 * blocks + 50 * half + 35 * quarter)
    blocks, words = divmod(_swept(record), 4)
    blocks, words = (blocks + 1, 0) if words > 2 else (blocks, words)
    return _Sweep(32 * blocks + 11 * words, _CHUNK + 95 * blocks + 40 * words)


def _list_sweep(record: TensorRecord) -> _Sweep:
    """Of taps in lists: the same blocks, but one word alone in four lanes."""
    ended = _CHUNK + _END_LISTS
    if record.lanes == 2:
        blocks, half, quarter = _blocks_of_two_lanes(record)
        lists = 195 * blocks + 175 * half + 145 * quarter
        return _Sweep(19 * blocks + 11 * half + 7 * quarter, ended + lists)
    blocks, words = divmod(_swept(record), 4)
    blocks, words = (blocks + 1, 0) if words > 1 else (blocks, words)
    return _Sweep(23 * blocks + 8 * words, ended + 300 * blocks + 215 * words)


def _blocks_of_two_lanes(record: TensorRecord) -> tuple[int, int, int]:
    """Of eight words, four and two."""
    blocks, rest = divmod(_swept(record), 8)
    return blocks + (rest > 4), int(2 < rest <= 4), int(0 < rest <= 2)


def how_to_measure(taps: FilterTaps, record: TensorRecord) -> Measure:
    """Whether it pays to look for each input channel's largest value: then a lane has room for more taps,
    about twice as many, and there are fewer chunks to take out of the lanes. Costs are counted instructions.
    """
    words = record.planes * record.plane // 4
    looking = words * (_LOOK_AT_TWO if record.lanes == 2 else _LOOK_AT_FOUR)
    lists = taps.lists(record)
    chunk = (_list_sweep(record) if lists else _sweep(record)).chunk
    exactly = taps.taps * (_DECODE_EXACTLY - _DECODE_LISTED) if lists else 0
    costs = {
        Measure.NOTHING: taps.list_chunks * chunk if lists else taps.chunks * chunk,
        Measure.INPUTS: looking + exactly + (taps.filters + taps.chunks) / 2 * chunk,
    }
    if lists:
        costs[Measure.WEIGHTS] = exactly + taps.chunks * chunk
        costs[Measure.LARGEST] = looking + taps.likely_list_chunks * chunk
    return min(costs, key=lambda measure: costs[measure])


def filter_costs(
    weights: npt.NDArray[np.int8], taps: FilterTaps, record: TensorRecord, outputs: int
) -> npt.NDArray[np.float64]:
    """Instructions of each filter, (filters,). weights: (filters, kernel, kernel, channels); taps: what they
    take. outputs: bytes that a filter makes."""
    flat = weights.reshape(len(weights), -1).astype(np.int64)
    counts = np.count_nonzero(flat, axis=1)
    measure, lists = how_to_measure(taps, record), bool(taps.lists(record))
    if measure == Measure.LARGEST:
        chunks = [_list_chunks(row, _LIKELY_LARGEST) for row in flat]
    elif measure == Measure.NOTHING and lists:
        chunks = [_list_chunks(row) for row in flat]
    else:
        chunks = [_chunks(np.abs(row[row != 0])) for row in flat]
    per_chunk = (np.array(chunks, np.float64) + 1) / 2 if measure == Measure.INPUTS else np.array(chunks)
    sweep = _list_sweep(record) if lists else _sweep(record)
    exactly = lists and measure in (Measure.INPUTS, Measure.WEIGHTS)
    decode = _DECODE_EXACTLY if exactly else _DECODE_LISTED if lists else _DECODE
    costs: npt.NDArray[np.float64] = counts * (decode + sweep.tap) + per_chunk * sweep.chunk
    return costs + _FILTER + _OUTPUT * outputs


def _swept(record: TensorRecord) -> int:
    """Words of each lane that a filter is summed over; no fewer, where each lane holds a row."""
    if record.lanes == 1:
        return -(-record.height * record.width // 4)
    return min(record.lane_step, record.width) if record.lane_step == record.pitch else record.lane_step


def bands(record: TensorRecord, pool: MaxPool2D | None) -> list[int]:
    """Possible bands of a convolution that reads `record`, largest first: words of each lane, or with pooling
    rows of the output of each lane."""
    if pool is not None:
        rows = record.lane_step // (pool.stride * record.pitch)
        return [-(-rows // parts) for parts in range(1, max(1, rows // _SMALLEST_BAND_ROWS) + 1)]
    words = _swept(record)
    parts = range(1, max(1, words // _SMALLEST_BAND_WORDS) + 1)
    return [whole_blocks(-(-words // n)) for n in parts]


def sums_bytes(record: TensorRecord, band: int, pool: MaxPool2D | None) -> int:
    """The 32-bit sums of a band."""
    words = band if pool is None else ((band - 1) * pool.stride + pool.window) * record.pitch
    return 4 * whole_blocks(words) * (2 if record.lanes == 2 else 4)


def scratch_bytes(
    filter_weights: int, taps: FilterTaps, record: TensorRecord, band: int, pool: MaxPool2D | None
) -> int:
    """A word for each weight's input, a decoded filter, the sums. Before there are sums, lists may reach
    there that are longer than they should be."""
    sums = sums_bytes(record, band, pool)
    if taps.lists(record):
        sums = max(sums, _LISTED_BYTES * filter_weights)
    return -(-(4 * filter_weights + 4 * taps.decoded_words(record) + sums) // 4) * 4
