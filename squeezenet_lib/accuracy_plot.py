"""Accuracy over size as SVG pictures that depend on their input alone: one model's path, and the sweep."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from squeezenet_lib.frontier import Point, Setting, Spread, pareto_front

_WIDTH, _HEIGHT = 720, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 40, 66, 60
# By number of levels; readable beside each other also without colours (Okabe and Ito).
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")

_STYLE = """\
<style>
text { font: 13px sans-serif; fill: #222; }
.halo { stroke: #fff; stroke-width: 4; stroke-linejoin: round; paint-order: stroke; }
.small { font-size: 11px; }
.mid { text-anchor: middle; } .end { text-anchor: end; }
.grid { stroke: #ddd; fill: none; }
.path { stroke: #1664b0; stroke-width: 2; fill: none; }
.front { stroke: #888; stroke-width: 1.5; stroke-dasharray: 5 4; fill: none; }
.float { stroke: #222; stroke-dasharray: 2 3; fill: none; } .band { fill: #f0f0f0; }
.default { stroke: #222; stroke-width: 1.5; fill: none; }
</style>"""


@dataclass(frozen=True)
class _Axes:
    """Bytes (logarithmic, the largest on the left: the way to the chip goes right) and percents."""

    smallest: float  # log10 of bytes, as is the next
    largest: float
    floor: int
    ceiling: int

    def x(self, size: float) -> float:
        share = (self.largest - math.log10(size)) / (self.largest - self.smallest)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, accuracy: float) -> float:
        share = (self.ceiling - 100 * accuracy) / (self.ceiling - self.floor)
        return _TOP + share * (_HEIGHT - _TOP - _BOTTOM)

    def grid(self) -> list[str]:
        parts = []
        step = max(1, math.ceil((self.ceiling - self.floor) / 8))
        for percent in range(self.floor, self.ceiling + 1, step):
            y = self.y(percent / 100)
            parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>')
            parts.append(f'<text class="end" x="{_LEFT - 8}" y="{y + 4:.1f}">{percent} %</text>')
        digits = (1, 2, 5) if self.largest - self.smallest > 1 else (1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9)
        for exponent in range(math.floor(self.smallest), math.ceil(self.largest) + 1):
            for digit in digits:
                size = digit * 10**exponent
                if self.smallest <= math.log10(size) <= self.largest:
                    label = f"{size / 1e6:g} MB" if size >= 1e6 else f"{size / 1e3:g} KB"
                    x, end = self.x(size), _HEIGHT - _BOTTOM
                    parts.append(f'<path class="grid" d="M{x:.1f} {_TOP}V{end}"/>')
                    parts.append(f'<text class="mid" x="{x:.1f}" y="{end + 20}">{label}</text>')
        return parts


def path_svg(points: Sequence[Point]) -> str:
    """One model from float32 to what the chip runs; with several seeds, their means and their ranges."""
    axes = _axes(points, 0.25, 0.15)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_place(axes, point) for point in points))
    parts = [*axes.grid(), f'<polyline class="path" points="{line}"/>']
    for point in points:
        x, y = _place(axes, point)
        parts += _bars(axes, point, _COLOURS[0])
        parts.append(f'<circle fill="{_COLOURS[0]}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
    for index, point in enumerate(points):
        x, _ = _place(axes, point)
        # Neighbours lie close: numbers go above and below by turns, names go under the axis.
        above = index % 2 == 0
        number_y = axes.y(point.accuracy.highest) - 10 if above else axes.y(point.accuracy.lowest) + 20
        parts.append(f'<text class="halo mid" x="{x:.1f}" y="{number_y:.1f}">{index + 1}</text>')
        label = f"{index + 1}  {_escaped(point.name)}: {100 * point.accuracy.mean:.2f} %"
        row, column = index // 2, index % 2
        parts.append(f'<text x="{_LEFT + 320 * column}" y="{_HEIGHT - 8 + 20 * row}">{label}</text>')
    title = "Test accuracy and bytes (logarithmic), from float32 to what the chip runs"
    return _picture(title, _seeds(points), parts, _HEIGHT + 20 * ((len(points) - 1) // 2))


def frontier_svg(points: Mapping[Setting, Point], floats: Spread, default: Setting) -> str:
    """The .sqz of every setting, the Pareto front of their means, the float networks' accuracy.

    points: at least one. default: ringed where it is among them.
    """
    axes = _axes(points.values(), 0.06, 0.06, floats)
    parts = []
    if floats.lowest < floats.highest:
        top, bottom = axes.y(floats.highest), axes.y(floats.lowest)
        parts.append(
            f'<rect class="band" x="{_LEFT}" y="{top:.1f}" width="{_WIDTH - _LEFT - _RIGHT}" '
            f'height="{bottom - top:.1f}"/>'
        )
    parts += axes.grid()
    y = axes.y(floats.mean)
    parts.append(f'<path class="float" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>')
    parts.append(
        f'<text class="small" x="{_LEFT + 4}" y="{axes.y(floats.highest) - 4:.1f}">'
        f"dotted, float32: {100 * floats.mean:.2f} %</text>"
    )
    placed = list(points.values())
    front = [
        _place(axes, placed[index])
        for index in pareto_front([(point.bytes.mean, point.accuracy.mean) for point in placed])
    ]
    line = " ".join(f"{px:.1f},{py:.1f}" for px, py in front)
    parts.append(f'<polyline class="front" points="{line}"/>')
    colours = dict(zip(sorted({setting.levels for setting in points}), _cycle(), strict=False))
    for setting, point in points.items():
        px, py = _place(axes, point)
        colour = colours[setting.levels]
        parts += _bars(axes, point, colour)
        parts.append(f'<circle fill="{colour}" cx="{px:.1f}" cy="{py:.1f}" r="5"/>')
        if setting == default:
            parts.append(f'<circle class="default" cx="{px:.1f}" cy="{py:.1f}" r="9"/>')
        parts.append(f'<text class="small" x="{px + 10:.1f}" y="{py - 8:.1f}">{_escaped(point.name)}</text>')
    for index, (levels, colour) in enumerate(colours.items()):
        x = _LEFT + index * 90
        parts.append(f'<circle fill="{colour}" cx="{x + 6}" cy="{_HEIGHT - 16}" r="5"/>')
        parts.append(f'<text x="{x + 16}" y="{_HEIGHT - 12}">{levels} levels</text>')
    legend = "dashed: the Pareto front; beside the points: zeros asked for"
    parts.append(f'<text class="small end" x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 12}">{legend}</text>')
    title = "Test accuracy and bytes of the .sqz (logarithmic): further right is smaller"
    ringed = "; ringed: params.yaml" if default in points else ""
    return _picture(title, f"{_seeds(placed)}{ringed}", parts)


def _axes(points: Iterable[Point], right: float, left: float, floats: Spread | None = None) -> _Axes:
    """Axes that hold all points with their ranges; `right` and `left` are margins in log10 of bytes."""
    known = list(points)
    accuracies = [point.accuracy for point in known] + ([floats] if floats else [])
    return _Axes(
        min(math.log10(point.bytes.lowest) for point in known) - right,
        max(math.log10(point.bytes.highest) for point in known) + left,
        math.floor(100 * min(accuracy.lowest for accuracy in accuracies)) - 1,
        math.ceil(100 * max(accuracy.highest for accuracy in accuracies)) + 1,
    )


def _place(axes: _Axes, point: Point) -> tuple[float, float]:
    return axes.x(point.bytes.mean), axes.y(point.accuracy.mean)


def _bars(axes: _Axes, point: Point, colour: str) -> list[str]:
    """From the lowest to the highest of several seeds, in both directions."""
    if point.seeds == 1:
        return []
    x, y = _place(axes, point)
    top, bottom = axes.y(point.accuracy.highest), axes.y(point.accuracy.lowest)
    left, right = axes.x(point.bytes.highest), axes.x(point.bytes.lowest)
    return [
        f'<path class="bar" stroke="{colour}" d="M{x:.1f} {top:.1f}V{bottom:.1f}'
        f"M{x - 4:.1f} {top:.1f}h8M{x - 4:.1f} {bottom:.1f}h8"
        f'M{left:.1f} {y:.1f}H{right:.1f}"/>'
    ]


def _seeds(points: Iterable[Point]) -> str:
    counts = sorted({point.seeds for point in points})
    if counts == [1]:
        return "one seed"
    return f"means of {'-'.join(map(str, counts))} seeds, bars from the lowest to the highest"


def _cycle() -> Iterable[str]:
    while True:
        yield from _COLOURS


def _picture(title: str, remark: str, parts: Sequence[str], height: int = _HEIGHT) -> str:
    body = "\n".join(parts)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">
{_STYLE}
<rect width="{_WIDTH}" height="{height}" fill="#fff"/>
<text x="{_LEFT}" y="24">{title}</text>
<text class="small" x="{_LEFT}" y="42">{remark}</text>
{body}
</svg>
"""


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
