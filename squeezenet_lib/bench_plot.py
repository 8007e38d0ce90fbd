"""The benchmark as an SVG picture that depends on its input alone: bars beside TFLM's, and how cost grows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from squeezenet_lib.bench_models import EIGHT_BIT

_WIDTH = 960
_LEFT = 120  # where bars begin; their names end here
_COLUMN = 275
_BAR = 18  # height of a row

_STYLE = """\
<style>
text { font: 12px sans-serif; fill: #222; }
.title { font-size: 14px; }
.mid { text-anchor: middle; } .end { text-anchor: end; }
.grid { stroke: #ddd; fill: none; }
.ours { fill: #1664b0; } .tflm { fill: #b8b8b8; } .light { fill: #fff; }
polyline { stroke: #1664b0; stroke-width: 2; fill: none; }
</style>"""


@dataclass(frozen=True)
class _Bar:
    name: str
    value: float
    label: str
    kind: str  # "ours" or "tflm"


def plot(content: Mapping[str, Any]) -> str:
    """Three rows: instructions and arena for each input (bars), growth (curves), of a whole benchmark."""
    parts: list[str] = []
    peers = content["tflm"]["models"]
    top = _bars(parts, 20, "Instructions for one picture", [_instructions(content, peer) for peer in peers])
    top = _bars(parts, top + 30, "Arena, bytes", [_arenas(content, peer) for peer in peers])
    top = _curves(parts, top + 30, content)
    body = "\n".join(parts)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" width="{_WIDTH}" height="{top}">
{_STYLE}
<rect width="{_WIDTH}" height="{top}" fill="#fff"/>
{body}
</svg>
"""


def _rows(content: Mapping[str, Any], peer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in content["models"] if row["model"] == peer["model"]]


def _name(row: Mapping[str, Any]) -> str:
    weights = "8-bit" if row["levels"] == EIGHT_BIT else "4-bit"
    return f"{weights}, {100 * row['sparsity']:.0f} % zeros"


def _instructions(content: Mapping[str, Any], peer: Mapping[str, Any]) -> tuple[str, list[_Bar]]:
    bars = [
        _Bar(name, peer[key], f"{peer[key] / 1e6:,.0f} M", "tflm")
        for name, key in (("TFLM", "reference_instructions"), ("TFLM, esp-nn", "instructions"))
    ]
    for row in _rows(content, peer):
        value = row["instructions"]
        label = f"{value / 1e6:,.1f} M: {_times(peer['instructions'] / value, 'fewer')}"
        bars.append(_Bar(_name(row), value, label, "ours"))
    return peer["model"], bars


def _arenas(content: Mapping[str, Any], peer: Mapping[str, Any]) -> tuple[str, list[_Bar]]:
    bars = [_Bar("TFLM", peer["arena_bytes"], f"{peer['arena_bytes']:,}", "tflm")]
    for row in _rows(content, peer):
        value = row["arena_bytes"]
        label = f"{value:,}: {_times(peer['arena_bytes'] / value, 'less')}"
        bars.append(_Bar(_name(row), value, label, "ours"))
    return peer["model"], bars


def _times(ratio: float, less: str) -> str:
    return f"{ratio:.1f} x {less}" if ratio >= 1 else f"{1 / ratio:.2f} x more"


def _bars(parts: list[str], top: int, title: str, groups: Sequence[tuple[str, list[_Bar]]]) -> int:
    """A column of bars for each group, each column with a scale of its own; returns where they end."""
    parts.append(f'<text class="title" x="{_LEFT}" y="{top}">{title}</text>')
    for column, (name, bars) in enumerate(groups):
        left = _LEFT + column * _COLUMN
        largest = max(bar.value for bar in bars)
        parts.append(f'<text x="{left}" y="{top + 22}">{name}</text>')
        for index, bar in enumerate(bars):
            y = top + 30 + index * _BAR
            width = bar.value / largest * (_COLUMN - 30)
            if column == 0:
                parts.append(f'<text class="end" x="{left - 8}" y="{y + 12}">{bar.name}</text>')
            parts.append(
                f'<rect class="{bar.kind}" x="{left}" y="{y}" width="{width:.1f}" height="{_BAR - 3}"/>'
            )
            # Inside a long bar, behind a short one.
            inside = width > _COLUMN / 2
            x = left + 6 if inside else left + width + 6
            colour = ' class="light"' if inside and bar.kind == "ours" else ""
            parts.append(f'<text{colour} x="{x:.1f}" y="{y + 12}">{bar.label}</text>')
    return top + 30 + _BAR * max(len(bars) for _, bars in groups)


@dataclass(frozen=True)
class _Axes:
    """A box with logarithmic axes."""

    left: int
    top: int
    width: int
    height: int
    lowest: tuple[float, float]
    highest: tuple[float, float]

    def at(self, x: float, y: float) -> tuple[float, float]:
        shares = [
            math.log(value / low) / math.log(high / low)
            for value, low, high in zip((x, y), self.lowest, self.highest, strict=True)
        ]
        return self.left + shares[0] * self.width, self.top + (1 - shares[1]) * self.height


def _curves(parts: list[str], top: int, content: Mapping[str, Any]) -> int:
    """Instructions against input side and against width, on one vertical scale; returns where they end."""
    full = [row for row in content["growth"] if row["width"] == 1]
    by_side = [(int(row["model"].split("x")[0]), row["instructions"]) for row in full]
    middle = next(row["model"] for row in content["growth"] if row["width"] != 1)
    by_width = sorted(
        (row["width"], row["instructions"]) for row in content["growth"] if row["model"] == middle
    )
    tflm = [
        (int(peer["model"].split("x")[0]), peer["instructions"])
        for peer in content["tflm"]["models"]
        if peer["model"].endswith("x1")
    ]
    values = [value for _, value in (*by_side, *by_width, *tflm)]
    low, high = min(values) / 1.6, max(values) * 1.6
    for left, title, points, others in (
        (_LEFT, "Instructions over the input's side (4-bit, 80 % zeros)", by_side, tflm),
        (_LEFT + 450, f"Instructions over the network's width ({middle})", by_width, []),
    ):
        sides = [x for x, _ in points]
        axes = _Axes(left, top + 20, 370, 240, (min(sides) / 1.15, low), (max(sides) * 1.15, high))
        parts.append(f'<text class="title" x="{left}" y="{top}">{title}</text>')
        _grid(parts, axes, sides)
        _points(parts, axes, points, "ours", "")
        _points(parts, axes, others, "tflm", "TFLM, esp-nn: ")
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (axes.at(*point) for point in points))
        parts.append(f'<polyline points="{line}"/>')
    return top + 300


def _grid(parts: list[str], axes: _Axes, sides: Sequence[float]) -> None:
    bottom = axes.top + axes.height
    for side in sides:
        x, _ = axes.at(side, axes.lowest[1])
        parts.append(f'<path class="grid" d="M{x:.1f} {axes.top}V{bottom}"/>')
        parts.append(f'<text class="mid" x="{x:.1f}" y="{bottom + 18}">{side:g}</text>')
    for exponent in range(math.floor(math.log10(axes.lowest[1])), math.ceil(math.log10(axes.highest[1]))):
        for digit in (1, 2, 5):
            value = digit * 10**exponent
            if axes.lowest[1] <= value <= axes.highest[1]:
                _, y = axes.at(axes.lowest[0], value)
                parts.append(f'<path class="grid" d="M{axes.left} {y:.1f}h{axes.width}"/>')
                parts.append(
                    f'<text class="end" x="{axes.left - 8}" y="{y + 4:.1f}">{value / 1e6:g} M</text>'
                )


def _points(
    parts: list[str], axes: _Axes, points: Sequence[tuple[float, float]], kind: str, prefix: str
) -> None:
    for point in points:
        x, y = axes.at(*point)
        parts.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')
        below = 20 if kind == "ours" else -10  # the curves rise: nothing is right below them
        label = f"{prefix}{point[1] / 1e6:.1f} M"
        parts.append(f'<text class="mid" x="{x:.1f}" y="{y + below:.1f}">{label}</text>')
