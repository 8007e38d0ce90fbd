"""Figures of merit, on cases small enough to check by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib import evaluation

LABELS = np.array([0, 0, 0, 1, 1, 2])
SCORES = np.array([[9, 1, 0], [9, 1, 0], [1, 9, 0], [1, 9, 0], [9, 1, 0], [9, 1, 0]], np.int8)


def test_accuracy_counts_hits_and_the_lower_class_wins_a_tie() -> None:
    assert evaluation.accuracy(LABELS, SCORES) == 3 / 6
    assert evaluation.accuracy(np.array([0, 1]), np.zeros((2, 2))) == 0.5


def test_the_confusion_matrix_has_true_classes_in_rows() -> None:
    assert evaluation.confusion_matrix(LABELS, SCORES).tolist() == [[2, 1, 0], [1, 1, 0], [1, 0, 0]]


def test_macro_f1_is_the_mean_over_classes_with_zero_where_undefined() -> None:
    report = evaluation.per_class(LABELS, SCORES)
    assert [row["f1"] for row in report] == pytest.approx([4 / 7, 2 / 4, 0])
    assert report[0]["precision"] == 2 / 4
    assert report[0]["recall"] == 2 / 3
    assert report[2] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1}
    assert evaluation.macro_f1(LABELS, SCORES) == pytest.approx((4 / 7 + 2 / 4) / 3)


def test_a_class_without_items_has_no_f1_and_does_not_count() -> None:
    labels, scores = LABELS[:5], SCORES[:5]
    report = evaluation.per_class(labels, scores)
    assert report[2] == {"precision": 0.0, "recall": None, "f1": None, "support": 0}
    assert evaluation.macro_f1(labels, scores) == pytest.approx((4 / 6 + 2 / 4) / 2)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(-128, 127)), min_size=2, max_size=60))
def test_auc_is_the_share_of_pairs_in_order(items: list[tuple[int, int]]) -> None:
    labels = np.array([label for label, _ in items])
    scores = np.array([[0, score] for _, score in items], np.int8)
    positives = [score for label, score in items if label]
    negatives = [score for label, score in items if not label]
    if not positives or not negatives:
        with pytest.raises(ValueError, match="no item"):
            evaluation.auc(labels, scores)
        return
    won = sum((p > n) + 0.5 * (p == n) for p in positives for n in negatives)
    assert evaluation.auc(labels, scores) == pytest.approx(won / (len(positives) * len(negatives)))


def test_auc_is_for_two_classes() -> None:
    with pytest.raises(ValueError, match="two classes"):
        evaluation.auc(LABELS, SCORES)
    assert "auc" not in evaluation.summary(LABELS, SCORES)


def test_cross_entropy_is_in_nats_and_finite_for_impossible_scores() -> None:
    targets = np.array([[0.5, 0.5], [1, 0]], np.float32)
    sure = np.array([[0.5, 0.5], [1, 0]])
    assert evaluation.cross_entropy(targets, sure) == pytest.approx(np.log(2) / 2)
    assert np.isfinite(evaluation.cross_entropy(targets[::-1], sure))


def test_cross_entropy_weighs_pictures() -> None:
    targets = np.array([[1, 0], [1, 0]], np.float32)
    scores = np.array([[0.5, 0.5], [0.25, 0.75]])
    weighed = evaluation.cross_entropy(targets, scores, np.array([2, 1], np.float32))
    assert weighed == pytest.approx((2 * np.log(2) + np.log(4)) / 2)


def test_the_calibration_error_is_the_mean_distance_of_claim_and_truth() -> None:
    """Two intervals: 4 pictures at 0.9 of which 3 are right, 1 at 0.55 that is wrong."""
    probabilities = np.array([[0.9, 0.1]] * 4 + [[0.45, 0.55]])
    labels = np.array([0, 0, 0, 1, 0])
    rows = evaluation.reliability(labels, probabilities)
    assert [row["pictures"] for row in rows] == [1, 4]
    assert [row["accuracy"] for row in rows] == [0.0, 0.75]
    error = evaluation.expected_calibration_error(labels, probabilities)
    assert error == pytest.approx((4 * 0.15 + 1 * 0.55) / 5)


def test_a_certain_claim_has_its_place_in_the_last_interval() -> None:
    certain = np.array([[1.0, 0.0], [1.0, 0.0]])
    assert evaluation.expected_calibration_error(np.array([0, 0]), certain) == 0.0
    assert evaluation.expected_calibration_error(np.array([1, 1]), certain) == 1.0
