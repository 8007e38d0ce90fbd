"""A sensitivity scan as a table and as a picture: every measurement is in both, the proposal is framed."""

import csv
import itertools
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.axes import Axes

from squeezenet_lib.compression.sensitivity import LEVELS, SPARSITIES, Measurement, Proposal
from squeezenet_lib.compression.sensitivity_report import picture, write_picture, write_table

SVG = "{http://www.w3.org/2000/svg}"
LAYERS = ("fire2_squeeze", "fire2_expand_1x1", "fire2_expand_3x3")
SETTINGS = [(share, 0) for share in SPARSITIES if share > 0] + [(0.0, count) for count in LEVELS]
LOSSES = [index * 0.02 - 0.1 for index in range(len(LAYERS) * len(SETTINGS))]  # from a gain to more than 0.5
SCAN = [
    Measurement(layer, share, count, loss, 0.8 - loss)
    for (layer, (share, count)), loss in zip(itertools.product(LAYERS, SETTINGS), LOSSES, strict=True)
]
PROPOSAL = Proposal(
    sparsity=dict(zip(LAYERS, (0.3, 0.0, 0.95), strict=True)),
    levels=dict(zip(LAYERS, (LEVELS[0], LEVELS[1], LEVELS[-1]), strict=True)),
    accuracy=0.8,
    unpruned_accuracy=0.8,
    bytes=1000,
)


@pytest.fixture(scope="module")
def axes() -> Axes:
    (axes,) = picture(SCAN, PROPOSAL).axes
    return axes


def test_table_has_a_line_for_each_measurement(tmp_path: Path) -> None:
    write_table(tmp_path / "sensitivity.csv", SCAN)
    with (tmp_path / "sensitivity.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["layer"], float(row["sparsity"]), int(row["levels"])) for row in rows] == [
        (m.layer, m.sparsity, m.levels) for m in SCAN
    ]
    assert [float(row["loss"]) for row in rows] == pytest.approx(LOSSES, abs=1e-6)
    assert [float(row["accuracy"]) for row in rows] == pytest.approx([m.accuracy for m in SCAN], abs=1e-6)


def test_picture_has_a_row_for_each_layer_and_a_column_for_each_setting(axes: Axes) -> None:
    assert [label.get_text() for label in axes.get_yticklabels()] == list(LAYERS)
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        *("30 %", "50 %", "60 %", "70 %", "80 %", "85 %", "90 %", "95 %"),
        *("30", "14", "6", "2"),
    ]
    first, last = axes.transData.transform([(0.5, 0.5), (11.5, 2.5)])
    assert first[0] < last[0] and first[1] > last[1]


def test_every_loss_is_written_in_its_cell(axes: Axes) -> None:
    rows, columns = np.arange(len(LAYERS)) + 0.5, np.arange(len(SETTINGS)) + 0.5
    places = [(column, row) for row in rows for column in columns]
    expected = dict(zip(places, (f"{loss:.3f}" for loss in LOSSES), strict=True))
    assert {text.get_position(): text.get_text() for text in axes.texts} == expected


def test_a_cell_is_the_darker_the_more_is_lost(axes: Axes) -> None:
    (cells,) = axes.collections
    brightness = cells.to_rgba(cells.get_array())[..., :3].sum(axis=-1).ravel()
    losses = np.array(LOSSES)
    between = brightness[(losses > 0) & (losses < 0.5)]
    assert np.all(np.diff(between) < 0)
    assert len(set(brightness[losses <= 0])) == len(set(brightness[losses >= 0.5])) == 1
    assert brightness[0] > between[0] and between[-1] > brightness[-1] > 1.5  # dark text is read on all


def test_the_proposal_is_framed(axes: Axes) -> None:
    frames = sorted((frame.get_y(), frame.get_x()) for frame in axes.patches)
    columns = [SETTINGS.index(setting) for setting in ((0.3, 0), (0.0, LEVELS[0]), (0.0, LEVELS[1]))]
    # The second layer stays dense: it has levels alone.
    assert frames == [(0, columns[0]), (0, columns[1]), (1, columns[2]), (2, 7), (2, 11)]
    assert all((frame.get_width(), frame.get_height()) == (1, 1) for frame in axes.patches)


def test_what_was_not_measured_is_left_white() -> None:
    (axes,) = picture(SCAN[1:], PROPOSAL).axes
    assert len(axes.texts) == len(SCAN) - 1
    (cells,) = axes.collections
    assert np.ma.getmaskarray(cells.get_array()).ravel().tolist() == [True] + [False] * (len(SCAN) - 1)


def test_the_file_has_all_words_and_the_same_bytes_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    for path in (first, second):
        write_picture(path, SCAN, PROPOSAL)
    assert first.read_bytes() == second.read_bytes()
    texts = [element.text for element in ElementTree.parse(first).iter(f"{SVG}text")]
    assert {"framed: the proposal", *LAYERS, "95 %", "14", "-0.100", "0.600"} <= set(texts)
    assert any((text or "").startswith("Loss on validation (nats)") for text in texts)
