"""Canonical Huffman codes of symbols, which are numbers from 0 to 4095 (`symbol_alphabet` says of what).

dahuffman finds the code lengths; the code words are then assigned canonically (shorter first, then by
symbol), so that a table needs the lengths only. The coder's twin on the chip is
`esp32_pio/lib/squeeze_rt/src/huffman_decode.c`; both read the layout described in `sqz_format.h`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from dahuffman import HuffmanCodec

from squeezenet_lib.coding.alphabet import (
    LONGEST_RUN,
    SYMBOLS,
    Numbers,
    Weights,
    run_of,
    value_of,
    weights_of,
)
from squeezenet_lib.coding.bit_stream import UNIT_BITS, pack_bits, unpack_bits
from squeezenet_lib.coding.code_table import CodeTable
from squeezenet_lib.coding.low_bits import values_of, weights_of_pairs

MAX_CODE_LENGTH = 15  # what the lookup's 4 bits hold


def code_lengths(counts: Numbers, max_length: int = MAX_CODE_LENGTH) -> dict[int, int]:
    """Length in bits of the code word of each symbol that occurs (counts: by symbol), at most `max_length`.

    A single symbol gets length 1 (and takes no bits in the stream); nothing at all gets an empty code.
    Lengths are limited by flattening the frequencies until the tree is low enough. Raises ValueError when
    there are more symbols than code words."""
    symbols = np.flatnonzero(counts)
    if len(symbols) <= 1:
        return {int(symbol): 1 for symbol in symbols}
    if len(symbols) > 2**max_length:
        raise ValueError(f"{len(symbols)} symbols need code words longer than {max_length} bits")
    frequencies = counts[symbols].astype(np.int64)
    while True:
        table = dict(zip(symbols.tolist(), frequencies.tolist(), strict=True))
        # An end-of-file symbol that already occurs keeps dahuffman from adding one of its own.
        codec = HuffmanCodec.from_frequencies(table, eof=int(symbols[0]))
        lengths = {int(symbol): int(bits) for symbol, (bits, _) in codec.get_code_table().items()}
        if max(lengths.values()) <= max_length:
            return lengths
        frequencies = (frequencies + 1) // 2


def canonical_codes(lengths: dict[int, int]) -> dict[int, tuple[int, int]]:
    """symbol -> (length in bits, code word)."""
    codes: dict[int, tuple[int, int]] = {}
    word = 0
    previous = 0
    for length, symbol in sorted((length, symbol) for symbol, length in lengths.items()):
        word <<= length - previous
        codes[symbol] = (length, word)
        word += 1
        previous = length
    return codes


def encode(symbols: Numbers, table: CodeTable, low: Numbers | None = None) -> bytes:
    """Code words of `symbols`, padded with zero bits to whole 16-bit units.

    low: the low bits of each symbol's weight, or pair of weights, (n,); of zeros alone there are none."""
    lengths = table.lengths
    if len(lengths) <= 1 and table.low_bits == 0:
        return b""
    length_of = np.zeros(SYMBOLS, np.int64)
    word_of = np.zeros(SYMBOLS, np.int64)
    for symbol, (length, word) in canonical_codes(lengths).items():
        length_of[symbol] = length
        word_of[symbol] = word
    sizes, words = length_of[symbols], word_of[symbols]
    if np.any(sizes == 0):
        raise ValueError("a symbol has no code word")
    if low is not None and table.pairs:
        words |= low << sizes
        sizes += 2 * table.low_bits
    elif low is not None:
        bits = np.where(_tell_weights(symbols), table.low_bits, 0)
        words = words << bits | low
        sizes += bits
    ends = np.cumsum(sizes)
    stream = np.zeros(int(ends[-1]), np.uint8)
    for place in range(int(sizes.max())):  # the last bit of each word first
        reached = sizes > place
        stream[ends[reached] - 1 - place] = (words[reached] >> place) & 1
    return pack_bits(stream)


