"""Coded layers: exact, close to the entropy at any share of zeros, with tables shared where that pays."""

import lzma
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from squeezenet_lib.bench.random_weights import draw_weights
from squeezenet_lib.coding import huffman
from squeezenet_lib.coding.alphabet import value_of
from squeezenet_lib.coding.code_table import code_name, unpack_table
from squeezenet_lib.coding.entropy import layer_entropy_bits
from squeezenet_lib.coding.weight_coding import CodedLayer, code_layers

SHAPES = [(64, 3, 3, 1), (16, 1, 1, 64), (64, 1, 1, 16), (64, 3, 3, 16), (48, 1, 1, 384), (192, 3, 3, 48)]
layers = hnp.arrays(np.int8, st.integers(1, 300)) | hnp.arrays(
    np.int8, st.integers(1, 300), elements=st.sampled_from([0, 0, 0, 0, 0, 0, 1, -1, 5])
)


def decoded(layer: CodedLayer, count: int) -> np.ndarray:
    return huffman.decode(layer.code, unpack_table(layer.table), count)


def coded_bytes(coded: list[CodedLayer]) -> int:
    """Code and tables, equal ones once."""
    return sum(len(layer.code) for layer in coded) + sum(map(len, {layer.table for layer in coded}))


def drawn(sparsity: float, largest: int) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [draw_weights(random, shape, sparsity, largest) for shape in SHAPES]


@given(st.lists(layers, min_size=1, max_size=3))
@settings(deadline=None)
def test_any_layers_survive(weights: list[np.ndarray]) -> None:
    for layer, expected in zip(code_layers(weights), weights, strict=True):
        assert np.array_equal(decoded(layer, expected.size), expected)


@pytest.mark.parametrize("largest", [7, 3])
@pytest.mark.parametrize("sparsity", [0.8, 0.85, 0.9])
def test_levels_take_at_most_three_hundredths_more_than_their_entropy(sparsity: float, largest: int) -> None:
    weights = drawn(sparsity, largest)
    entropy = layer_entropy_bits(weights) / 8
    assert entropy < coded_bytes(code_layers(weights)) <= 1.03 * entropy


def quantized(weights: np.ndarray) -> np.ndarray:
    """int8 of 127 steps to the filter's largest magnitude, as post-training quantization makes them."""
    peak = np.abs(weights).max(axis=(1, 2, 3), keepdims=True)
    return np.rint(weights / np.where(peak > 0, peak, 1) * 127).astype(np.int8)


def laplacian(sparsity: float) -> list[np.ndarray]:
    """Layers whose weights have heavier tails than drawn()'s, the smallest magnitudes pruned."""
    random = np.random.default_rng(1)
    layers = []
    for shape in (*SHAPES, (256, 3, 3, 64)):
        weights = random.laplace(size=shape)
        weights[np.abs(weights) < np.quantile(np.abs(weights), sparsity)] = 0
        layers.append(quantized(weights))
    return layers


@pytest.mark.parametrize("sparsity", [0.6, 0.7, 0.8])
@pytest.mark.parametrize("layers_of", [lambda sparsity: drawn(sparsity, 127), laplacian])
def test_sparse_eight_bit_weights_are_near_their_entropy_and_below_xz(
    layers_of: Callable[[float], list[np.ndarray]], sparsity: float
) -> None:
    weights = layers_of(sparsity)
    entropy = layer_entropy_bits(weights) / 8
    size = coded_bytes(code_layers(weights))
    assert entropy < size <= 1.015 * entropy + 26 * len(weights)  # a table, of which these layers share few
    data = b"".join(layer.tobytes() for layer in weights)
    assert size < len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))


def test_dense_eight_bit_weights_take_at_most_two_hundredths_more_than_their_entropy() -> None:
    """Pairs are decoded faster than code words of all 255 values, which would save less than a hundredth."""
    weights = drawn(0.0, 127)
    entropy = layer_entropy_bits(weights) / 8
    assert entropy < coded_bytes(code_layers(weights)) <= 1.02 * entropy


@pytest.mark.parametrize("sparsity", [0.5, 0.8, 0.9])
def test_sparse_eight_bit_weights_take_no_more_than_a_code_word_each(sparsity: float) -> None:
    weights = drawn(sparsity, 127)
    plain = 0
    for layer in weights:
        counts = np.bincount(layer.ravel().astype(np.int64) + 128)
        lengths = huffman.code_lengths(counts)
        plain += sum(int(counts[value]) * length for value, length in lengths.items()) // 8 + 2 + 130
    assert coded_bytes(code_layers(weights)) <= (0.97 * plain if sparsity > 0.5 else plain)


def test_dense_eight_bit_weights_are_coded_in_pairs_where_filters_have_even_numbers_of_them() -> None:
    weights = drawn(0.0, 127)
    tables = [unpack_table(layer.table) for layer in code_layers(weights)]
    assert [table.pairs for table in tables[-3:]] == [True] * 3
    odd = [layer[:, :, :, :-1] for layer in weights[-1:]]
    assert odd[0][0].size % 2 == 1
    (coded,) = code_layers(odd)
    assert not unpack_table(coded.table).pairs
    assert np.array_equal(decoded(coded, odd[0].size), odd[0].ravel())


def test_layers_that_are_alike_share_a_table() -> None:
    weights = [*drawn(0.8, 7)[-3:], *drawn(0.8, 7)[-3:]]
    coded = code_layers(weights)
    assert len({layer.table for layer in coded}) <= 3
    apart = [code_layers([layer])[0] for layer in weights]
    assert coded_bytes(coded) < sum(coded_bytes([layer]) for layer in apart)


@pytest.mark.parametrize("eights", [8, 4])
def test_what_has_a_list_for_its_8s_shares_no_table_with_values_off_the_shift_grid(eights: int) -> None:
    """The decoder knows the grid by its table. The layers differ in little else, so that they would."""
    random = np.random.default_rng(eights)
    on_grid = random.choice(np.array([-2, -1, 0, 1, 2, 4], np.int8), (3, 1, 1, 20))
    off_grid = on_grid.copy()
    on_grid[0, 0, 0, 0], off_grid[0, 0, 0, :2] = 8, (eights, 3)
    coded = code_layers([on_grid, off_grid, on_grid[::-1], off_grid[::-1]])
    assert coded[0].table == coded[2].table != coded[1].table
    values = [value_of(symbol) for symbol in unpack_table(coded[0].table).lengths]
    assert set(map(abs, values)) <= {0, 1, 2, 4, 8}


@pytest.mark.parametrize(
    ("weights", "name"),
    [
        (np.zeros((4, 3, 3, 2), np.int8), "runs 16"),
        (np.full((4, 3, 3, 2), -128, np.int8), "plain"),
        (np.tile(np.array([0, 0, 0, 9], np.int8), 18), "joint 4"),
    ],
    ids=["zeros", "one value", "one value after three zeros"],
)
def test_one_symbol_takes_no_bits(weights: np.ndarray, name: str) -> None:
    (coded,) = code_layers([weights])
    assert coded.code == b""
    assert code_name(unpack_table(coded.table)) == name
    assert np.array_equal(decoded(coded, weights.size), weights.ravel())


def test_a_limit_on_code_words_is_kept() -> None:
    weights = drawn(0.9, 127)
    for layer in code_layers(weights, max_length=8):
        assert max(unpack_table(layer.table).lengths.values()) <= 8
    with pytest.raises(ValueError, match="more values than code words"):
        code_layers(drawn(0.5, 15), max_length=4)
