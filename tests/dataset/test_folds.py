"""Folds for cross-validation."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.dataset.arrays import Split
from squeezenet_lib.dataset.folds import folds_of, numbers_of_folds
from squeezenet_lib.errors import UserError

CLASSES = ["cat", "dog"]


def numbered(labels: Sequence[int], first: int = 0) -> Split:
    """Pictures of one pixel, which tells one from the other, with targets that go with it."""
    numbers = np.arange(first, first + len(labels))
    targets = np.stack([numbers / 256, 1 - numbers / 256], axis=1).astype(np.float32)
    return Split(numbers.astype(np.uint8).reshape(-1, 1, 1, 1), np.array(labels, np.int64), targets)


TRAIN, VALIDATION = numbered([0, 0, 1] * 30), numbered([0, 0, 1] * 10, first=90)


def pixels(split: Split) -> list[int]:
    return [int(value) for value in split.images.ravel()]


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=100), st.integers(2, 10), st.integers(0, 5))
def test_folds_have_their_fair_share_of_all_and_of_each_class(
    labels: list[int], folds: int, seed: int
) -> None:
    numbers = numbers_of_folds(np.array(labels, np.int64), folds, seed)
    for chosen in (np.full(len(labels), True), *(np.array(labels) == label for label in set(labels))):
        counts = np.bincount(numbers[chosen], minlength=folds)
        assert len(counts) == folds and counts.max() - counts.min() <= 1


def test_each_picture_is_held_out_once_and_is_in_one_part_of_each_fold() -> None:
    folds = list(folds_of(TRAIN, VALIDATION, 5, 1, CLASSES))
    assert sorted(pixel for fold in folds for pixel in pixels(fold.held_out)) == list(range(120))
    for fold in folds:
        parts = (fold.train, fold.validation, fold.held_out)
        assert sorted(pixel for part in parts for pixel in pixels(part)) == list(range(120))
        # of the others as many validate as in the given splits: a quarter, of each class
        assert [np.bincount(part.labels).tolist() for part in parts] == [[48, 24], [16, 8], [16, 8]]


def test_labels_and_targets_follow_their_picture() -> None:
    for part in (part for fold in folds_of(TRAIN, VALIDATION, 3, 1, CLASSES) for part in vars(fold).values()):
        assert part.labels.tolist() == [int(pixel % 3 == 2) for pixel in pixels(part)]
        assert part.targets[:, 0].tolist() == [pixel / 256 for pixel in pixels(part)]


def test_folds_are_drawn_by_the_seed() -> None:
    first, same, other = (
        [
            pixels(part)
            for fold in folds_of(TRAIN, VALIDATION, 4, seed, CLASSES)
            for part in vars(fold).values()
        ]
        for seed in (1, 1, 2)
    )
    assert first == same != other


def test_one_picture_validates_at_least() -> None:
    folds = folds_of(numbered([0, 1] * 9), numbered([0], first=18), 2, 1, CLASSES)
    assert [len(fold.validation.labels) for fold in folds] == [1, 1]


def test_a_class_that_cannot_be_in_every_fold_is_named() -> None:
    words = (
        "train.folds is 5, and the class dog has 4 pictures to train and validate with; set train.folds to 4"
    )
    with pytest.raises(UserError, match=words):
        folds_of(numbered([0] * 20 + [1] * 3), numbered([0, 1], first=23), 5, 1, CLASSES)
