"""Pictures of equal pixels in other bytes: saved anew, in another format, as a thumbnail.

A perceptual hash proposes, pixels at one size (appearance.py) decide. The tolerances were measured. They find
95 to 100 % of photographs and solar cells that were saved as JPEG of quality 50 or more, WebP or GIF, or made
smaller, to a quarter of the side, by any filter but that which takes every fourth pixel. They find no two
different pictures among the solar cells and in Fashion-MNIST, which look alike by nature: the most similar
cells are at 2 times MOST_DIFFERENCE, the most similar shirts with different prints at 1.2 times and at 2
times MOST_AT_ONE_PLACE.
"""

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from squeezenet_lib.dataset.appearance import Appearances
from squeezenet_lib.dataset.duplicates import SPLIT_RANKS, Duplicates

# Of the 64 bits of two pictures' hashes.
MOST_BITS = 12
# Of the means of two pictures' grey, of 255: some programs do not round but cut.
MOST_OFFSET = 1.5
# Root mean square difference of their grey without the means, in standard deviations of the lower contrast.
MOST_DIFFERENCE = 0.03
# Largest difference, likewise: what stands in one place only tells pictures apart.
MOST_AT_ONE_PLACE = 0.2
# Largest difference of the colours, of 255: of pictures without contrast, which nothing else tells apart
# (JPEG and WebP change plain colours by 8 at most), and of others, where it grows with the contrast.
MOST_PLAIN_COLOUR = 8
MOST_COLOUR = 16
# Pixels by which a side may be longer or shorter than the proportions of the other picture ask: rounding.
MOST_PIXELS = 1.5

# What float32 makes of equal pictures.
ROUNDING = 1e-3


def find_near_duplicates(
    appearances: Appearances, places: Sequence[int], classes: Sequence[Hashable], splits: Sequence[str]
) -> Duplicates:
    """Compare the pictures at `places` by what they look like.

    Of pictures that look alike, the one that the source gave to the test split stays, else one of its
    validation split, else the one with the most pixels, else the first in order; each that is left out is
    like one that stays, and no two that stay are alike. When two classes are among the alike, all are
    contradictory.
    """
    area = appearances["height"] * appearances["width"]
    ranked = sorted(places, key=lambda p: (SPLIT_RANKS.get(splits[p], len(SPLIT_RANKS)), -area[p], p))
    alike = _Alike(appearances, ranked)
    copies: dict[int, list[int]] = {}
    for number, place in enumerate(ranked):
        stays = alike.one_that_stays(number)
        if stays is not None:
            copies.setdefault(ranked[stays], []).append(place)
    found = Duplicates({}, [])
    for stays, others in copies.items():
        if len({classes[place] for place in (stays, *others)}) > 1:
            found.contradictory.append(sorted((stays, *others)))
        else:
            found.copy_of.update(dict.fromkeys(others, stays))
    return found


class _Alike:
    """The pictures at `places`, of which each stays unless one that stays looks like it.

    Sorted by their means, each meets few others; and no root mean square difference is less than that of the
    standard deviations.
    """

    def __init__(self, appearances: Appearances, places: Sequence[int]) -> None:
        self._appearances = appearances
        greys = (appearances[place]["grey"] for place in places)
        measures = np.array([(grey.mean(), grey.std()) for grey in greys], np.float32).reshape(-1, 2)
        self._numbers = np.argsort(measures[:, 0], kind="stable")
        self._row_of = np.argsort(self._numbers)
        # In the order of the means:
        self._places = np.array(places, np.intp)[self._numbers]
        self._means, self._contrasts = measures[self._numbers].T.copy()
        self._hashes = appearances["hash"][self._places]
        self._stay = np.zeros(len(places), np.bool_)

    def one_that_stays(self, number: int) -> int | None:
        """The number of the first that stays and looks like this one, which else stays, too."""
        row = self._row_of[number]
        start = np.searchsorted(self._means, self._means[row] - MOST_OFFSET, "left")
        end = np.searchsorted(self._means, self._means[row] + MOST_OFFSET, "right")
        reach = MOST_DIFFERENCE * self._contrasts[row] + ROUNDING
        proposed = self._stay[start:end] & (
            np.abs(self._contrasts[start:end] - self._contrasts[row]) <= reach
        )
        proposed &= np.bitwise_count(self._hashes[start:end] ^ self._hashes[row]) <= MOST_BITS
        near = start + np.flatnonzero(proposed)
        if len(near):
            one, others = self._appearances[self._places[row]], self._appearances[self._places[near]]
            near = near[_same_proportions(one, others) & _equal_pixels(one, others)]
        if len(near):
            return int(self._numbers[near].min())
        self._stay[row] = True
        return None


def _same_proportions(one: np.void, others: Appearances) -> npt.NDArray[np.bool_]:
    """Whether the others are as the one, made smaller or larger."""
    height, width = others["height"], others["width"]
    off = [
        one["width"] * (height / one["height"]) - width,
        one["height"] * (width / one["width"]) - height,
        width * (one["height"] / height) - one["width"],
        height * (one["width"] / width) - one["height"],
    ]
    close: npt.NDArray[np.bool_] = np.abs(off).min(axis=0) <= MOST_PIXELS
    return close


def _equal_pixels(one: np.void, others: Appearances) -> npt.NDArray[np.bool_]:
    difference = others["grey"] - one["grey"]
    difference -= difference.mean(axis=(1, 2), keepdims=True)
    contrast = np.minimum(others["grey"].std(axis=(1, 2)), one["grey"].std()) + ROUNDING
    colours = np.abs(others["colours"].astype(np.int16) - one["colours"]).max(axis=(1, 2, 3))
    equal: npt.NDArray[np.bool_] = (
        (np.sqrt((difference**2).mean(axis=(1, 2))) <= MOST_DIFFERENCE * contrast)
        & (np.abs(difference).max(axis=(1, 2)) <= MOST_AT_ONE_PLACE * contrast)
        & (colours <= np.minimum(MOST_COLOUR, MOST_PLAIN_COLOUR + contrast))
    )
    return equal
