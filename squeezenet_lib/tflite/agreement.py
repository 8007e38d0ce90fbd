"""Whether what runs the network gives the reference's scores, bit for bit, and where that is tried."""

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError


def spread(total: int, count: int) -> npt.NDArray[np.int64]:
    """`count` indices at even distances: a split may be sorted by class."""
    return np.linspace(0, total - 1, count).astype(np.int64)


def require_equal(
    who: str,
    scores: npt.NDArray[np.int8],
    reference: npt.NDArray[np.int8],
    pictures: npt.NDArray[np.int64] | None = None,
) -> None:
    """Raise UserError unless both (N, classes) are equal bit for bit.

    pictures: their numbers (N,), for the message; without them 0 to N - 1.
    """
    differing = np.flatnonzero((scores != reference).any(axis=1))
    if differing.size > 0:
        first = int(differing[0])
        number = first if pictures is None else int(pictures[first])
        raise UserError(
            f"{who} disagrees with TFLite's reference kernels on {differing.size} of {len(reference)} "
            f"pictures; picture {number}: {scores[first].tolist()} instead of {reference[first].tolist()}; "
            "run `dvc repro`, and report it when this stays"
        )
