"""The benchmark's picture: bars and curves are the figures themselves, labels say them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from squeezenet_lib.bench.models import EIGHT_BIT, FOUR_BIT
from squeezenet_lib.bench.peers import TFLM
from squeezenet_lib.bench.plot import plot, plot_figure

SVG = "{http://www.w3.org/2000/svg}"
PEERS = [asdict(peer) for peer in TFLM.values()]
# The first is smaller than TFLM, the second larger, in instructions as in bytes.
MODELS = [
    {
        "model": peer["model"],
        "sparsity": sparsity,
        "levels": levels,
        "instructions": round(peer["instructions"] * factor),
        "arena_bytes": round(peer["arena_bytes"] * factor),
    }
    for peer in PEERS
    for sparsity, levels, factor in ((0.8, FOUR_BIT, 0.125), (0.0, EIGHT_BIT, 1.25))
]
GROWTH = [
    {"model": f"{size}x{size}x1", "width": width, "instructions": round(width * 1000 * size**2)}
    for size, width in ((32, 1.0), (48, 1.0), (96, 1.0), (96, 0.5), (96, 0.25))
]


def content(models: list[dict[str, Any]] = MODELS, growth: list[dict[str, Any]] = GROWTH) -> dict[str, Any]:
    return {"models": models, "growth": growth, "tflm": {"models": PEERS}}


def bars(axes: Axes) -> list[tuple[float, str]]:
    """Length and label of each, from top to bottom."""
    (container,) = axes.containers
    lengths = [bar.get_width() for bar in container]
    return [(length, text.get_text()) for length, text in zip(lengths, axes.texts, strict=True)]


def curves(axes: Axes) -> list[list[tuple[float, float]]]:
    return [list(zip(*line.get_data(), strict=True)) for line in axes.lines]


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(picture).iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def figure() -> Figure:
    return plot_figure(content())


def test_instructions_are_bars_beside_both_of_tflms(figure: Figure) -> None:
    for axes, peer in zip(figure.axes[:3], PEERS, strict=True):
        dense, fast = peer["reference_instructions"], peer["instructions"]
        assert bars(axes) == [
            (dense, f"{dense / 1e6:,.0f} M"),
            (fast, f"{fast / 1e6:,.0f} M"),
            (round(fast * 0.125), f"{fast * 0.125 / 1e6:,.1f} M: 8.0 x fewer"),
            (round(fast * 1.25), f"{fast * 1.25 / 1e6:,.1f} M: 1.25 x more"),
        ]
        assert axes.get_title("left") == peer["model"]


def test_arenas_are_bars_beside_tflms(figure: Figure) -> None:
    for axes, peer in zip(figure.axes[3:6], PEERS, strict=True):
        arena = peer["arena_bytes"]
        assert bars(axes) == [
            (arena, f"{arena:,}"),
            (round(arena * 0.125), f"{round(arena * 0.125):,}: 8.0 x less"),
            (round(arena * 1.25), f"{round(arena * 1.25):,}: 1.25 x more"),
        ]


def test_bars_have_their_models_names_and_fill_a_scale_of_their_own(figure: Figure) -> None:
    ours = ["4-bit, 80 % zeros", "8-bit, 0 % zeros"]
    names = [[label.get_text() for label in axes.get_yticklabels()] for axes in figure.axes[:6]]
    assert names == [["TFLM", "TFLM, esp-nn", *ours], [], [], ["TFLM", *ours], [], []]
    for axes in figure.axes[:6]:
        assert axes.get_xlim() == (0, max(length for length, _ in bars(axes)))
        top, bottom = axes.transData.transform([(0, 0), (0, len(bars(axes)) - 1)])[:, 1]
        assert top > bottom


def test_ours_and_tflms_have_two_colours(figure: Figure) -> None:
    for axes, tflms in [(axes, 2) for axes in figure.axes[:3]] + [(axes, 1) for axes in figure.axes[3:6]]:
        colours = [bar.get_facecolor() for bar in axes.containers[0]]
        assert len(set(colours[:tflms])) == len(set(colours[tflms:])) == 1
        assert colours[0] != colours[-1]


def test_a_label_is_inside_a_long_bar_and_behind_a_short_one(figure: Figure) -> None:
    starts = [text.xy[0] for text in figure.axes[0].texts]
    assert starts == [0, 0, round(TFLM["48x48x1"].instructions * 0.125), 0]


def test_growth_is_a_curve_over_sides_with_tflms_points_and_one_over_widths(figure: Figure) -> None:
    by_side, by_width = figure.axes[6:]
    ours, tflm = curves(by_side)
    assert ours == [(32, 1_024_000), (48, 2_304_000), (96, 9_216_000)]
    assert tflm == [(48, TFLM["48x48x1"].instructions), (96, TFLM["96x96x1"].instructions)]
    ours, others = curves(by_width)
    assert ours == [(0.25, 2_304_000), (0.5, 4_608_000), (1.0, 9_216_000)]
    assert others == []
    assert by_side.get_ylim() == by_width.get_ylim()
    for axes in (by_side, by_width):
        assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
        for x, y in (point for line in curves(axes) for point in line):
            assert axes.get_xlim()[0] < x < axes.get_xlim()[1]
            assert axes.get_ylim()[0] < y < axes.get_ylim()[1]


def test_all_words_are_in_the_file() -> None:
    picture = plot(content())
    assert picture == plot(content())
    found = texts(picture)
    assert {
        "Instructions for one picture",
        "Arena, bytes",
        "Instructions over the input's side (4-bit, 80 % zeros)",
        "Instructions over the network's width (96x96x1)",
        "11.9 M: 8.0 x fewer",
        "1,784.8 M: 1.25 x more",
        "TFLM, esp-nn: 507.1 M",
        *("1.0 M", "4.6 M"),
        *("32", "96", "0.25", "0.5", "1"),
        *("2 M", "50 M"),
    } <= set(found)
    assert found.count("150x150x3") == 2
    assert found.count("9.2 M") == 2


def test_what_was_not_counted_is_not_drawn() -> None:
    assert len(plot_figure(content(growth=[])).axes) == 6
    assert len(plot_figure(content(growth=GROWTH[:3])).axes) == 7
    unmatched = plot_figure(content(models=MODELS[:2]))
    assert [len(bars(axes)) for axes in unmatched.axes[:6]] == [4, 2, 2, 3, 1, 1]


def test_the_recorded_picture_shows_the_recorded_benchmark() -> None:
    recorded = {
        part: json.loads(Path(f"metrics/{name}.json").read_text(encoding="utf-8"))
        for part, name in (("models", "bench"), ("growth", "bench_growth"))
    }
    assert plot(content(**recorded)) == Path("plots/bench.svg").read_text(encoding="utf-8")
