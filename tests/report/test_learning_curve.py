"""The learning curve: its experiments, records and picture."""

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import Params
from squeezenet_lib.paths import ROOT
from squeezenet_lib.report.learning_curve import (
    Record,
    Trial,
    by_limit,
    learning_curve_figure,
    learning_curve_svg,
    overrides,
    record,
    to_json,
    trials_of,
)
from squeezenet_lib.report.spread import Spread

RECORDS = [
    Record(None, 1, 400, 0.9),
    Record(50, 1, 90, 0.7),
    Record(50, 2, 91, 0.8),
    Record(None, 2, 400, 0.92),
]


def params_with(limits: list[int], repeats: int, own: Any = None) -> Params:
    params = load_params(ROOT / "params.yaml")
    curve = replace(params.learning_curve, pictures_per_class=limits, repeats=repeats)
    return replace(
        params, seed=3, learning_curve=curve, preprocess=replace(params.preprocess, pictures_per_class=own)
    )


def test_each_limit_and_all_pictures_have_an_experiment_for_each_seed() -> None:
    assert trials_of(params_with([100, 50], 2), "0123abcd") == {
        "curve-50-seed3-0123abcd": Trial(50, 3),
        "curve-100-seed3-0123abcd": Trial(100, 3),
        "curve-all-seed3-0123abcd": Trial(None, 3),
        "curve-50-seed4-0123abcd": Trial(50, 4),
        "curve-100-seed4-0123abcd": Trial(100, 4),
        "curve-all-seed4-0123abcd": Trial(None, 4),
    }


@pytest.mark.parametrize(("own", "limits"), [(70, [50, 70, 100]), (50, [50, 100])])
def test_where_params_have_a_limit_it_is_one_of_the_curves(own: int, limits: list[int]) -> None:
    assert [trial.limit for trial in trials_of(params_with([50, 100], 1, own), "0").values()] == limits


def test_limits_of_single_classes_cannot_be_varied() -> None:
    with pytest.raises(UserError, match="numbers for some classes, which the learning curve cannot vary"):
        trials_of(params_with([50], 1, {"cat": 50}), "0")


def test_an_experiment_changes_the_limit_and_the_seed_and_has_no_folds() -> None:
    assert overrides(Trial(50, 2)) == {"preprocess.pictures_per_class": 50, "seed": 2, "train.folds": 1}
    assert overrides(Trial(None, 2))["preprocess.pictures_per_class"] == "null"


def test_a_record_holds_what_the_training_saw_and_came_to() -> None:
    assert record(Trial(50, 2), {"training_pictures": 91, "accuracy": 0.8, "loss": 1}) == RECORDS[2]
    rows = json.loads(to_json(RECORDS))
    assert [row["training_pictures"] for row in rows] == [90, 91, 400, 400]
    assert rows[0] == {"pictures_per_class": 50, "seed": 1, "training_pictures": 90, "accuracy": 0.7}


def test_points_are_the_spread_over_seeds_fewest_pictures_first() -> None:
    few, every = by_limit(RECORDS)
    assert (few.name, few.pictures, few.seeds) == ("50 a class", Spread(90.5, 90, 91), 2)
    assert few.accuracy == Spread(pytest.approx(0.75), 0.7, 0.8)
    assert (every.name, every.pictures) == ("all", Spread(400, 400, 400))


def test_the_line_goes_through_the_means_and_bars_from_the_lowest_to_the_highest() -> None:
    (axes,) = learning_curve_figure(by_limit(RECORDS)).axes
    (line,) = [line for line in axes.lines if line.get_label() == "accuracy"]
    assert line.get_xdata().tolist() == [90.5, 400]
    assert line.get_ydata().tolist() == pytest.approx([75, 91])
    _, _, (_, upright) = axes.containers[0].lines
    assert upright.get_segments()[0][:, 1].tolist() == pytest.approx([70, 80])
    left, right = axes.get_xlim()
    assert left < 90 and right > 400
    (single,) = learning_curve_figure(by_limit(RECORDS[:1])).axes
    assert not single.containers


def test_all_words_are_in_the_file_whose_bytes_repeat() -> None:
    points = by_limit(RECORDS)
    picture = learning_curve_svg(points)
    assert picture == learning_curve_svg(points)
    texts = {
        element.text for element in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")
    }
    words = {"50 a class", "all", "means of 2 seeds, bars from the lowest to the highest", "100", "200"}
    assert words < texts