def decode(stream: bytes, table: CodeTable, count: int) -> Weights:
    """The `count` weights of `stream`.

    Raises ValueError when the stream ends early or late, holds a word that is no code word, a number that is
    no weight, or a weight that is not 0 behind the last one.
    """
    lengths = table.lengths
    if len(lengths) <= 1:
        return _single(stream, table, count)
    if len(stream) % 2 != 0:
        raise ValueError("the stream is not of whole 16-bit units")
    bits = unpack_bits(stream).astype(np.int64)
    symbol_at, length_at = _code_words(bits, lengths)
    before = 2 * table.low_bits if table.pairs else 0
    behind = np.where(_tell_weights(symbol_at), 0 if table.pairs else table.low_bits, 0)
    steps = (before + length_at + behind).tolist()
    runs = (np.full(len(steps), 2) if table.pairs else symbol_at % (LONGEST_RUN + 1) + 1).tolist()
    positions = []  # of code words
    at = weight = 0
    while weight < count:
        word = at + before
        if word >= len(bits) or length_at[word] == 0:
            raise ValueError(f"the stream ends early or holds no code word at weight {weight} of {count}")
        positions.append(word)
        weight += runs[word]
        at += steps[word]
    if not len(bits) - UNIT_BITS < at <= len(bits):
        raise ValueError("the stream's length does not fit its weights")
    places = np.array(positions)
    symbols = symbol_at[places]
    if table.pairs:
        if weight > count:
            raise ValueError("a pair of weights reaches behind the last one")
        return weights_of_pairs(symbols, _numbers_at(bits, places - before, before))
    if weight > count and value_of(int(symbols[-1])) != 0:
        raise ValueError("the stream goes on behind its last weight")
    low = _numbers_at(bits, places + length_at[places], table.low_bits)
    values = values_of(symbols // (LONGEST_RUN + 1) - 128, low, table.low_bits)
    if np.any(values > 127):
        raise ValueError("the stream holds a number that is no weight")
    return weights_of(values, symbols % (LONGEST_RUN + 1), count)


def _tell_weights(symbols: Numbers) -> npt.NDArray[np.bool_]:
    """Whether they are not of zeros alone."""
    found: npt.NDArray[np.bool_] = symbols // (LONGEST_RUN + 1) != 128
    return found


def _single(stream: bytes, table: CodeTable, count: int) -> Weights:
    """The weights of a code of one symbol or none."""
    if stream or (count and not table.lengths) or table.low_bits > 0:
        raise ValueError("a code of at most one symbol takes no bits")
    (number,) = table.lengths or {0: 0}
    if value_of(number) != 0 and count % (run_of(number) + 1) != 0:
        raise ValueError("a code of one symbol does not fit its weights")
    symbols = np.full(-(-count // (run_of(number) + 1)), number)
    return weights_of(symbols // (LONGEST_RUN + 1) - 128, symbols % (LONGEST_RUN + 1), count)


def _code_words(bits: Numbers, lengths: dict[int, int]) -> tuple[Numbers, Numbers]:
    """The symbol that a code word at each position stands for, and its length; 0: there is no code word."""
    longest = max(lengths.values())
    symbol_of = np.zeros(2**longest, np.int64)
    length_of = np.zeros(2**longest, np.int64)
    for symbol, (length, word) in canonical_codes(lengths).items():
        first = word << (longest - length)
        symbol_of[first : first + 2 ** (longest - length)] = symbol
        length_of[first : first + 2 ** (longest - length)] = length
    prefix = _numbers_at(bits, np.arange(len(bits)), longest)
    return symbol_of[prefix], length_of[prefix]


def _numbers_at(bits: Numbers, positions: Numbers, size: int) -> Numbers:
    """The number of `size` bits at each position; zeros follow the stream."""
    padded = np.concatenate([bits, np.zeros(size, np.int64)])
    numbers = np.zeros(len(positions), np.int64)
    for place in range(size):
        numbers = numbers * 2 + padded[positions + place]
    return numbers
