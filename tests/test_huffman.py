"""Canonical Huffman codes: optimal lengths, prefix property, exact round trips, damaged streams refused."""

import heapq
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from squeezenet_lib import huffman

weights_arrays = hnp.arrays(np.int8, st.integers(0, 400))


def skewed_weights(symbols: int) -> np.ndarray:
    """Fibonacci frequencies: an unlimited Huffman tree gets one bit deeper with each symbol."""
    counts = [1, 1]
    while len(counts) < symbols:
        counts.append(counts[-1] + counts[-2])
    return np.repeat(np.arange(symbols, dtype=np.int8), counts)


def optimal_cost(counts: list[int]) -> int:
    """Bits of the best prefix code for these counts: the sum of all merges of Huffman's algorithm."""
    heap = list(counts)
    heapq.heapify(heap)
    cost = 0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        cost += merged
        heapq.heappush(heap, merged)
    return cost


@given(weights_arrays)
def test_round_trip(weights: np.ndarray) -> None:
    lengths = huffman.code_lengths(weights)
    decoded = huffman.decode(huffman.encode(weights, lengths), lengths, weights.size)
    assert np.array_equal(decoded, weights)


@given(weights_arrays.filter(lambda w: len(np.unique(w)) > 1))
def test_lengths_are_optimal_and_no_symbol_marks_an_end(weights: np.ndarray) -> None:
    lengths = huffman.code_lengths(weights)
    symbols, counts = np.unique(weights, return_counts=True)
    assert set(lengths) == set(symbols.tolist())
    cost = sum(lengths[int(s)] * int(n) for s, n in zip(symbols, counts, strict=True))
    assert cost == optimal_cost(counts.tolist())
    assert cost >= huffman.entropy_bits(weights) - 1e-6


@given(weights_arrays.filter(lambda w: len(np.unique(w)) > 1))
def test_canonical_words_are_a_complete_prefix_code(weights: np.ndarray) -> None:
    codes = huffman.canonical_codes(huffman.code_lengths(weights))
    words = [format(word, f"0{length}b") for length, word in codes.values()]
    assert not any(a != b and b.startswith(a) for a, b in itertools.product(words, words))
    assert sum(2 ** -len(word) for word in words) == 1


def test_lengths_are_limited() -> None:
    weights = skewed_weights(20)  # 19 bits without a limit
    lengths = huffman.code_lengths(weights)
    assert max(lengths.values()) <= 15
    assert sum(2**-length for length in lengths.values()) == 1
    assert np.array_equal(huffman.decode(huffman.encode(weights, lengths), lengths, weights.size), weights)


def test_a_tighter_limit_is_kept() -> None:
    assert max(huffman.code_lengths(skewed_weights(20), max_length=8).values()) <= 8


def test_all_256_symbols_fit_eight_bits() -> None:
    weights = np.arange(-128, 128, dtype=np.int8)
    assert set(huffman.code_lengths(weights, max_length=8).values()) == {8}


def test_one_symbol_takes_no_bits() -> None:
    weights = np.full(1000, -3, np.int8)
    lengths = huffman.code_lengths(weights)
    assert lengths == {-3: 1}
    assert huffman.encode(weights, lengths) == b""
    assert np.array_equal(huffman.decode(b"", lengths, 1000), weights)


def test_a_layer_without_weights() -> None:
    empty = np.zeros(0, np.int8)
    assert huffman.code_lengths(empty) == {}
    assert huffman.encode(empty, {}) == b""
    assert huffman.decode(b"", {}, 0).size == 0


@given(weights_arrays.filter(lambda w: w.size > 0))
def test_tables_round_trip_and_may_be_followed_by_more(weights: np.ndarray) -> None:
    lengths = huffman.code_lengths(weights)
    assert huffman.unpack_table(huffman.pack_table(lengths) + b"\xff\xff") == lengths


def test_units_are_little_endian_and_bits_most_significant_first() -> None:
    weights = np.array([0, 5, 0, 0, -1, 0, 5, 0, -1, 0, 0, 0, 0], np.int8)
    lengths = huffman.code_lengths(weights)
    assert lengths[0] == 1 and {lengths[-1], lengths[5]} == {2}  # words: 0, 10 (for -1) and 11
    bits = "0 11 0 0 10 0 11 0 10 0 0 0 0".replace(" ", "")
    padded = bits + "0" * (-len(bits) % 16)
    units = [int(padded[i : i + 16], 2) for i in range(0, len(padded), 16)]
    assert huffman.encode(weights, lengths) == b"".join(unit.to_bytes(2, "little") for unit in units)


def test_a_table_cut_short_is_refused() -> None:
    table = huffman.pack_table({-5: 1, 5: 2, 9: 2})
    for length in range(len(table)):
        with pytest.raises(ValueError, match="cut short"):
            huffman.unpack_table(table[:length])


@given(weights_arrays.filter(lambda w: len(np.unique(w)) > 1))
def test_a_stream_of_another_length_is_refused(weights: np.ndarray) -> None:
    lengths = huffman.code_lengths(weights)
    stream = huffman.encode(weights, lengths)
    assert len(stream) % 2 == 0
    for other in (stream[:-1], stream + b"\0", stream[:-2], stream + b"\0\0"):
        with pytest.raises(ValueError, match="stream"):
            huffman.decode(other, lengths, weights.size)


def test_entropy_of_known_distributions() -> None:
    assert huffman.entropy_bits(np.array([1, 1, 2, 2], np.int8)) == pytest.approx(4.0)
    assert huffman.entropy_bits(np.array([7] * 9, np.int8)) == 0.0
    assert huffman.entropy_bits(np.zeros(0, np.int8)) == 0.0
