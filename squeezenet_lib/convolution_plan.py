"""How a convolution works: its bands, and what it needs beside its input and output."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from squeezenet_lib.graph import MaxPool2D
from squeezenet_lib.program import TensorRecord, whole_blocks

LANE_BUDGET = 257  # sum of magnitudes up to which a 16-bit lane holds the sum of a chunk's taps
# Smaller bands would cost more time than the memory is worth: each starts anew, and pooled ones overlap.
_SMALLEST_BAND_WORDS = 64
_SMALLEST_BAND_ROWS = 4


def tap_words(weights: npt.NDArray[np.int8]) -> int:
    """Words that the largest decoded filter takes: its taps, a header for each chunk, an end, and one more
    that the decoder wants to see free. `weights` is (filters, kernel, kernel, channels)."""
    magnitudes = np.abs(weights.reshape(len(weights), -1).astype(np.int64))
    return max(int(np.count_nonzero(taps)) + _chunks(taps[taps != 0]) + 2 for taps in magnitudes)


def _chunks(magnitudes: npt.NDArray[np.int64]) -> int:
    """Chunks of taps whose magnitudes add up to at most the budget, taken in order; at least one."""
    ends = np.cumsum(magnitudes)
    count, done = 1, 0
    while len(ends) and ends[-1] - done > LANE_BUDGET:
        first_of_next = int(np.searchsorted(ends, done + LANE_BUDGET, side="right"))
        done = int(ends[first_of_next - 1])
        count += 1
    return count


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
    """Table of tap offsets, the decoded filter (`taps` words), the sums."""
    return 4 * ((filter_weights + 1) // 2) + 4 * taps + sums_bytes(record, band, pool)
