"""A sensitivity scan as a table and as a picture."""

import csv
from collections.abc import Sequence
from pathlib import Path

from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.sensitivity import LEVELS, SPARSITIES, Measurement, Proposal

_CELL, _LEFT, _TOP = (56, 20), 130, 64
# The loss in nats that is drawn in the darkest colour.
_DARKEST = 0.5


def write_table(path: Path, measurements: Sequence[Measurement]) -> None:
    """A line for each measurement: layer, sparsity, levels (0: not limited), loss (increase), accuracy."""
    with replace_when_done(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["layer", "sparsity", "levels", "loss", "accuracy"])
        for m in measurements:
            table.writerow([m.layer, m.sparsity, m.levels, f"{m.loss:.6f}", f"{m.accuracy:.6f}"])


def write_picture(path: Path, measurements: Sequence[Measurement], proposal: Proposal) -> None:
    """An SVG: a row for each layer, a column for each setting, the loss as colour, the proposal framed."""
    with replace_when_done(path) as temporary:
        temporary.write_text(picture(measurements, proposal), encoding="utf-8")


def picture(measurements: Sequence[Measurement], proposal: Proposal) -> str:
    """The SVG's text; it depends on its input alone."""
    layers = list(dict.fromkeys(m.layer for m in measurements))
    settings = [(share, 0) for share in SPARSITIES if share > 0] + [(0.0, count) for count in LEVELS]
    width, height = _LEFT + _CELL[0] * len(settings) + 20, _TOP + _CELL[1] * len(layers) + 20
    marks = []
    for column, (share, count) in enumerate(settings):
        text = f"{100 * share:.0f} %" if not count else str(count)
        marks.append(_text(_LEFT + _CELL[0] * (column + 0.5), _TOP - 8, text, "middle"))
    for row, layer in enumerate(layers):
        marks.append(_text(_LEFT - 8, _TOP + _CELL[1] * (row + 0.7), layer, "end"))
        for m in (m for m in measurements if m.layer == layer):
            column = settings.index((m.sparsity, m.levels))
            shade = min(max(m.loss, 0) / _DARKEST, 1) ** 0.5
            chosen = (
                m.sparsity == proposal.sparsity[layer] if not m.levels else m.levels == proposal.levels[layer]
            )
            marks.append(_cell(column, row, shade, m.loss, chosen))
    body = "\n".join(marks)
    title = "Loss on validation (nats) when one layer alone has so many zeros, or so many values besides zero"
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<style>text {{ font: 12px sans-serif; fill: #222; }}</style>
<rect width="{width}" height="{height}" fill="#fff"/>
{_text(10, 20, title, "start")}
{_text(10, 38, "framed: the proposal", "start")}
{body}
</svg>
"""


def _cell(column: int, row: int, shade: float, loss: float, chosen: bool) -> str:
    x, y = _LEFT + _CELL[0] * column, _TOP + _CELL[1] * row
    red, green = round(255 - 60 * shade), round(255 - 190 * shade)
    frame = ' stroke="#1664b0" stroke-width="2"' if chosen else ""
    box = f'<rect x="{x + 2}" y="{y + 1}" width="{_CELL[0] - 4}" height="{_CELL[1] - 2}"'
    return f'{box} fill="rgb({red},{green},{green})"{frame}/>' + _text(
        x + _CELL[0] / 2, y + _CELL[1] * 0.7, f"{loss:.3f}", "middle"
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
