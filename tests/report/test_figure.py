"""Pictures by matplotlib: the same bytes wherever they are drawn, no date, text that is text."""

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest

from squeezenet_lib.paths import ROOT
from squeezenet_lib.report.figure import drawing, logarithmic, place, svg, write

SVG = "{http://www.w3.org/2000/svg}"
# Markers, clipped lines, and bars have ids in the file.
DRAWN = """
import sys
from squeezenet_lib.report.figure import drawing, logarithmic, place, svg, write
with drawing(400, 300) as figure:
    write(figure, 40, 20, "1 < 2 & costs $5 or $6")
    axes = place(figure, 40, 30, 350, 250)
    axes.plot([1, 10, 100], [3, 2, 5], "o-", label="a line")
    axes.bar([20, 50], [3, 4], width=5)
    axes.set_xscale("log")
    logarithmic(axes.xaxis, (1, 2, 5), lambda value: f"{value:g} KB")
    axes.grid()
    axes.legend()
sys.stdout.write(svg(figure))
"""


def drawn(folder: Path, **environment: str) -> str:
    """What another process draws that starts in the folder."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-c", DRAWN]
    return subprocess.run(
        command, env=variables, cwd=folder, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> str:
    return drawn(tmp_path_factory.mktemp("figure"), PYTHONHASHSEED="1")


def test_bytes_depend_neither_on_the_process_nor_on_what_its_user_prefers(
    picture: str, tmp_path: Path
) -> None:
    (tmp_path / "matplotlibrc").write_text("font.size: 20\nsvg.fonttype: path\naxes.facecolor: black\n")
    other = drawn(
        tmp_path,
        PYTHONHASHSEED="2",
        SOURCE_DATE_EPOCH="1000000000",
        MPLBACKEND="pdf",
        MPLCONFIGDIR=str(tmp_path / "config"),
        TZ="Asia/Tokyo",
    )
    assert other == picture


def test_no_date_and_no_version_is_in_it(picture: str) -> None:
    assert not re.search(r"<(\w+:)?(date|creator|metadata)|20\d\d-\d\d", picture)
    assert matplotlib.__version__ not in picture


def test_it_is_valid_xml_whose_text_is_text(picture: str) -> None:
    root = ElementTree.fromstring(picture)
    assert root.tag == f"{SVG}svg"
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert {"1 < 2 & costs $5 or $6", "a line", "1 KB", "20 KB", "100 KB"} <= set(texts)
    assert not [line for line in picture.splitlines() if line != line.rstrip()]


def test_its_ground_is_white_on_dark_pages_too(picture: str) -> None:
    root = ElementTree.fromstring(picture)
    width, height = root.attrib["viewBox"].split()[2:]
    first = next(root.iter(f"{SVG}path"))
    assert first.attrib["style"] == "fill: #ffffff"
    assert set(re.findall(r"[\d.]+", first.attrib["d"])) == {"0", width, height}


def test_places_are_pixels_from_the_top_left_corner() -> None:
    with drawing(400, 200) as figure:
        axes = place(figure, 40, 20, 300, 100)
        write(figure, 40, 150, "here")
    root = ElementTree.fromstring(svg(figure))
    assert (root.attrib["width"], root.attrib["height"]) == ("300pt", "150pt")  # 3/4 of a pixel each
    assert axes.get_position().bounds == pytest.approx((0.1, 0.4, 0.75, 0.5))
    (text,) = figure.texts
    assert text.get_position() == pytest.approx((0.1, 0.25))


def test_ticks_of_a_logarithmic_axis_are_the_digits_asked_for() -> None:
    with drawing(400, 200) as figure:
        axes = place(figure, 40, 20, 300, 100)
        axes.set_xscale("log")
        axes.set_xlim(30_000, 1_500)
        logarithmic(axes.xaxis, (1, 2, 5), lambda value: f"{value / 1e3:g} KB")
        shown = [
            label.get_text() for label in axes.get_xticklabels() if 1_500 <= label.get_position()[0] <= 30_000
        ]
    assert shown == ["2 KB", "5 KB", "10 KB", "20 KB"]
    assert not axes.get_xticks(minor=True).size


def test_drawing_leaves_what_others_draw_as_it_was() -> None:
    before = dict(matplotlib.rcParams)
    with drawing(400, 200) as figure:
        place(figure, 40, 20, 300, 100)
    svg(figure)
    assert dict(matplotlib.rcParams) == before


def test_matplotlib_is_imported_when_something_is_drawn() -> None:
    code = """
import sys
import squeezenet_lib.bench.plot
import squeezenet_lib.report.accuracy_plot
import squeezenet_lib.report.figure as figure
assert "matplotlib" not in sys.modules
with figure.drawing(400, 200):
    assert "matplotlib" in sys.modules
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
