"""Stratified splits."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.dataset.splits import SplitRules, assign_splits, stratified_split, thin_training

strata_lists = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=200)


@settings(deadline=None)
@given(strata_lists, st.floats(0, 1), st.integers(0, 10))
def test_the_share_is_met_in_all_and_in_each_stratum(
    strata: list[tuple[str, int]], share: float, seed: int
) -> None:
    chosen = stratified_split(strata, share, (seed,))
    assert chosen.shape == (len(strata),)
    assert chosen.sum() == round(share * len(strata))
    for stratum in set(strata):
        members = np.array([s == stratum for s in strata])
        exact = share * members.sum()
        assert math.floor(exact) <= chosen[members].sum() <= math.ceil(exact)


@settings(deadline=None)
@given(strata_lists, st.floats(0, 1))
def test_the_same_seed_gives_the_same_split(strata: list[tuple[str, int]], share: float) -> None:
    first, second = (stratified_split(strata, share, (1, 2)) for _ in range(2))
    assert np.array_equal(first, second)


def test_another_seed_gives_another_split() -> None:
    splits = [stratified_split(["a"] * 100, 0.25, (seed,)) for seed in range(3)]
    assert len({split.tobytes() for split in splits}) == 3


def test_every_item_can_be_chosen() -> None:
    often = sum(stratified_split(["a", "b"] * 20, 0.25, (seed,)).astype(int) for seed in range(100))
    assert np.min(often) > 5
    assert np.max(often) < 50


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_outside_its_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        stratified_split(["a"], share, (1,))


def rules(limits: dict[int, int] | None = None, seed: int = 1) -> SplitRules:
    return SplitRules(0.2, 0.25, limits or {}, seed)


def columns(labels: list[int], given: str | list[str] = "") -> tuple[Any, Any, Any]:
    """given, labels and strata (two of each label by turns) as `assign_splits` takes them."""
    splits = [given] * len(labels) if isinstance(given, str) else given
    return np.array(splits), np.array(labels, np.int64), np.array(["x", "y"] * (len(labels) // 2))


def count(splits: Any, labels: Any) -> dict[str, list[int]]:
    return {name: np.bincount(labels[splits == name], minlength=2).tolist() for name in set(splits.tolist())}


def test_test_pictures_are_drawn_first_and_validation_pictures_from_what_is_left() -> None:
    given, labels, strata = columns([0, 0, 1, 1] * 50)
    splits = assign_splits(given, labels, strata, rules())
    assert count(splits, labels) == {"test": [20, 20], "val": [20, 20], "train": [60, 60]}


def test_a_limit_leaves_the_test_split_whole_and_is_shared_by_train_and_val() -> None:
    given, labels, strata = columns([0, 0, 1, 1] * 50)
    unlimited = assign_splits(given, labels, strata, rules())
    limited = assign_splits(given, labels, strata, rules({1: 8}))
    assert count(limited, labels) == {"test": [20, 20], "val": [20, 2], "train": [60, 6], "": [0, 72]}
    assert np.array_equal(limited == "test", unlimited == "test")
    left = (labels == 1) & np.isin(limited, ["train", "val"])
    assert [int((strata[left] == stratum).sum()) for stratum in "xy"] == [4, 4]


def test_a_limit_that_is_not_reached_changes_nothing() -> None:
    given, labels, strata = columns([0, 0, 1, 1] * 50)
    unlimited = assign_splits(given, labels, strata, rules())
    assert np.array_equal(assign_splits(given, labels, strata, rules({0: 80, 1: 10_000})), unlimited)


def test_what_a_limit_leaves_out_is_drawn_by_the_seed() -> None:
    given, labels, strata = columns([0, 0, 1, 1] * 50, ["test", "train"] * 100)
    chosen = [assign_splits(given, labels, strata, rules({0: 5}, seed)) != "" for seed in (1, 1, 2)]
    assert np.array_equal(chosen[0], chosen[1])
    assert not np.array_equal(chosen[0], chosen[2])


def test_the_sources_own_val_and_test_stay_and_do_not_count_against_a_limit() -> None:
    given, labels, strata = columns([0, 0, 1, 1] * 50, ["test", "val", "train", "", "train"] * 40)
    splits = assign_splits(given, labels, strata, rules({0: 7, 1: 9}))
    for name in ("val", "test"):
        assert np.array_equal(splits == name, given == name)
    assert count(splits, labels)["train"] == [7, 9]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from("xy"), st.sampled_from(["train", "val", "test", ""]))
    ),
    st.integers(1, 100),
)
def test_a_share_of_the_training_pictures_is_rounded_down_and_fair_to_every_stratum(
    pictures: list[tuple[int, str, str]], percent: int
) -> None:
    labels = np.array([label for label, _, _ in pictures], np.int64)
    strata = np.array([stratum for _, stratum, _ in pictures], "<U1")
    splits = np.array([split for _, _, split in pictures], "<U5")
    chosen = SplitRules(0.2, 0.2, {}, 1, training_share=percent / 100)
    left_out = thin_training(splits, labels, strata, chosen)
    train = splits == "train"
    assert not left_out[~train].any()
    assert (train & ~left_out).sum() == percent * train.sum() // 100
    for label, stratum in {(label, stratum) for label, stratum, _ in pictures}:
        own = train & (labels == label) & (strata == stratum)
        assert abs((own & ~left_out).sum() - percent / 100 * own.sum()) < 2


def test_a_share_of_the_training_pictures_is_drawn_by_the_seed() -> None:
    splits = np.full(40, "train")
    _, labels, strata = columns([0, 0, 1, 1] * 10)
    drawn = [
        thin_training(splits, labels, strata, SplitRules(0.2, 0.2, {}, seed, training_share=0.5))
        for seed in (1, 1, 2)
    ]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["", "train", "val", "test"]))),
    st.dictionaries(st.integers(0, 3), st.integers(1, 20)),
    st.floats(0.05, 0.5),
)
def test_a_limit_is_kept_exactly(
    pictures: list[tuple[int, str]], limits: dict[int, int], share: float
) -> None:
    labels = np.array([label for label, _ in pictures], np.int64)
    given = np.array([split for _, split in pictures], "<U5")
    strata = np.full(len(labels), "")
    unlimited, limited = (
        assign_splits(given, labels, strata, SplitRules(share, share, some, 1)) for some in ({}, limits)
    )
    assert set(limited.tolist()) <= {"train", "val", "test", ""}
    for label in range(4):
        own = (labels == label) & (given != "val") & (given != "test") & (unlimited != "test")
        assert (limited[own] != "").sum() == min(own.sum(), limits.get(label, len(labels)))
        assert (limited[~own & (labels == label)] != "").all()
