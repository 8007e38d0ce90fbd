"""Code tables: any code survives, regular ones are small, and damage is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.coding.alphabet import SYMBOLS, symbol
from squeezenet_lib.coding.bit_stream import BitWriter
from squeezenet_lib.coding.code_table import pack_table, unpack_table
from squeezenet_lib.coding.huffman import code_lengths

codes = st.dictionaries(st.integers(0, SYMBOLS - 1), st.integers(1, 15), min_size=1, max_size=256)


@given(codes, st.binary(max_size=4))
def test_any_code_survives_and_may_be_followed_by_more(lengths: dict[int, int], more: bytes) -> None:
    table = pack_table(lengths)
    assert len(table) % 2 == 0
    assert unpack_table(table + more) == lengths


@given(codes)
@settings(deadline=None)
def test_a_table_cut_short_is_refused(lengths: dict[int, int]) -> None:
    table = pack_table(lengths)
    for length in range(0, len(table), 2):
        with pytest.raises(ValueError, match=r"ends early|table"):
            unpack_table(table[:length])


def test_a_grid_of_levels_takes_little() -> None:
    values = [v for v in range(-7, 8) if v != 0]
    share = {value: np.exp(-abs(value) / 3) for value in values}
    counts = np.zeros(SYMBOLS, np.int64)
    for value in values:
        for run in range(12):
            counts[symbol(value, run)] = round(1e5 * share[value] * 0.8**run)
    counts[symbol(0, 11)] = 3e4
    assert len(pack_table(code_lengths(counts))) <= 45
    assert len(pack_table({symbol(0, 0): 1, symbol(1, 0): 2, symbol(-1, 0): 2})) <= 6


def test_lengths_and_runs_out_of_range_are_refused() -> None:
    for least, most, length, reason in ((0, 0, 5, "length"), (9, 3, 0, "too few")):
        table = BitWriter()  # of the value 0 alone, its words of at most 2 bits
        for number, bits in ((128, 8), (0, 8), (2, 4), (1, 1), (0, 4), (least, 4), (most, 4)):
            table.put(number, bits)
        table.unary(2 * length)
        with pytest.raises(ValueError, match=reason):
            unpack_table(table.to_bytes())
    table = BitWriter()  # of the value 1, with more than 15 zeros before it
    for number, bits in ((129, 8), (0, 8), (2, 4), (0, 1)):
        table.put(number, bits)
    table.unary(2 * 16)
    with pytest.raises(ValueError, match="runs that are too long"):
        unpack_table(table.to_bytes())


def test_more_symbols_than_a_decoder_has_room_for_are_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        unpack_table(pack_table(dict.fromkeys(range(257), 8)))
