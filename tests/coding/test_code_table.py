"""Code tables: any code survives, regular ones are small, and damage is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.coding.alphabet import SYMBOLS, symbol
from squeezenet_lib.coding.bit_stream import BitWriter
from squeezenet_lib.coding.code_table import CodeTable, code_name, pack_table, unpack_table
from squeezenet_lib.coding.huffman import code_lengths
from squeezenet_lib.coding.low_bits import MOST_LOW_BITS

lengths_of_symbols = st.dictionaries(
    st.integers(0, SYMBOLS - 1), st.integers(1, 15), min_size=1, max_size=256
)


@st.composite
def tables_with_low_bits(draw: st.DrawFn) -> CodeTable:
    low_bits = draw(st.integers(1, MOST_LOW_BITS))
    most = 128 >> low_bits
    numbers = st.integers(symbol(-most, 0), symbol(most - (most == 128), 15))
    return CodeTable(
        draw(st.dictionaries(numbers, st.integers(1, 15 - low_bits), min_size=1, max_size=256)), low_bits
    )


tables_of_pairs = st.builds(
    lambda lengths: CodeTable({symbol(value, 0): length for value, length in lengths.items()}, 5, pairs=True),
    st.dictionaries(st.integers(-32, 31), st.integers(1, 15), min_size=1),
)
codes = st.builds(CodeTable, lengths_of_symbols) | tables_with_low_bits() | tables_of_pairs


@given(codes, st.binary(max_size=4))
def test_any_code_survives_and_may_be_followed_by_more(table: CodeTable, more: bytes) -> None:
    packed = pack_table(table)
    assert len(packed) % 2 == 0
    assert unpack_table(packed + more) == table


@given(codes)
@settings(deadline=None)
def test_a_table_cut_short_is_refused(table: CodeTable) -> None:
    packed = pack_table(table)
    for length in range(0, len(packed), 2):
        with pytest.raises(ValueError, match=r"ends early|table"):
            unpack_table(packed[:length])


def test_a_grid_of_levels_takes_little() -> None:
    values = [v for v in range(-7, 8) if v != 0]
    share = {value: np.exp(-abs(value) / 3) for value in values}
    counts = np.zeros(SYMBOLS, np.int64)
    for value in values:
        for run in range(12):
            counts[symbol(value, run)] = round(1e5 * share[value] * 0.8**run)
    counts[symbol(0, 11)] = 3e4
    assert len(pack_table(CodeTable(code_lengths(counts)))) <= 45
    assert len(pack_table(CodeTable({symbol(0, 0): 1, symbol(1, 0): 2, symbol(-1, 0): 2}))) <= 6


def test_low_bits_take_seven_bits_more_and_are_named() -> None:
    lengths = {symbol(value, run): 4 for value in (1, 2) for run in range(8)}
    for table, name in (
        (CodeTable(lengths), "joint 8"),
        (CodeTable(lengths, 3), "joint 8 + 3 bits"),
        (CodeTable({symbol(1, 0): 1, symbol(2, 0): 1}, 5, pairs=True), "pairs + 5 bits"),
    ):
        assert code_name(table) == name
    bits = {low_bits: len(pack_table(CodeTable(lengths, low_bits))) for low_bits in (0, 3)}
    assert bits[3] - bits[0] in (0, 2)


def test_what_stood_in_format_3_is_a_table_without_low_bits() -> None:
    """The table of docs/sqz-format.md in its first edition."""
    table = unpack_table(bytes.fromhex("037f4831498c"))
    assert table == CodeTable({symbol(0, 1): 1, symbol(-1, 0): 2, symbol(-1, 1): 3, symbol(2, 0): 3})


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
        unpack_table(pack_table(CodeTable(dict.fromkeys(range(257), 8))))
