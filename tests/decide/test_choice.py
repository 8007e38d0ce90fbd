"""Thresholds from the validation split: what was asked for, and no more than that takes."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from squeezenet_lib.decide.choice import choose, coverage_curve, point_curve
from squeezenet_lib.decide.measures import before_and_after, figures, figures_of_class, foreign_acceptance
from squeezenet_lib.errors import UserError
from squeezenet_lib.params.sections import DecideParams
from squeezenet_lib.sqz.decision import Decision, Statistic, decide

CLASSES = ("functional", "defective")
NOTHING = DecideParams(operating_point=None, unknown="off", precision=0.9, foreign=None)
Labels, Scores = npt.NDArray[np.int64], npt.NDArray[np.int8]


def wanted(point: dict[str, Any] | None = None, unknown: Any = "off", precision: float = 0.9) -> DecideParams:
    return DecideParams(point, unknown, precision, None)


def two_classes(seed: int, count: int = 400) -> tuple[Labels, Scores]:
    """Scores that tell something, and miss many of class 1."""
    random = np.random.default_rng(seed)
    labels = (random.random(count) < 0.3).astype(np.int64)
    logits = random.normal(np.where(labels == 1, 0.2, -2.0), 1.4)
    own = np.clip(np.round(256 / (1 + np.exp(-logits))) - 128, -128, 127)
    return labels, np.stack([np.clip(-own, -128, 127), own], axis=1).astype(np.int8)


def several_classes(seed: int, classes: int = 6) -> tuple[Labels, Scores]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, 500)
    logits = random.normal(0, 1.5, (500, classes))
    logits[np.arange(500), labels] += 3
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return labels, np.clip(np.round(256 * shares) - 128, -128, 127).astype(np.int8)


def test_nothing_wanted_is_no_decision() -> None:
    assert choose(NOTHING, CLASSES, *two_classes(0)) is None


@pytest.mark.parametrize("recall", [0.0, 0.5, 0.9, 0.99, 1.0])
def test_a_recall_is_had_with_the_highest_score_that_has_it(recall: float) -> None:
    labels, scores = two_classes(1)
    decision = choose(wanted({"class": "defective", "recall": recall}), CLASSES, labels, scores)
    assert decision is not None and decision.class_index == 1 and not decision.rejects

    def found(score: int) -> float:
        return float(np.mean(scores[labels == 1, 1] >= score))

    assert found(decision.class_score) >= recall
    assert decision.class_score == 127 or found(decision.class_score + 1) < recall
    assert figures_of_class(decision, 1, labels, scores)["recall"] == found(decision.class_score)


@pytest.mark.parametrize("precision", [0.5, 0.8, 0.9])
def test_a_precision_is_had_with_all_the_recall_that_it_leaves(precision: float) -> None:
    labels, scores = two_classes(2)
    decision = choose(wanted({"class": "defective", "precision": precision}), CLASSES, labels, scores)
    assert decision is not None
    found = figures_of_class(decision, 1, labels, scores)
    assert found["precision"] is not None and found["precision"] >= precision
    for score in range(-128, 128):
        other = figures_of_class(Decision(1, score), 1, labels, scores)
        if other["precision"] is not None and other["precision"] >= precision:
            assert other["recall"] <= found["recall"]  # type: ignore[operator]


def test_a_precision_that_no_score_has_is_named_with_the_highest() -> None:
    labels = np.array([0, 0, 1, 1])
    scores = np.array([[-90, 90], [0, 0], [0, 0], [50, -50]], np.int8)
    with pytest.raises(UserError, match=r"no score of defective has a precision of 0.9 .* highest is 0.500"):
        choose(wanted({"class": "defective", "precision": 0.9}), CLASSES, labels, scores)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cracked", "names the class cracked; there are functional, defective"),
        ("defective", "no validation picture is of the class defective"),
    ],
)
def test_a_class_that_is_not_there_is_named(name: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        choose(wanted({"class": name, "recall": 0.9}), CLASSES, np.array([0]), np.zeros((1, 2), np.int8))


@pytest.mark.parametrize("make", [two_classes, several_classes])
@pytest.mark.parametrize("seed", range(3))
def test_unknown_leaves_as_many_answers_as_the_precision_allows(make: Any, seed: int) -> None:
    labels, scores = make(seed)
    classes = [f"class {index}" for index in range(scores.shape[1])]
    decision = choose(wanted(unknown="auto", precision=0.95), classes, labels, scores)
    assert decision is not None and decision.rejects and decision.class_index is None
    found = figures(decision, labels, scores)
    assert found["accuracy"] is not None and found["accuracy"] >= 0.95
    for statistic in (Statistic.SCORE, Statistic.MARGIN):
        for threshold in range(-128 if statistic == Statistic.SCORE else 0, 128):
            other = figures(Decision(None, 0, statistic, threshold), labels, scores)
            if other["accuracy"] is not None and other["accuracy"] >= 0.95:
                assert other["coverage"] <= found["coverage"]  # type: ignore[operator]


def test_unknown_is_chosen_at_the_operating_point() -> None:
    labels, scores = two_classes(4)
    point = {"class": "defective", "recall": 0.95}
    decision = choose(wanted(point, "auto", 0.9), CLASSES, labels, scores)
    assert decision is not None and decision.rejects
    alone = choose(wanted(point), CLASSES, labels, scores)
    assert alone is not None
    assert (decision.class_index, decision.class_score) == (1, alone.class_score)
    accuracy = figures(decision, labels, scores)["accuracy"]
    assert accuracy is not None and accuracy >= 0.9


def test_a_precision_that_no_threshold_has_is_named_with_the_highest() -> None:
    labels, scores = np.array([1, 0]), np.array([[60, -60], [50, -50]], np.int8)
    with pytest.raises(UserError, match=r"no threshold makes 0.9 of the answers right .* most is 0.500"):
        choose(wanted(unknown="auto"), CLASSES, labels, scores)


@pytest.mark.parametrize(("least", "score"), [(0.0, -128), (0.7, 52), (0.75, 64), (1.0, 127)])
def test_unknown_may_be_given_as_a_probability(least: float, score: int) -> None:
    decision = choose(wanted(unknown=least), CLASSES, *two_classes(0))
    assert decision == Decision(None, 0, Statistic.SCORE, score)


def test_curves_say_what_each_threshold_gives() -> None:
    labels, scores = two_classes(5)
    curve = point_curve(1, labels, scores)
    for at in range(0, 256, 17):
        found = figures_of_class(Decision(1, int(curve.scores[at])), 1, labels, scores)
        assert curve.recall[at] == found["recall"]
        assert curve.precision[at] == (1.0 if found["precision"] is None else found["precision"])
    point = Decision(1, -60)
    for statistic in (Statistic.SCORE, Statistic.MARGIN):
        kept = coverage_curve(point, statistic, labels, scores)
        assert kept.coverage[-1] == 1.0 and (np.diff(kept.coverage) > 0).all()
        for at in range(0, len(kept.thresholds), 9):
            found = figures(Decision(1, -60, statistic, int(kept.thresholds[at])), labels, scores)
            assert (kept.coverage[at], kept.accuracy[at]) == (found["coverage"], found["accuracy"])


def test_figures_count_unknown_pictures_as_neither_found_nor_missed() -> None:
    labels = np.array([0, 0, 1, 1, 1])
    scores = np.array([[90, -90], [10, -10], [-80, 80], [-5, 5], [70, -70]], np.int8)
    found = before_and_after(Decision(None, 0, Statistic.SCORE, 40), 1, labels, scores)
    assert found["highest"] == {
        "coverage": 1.0,
        "accuracy": 0.8,
        "precision": 1.0,
        "recall": pytest.approx(2 / 3),
        "missed": pytest.approx(1 / 3),
    }
    assert found["decided"] == {
        "coverage": 0.6,
        "accuracy": pytest.approx(2 / 3),
        "precision": 1.0,
        "recall": pytest.approx(1 / 3),
        "missed": pytest.approx(1 / 3),
    }
    nobody = figures(Decision(None, 0, Statistic.SCORE, 127), labels, scores)
    assert nobody == {"coverage": 0.0, "accuracy": None}


def test_foreign_pictures_are_taken_for_a_class_unless_they_are_unknown() -> None:
    scores = np.array([[90, -90], [10, -10], [-40, 40]], np.int8)
    assert foreign_acceptance(None, scores) == 1.0
    assert foreign_acceptance(Decision(None, 0, Statistic.SCORE, 40), scores) == pytest.approx(2 / 3)
    assert decide(Decision(None, 0, Statistic.SCORE, 40), scores).tolist() == [0, -1, 1]
