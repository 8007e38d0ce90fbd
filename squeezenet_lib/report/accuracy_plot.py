"""Accuracy over size as pictures: one model's path to the chip, and the sweep of many."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

from squeezenet_lib.report.accuracy_axes import (
    HEIGHT,
    LEFT,
    ROW,
    WIDTH,
    Spot,
    accuracy_axes,
    bars,
    means,
    seeds_in_words,
)
from squeezenet_lib.report.figure import COLOURS, GREY, INK, SMALL, drawing, logarithmic, svg, write
from squeezenet_lib.report.frontier import Point, Setting, pareto_front
from squeezenet_lib.report.spread import Spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def path_svg(points: Sequence[Point]) -> str:
    """One model from float32 to what the chip runs; with several seeds, their means and their ranges."""
    return svg(path_figure(points))


def frontier_svg(points: Mapping[Setting, Point], floats: Spread, default: Setting) -> str:
    """The .sqz of every setting, the Pareto front of their means, the float networks' accuracy.

    points: at least one. default: ringed where it is among them.
    """
    return svg(frontier_figure(points, floats, default))


def path_figure(points: Sequence[Point]) -> Figure:
    """What path_svg shows."""
    with drawing(WIDTH, HEIGHT + ROW * ((len(points) - 1) // 2)) as figure:
        title = "Test accuracy and bytes (logarithmic), from float32 to what the chip runs"
        axes = accuracy_axes(figure, title, _seeds(points), [point.accuracy for point in points])
        _limit_bytes(axes, points, 0.25, 0.15)
        axes.plot(*means(_spots(points)), "o-", color=COLOURS[0], label="path")
        _bars(axes, points, COLOURS[0])
        for index, point in enumerate(points):
            # Neighbours lie close: numbers go above and below by turns, names go under the axis.
            above = index % 2 == 0
            accuracy = point.accuracy.highest if above else point.accuracy.lowest
            axes.annotate(
                str(index + 1),
                (point.bytes.mean, 100 * accuracy),
                (0, 7 if above else -7),
                textcoords="offset points",
                ha="center",
                va="bottom" if above else "top",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )
            name = f"{index + 1}  {point.name}: {100 * point.accuracy.mean:.2f} %"
            write(figure, LEFT + 320 * (index % 2), HEIGHT - 8 + ROW * (index // 2), name)
    return figure


def frontier_figure(points: Mapping[Setting, Point], floats: Spread, default: Setting) -> Figure:
    """What frontier_svg shows."""
    placed = list(points.values())
    remark = _seeds(placed) + ("; ringed: params.yaml" if default in points else "")
    levels = sorted({setting.levels for setting in points})
    columns = 4  # of the legend, in which the front and the float networks are, too
    with drawing(WIDTH, HEIGHT + 10 + ROW * ((len(levels) + 1) // columns)) as figure:
        title = "Test accuracy and bytes of the .sqz (logarithmic): further right is smaller"
        axes = accuracy_axes(figure, title, remark, [floats, *(point.accuracy for point in placed)])
        _limit_bytes(axes, placed, 0.06, 0.06)
        for count, colour in zip(levels, cycle(COLOURS), strict=False):
            group = [point for setting, point in points.items() if setting.levels == count]
            axes.plot(*means(_spots(group)), "o", color=colour, label=f"{count} levels")
            _bars(axes, group, colour)
        if default in points:
            axes.plot(*means(_spots([points[default]])), "o", mfc="none", mec=INK, ms=13, gid="default")
        for point in placed:
            at = (point.bytes.mean, 100 * point.accuracy.mean)
            axes.annotate(point.name, at, (7, 6), textcoords="offset points", fontsize=SMALL)
        best = pareto_front([(point.bytes.mean, point.accuracy.mean) for point in placed])
        front = [placed[index] for index in best]
        axes.plot(*means(_spots(front)), "--", color=GREY, linewidth=1.1, zorder=1, label="Pareto front")
        of_floats = f"float32: {100 * floats.mean:.2f} %"
        if floats.lowest < floats.highest:
            axes.axhspan(100 * floats.lowest, 100 * floats.highest, color="#f0f0f0", zorder=0, gid="floats")
            of_floats += ", grey: range"
        axes.axhline(100 * floats.mean, color=INK, linewidth=1, linestyle=":", zorder=1, label=of_floats)
        axes.legend(
            title="beside the points: zeros asked for",
            title_fontsize=SMALL,
            alignment="left",
            loc="upper left",
            bbox_to_anchor=(-0.01, -0.08),
            ncols=columns,
            fontsize=SMALL,
        )
    return figure


def _limit_bytes(axes: Axes, points: Sequence[Point], right: float, left: float) -> None:
    """Bytes (logarithmic), the largest on the left: the way to the chip goes right.

    right, left: margins in log10 of bytes.
    """
    smallest = math.log10(min(point.bytes.lowest for point in points)) - right
    largest = math.log10(max(point.bytes.highest for point in points)) + left
    axes.set_xscale("log")
    axes.set_xlim(10**largest, 10**smallest)
    digits = (1, 2, 5) if largest - smallest > 1 else (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)
    logarithmic(
        axes.xaxis, digits, lambda size: f"{size / 1e6:g} MB" if size >= 1e6 else f"{size / 1e3:g} KB"
    )


def _spots(points: Iterable[Point]) -> list[Spot]:
    return [(point.bytes, point.accuracy) for point in points]


def _bars(axes: Axes, points: Iterable[Point], colour: str) -> None:
    bars(axes, _spots(point for point in points if point.seeds > 1), colour)


def _seeds(points: Iterable[Point]) -> str:
    return seeds_in_words(point.seeds for point in points)
