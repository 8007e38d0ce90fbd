"""The chip's decoder, in C on this machine: every alphabet, any code, any records, filter by filter."""

from __future__ import annotations

import ctypes
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from squeezenet_lib.coding import huffman
from squeezenet_lib.coding.alphabet import SYMBOLS, symbol
from squeezenet_lib.coding.bit_stream import BitWriter, zigzag
from squeezenet_lib.coding.code_table import CodeTable, pack_table, unpack_table
from squeezenet_lib.coding.low_bits import MOST_LOW_BITS, PAIR_LOW_BITS
from squeezenet_lib.sqz.filter_records import multiplier_dictionary, pack_records
from squeezenet_lib.sqz.program import Filters
from tests.support.coded_weights import coded_in_pairs, coded_with
from tests.support.single_convolution import library

OK, ERR_CODE = 0, -7
ROOM = 4096  # bytes, more than a filter_stream or a record_stream takes
DECODER_BYTES = (
    2 * ctypes.sizeof(ctypes.c_void_p) + 16 + 64 + 1024 + 8
)  # of a filter_stream, before its inputs
LARGEST = 255 << 16

weights_arrays = hnp.arrays(np.int8, st.integers(1, 300)) | hnp.arrays(
    np.int8, st.integers(1, 300), elements=st.sampled_from([0] * 9 + [-128, -1, 1, 2, 127])
)


def start(table: bytes, code: bytes) -> tuple[int, ctypes.Array[ctypes.c_char], object]:
    """Status of sqz_huffman_start(), the decoder, and what has to stay alive."""
    decoder = ctypes.create_string_buffer(b"\xa5" * ROOM, ROOM)
    kept = ctypes.create_string_buffer(table, len(table)), ctypes.create_string_buffer(code, len(code))
    end = ctypes.addressof(kept[0]) + len(table)
    status = library().sqz_huffman_start(
        decoder, kept[0], ctypes.c_void_p(end), kept[1], ctypes.c_size_t(len(code))
    )
    return status, decoder, kept


def decoded(table: bytes, code: bytes, filters: int, weights: int) -> tuple[int, np.ndarray]:
    """The first status that is not OK, and weights (filters, weights) as the taps tell them."""
    status, stream, _kept = start(table, code)
    words = np.zeros(3 * weights + 3, np.uint32)  # the inputs, and a filter's taps
    words[:weights] = np.arange(weights) | LARGEST
    taps, limit = ctypes.c_void_p(words[weights:].ctypes.data), len(words) - weights
    ctypes.c_void_p.from_buffer(stream, DECODER_BYTES).value = words.ctypes.data
    ctypes.c_uint32.from_buffer(stream, DECODER_BYTES + ctypes.sizeof(ctypes.c_void_p)).value = weights
    found = np.zeros((filters, weights), np.int64)
    pairs = status == OK and unpack_table(table).pairs
    if status == OK:
        library().sqz_huffman_look_up(stream, 5 if pairs else 4, 0)
    decode = library().sqz_decode_pairs if pairs else library().sqz_decode_filter
    if pairs:
        status = library().sqz_start_pairs(stream, taps, limit)
    for row in found:
        if status != OK:
            return status, found
        negative = ctypes.c_uint32()
        status = decode(stream, taps, limit, ctypes.byref(negative))
        if status == OK:
            assert read_taps(words, row) == negative.value
    return status or library().sqz_finish_filter(stream), found


def read_taps(words: np.ndarray, row: np.ndarray) -> int:
    """Puts the taps' weights into `row`; checks the chunks, and returns what all negative taps add up to."""
    at = len(words) - 1 + int(words[-1:].view(np.int32)[0])
    negative = 0
    for header in words[-2::-1].tolist():
        if header == 0:
            return negative
        count, chunk_negative = header & 0xFFFF, header >> 16
        chunk = words[at : at + count]
        weights = chunk.view(np.int32) >> 16
        row[chunk & 0xFFFF] = weights
        assert 255 * int(np.abs(weights).sum()) <= 0xFFFF
        assert -255 * int(weights[weights < 0].sum()) == chunk_negative
        negative += chunk_negative
        at += count
    raise AssertionError("no 0 ends the chunks")


