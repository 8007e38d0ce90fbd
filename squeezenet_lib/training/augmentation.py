"""Random changes of training pictures that leave their class as it is: drawn first, made later.

Drawing is a walk through one generator and cheap; making the changes is work on pixels, which several
batches can do at the same time.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from squeezenet_lib.dataset.arrays import network_input
from squeezenet_lib.params.sections import AugmentParams

Whole = npt.NDArray[np.int64]
Fractions = npt.NDArray[np.float32]
Values = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Changes:
    """What is to happen to each of N pictures, in this order.

    quarters: turns by 90 degrees, counter-clockwise, 0..3 (N,). flips: left-right, 0 or 1 (N,). shifts:
    pixels down and right (N, 2). zooms: share of the side that is left out, 0 for none, below 0 where the
    picture gets smaller (N,). gains, offsets: contrast about mid-grey, and brightness where 1 is half of full
    scale, float32 (N,). holes: top, left, height and width in pixels of a rectangle of mid-grey (N, 4).
    """

    quarters: Whole
    flips: Whole
    shifts: Whole
    zooms: Fractions
    gains: Fractions
    offsets: Fractions
    holes: Whole

    def __getitem__(self, chosen: slice) -> "Changes":
        return Changes(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def draw_changes(count: int, size: int, params: AugmentParams, random: np.random.Generator) -> Changes:
    """Changes for `count` pictures of `size` pixels a side; each picture draws for itself.

    Turns, flips, shifts, contrast and brightness are drawn whether they are used or not, zoom and holes only
    when they are: what one of them is set to does not change what the others draw.
    """
    shift = params.shift
    places = [
        (int(random.integers(4)), int(random.integers(2)), random.integers(-shift, shift, 2, endpoint=True))
        for _ in range(count)
    ]
    quarters, flips = (np.array([place[index] for place in places], np.int64) for index in (0, 1))
    shape = (count, 1, 1, 1)
    gains = 1 + random.uniform(-params.contrast, params.contrast, shape)
    offsets = random.uniform(-params.brightness, params.brightness, shape)
    zooms, holes = np.zeros(count), np.zeros((count, 4), np.int64)
    if params.zoom > 0:
        zooms = random.uniform(-params.zoom, params.zoom, count)
    if params.erase > 0:
        holes = _draw_holes(count, size, params.erase, random)
    return Changes(
        quarters * params.rotate,
        flips * params.flip,
        np.array([place[2] for place in places], np.int64).reshape(count, 2),
        zooms.astype(np.float32),
        gains.astype(np.float32).reshape(count),
        offsets.astype(np.float32).reshape(count),
        holes,
    )


def apply_changes(images: npt.NDArray[np.uint8], changes: Changes) -> Values:
    """A changed copy of a batch, uint8 (N, H, H, C) -> what the float network sees, float32, same shape.

    Pixels beyond the border repeat it; values are clipped to the input's range.
    """
    images = _moved(images, changes)
    # a pixel has 256 values: a table for each picture replaces arithmetic on all of its pixels
    every = network_input(np.arange(256, dtype=np.uint8))
    tables = every * changes.gains[:, np.newaxis] + changes.offsets[:, np.newaxis]
    tables = np.clip(tables, np.float32(-1), np.float32(127 / 128))
    first = 256 * np.arange(len(images), dtype=np.intp).reshape(-1, 1, 1, 1)
    changed: Values = np.take(tables, images + first, mode="clip")
    if changes.holes.any():
        for image, (top, left, height, width) in zip(changed, changes.holes, strict=True):
            image[top : top + height, left : left + width] = 0
    return changed


def _draw_holes(count: int, size: int, share: float, random: np.random.Generator) -> Whole:
    """Random erasing (Zhong et al. 2020, arXiv:1708.04896): rectangles of up to `share` of the picture's
    area, one to three times as wide as high or the reverse, anywhere inside.
    """
    area = random.uniform(0, share, count) * size * size
    aspect = np.exp(random.uniform(-np.log(3), np.log(3), count))
    sides = [np.minimum(np.sqrt(area * factor), size).astype(np.int64) for factor in (aspect, 1 / aspect)]
    corners = [(random.uniform(0, 1, count) * (size - side + 1)).astype(np.int64) for side in sides]
    return np.stack([*corners, *sides], axis=1)


def _moved(images: npt.NDArray[np.uint8], changes: Changes) -> npt.NDArray[np.uint8]:
    """Turned, flipped, zoomed and shifted, all pictures at once, each pixel from the nearest one.

    Each of these takes rows to rows or columns and so does their sequence: where a pixel comes from is the
    sum of a part for its row and a part for its column.
    """
    count, size = images.shape[:2]
    middle, scales = (size - 1) / 2, 1 - changes.zooms[:, np.newaxis]
    grid = np.rint(middle + scales * (np.arange(size) - middle)).astype(np.intp)
    down, right = (np.clip(grid - changes.shifts[:, axis, np.newaxis], 0, size - 1) for axis in (0, 1))
    right = np.where(changes.flips[:, np.newaxis] == 1, size - 1 - right, right)
    back, across = size - 1 - down, size - 1 - right
    # by quarters: of the source's row-major place, what the row and what the column of the turned picture say
    rows = np.choose(changes.quarters[:, np.newaxis], [size * down, back, size * back, down])
    columns = np.choose(changes.quarters[:, np.newaxis], [right, size * right, across, size * across])
    rows += size * size * np.arange(count)[:, np.newaxis]
    places = rows[:, :, np.newaxis] + columns[:, np.newaxis, :]
    pixels = images.reshape(count * size * size, -1)
    moved: npt.NDArray[np.uint8] = np.take(pixels, places, axis=0, mode="clip").reshape(images.shape)
    return moved
