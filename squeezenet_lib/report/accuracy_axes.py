"""What pictures of accuracy over something else have in common: axes, means, bars over seeds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from squeezenet_lib.report.figure import SMALL, place, write
from squeezenet_lib.report.spread import Spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT, ROW = 720, 380, 20
LEFT = 70
_BOX = (LEFT, 66, 610, 254)

# What the other axis has, and the accuracy, share of 1.
Spot = tuple[Spread, Spread]


def accuracy_axes(figure: Figure, title: str, remark: str, accuracies: Sequence[Spread]) -> Axes:
    """Axes that hold these accuracies, in percent, under a title."""
    write(figure, LEFT, 24, title)
    write(figure, LEFT, 42, remark, SMALL)
    axes = place(figure, *_BOX)
    axes.set_ylim(
        math.floor(100 * min(accuracy.lowest for accuracy in accuracies)) - 1,
        math.ceil(100 * max(accuracy.highest for accuracy in accuracies)) + 1,
    )
    axes.locator_params("y", nbins=8, integer=True)
    axes.yaxis.set_major_formatter("{x:.0f} %")
    axes.grid()
    return axes


def means(spots: Iterable[Spot]) -> tuple[list[float], list[float]]:
    """Of the other axis, and percents."""
    known = list(spots)
    return [across.mean for across, _ in known], [100 * accuracy.mean for _, accuracy in known]


def bars(axes: Axes, spots: Iterable[Spot], colour: str) -> None:
    """From the lowest to the highest of several seeds, in both directions."""
    for across, accuracy in spots:
        axes.errorbar(
            across.mean,
            100 * accuracy.mean,
            xerr=[[across.mean - across.lowest], [across.highest - across.mean]],
            yerr=[[100 * (accuracy.mean - accuracy.lowest)], [100 * (accuracy.highest - accuracy.mean)]],
            fmt="none",
            ecolor=colour,
            elinewidth=1,
            capsize=3,
        )


def seeds_in_words(counts: Iterable[int]) -> str:
    """What points are, of which each has so many seeds."""
    different = sorted(set(counts))
    if different == [1]:
        return "one seed"
    return f"means of {'-'.join(map(str, different))} seeds, bars from the lowest to the highest"