@given(weights_arrays, st.integers(1, 9), st.none() | st.integers(0, MOST_LOW_BITS))
@settings(deadline=None)
def test_every_alphabet_is_decoded_filter_by_filter(
    weights: np.ndarray, filters: int, low_bits: int | None
) -> None:
    """And as in Python. low_bits: none for pairs."""
    size = -(-weights.size // filters)
    weights = np.resize(weights, (filters, size + size % 2 if low_bits is None else size))
    size = weights.shape[1]
    for table, code in [coded_in_pairs(weights)] if low_bits is None else coded_with(weights, low_bits):
        assert np.array_equal(huffman.decode(code, table, weights.size), weights.ravel())
        packed = pack_table(table)
        status, found = decoded(packed, code, filters, size)
        assert status == OK
        assert np.array_equal(found, weights)
        for other in (code[:-2], code + b"\0\0", code + b"\0\0\0\0") if code else ():
            assert decoded(packed, other, filters, size)[0] == ERR_CODE
            with pytest.raises(ValueError, match="stream"):
                huffman.decode(other, table, weights.size)


@given(
    hnp.arrays(np.int64, st.integers(2, 256), elements=st.integers(1, 2**30)),
    st.integers(0, MOST_LOW_BITS),
    st.randoms(),
)
@settings(deadline=None)
def test_any_code_is_decoded(counts: np.ndarray, low_bits: int, random: Random) -> None:
    """Words of up to 15 bits, low bits among them, of any symbols."""
    most = 128 >> low_bits
    possible = [symbol(v, run) for v in range(-most, most) for run in range(16) if v != 0]
    numbers = sorted(random.sample(possible, min(len(counts), len(possible))))
    spread = np.zeros(SYMBOLS, np.int64)
    spread[numbers] = counts[: len(numbers)]
    table = CodeTable(huffman.code_lengths(spread, 15 - low_bits), low_bits)
    symbols = np.array(random.sample(numbers, len(numbers)))
    low = np.array([random.getrandbits(low_bits) if low_bits else 0 for _ in numbers])
    count = int((symbols % 16 + 1).sum())
    code = huffman.encode(symbols, table, low)
    status, found = decoded(pack_table(table), code, 1, count)
    assert status == OK
    assert np.array_equal(found[0], huffman.decode(code, table, count))


@given(hnp.arrays(np.int64, st.integers(2, 64), elements=st.integers(1, 2**30)), st.randoms())
@settings(deadline=None)
def test_any_code_of_pairs_is_decoded(counts: np.ndarray, random: Random) -> None:
    numbers = sorted(random.sample([symbol(value, 0) for value in range(-32, 32)], len(counts)))
    spread = np.zeros(SYMBOLS, np.int64)
    spread[numbers] = counts
    table = CodeTable(huffman.code_lengths(spread), PAIR_LOW_BITS, pairs=True)
    symbols = np.array(random.choices(numbers, k=200))
    code = huffman.encode(symbols, table, np.array([random.getrandbits(10) for _ in symbols]))
    status, found = decoded(pack_table(table), code, 8, 50)
    assert status == OK
    assert np.array_equal(found.ravel(), huffman.decode(code, table, 400))
    assert decoded(pack_table(table), code, 16, 25)[0] == ERR_CODE  # half a pair


@pytest.mark.parametrize(("value", "run"), [(5, 0), (0, 0), (0, 15), (-3, 2), (-128, 15)])
def test_a_single_symbol_takes_no_bits(value: int, run: int) -> None:
    table = pack_table(CodeTable({symbol(value, run): 1}))
    status, found = decoded(table, b"", 5, 16 * (run + 1))
    assert status == OK
    assert found.ravel().tolist() == ([0] * run + [value]) * 80
    assert start(table, b"\0\0")[0] == ERR_CODE


def test_a_weight_behind_the_last_filter_is_refused() -> None:
    for low_bits in range(4):
        table = CodeTable({symbol(0, 0): 1, symbol(9, 3): 1}, low_bits)
        code = huffman.encode(np.array([symbol(0, 0), symbol(9, 3)]), table, np.array([0, 0]))
        assert decoded(pack_table(table), code, 5, 1)[0] == OK
        assert decoded(pack_table(table), code, 4, 1)[0] == ERR_CODE


def test_codes_that_are_no_complete_prefix_codes_are_refused() -> None:
    for lengths in ([1, 2], [2, 2, 2], [1, 1, 1], [1, 2, 2, 15], [15] * 256):
        table = pack_table(CodeTable({symbol(1, 0) + i: length for i, length in enumerate(lengths)}))
        assert start(table, b"\0\0")[0] == ERR_CODE
    assert start(pack_table(CodeTable(dict.fromkeys(range(257), 9))), b"\0\0")[0] == ERR_CODE


def table_with(first: int, last: int, low_bits: int, longest: int, runs: int = 0) -> bytes:
    """All values from first to last after 0 to `runs` zeros, the words as long as that needs."""
    table = BitWriter()
    count = (last - first + 1) * (runs + 1)
    bits = (count - 1).bit_length()
    for number, size in (
        (first + 128, 8),
        (last - first, 8),
        (0, 4),
        (low_bits, 3),
        (longest, 4),
        (1, 1),
        (runs, 4),
    ):
        table.put(number, size)
    lengths = [bits - 1 if i < 2**bits - count else bits for i in range(count)]
    guess = longest
    for i, value in enumerate(range(first, last + 1)):
        if value == 0:
            table.put(0, 4)
            table.put(runs, 4)
        column = lengths[i * (runs + 1) : (i + 1) * (runs + 1)]
        before = 1 if value == 0 else guess
        for length in column:
            table.unary(zigzag(length - before))
            before = length
        guess = guess if value == 0 else column[0]
    return table.to_bytes()


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ((1, 4, 3, 12), (1, 4, 3, 13)),  # a code word of 13 bits with 3 more
        ((1, 4, 3, 12), (1, 4, 0, 12)),
        ((1, 2, 6, 9), (1, 2, 6, 10)),
        ((-16, 16, 3, 12), (-17, 16, 3, 12)),
        ((-16, 16, 3, 12), (-16, 17, 3, 12)),
        ((-2, 2, 6, 9), (-2, 3, 6, 9)),
        ((-32, 31, 7, 15), (-33, 31, 7, 15)),
        ((-32, 31, 7, 15), (-32, 32, 7, 15)),
        ((-32, -1, 7, 15), (-32, -1, 7, 15, 1)),  # runs in a table of pairs
    ],
)
def test_tables_with_low_bits_are_refused_beyond_their_bounds(
    good: tuple[int, ...], bad: tuple[int, ...]
) -> None:
    table = table_with(*good)
    assert start(table, bytes(4))[0] == OK
    assert unpack_table(pack_table(unpack_table(table))) == unpack_table(table)
    assert start(table, bytes(3))[0] == ERR_CODE  # no whole units
    assert start(table_with(*bad), bytes(4))[0] == ERR_CODE
    with pytest.raises(ValueError, match="code table"):
        unpack_table(table_with(*bad))


