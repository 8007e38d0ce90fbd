"""Streams of bits: what is written is read back, in 16-bit units that are little endian."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from squeezenet_lib.coding.bit_stream import (
    BitReader,
    BitWriter,
    exp_golomb_bits,
    pack_bits,
    unpack_bits,
    unzigzag,
    zigzag,
)

uint32 = st.integers(0, 2**32 - 1)


@given(st.lists(st.tuples(uint32, st.integers(0, 31), st.integers(0, 40))))
def test_numbers_of_all_kinds_are_read_back(numbers: list[tuple[int, int, int]]) -> None:
    writer = BitWriter()
    for number, order, zeros in numbers:
        writer.put(number, 32)
        writer.exp_golomb(number, order)
        writer.unary(zeros)
    expected = sum(32 + exp_golomb_bits(number, order) + zeros + 1 for number, order, zeros in numbers)
    assert writer.bits == expected
    reader = BitReader(writer.to_bytes())
    for number, order, zeros in numbers:
        assert (reader.take(32), reader.exp_golomb(order), reader.unary()) == (number, number, zeros)


@given(st.lists(st.integers(0, 1)))
def test_bits_are_packed_into_whole_units(bits: list[int]) -> None:
    data = pack_bits(np.array(bits, np.uint8))
    assert len(data) == 2 * -(-len(bits) // 16)
    assert unpack_bits(data).tolist() == bits + [0] * (-len(bits) % 16)


def test_units_are_little_endian_and_bits_most_significant_first() -> None:
    writer = BitWriter()
    writer.put(0x1234, 16)
    writer.put(5, 3)
    assert writer.to_bytes() == b"\x34\x12\x00\xa0"


def test_zigzag_counts_from_zero_in_both_directions() -> None:
    assert [unzigzag(code) for code in range(5)] == [0, -1, 1, -2, 2]
    assert [zigzag(number) for number in (-(2**31), 2**31 - 1)] == [2**32 - 1, 2**32 - 2]
    assert all(unzigzag(zigzag(number)) == number for number in range(-300, 300))


def test_a_number_that_does_not_fit_is_refused() -> None:
    for number, bits in ((4, 2), (-1, 8), (1, 0)):
        with pytest.raises(ValueError, match="does not fit"):
            BitWriter().put(number, bits)


def test_a_stream_that_ends_early_is_refused() -> None:
    for read in (lambda r: r.take(17), lambda r: r.unary(), lambda r: r.exp_golomb(3)):
        with pytest.raises(ValueError, match="ends early"):
            read(BitReader(b"\0\0"))
