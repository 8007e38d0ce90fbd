"""Coded records of filters: any numbers survive, in Python and on the chip, and usual ones take little."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from squeezenet_lib.sqz.filter_records import Records, multiplier_dictionary, pack_records, unpack_records
from squeezenet_lib.sqz.program import Filters

int32 = st.integers(-(2**31), 2**31 - 1)
record = st.tuples(
    int32, st.integers(0, 2**31 - 1) | st.sampled_from([0, 2**30, 2**31 - 1]), st.integers(-31, 30)
)


def filters_of(bias: np.ndarray, multiplier: np.ndarray, shift: np.ndarray) -> Filters:
    weights = np.zeros((len(bias), 1, 1, 1), np.int8)
    return Filters(weights, bias.astype(np.int32), multiplier.astype(np.int32), shift.astype(np.int8))


def packed(filters: Filters) -> bytes:
    """Dictionary, then records, as in a file whose first 8 bytes are something else."""
    dictionary = multiplier_dictionary(filters)
    return bytes(8) + dictionary.astype("<i4").tobytes() + pack_records(filters, dictionary, 8)


def unpacked(data: bytes, filters: Filters) -> Records:
    return unpack_records(data, 8 + 4 * len(multiplier_dictionary(filters)), len(filters.bias))


def assert_survive(filters: Filters) -> None:
    read = unpacked(packed(filters), filters)
    for field in dataclasses.fields(read):
        found, expected = getattr(read, field.name), getattr(filters, field.name)
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected), field.name


@given(st.lists(record, min_size=1, max_size=40), st.booleans())
def test_any_records_survive(records: list[tuple[int, int, int]], repeated: bool) -> None:
    bias, multiplier, shift = np.array(records, np.int64).T
    if repeated:  # so that a dictionary pays
        multiplier = np.full(len(records), multiplier[0])
    filters = filters_of(bias, multiplier, shift)
    assert len(multiplier_dictionary(filters)) <= (1 if repeated else len(records))
    assert_survive(filters)


@given(st.lists(st.tuples(int32, st.sampled_from([-1, -(2**31), 2**30]), st.integers(-128, 127)), min_size=1))
def test_numbers_that_no_layer_may_have_survive_too(records: list[tuple[int, int, int]]) -> None:
    """They are for the runtime to refuse."""
    assert_survive(filters_of(*np.array(records, np.int64).T))


def test_biases_in_steps_that_show_and_few_multipliers_take_little() -> None:
    random = np.random.default_rng(0)
    shift = random.integers(-10, -6, 256)
    mantissas = random.integers(2**30, 2**31, 8)
    bias = np.rint(random.normal(0, 30, 256)).astype(np.int64) << np.maximum(0, -shift - 2)
    filters = filters_of(bias, random.choice(mantissas, 256), shift)
    assert_survive(filters)
    assert len(packed(filters)) < 256 * 13 / 8 + 60  # 3 bits, 2 bits and about 7.5 a filter


def test_records_without_a_pattern_take_hardly_more_than_their_numbers() -> None:
    random = np.random.default_rng(1)
    filters = filters_of(
        random.integers(-(2**31), 2**31, 99), random.integers(0, 2**31, 99), random.integers(-31, 31, 99)
    )
    assert len(packed(filters)) < 99 * (32 + 31 + 6 + 2) / 8 + 20


def test_a_stream_that_ends_early_or_points_past_the_file_is_refused() -> None:
    filters = filters_of(np.arange(9), np.arange(9), np.zeros(9))
    data = packed(filters)
    with pytest.raises(ValueError, match="ends early"):
        unpacked(data[:-2], filters)
    repeated = filters_of(np.arange(9), np.full(9, 2**30), np.zeros(9))
    moved = pack_records(repeated, multiplier_dictionary(repeated), 2**20)
    with pytest.raises(ValueError, match="past the file"):
        unpack_records(moved, 0, 9)
