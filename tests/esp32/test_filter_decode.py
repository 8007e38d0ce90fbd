"""The chip's decoder, in C on this machine: every alphabet, any code, any records, filter by filter."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from squeezenet_lib.coding import huffman
from squeezenet_lib.coding.alphabet import SYMBOLS, candidates, runs_of, symbol
from squeezenet_lib.coding.code_table import pack_table
from squeezenet_lib.sqz.filter_records import multiplier_dictionary, pack_records
from squeezenet_lib.sqz.program import Filters
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
    inputs = np.arange(weights, dtype=np.uint32) | LARGEST
    ctypes.c_void_p.from_buffer(stream, DECODER_BYTES).value = inputs.ctypes.data
    ctypes.c_uint32.from_buffer(stream, DECODER_BYTES + ctypes.sizeof(ctypes.c_void_p)).value = weights
    found = np.zeros((filters, weights), np.int64)
    for row in found:
        if status != OK:
            return status, found
        taps, negative = np.zeros(2 * weights + 3, np.uint32), ctypes.c_uint32()
        status = library().sqz_decode_filter(
            stream, ctypes.c_void_p(taps.ctypes.data), len(taps), ctypes.byref(negative)
        )
        if status == OK:
            assert read_taps(taps, row) == negative.value
    return status or library().sqz_huffman_finish(stream), found


def read_taps(taps: np.ndarray, row: np.ndarray) -> int:
    """Puts the taps' weights into `row`; checks the chunks, and returns what all negative taps add up to."""
    at = negative = 0
    while True:
        count, chunk_negative = int(taps[at]) & 0xFFFF, int(taps[at]) >> 16
        chunk = taps[at + 1 : at + 1 + count]
        weights = chunk.view(np.int32) >> 16
        row[chunk & 0xFFFF] = weights
        assert 255 * int(np.abs(weights).sum()) <= 0xFFFF
        assert -255 * int(weights[weights < 0].sum()) == chunk_negative
        negative += chunk_negative
        at += 1 + count
        if taps[at] == 0:
            return negative


@given(weights_arrays, st.integers(1, 9))
@settings(deadline=None)
def test_every_alphabet_is_decoded_filter_by_filter(weights: np.ndarray, filters: int) -> None:
    size = -(-weights.size // filters)
    weights = np.resize(weights, (filters, size))
    runs = runs_of(weights)
    for alphabet in candidates(runs):
        symbols = alphabet.symbols(runs)
        lengths = huffman.code_lengths(np.bincount(symbols))
        code = huffman.encode(symbols, lengths)
        status, found = decoded(pack_table(lengths), code, filters, size)
        assert status == OK
        assert np.array_equal(found, weights)
        if code:  # cut short, or followed by more
            assert decoded(pack_table(lengths), code[:-2], filters, size)[0] == ERR_CODE
            assert decoded(pack_table(lengths), code + b"\0\0", filters, size)[0] == ERR_CODE


@given(hnp.arrays(np.int64, st.integers(2, 256), elements=st.integers(1, 2**30)), st.randoms())
@settings(deadline=None)
def test_any_code_is_decoded(counts: np.ndarray, random: object) -> None:
    """Words of up to 15 bits, of any symbols."""
    numbers = sorted(random.sample([n for n in range(SYMBOLS) if n // 16 != 128], len(counts)))
    spread = np.zeros(SYMBOLS, np.int64)
    spread[numbers] = counts
    lengths = huffman.code_lengths(spread)
    symbols = np.array(random.sample(numbers, len(numbers)))
    count = int((symbols % 16 + 1).sum())
    code = huffman.encode(symbols, lengths)
    status, found = decoded(pack_table(lengths), code, 1, count)
    assert status == OK
    assert np.array_equal(found[0], huffman.decode(code, lengths, count))


@pytest.mark.parametrize(("value", "run"), [(5, 0), (0, 0), (0, 15), (-3, 2), (-128, 15)])
def test_a_single_symbol_takes_no_bits(value: int, run: int) -> None:
    table = pack_table({symbol(value, run): 1})
    status, found = decoded(table, b"", 5, 16 * (run + 1))
    assert status == OK
    assert found.ravel().tolist() == ([0] * run + [value]) * 80
    assert start(table, b"\0\0")[0] == ERR_CODE


def test_a_weight_behind_the_last_filter_is_refused() -> None:
    lengths = {symbol(0, 0): 1, symbol(9, 3): 1}
    code = huffman.encode(np.array([symbol(0, 0), symbol(9, 3)]), lengths)
    assert decoded(pack_table(lengths), code, 5, 1)[0] == OK
    assert decoded(pack_table(lengths), code, 4, 1)[0] == ERR_CODE


def test_codes_that_are_no_complete_prefix_codes_are_refused() -> None:
    for lengths in ([1, 2], [2, 2, 2], [1, 1, 1], [1, 2, 2, 15], [15] * 256):
        table = pack_table({symbol(1, 0) + i: length for i, length in enumerate(lengths)})
        assert start(table, b"\0\0")[0] == ERR_CODE
    assert start(pack_table(dict.fromkeys(range(257), 9)), b"\0\0")[0] == ERR_CODE


@given(st.binary(max_size=80).filter(lambda data: len(data) % 2 == 0), st.binary(min_size=2, max_size=40))
@settings(deadline=None)
def test_what_python_refuses_the_chip_refuses(table: bytes, code: bytes) -> None:
    """Random tables are seldom good ones; none of either kind does harm."""
    code = code[: len(code) // 2 * 2]
    assert start(table, code)[0] in (OK, ERR_CODE)
    if start(table, code)[0] == OK:
        assert decoded(table, code, 3, 7)[0] in (OK, ERR_CODE)


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
