"""What the benchmark says of two cores: the longer part of each step counts, and each meeting."""

import json
from pathlib import Path

import pytest

from squeezenet_lib.bench.models import FOUR_BIT
from squeezenet_lib.bench.two_cores import MEETING, critical_path, meetings_of

APART = [False, True, False, False, True, False]
ALONE, TOGETHER = [False, False, False], [False, False, True, False, True, False]


@pytest.mark.parametrize(
    ("steps", "beside", "longest", "meetings"),
    [
        pytest.param([7, 5, 3], ALONE, 15, 0, id="nothing shared"),
        pytest.param([7, 5, 6, 4, 3, 1], TOGETHER, 7 + 6 + 4 + 1, 3, id="two pairs behind each other"),
        pytest.param([5, 5, 2, 9, 1, 3], APART, 5 + 2 + 9 + 3, 4, id="a step between"),
        pytest.param([1, 2, 3, 4, 5], [False, False, True, False, False], 1 + 3 + 4 + 5, 2, id="one pair"),
    ],
)
def test_of_parts_the_longer_one_counts(
    steps: list[int], beside: list[bool], longest: int, meetings: int
) -> None:
    assert critical_path(steps, beside) == longest
    assert meetings_of(beside) == meetings


def test_a_meeting_is_little_beside_what_is_worth_sharing() -> None:
    assert 0 < MEETING < 2000


@pytest.mark.parametrize(
    ("model", "sparsity", "most"),
    [
        ("48x48x1", 0.8, 0.60),
        ("96x96x1", 0.8, 0.56),
        ("96x96x1", 0.0, 0.56),
        ("150x150x3", 0.8, 0.56),
    ],
)
def test_the_recorded_benchmark_keeps_what_is_promised(model: str, sparsity: float, most: float) -> None:
    """The wait for an answer, as a share of one core's, and an arena at most 8 % larger."""
    recorded = json.loads(Path("metrics/bench.json").read_text(encoding="utf-8"))
    (row,) = [
        row
        for row in recorded
        if (row["model"], row["levels"], row["sparsity"]) == (model, FOUR_BIT, sparsity)
    ]
    two = row["two_cores"]
    assert two["of_one"] == round(two["instructions_de212"] / row["instructions_de212"], 4) <= most
    assert two["of_one"] > 0.5
    assert row["arena_bytes"] <= two["arena_bytes"] <= 1.08 * row["arena_bytes"]
