"""Canonical Huffman codes: optimal lengths, prefix property, exact round trips, damaged streams refused."""

import heapq
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from squeezenet_lib.coding import huffman
from squeezenet_lib.coding.alphabet import runs_of, symbol
from squeezenet_lib.coding.code_table import CodeTable
from squeezenet_lib.coding.low_bits import (
    MOST_LOW_BITS,
    classes_of,
    pairs_of,
    values_of,
    weights_of_pairs,
)

weights_arrays = hnp.arrays(np.int8, st.integers(0, 400))
counts_of_symbols = hnp.arrays(np.int64, st.integers(2, 60), elements=st.integers(0, 999)).filter(
    lambda counts: np.count_nonzero(counts) > 1
)


def skewed_counts(symbols: int) -> np.ndarray:
    """Fibonacci frequencies: an unlimited Huffman tree gets one bit deeper with each symbol."""
    counts = [1, 1]
    while len(counts) < symbols:
        counts.append(counts[-1] + counts[-2])
    return np.array(counts)


def plain_symbols(weights: np.ndarray) -> np.ndarray:
    """A symbol for each weight."""
    return (weights.astype(np.int64) + 128) * 16


def lengths_of(symbols: np.ndarray, max_length: int = 15) -> dict[int, int]:
    return huffman.code_lengths(np.bincount(symbols, minlength=1), max_length)


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
    symbols = plain_symbols(weights)
    table = CodeTable(lengths_of(symbols))
    decoded = huffman.decode(huffman.encode(symbols, table), table, weights.size)
    assert np.array_equal(decoded, weights)


@given(counts_of_symbols)
def test_lengths_are_optimal_and_no_symbol_marks_an_end(counts: np.ndarray) -> None:
    lengths = huffman.code_lengths(counts)
    used = np.flatnonzero(counts)
    assert set(lengths) == set(used.tolist())
    assert sum(lengths[symbol] * int(counts[symbol]) for symbol in lengths) == optimal_cost(
        counts[used].tolist()
    )


@given(counts_of_symbols)
def test_canonical_words_are_a_complete_prefix_code(counts: np.ndarray) -> None:
    codes = huffman.canonical_codes(huffman.code_lengths(counts))
    words = [format(word, f"0{length}b") for length, word in codes.values()]
    assert not any(a != b and b.startswith(a) for a, b in itertools.product(words, words))
    assert sum(2 ** -len(word) for word in words) == 1


def test_lengths_are_limited() -> None:
    counts = skewed_counts(20)  # 19 bits without a limit
    lengths = huffman.code_lengths(counts)
    assert max(lengths.values()) <= 15
    assert sum(2**-length for length in lengths.values()) == 1
    assert max(huffman.code_lengths(counts, max_length=8).values()) <= 8


def test_all_256_symbols_fit_eight_bits() -> None:
    assert set(huffman.code_lengths(np.arange(1, 257), max_length=8).values()) == {8}
    with pytest.raises(ValueError, match="256 symbols need code words longer than 7 bits"):
        huffman.code_lengths(np.arange(1, 257), max_length=7)


def test_one_symbol_takes_no_bits() -> None:
    weights = np.full(1000, -3, np.int8)
    table = CodeTable(lengths_of(plain_symbols(weights)))
    assert table.lengths == {symbol(-3, 0): 1}
    assert huffman.encode(plain_symbols(weights), table) == b""
    assert np.array_equal(huffman.decode(b"", table, 1000), weights)
    assert huffman.decode(b"", CodeTable({symbol(5, 2): 1}), 6).tolist() == [0, 0, 5, 0, 0, 5]
    assert huffman.decode(b"", CodeTable({symbol(0, 15): 1}), 17).tolist() == [0] * 17
    with pytest.raises(ValueError, match="does not fit its weights"):
        huffman.decode(b"", CodeTable({symbol(5, 2): 1}), 7)
    with pytest.raises(ValueError, match="of at most one symbol takes no bits"):
        huffman.decode(b"", CodeTable({symbol(1, 0): 1}, 3), 7)


def test_no_weights_take_no_bits() -> None:
    empty = np.zeros(0, np.int64)
    assert lengths_of(empty) == {}
    assert huffman.encode(empty, CodeTable({})) == b""
    assert huffman.decode(b"", CodeTable({}), 0).size == 0


