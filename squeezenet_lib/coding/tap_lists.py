"""Weights whose taps the chip puts into lists by value (tap_lists.h), as it sees by a layer's code table."""

import numpy as np
import numpy.typing as npt

LARGEST_LEVEL = 7
SHIFT_GRID = (0, 1, 2, 4, 8)


def have_lists(magnitudes: npt.NDArray[np.int64]) -> bool:
    """Whether weights of these magnitudes, all that have one code table, have lists: they are 7 at most, or
    of the shift grid. Any shape.
    """
    return any(bool(np.isin(magnitudes, listed).all()) for listed in (range(LARGEST_LEVEL + 1), SHIFT_GRID))
