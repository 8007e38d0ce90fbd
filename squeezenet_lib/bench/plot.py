"""The benchmark as a picture: bars beside TFLM's, and how cost grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from squeezenet_lib.bench.models import EIGHT_BIT
from squeezenet_lib.report.figure import COLOURS, INK, LARGE, PALE, drawing, logarithmic, place, svg, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_OURS, _TFLM = COLOURS[0], PALE
_WIDTH = 960
_LEFT = 120  # where bars begin; their names end here
_COLUMN, _LONGEST = 275, 245  # from one input's bars to the next's, and the longest bar
_BAR = 18  # height of a row
_BEFORE = 30  # from a title's baseline to its first bar
_BETWEEN = 30  # from the last bar to the next title
_CURVES = (370, 240)  # of each diagram: width, height
_BELOW = 40  # what is written under the curves


@dataclass(frozen=True)
class _Bar:
    name: str
    value: float
    label: str
    colour: str


def plot(content: Mapping[str, Any]) -> str:
    """A whole benchmark as SVG: instructions and arena for each input (bars), growth (curves)."""
    return svg(plot_figure(content))


def plot_figure(content: Mapping[str, Any]) -> Figure:
    """What plot shows."""
    peers = content["tflm"]["models"]
    instructions = {peer["model"]: _instructions(content, peer) for peer in peers}
    arenas = {peer["model"]: _arenas(content, peer) for peer in peers}
    first = 20
    second = first + _height(instructions) + _BETWEEN
    third = second + _height(arenas) + _BETWEEN
    with drawing(_WIDTH, third + 20 + _CURVES[1] + _BELOW) as figure:
        _bars(figure, first, "Instructions for one picture", instructions)
        _bars(figure, second, "Arena, bytes", arenas)
        _curves(figure, third, content)
    return figure


def _rows(content: Mapping[str, Any], peer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in content["models"] if row["model"] == peer["model"]]


def _name(row: Mapping[str, Any]) -> str:
    weights = "8-bit" if row["levels"] == EIGHT_BIT else "4-bit"
    return f"{weights}, {100 * row['sparsity']:.0f} % zeros"


def _instructions(content: Mapping[str, Any], peer: Mapping[str, Any]) -> list[_Bar]:
    bars = [
        _Bar(name, peer[key], f"{peer[key] / 1e6:,.0f} M", _TFLM)
        for name, key in (("TFLM", "reference_instructions"), ("TFLM, esp-nn", "instructions"))
    ]
    for row in _rows(content, peer):
        value = row["instructions"]
        label = f"{value / 1e6:,.1f} M: {_times(peer['instructions'] / value, 'fewer')}"
        bars.append(_Bar(_name(row), value, label, _OURS))
    return bars


def _arenas(content: Mapping[str, Any], peer: Mapping[str, Any]) -> list[_Bar]:
    bars = [_Bar("TFLM", peer["arena_bytes"], f"{peer['arena_bytes']:,}", _TFLM)]
    for row in _rows(content, peer):
        value = row["arena_bytes"]
        label = f"{value:,}: {_times(peer['arena_bytes'] / value, 'less')}"
        bars.append(_Bar(_name(row), value, label, _OURS))
    return bars


def _times(ratio: float, less: str) -> str:
    return f"{ratio:.1f} x {less}" if ratio >= 1 else f"{1 / ratio:.2f} x more"


def _height(groups: Mapping[str, Sequence[_Bar]]) -> int:
    return _BEFORE + _BAR * max(len(bars) for bars in groups.values())


def _bars(figure: Figure, top: int, title: str, groups: Mapping[str, Sequence[_Bar]]) -> None:
    """A column of bars for each input, each column with a scale of its own."""
    write(figure, _LEFT, top, title, LARGE)
    for column, (name, bars) in enumerate(groups.items()):
        left = _LEFT + column * _COLUMN
        axes = place(figure, left, top + _BEFORE, _LONGEST, _BAR * len(bars))
        axes.set_title(name, pad=4)
        places = range(len(bars))
        axes.barh(places, [bar.value for bar in bars], 0.83, color=[bar.colour for bar in bars])
        largest = max(bar.value for bar in bars)
        axes.set_xlim(0, largest)
        axes.set_ylim(len(bars) - 0.5, -0.5)
        axes.set_xticks([])
        named = column == 0
        axes.set_yticks(places if named else [], [bar.name for bar in bars] if named else [])
        for index, bar in enumerate(bars):
            # Inside a long bar, behind a short one.
            inside = bar.value > 0.55 * largest
            axes.annotate(
                bar.label,
                (0 if inside else bar.value, index),
                (4, 0),
                textcoords="offset points",
                va="center_baseline",
                color="white" if inside and bar.colour == _OURS else INK,
            )


def _curves(figure: Figure, top: int, content: Mapping[str, Any]) -> None:
    """Instructions against input side and against width, on one scale, as far as they were counted."""
    full = [row for row in content["growth"] if row["width"] == 1]
    by_side = [(_side(row), row["instructions"]) for row in full]
    middle = next((row["model"] for row in content["growth"] if row["width"] != 1), None)
    by_width = sorted(
        (row["width"], row["instructions"]) for row in content["growth"] if row["model"] == middle
    )
    tflm = [
        (_side(peer), peer["instructions"])
        for peer in content["tflm"]["models"]
        if peer["model"].endswith("x1")
    ]
    values = [value for _, value in (*by_side, *by_width, *tflm)]
    for left, title, points, others in (
        (_LEFT, "Instructions over the input's side (4-bit, 80 % zeros)", by_side, tflm),
        (_LEFT + 450, f"Instructions over the network's width ({middle})", by_width, []),
    ):
        if not points:
            continue
        write(figure, left, top, title, LARGE)
        axes = place(figure, left, top + 20, *_CURVES)
        axes.set_xscale("log")
        axes.set_yscale("log")
        sides = [x for x, _ in points]
        axes.set_xlim(min(sides) / 1.15, max(sides) * 1.15)
        axes.set_ylim(min(values) / 1.6, max(values) * 1.6)
        axes.set_xticks(sides, [f"{side:g}" for side in sides])
        axes.set_xticks([], minor=True)
        logarithmic(axes.yaxis, (1, 2, 5), lambda value: f"{value / 1e6:g} M")
        axes.grid()
        # The curves rise: nothing is right below them, nor above their ends.
        _points(axes, points, _OURS, "o-", "", below=len(points) - 1)
        _points(axes, others, _TFLM, "o", "TFLM, esp-nn: ", below=0)


def _side(row: Mapping[str, Any]) -> int:
    return int(row["model"].split("x")[0])


def _points(
    axes: Axes, points: Sequence[tuple[float, float]], colour: str, marks: str, prefix: str, below: int
) -> None:
    """The points and their values: below the first so many, above the others."""
    axes.plot([x for x, _ in points], [y for _, y in points], marks, color=colour)
    for index, point in enumerate(points):
        axes.annotate(
            f"{prefix}{point[1] / 1e6:.1f} M",
            point,
            (0, -8 if index < below else 8),
            textcoords="offset points",
            ha="center",
            va="top" if index < below else "bottom",
        )