def test_zeros_alone_may_reach_past_the_last_weight_and_a_weight_may_not() -> None:
    table = CodeTable({symbol(0, 3): 1, symbol(7, 0): 2, symbol(7, 1): 2})
    stream = huffman.encode(np.array([symbol(7, 0), symbol(0, 3)]), table)
    assert huffman.decode(stream, table, 3).tolist() == [7, 0, 0]
    stream = huffman.encode(np.array([symbol(7, 0), symbol(7, 1)]), table)
    with pytest.raises(ValueError, match="goes on behind its last weight"):
        huffman.decode(stream, table, 2)


def stream_of(bits: str) -> bytes:
    """Zeros fill the last 16-bit unit."""
    padded = bits.replace(" ", "") + "0" * (-len(bits.replace(" ", "")) % 16)
    units = [int(padded[i : i + 16], 2) for i in range(0, len(padded), 16)]
    return b"".join(unit.to_bytes(2, "little") for unit in units)


def test_words_are_canonical_in_the_order_of_symbols() -> None:
    weights = np.array([0, 5, 0, 0, -1, 0, 5, 0, -1, 0, 0, 0, 0], np.int8)
    table = CodeTable(lengths_of(plain_symbols(weights)))
    assert [table.lengths[symbol(value, 0)] for value in (-1, 0, 5)] == [2, 1, 2]
    expected = stream_of("0 11 0 0 10 0 11 0 10 0 0 0 0")
    assert huffman.encode(plain_symbols(weights), table) == expected


def test_low_bits_stand_behind_the_code_word_of_a_class() -> None:
    """Classes of 8 values: 1 to 8, 9 to 16, -8 to -1; zeros have no low bits."""
    table = CodeTable({symbol(0, 1): 1, symbol(1, 0): 2, symbol(2, 1): 3, symbol(-1, 0): 3}, 3)
    expected = stream_of("0  10 000  10 111  111 010  110 101")
    weights = [0, 0, 1, 8, 0, 11, -3]
    assert huffman.decode(expected, table, 7).tolist() == weights
    runs, low = classes_of(runs_of(np.array(weights, np.int8)), 3)
    assert (runs.values.tolist(), low.tolist()) == ([1, 1, 2, -1], [0, 7, 2, 5])
    symbols = np.array([symbol(0, 1), symbol(1, 0), symbol(1, 0), symbol(2, 1), symbol(-1, 0)])
    assert huffman.encode(symbols, table, np.array([0, *low])) == expected


def test_low_bits_of_pairs_stand_before_the_code_word_of_the_upper_ones() -> None:
    table = CodeTable({symbol(0, 0): 1, symbol(-1 * 8 + 7, 0): 2, symbol(3 * 8 + 4, 0): 2}, 5, pairs=True)
    expected = stream_of("00000 11111 0  11111 00001 10  11111 00000 11")
    weights = np.array([0, 31, -1, -31, 127, -128], np.int8)
    assert huffman.decode(expected, table, 6).tolist() == weights.tolist()
    assert huffman.encode(*pairs_of(weights)[:1], table, pairs_of(weights)[1]) == expected
    with pytest.raises(ValueError, match="reaches behind"):
        huffman.decode(expected, table, 5)


def test_a_number_above_127_is_no_weight() -> None:
    table = CodeTable({symbol(16, 0): 1, symbol(1, 0): 1}, 3)
    assert huffman.decode(stream_of("1 110"), table, 1).tolist() == [127]
    with pytest.raises(ValueError, match="no weight"):
        huffman.decode(stream_of("1 111"), table, 1)


@given(weights_arrays, st.integers(0, MOST_LOW_BITS))
def test_classes_and_low_bits_are_the_values(weights: np.ndarray, low_bits: int) -> None:
    runs = runs_of(weights)
    classes, low = classes_of(runs, low_bits)
    assert np.all(classes.values != 0)
    assert np.array_equal(values_of(classes.values, low, low_bits), runs.values)
    assert np.array_equal(weights_of_pairs(*pairs_of(np.tile(weights, 2))), np.tile(weights, 2))


def test_a_symbol_without_a_code_word_is_refused() -> None:
    with pytest.raises(ValueError, match="has no code word"):
        huffman.encode(np.array([1, 2, 3]), CodeTable({1: 1, 2: 1}))


@given(weights_arrays.filter(lambda w: len(np.unique(w)) > 1))
def test_a_stream_of_another_length_is_refused(weights: np.ndarray) -> None:
    table = CodeTable(lengths_of(plain_symbols(weights)))
    stream = huffman.encode(plain_symbols(weights), table)
    assert len(stream) % 2 == 0
    for other in (stream[:-1], stream + b"\0", stream[:-2], stream + b"\0\0"):
        with pytest.raises(ValueError, match="stream"):
            huffman.decode(other, table, weights.size)
