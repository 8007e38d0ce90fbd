"""How a convolution works: its bands, and what it needs beside its input and output."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from squeezenet_lib.graph import MaxPool2D
from squeezenet_lib.sqz.program import TensorRecord, whole_blocks

_LANE_BUDGET = 2**16 - 1  # what a lane of 16 bits holds
_LARGEST_INPUT = 255

# Instructions: to look at a word of two or four lanes, and to split the lanes of a block of so many words.
_LOOK_AT_TWO, _LOOK_AT_FOUR = 10, 15
_SPLIT_BLOCK = 90
_SPLIT_WORDS_OF_TWO, _SPLIT_WORDS_OF_FOUR = 8, 4

# Smaller bands would cost more time than the memory is worth: each starts anew, and pooled ones overlap.
_SMALLEST_BAND_WORDS = 64
_SMALLEST_BAND_ROWS = 2


@dataclass(frozen=True)
class FilterTaps:
    """What decoded filters take at most, inputs as large as can be. words: the largest one's taps, a header
    for each chunk, an end, and one more that the decoder wants to see free. chunks: of all filters together.
    """

    words: int
    filters: int
    chunks: int


def filter_taps(weights: npt.NDArray[np.int8]) -> FilterTaps:
    """Of weights (filters, kernel, kernel, channels)."""
    magnitudes = np.abs(weights.reshape(len(weights), -1).astype(np.int64))
    chunks = [_chunks(taps[taps != 0]) for taps in magnitudes]
    counts = np.count_nonzero(magnitudes, axis=1).tolist()
    words = max(count + chunk + 2 for count, chunk in zip(counts, chunks, strict=True))
    return FilterTaps(words, len(weights), sum(chunks))


def _chunks(magnitudes: npt.NDArray[np.int64]) -> int:
    """Chunks of taps that fit a lane, taken in order; at least one."""
    ends = np.cumsum(magnitudes) * _LARGEST_INPUT
    count, done = 1, 0
    while len(ends) and ends[-1] - done > _LANE_BUDGET:
        first_of_next = int(np.searchsorted(ends, done + _LANE_BUDGET, side="right"))
        done = int(ends[first_of_next - 1])
        count += 1
    return count


def worth_measuring(taps: FilterTaps, record: TensorRecord) -> bool:
    """Whether it pays to look for each input channel's largest value: then a lane has room for more taps,
    about twice as many, and there are fewer chunks to take out of the lanes. Costs are counted instructions.
    """
    words = record.planes * record.plane // 4
    looking = words * (_LOOK_AT_TWO if record.lanes == 2 else _LOOK_AT_FOUR)
    swept = record.lane_step if record.lanes > 1 else -(-record.height * record.width // 4)
    blocks = swept / (_SPLIT_WORDS_OF_TWO if record.lanes == 2 else _SPLIT_WORDS_OF_FOUR)
    return (taps.chunks - taps.filters) / 2 * blocks * _SPLIT_BLOCK > looking


def bands(record: TensorRecord, pool: MaxPool2D | None) -> list[int]:
    """Possible bands of a convolution that reads `record`, largest first: words of each lane, or with pooling
    rows of the output of each lane."""
    if pool is not None:
        rows = record.lane_step // (pool.stride * record.pitch)
        return [-(-rows // parts) for parts in range(1, max(1, rows // _SMALLEST_BAND_ROWS) + 1)]
    words = -(-record.height * record.width // 4) if record.lanes == 1 else record.lane_step
    parts = range(1, max(1, words // _SMALLEST_BAND_WORDS) + 1)
    return [whole_blocks(-(-words // n)) for n in parts]


def sums_bytes(record: TensorRecord, band: int, pool: MaxPool2D | None) -> int:
    """The 32-bit sums of a band."""
    words = band if pool is None else ((band - 1) * pool.stride + pool.window) * record.pitch
    return 4 * whole_blocks(words) * (2 if record.lanes == 2 else 4)


def scratch_bytes(
    filter_weights: int, taps: int, record: TensorRecord, band: int, pool: MaxPool2D | None
) -> int:
    """A word for each weight's input, the decoded filter (`taps` words), the sums."""
    return 4 * filter_weights + 4 * taps + sums_bytes(record, band, pool)
