"""Stratified splits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.splits import stratified_split

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
