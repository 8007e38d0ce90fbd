"""Random changes of training pictures that leave their class as it is: drawn first, made later.

Drawing is a walk through one generator and cheap; making the changes is work on pixels, which several
batches can do at the same time.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from squeezenet_lib.dataset import network_input
from squeezenet_lib.params import AugmentParams

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
    # a pixel has 256 values: a table for each picture replaces arithmetic on all of its pixels
    every = network_input(np.arange(256, dtype=np.uint8))
    tables = every * changes.gains[:, np.newaxis] + changes.offsets[:, np.newaxis]
    tables = np.clip(tables, np.float32(-1), np.float32(127 / 128))
    changed = np.empty(images.shape, np.float32)
    for index, (top, left, height, width) in enumerate(changes.holes):
        changed[index] = tables[index][_place(images[index], changes, index)]
        changed[index, top : top + height, left : left + width] = 0
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


def _place(image: npt.NDArray[np.uint8], changes: Changes, index: int) -> npt.NDArray[np.uint8]:
    size = image.shape[0]
    image = np.rot90(image, int(changes.quarters[index]))
    if changes.flips[index]:
        image = image[:, ::-1]
    down, right = changes.shifts[index]
    zoom = changes.zooms[index]
    if zoom == 0:
        rows, columns = (np.clip(np.arange(size) - by, 0, size - 1) for by in (down, right))
        moved: npt.NDArray[np.uint8] = image[rows][:, columns]
        return moved
    return _scaled(image, 1 - zoom, down, right)


def _scaled(image: npt.NDArray[np.uint8], scale: float, down: int, right: int) -> npt.NDArray[np.uint8]:
    """Bilinear: the output's pixel i is the input's at middle + scale x (i - middle) - shift."""
    size = image.shape[0]
    middle = (size - 1) / 2
    grid = np.float32(middle) + np.float32(scale) * (np.arange(size, dtype=np.float32) - np.float32(middle))
    (near_y, far_y, part_y), (near_x, far_x, part_x) = (
        _neighbours(np.clip(grid - np.float32(by), 0, size - 1)) for by in (down, right)
    )
    wide = image.astype(np.float32)
    part_y, part_x = part_y[:, np.newaxis, np.newaxis], part_x[np.newaxis, :, np.newaxis]
    rows = wide[near_y] * (1 - part_y) + wide[far_y] * part_y
    blended = rows[:, near_x] * (1 - part_x) + rows[:, far_x] * part_x
    return np.rint(blended).astype(np.uint8)


def _neighbours(position: Values) -> tuple[Whole, Whole, Values]:
    """The pixel at or before each position, the one after it (the last repeats), and the latter's share."""
    near = np.floor(position).astype(np.int64)
    far = np.minimum(near + 1, len(position) - 1)
    return near, far, position - near.astype(np.float32)
