"""The range coder's streams decode to the same weights, and its tables are what they say they are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from squeezenet_lib.coding.alphabet import Weights
from squeezenet_lib.coding.entropy import entropy_bits, layer_entropy_bits
from squeezenet_lib.coding.frequency_table import (
    PRECISIONS,
    FrequencyTable,
    fit_table,
    pack_tables,
    unpack_tables,
)
from squeezenet_lib.coding.range_coding import range_decode, range_encode

layers = st.lists(
    arrays.arrays(np.int8, st.integers(0, 300), elements=st.integers(-128, 127))
    | arrays.arrays(np.int8, st.integers(0, 300), elements=st.sampled_from([-3, 0, 0, 0, 7])),
    max_size=5,
)


def round_trip(weights: list[Weights]) -> None:
    stream, table_bytes = range_encode(weights)
    decoded = range_decode(stream, [layer.size for layer in weights])
    assert [layer.tobytes() for layer in decoded] == [layer.tobytes() for layer in weights]
    assert table_bytes <= len(stream)


@settings(max_examples=200, deadline=None)
@given(layers)
def test_any_weights_come_back(weights: list[Weights]) -> None:
    round_trip(weights)


@pytest.mark.parametrize(
    "weights",
    [
        [],
        [np.zeros(0, np.int8)],
        [np.zeros(5000, np.int8)],
        [np.full(7, -128, np.int8)],
        [np.array([127], np.int8), np.zeros(0, np.int8), np.array([-128], np.int8)],
        [np.arange(-128, 128).astype(np.int8)],
        [np.r_[np.zeros(1_000_000), 1].astype(np.int8)],
    ],
)
def test_degenerate_layers_come_back(weights: list[Weights]) -> None:
    round_trip(weights)


def test_a_layer_of_one_value_takes_its_table_alone() -> None:
    stream, table_bytes = range_encode([np.full(10_000, -5, np.int8)])
    assert len(stream) == table_bytes == 4  # 20 bits of header, 3 of the frequency 2, in units of 16


def test_the_stream_is_no_longer_than_tables_cost_and_the_last_word() -> None:
    random = np.random.default_rng(1)
    weights = [np.rint(random.laplace(0, scale, 5000)).astype(np.int8) for scale in (0.3, 2, 20)]
    stream, table_bytes = range_encode(weights)
    tables = [fit_table(layer) for layer in weights]
    cost = sum(t.cost_bits(t.counts(layer)) for t, layer in zip(tables, weights, strict=True)) / 8
    bound = layer_entropy_bits(weights) / 8
    assert table_bytes == 2 * -(-sum(table.bits for table in tables) // 16)
    assert bound <= cost <= len(stream) - table_bytes <= cost + 8
    assert len(stream) <= 1.02 * bound + table_bytes


@settings(max_examples=200, deadline=None)
@given(arrays.arrays(np.int8, st.integers(1, 2000), elements=st.integers(-128, 127)))
def test_tables_give_every_value_a_share_and_sum_up(weights: Weights) -> None:
    table = fit_table(weights)
    counts = table.counts(weights)
    assert counts.sum() == weights.size
    assert table.frequencies.sum() == 2**table.precision
    assert np.array_equal(table.frequencies > 0, counts > 0)
    assert table.cost_bits(counts) >= entropy_bits(counts) - 1e-6


def test_frequent_values_get_precise_tables_and_few_weights_coarse_ones() -> None:
    random = np.random.default_rng(2)
    few = fit_table(random.choice([-1, 0, 1], 20).astype(np.int8))
    many = fit_table(random.choice([-1, 0, 1], 200_000, p=[0.013, 0.951, 0.036]).astype(np.int8))
    assert few.precision < many.precision


def test_packed_tables_say_their_own_length() -> None:
    tables = [
        FrequencyTable(-128, PRECISIONS[-1], np.array([65_000, 0, 536])),
        FrequencyTable(127, PRECISIONS[0], np.array([2])),
        FrequencyTable(-3, 3, np.array([1, 0, 0, 7])),
    ]
    packed = pack_tables(tables)
    assert len(packed) == 2 * -(-sum(table.bits for table in tables) // 16)
    found, length = unpack_tables(packed + b"\xff\xff", 3)
    assert length == len(packed)
    for table, wanted in zip(found, tables, strict=True):
        assert (table.first, table.precision) == (wanted.first, wanted.precision)
        assert np.array_equal(table.frequencies, wanted.frequencies)
