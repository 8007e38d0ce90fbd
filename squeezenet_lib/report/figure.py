"""Pictures for a document: matplotlib's figures in one style, as SVG whose bytes depend on the input alone.

Places and sizes are CSS pixels from the top left corner, as in a browser. matplotlib, which takes the better
part of a second to import, is imported when something is drawn.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

# Tell each other apart also without colours (Okabe and Ito).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
INK, GREY, PALE = "#222222", "#888888", "#b8b8b8"
SMALL, NORMAL, LARGE = 8.25, 9.0, 10.5  # points: 11, 12 and 14 pixels

_PER_INCH = 96
_STYLE: dict[str, Any] = {
    # One colour behind everything: the pictures lie on light and on dark pages.
    "figure.facecolor": "white",
    "font.size": NORMAL,
    # The first comes with matplotlib, so that every machine measures the same; a browser takes what it has.
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "text.color": INK,
    "text.parse_math": False,
    "axes.titlesize": NORMAL,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.spines.bottom": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.major.pad": 7,
    "ytick.major.pad": 6,
    "grid.color": "#dddddd",
    "lines.linewidth": 1.5,
    "lines.markersize": 7.5,
    "legend.frameon": False,
    # Text stays text: a search finds it, and a changed number is a changed line in a diff.
    "svg.fonttype": "none",
    "svg.hashsalt": "squeezenet",  # else ids are random
}


@contextmanager
def drawing(width: float, height: float) -> Iterator[Figure]:
    """An empty figure to draw on in the block, whatever the user's own matplotlibrc says."""
    from matplotlib import style
    from matplotlib.figure import Figure

    with style.context(["default", _STYLE]):
        yield Figure((width / _PER_INCH, height / _PER_INCH))


def svg(figure: Figure) -> str:
    """The figure as text of an SVG file, without a date."""
    from matplotlib import style

    text = io.StringIO()
    with style.context(["default", _STYLE]):
        figure.savefig(text, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    # Git would point at the blanks with which matplotlib ends some lines.
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def place(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes in this box; what is written beside them lies outside of it."""
    across, down = figure.get_size_inches() * _PER_INCH
    return figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))


def write(figure: Figure, left: float, baseline: float, text: str, size: float = NORMAL) -> None:
    """A line of text that begins here."""
    across, down = figure.get_size_inches() * _PER_INCH
    figure.text(left / across, 1 - baseline / down, text, fontsize=size)


def logarithmic(axis: Axis, digits: Sequence[float], label: Callable[[float], str]) -> None:
    """Ticks of a logarithmic axis at these digits of every power of ten, and what is written there."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axis.set_major_locator(LogLocator(subs=digits))
    axis.set_major_formatter(FuncFormatter(lambda value, _: label(value)))
    axis.set_minor_locator(NullLocator())