@given(st.binary(max_size=80).filter(lambda data: len(data) % 2 == 0), st.binary(min_size=2, max_size=40))
@settings(deadline=None)
def test_what_python_refuses_the_chip_refuses(table: bytes, code: bytes) -> None:
    """Random tables are seldom good ones; none of either kind does harm."""
    code = code[: len(code) // 2 * 2]
    assert start(table, code)[0] in (OK, ERR_CODE)
    if start(table, code)[0] == OK:
        assert decoded(table, code, 3, 7)[0] in (OK, ERR_CODE)


@given(st.data(), st.binary(min_size=4, max_size=60), st.integers(1, 5), st.integers(1, 9))
@settings(deadline=None, max_examples=300)
def test_any_stream_with_low_bits_is_decoded_or_refused_as_in_python(
    data: st.DataObject, code: bytes, filters: int, size: int
) -> None:
    low_bits = data.draw(st.integers(1, 7))
    most = 32 if low_bits == 7 else 128 >> low_bits
    first = data.draw(st.integers(-most, most - 2))
    last = data.draw(st.integers(first + 1, min(most - 1, first + 40)))
    # 8 bits are enough for words of all: a table without some of them is no complete code
    table = table_with(first, last, low_bits, 8, 0 if low_bits == 7 else data.draw(st.integers(0, 3)))
    code = code[: len(code) // 2 * 2]
    status, found = decoded(table, code, filters, size)
    try:
        weights = huffman.decode(code, unpack_table(table), filters * size)
    except ValueError:
        assert status == ERR_CODE
    else:
        assert status == (ERR_CODE if low_bits == 7 and size % 2 else OK)
        assert status != OK or np.array_equal(found.ravel(), weights)


record = st.tuples(st.integers(-(2**31), 2**31 - 1), st.integers(0, 2**31 - 1), st.integers(-31, 30))


@given(st.lists(record, min_size=1, max_size=40), st.booleans())
@settings(deadline=None)
def test_any_records_are_decoded(records: list[tuple[int, int, int]], repeated: bool) -> None:
    bias, multiplier, shift = np.array(records, np.int64).T
    if repeated:
        multiplier = np.full(len(records), multiplier[0])
    filters = Filters(
        np.zeros((len(records), 1, 1, 1), np.int8),
        bias.astype(np.int32),
        multiplier.astype(np.int32),
        shift.astype(np.int8),
    )
    dictionary = multiplier_dictionary(filters)
    data = bytes(8) + dictionary.astype("<i4").tobytes() + pack_records(filters, dictionary, 8)
    blob, stream = ctypes.create_string_buffer(data, len(data)), ctypes.create_string_buffer(ROOM)
    next_record = library().sqz_next_record
    library().sqz_start_records.restype = next_record.restype = ctypes.c_bool
    end = ctypes.c_void_p(ctypes.addressof(blob) + len(data))
    assert library().sqz_start_records(stream, blob, end, 8 + dictionary.nbytes)
    for bias_, multiplier_, shift_ in zip(filters.bias, filters.multiplier, filters.shift, strict=True):
        found = (ctypes.c_int32 * 3)()
        assert next_record(stream, found)
        assert list(found) == [bias_, multiplier_, shift_]
    for _ in range(5):  # what is left is padding
        last = next_record(stream, (ctypes.c_int32 * 3)())
    assert not last or len(dictionary) == 1
