"""A sensitivity scan as a table and as a picture."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from squeezenet_lib.compression.sensitivity import LEVELS, SPARSITIES, Measurement, Proposal
from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.report.figure import COLOURS, SMALL, drawing, place, svg, write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CELL, _LEFT, _TOP = (56, 20), 130, 72
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
        temporary.write_text(svg(picture(measurements, proposal)), encoding="utf-8")


def picture(measurements: Sequence[Measurement], proposal: Proposal) -> Figure:
    """What write_picture writes."""
    layers = list(dict.fromkeys(m.layer for m in measurements))
    settings = [(share, 0) for share in SPARSITIES if share > 0] + [(0.0, count) for count in LEVELS]
    width, height = _CELL[0] * len(settings), _CELL[1] * len(layers)
    with drawing(_LEFT + width + 20, _TOP + height + 20) as figure:
        title = (
            "Loss on validation (nats) when one layer alone has so many zeros, or so many values besides zero"
        )
        write(figure, 10, 20, title)
        write(figure, 10, 38, "framed: the proposal", SMALL)
        axes = place(figure, _LEFT, _TOP, width, height)
        losses = np.full((len(layers), len(settings)), np.nan)
        framed = []
        for m in measurements:
            row, column = layers.index(m.layer), settings.index((m.sparsity, m.levels))
            losses[row, column] = m.loss
            axes.text(column + 0.5, row + 0.5, f"{m.loss:.3f}", ha="center", va="center_baseline")
            chosen = proposal.levels[m.layer] if m.levels else proposal.sparsity[m.layer]
            if chosen == (m.levels or m.sparsity):
                framed.append((column, row))
        shades = np.clip(losses / _DARKEST, 0, 1) ** 0.5
        # Twice the range: text is read on the lighter half of the colours.
        axes.pcolormesh(shades, cmap="Reds", vmin=0, vmax=2, edgecolors="white", linewidth=2)
        lefts, tops = [column for column, _ in framed], [row for _, row in framed]
        frames = axes.barh(tops, 1, 1, lefts, align="edge", fill=False, edgecolor=COLOURS[0], linewidth=1.5)
        for frame in frames:
            frame.set_clip_on(False)
        axes.set_xlim(0, len(settings))
        axes.set_ylim(len(layers), 0)
        names = [str(count) if count else f"{100 * share:.0f} %" for share, count in settings]
        axes.set_xticks(np.arange(len(settings)) + 0.5, names)
        axes.set_yticks(np.arange(len(layers)) + 0.5, layers)
        axes.xaxis.tick_top()
    return figure
