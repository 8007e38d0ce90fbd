"""The sweep's records: their spread over seeds, the Pareto front, the file that keeps them."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from squeezenet_lib.errors import UserError
from squeezenet_lib.report.frontier import (
    Record,
    Setting,
    by_setting,
    float_accuracy,
    from_json,
    pareto_front,
    path_over_seeds,
    record,
    to_json,
)
from squeezenet_lib.report.spread import spread
from squeezenet_lib.report.story import Step

POINTS = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12)), max_size=12)
SMALL, LARGE = Setting(0.9, 6), Setting(0.8, 14)


def made_up(setting: Setting, seed: int, accuracy: float, size: int) -> Record:
    path = (Step("float32", 0.9 + seed / 100, 1000), Step("coded", accuracy, size))
    return Record(setting, seed, setting == LARGE, 0.9 + seed / 100, accuracy, size, path)


RECORDS = [
    made_up(LARGE, 1, 0.80, 300),
    made_up(LARGE, 2, 0.84, 310),
    made_up(SMALL, 1, 0.70, 100),
    made_up(SMALL, 2, 0.72, 120),
]


def beats(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a != b and a[0] <= b[0] and a[1] >= b[1]


@given(POINTS)
def test_the_front_is_what_no_point_beats(points: list[tuple[int, int]]) -> None:
    front = pareto_front(points)
    assert sorted(front) == [
        index for index, point in enumerate(points) if not any(beats(other, point) for other in points)
    ]


@given(POINTS)
def test_along_the_front_accuracy_costs_bytes(points: list[tuple[int, int]]) -> None:
    front = [points[index] for index in pareto_front(points)]
    assert front == sorted(front, key=lambda point: (point[0], point[1]))


@given(POINTS, st.randoms())
def test_the_front_does_not_depend_on_the_order(points: list[tuple[int, int]], random: object) -> None:
    shuffled = sorted(points, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert [points[i] for i in pareto_front(points)] == [shuffled[i] for i in pareto_front(shuffled)]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_the_mean_lies_within_the_range(values: list[float]) -> None:
    found = spread(values)
    assert min(values) == found.lowest <= found.mean <= found.highest == max(values)


def test_a_record_takes_the_int8_network_s_accuracy_and_the_whole_path() -> None:
    metrics = {
        "train": {"accuracy": 0.85},
        "prune": {"accuracy": 0.84, "sparsity": 0.8, "zip_bytes": 700},
        "quantize": {"accuracy": 0.83, "tflite_zip_bytes": 400},
        "huffman": {"sqz_bytes": 300, "float32_bytes": 3000},
    }
    made = record(LARGE, 3, True, metrics)
    assert (made.seed, made.float_accuracy, made.accuracy, made.sqz_bytes) == (3, 0.85, 0.83, 300)
    assert [step.bytes for step in made.path] == [3000, 700, 400, 300]


def test_each_setting_is_spread_over_its_seeds() -> None:
    points = by_setting(RECORDS)
    assert list(points) == [LARGE, SMALL]
    assert points[LARGE].name == "80 %"
    assert points[LARGE].accuracy.mean == pytest.approx(0.82)
    assert (points[LARGE].accuracy.lowest, points[LARGE].accuracy.highest) == (0.80, 0.84)
    assert (points[LARGE].bytes.lowest, points[LARGE].bytes.highest, points[LARGE].seeds) == (300, 310, 2)


def test_each_seed_s_float_network_counts_once() -> None:
    assert float_accuracy([*RECORDS, *RECORDS[:1]]).mean == pytest.approx(0.915)


def test_the_path_is_spread_over_the_seeds_of_the_sweep_that_has_it() -> None:
    float32, coded = path_over_seeds(RECORDS[0].path, RECORDS)
    assert (float32.name, float32.seeds, coded.seeds) == ("float32", 2, 2)
    assert (coded.accuracy.lowest, coded.accuracy.highest) == (0.80, 0.84)


def test_a_path_that_the_sweep_does_not_have_stands_alone() -> None:
    """Its records come from another pipeline or another machine: they say nothing about this one."""
    path = (RECORDS[0].path[0], replace(RECORDS[0].path[1], accuracy=0.801))
    assert [point.seeds for point in path_over_seeds(path, RECORDS)] == [1, 1]
    assert [point.accuracy.mean for point in path_over_seeds(path, [])] == [step.accuracy for step in path]


def test_records_survive_their_file_in_order(tmp_path: Path) -> None:
    file = tmp_path / "frontier.json"
    assert from_json(file) == []
    file.write_text(to_json(reversed(RECORDS)))
    assert from_json(file) == RECORDS


@pytest.mark.parametrize("content", ["", "{}x", '[{"seed": 1}]', "[1]"])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "frontier.json"
    file.write_text(content)
    with pytest.raises(UserError, match=r"frontier\.json is not what `make frontier` writes"):
        from_json(file)
