"""Symbols of runs of zeros and weights: every alphabet says the same weights, with few symbols."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from squeezenet_lib.coding.alphabet import (
    MOST_SYMBOLS,
    Alphabet,
    alphabet_name,
    candidates,
    grid,
    occurring,
    plain,
    run_of,
    runs_of,
    stairs,
    symbol,
    value_of,
    weights_of,
    zero_runs,
)

any_weights = hnp.arrays(np.int8, st.integers(1, 400))
sparse_weights = hnp.arrays(
    np.int8, st.integers(1, 400), elements=st.sampled_from([0] * 12 + [-7, -1, 1, 3, 127, -128])
)
weights_arrays = any_weights | sparse_weights
SIX = np.array([0, 0, 5, 0, -1, -1], np.int8)


def pairs(alphabet: Alphabet, weights: np.ndarray) -> list[tuple[int, int]]:
    """(run, value) of each symbol."""
    numbers = alphabet.symbols(runs_of(weights)).tolist()
    return [(run_of(number), value_of(number)) for number in numbers]


@given(weights_arrays)
def test_every_candidate_says_the_weights(weights: np.ndarray) -> None:
    runs = runs_of(weights)
    found = list(candidates(runs))
    assert found[0].kind == "plain"
    for alphabet in found:
        symbols = alphabet.symbols(runs)
        assert np.array_equal(weights_of(symbols // 16 - 128, symbols % 16, weights.size), weights)
        ends = np.cumsum(symbols % 16 + 1)
        last_is_zero = value_of(int(symbols[-1])) == 0
        assert ends[-1] == weights.size or (last_is_zero and ends[-1] > weights.size)
        assert len(ends) == 1 or ends[-2] < weights.size
        assert len(np.unique(symbols)) <= MOST_SYMBOLS


def test_numbers_of_symbols_are_ordered_by_value_and_run() -> None:
    numbers = [symbol(value, run) for value in range(-128, 128) for run in range(16)]
    assert numbers == list(range(4096))
    assert [(value_of(n), run_of(n)) for n in (0, 4095)] == [(-128, 0), (127, 15)]


def test_runs_are_counted_before_each_weight_and_after_the_last() -> None:
    runs = runs_of(np.array([[0, 0, 5], [0, -1, 0]], np.int8))
    assert (runs.values.tolist(), runs.zeros.tolist(), runs.tail) == ([5, -1], [2, 1], 1)
    nothing = runs_of(np.zeros(7, np.int8))
    assert (nothing.values.tolist(), nothing.tail) == ([], 7)


def test_plain_alphabets_have_a_symbol_for_each_weight() -> None:
    alphabet = plain(occurring(runs_of(SIX)))
    assert pairs(alphabet, SIX) == [(0, 0), (0, 0), (0, 5), (0, 0), (0, -1), (0, -1)]


def test_runs_of_zeros_may_have_symbols_of_their_own() -> None:
    alphabet = zero_runs(occurring(runs_of(SIX)), 1)
    assert pairs(alphabet, SIX) == [(1, 0), (0, 5), (0, 0), (0, -1), (0, -1)]


def test_grids_join_zeros_and_weight_and_overshoot_at_the_end() -> None:
    alphabet = grid(occurring(runs_of(SIX)), 1)
    assert pairs(alphabet, SIX) == [(1, 0), (0, 5), (1, -1), (0, -1)]
    assert pairs(alphabet, np.array([5, 0, 0, 0], np.int8)) == [(0, 5), (1, 0), (1, 0)]


def test_stairs_join_what_is_frequent_and_fit() -> None:
    random = np.random.default_rng(0)
    weights = np.rint(random.laplace(0, 20, 20_000)).clip(-128, 127) * (random.random(20_000) < 0.3)
    runs = runs_of(weights.astype(np.int8))
    alphabet = stairs(runs, occurring(runs), 7)
    used = np.unique(alphabet.symbols(runs))
    assert MOST_SYMBOLS * 0.9 < len(used) <= MOST_SYMBOLS
    assert alphabet.most[128 + 1] > alphabet.most[128 + 90] == 0


@pytest.mark.parametrize(
    ("symbols", "name"),
    [
        ([symbol(0, 0), symbol(3, 0)], "plain"),
        ([symbol(0, 6), symbol(3, 0)], "runs 7"),
        ([symbol(0, 3), symbol(3, 2)], "joint 3"),
        ([symbol(0, 15)], "runs 16"),
    ],
)
def test_names_are_for_reports(symbols: list[int], name: str) -> None:
    assert alphabet_name(symbols) == name
