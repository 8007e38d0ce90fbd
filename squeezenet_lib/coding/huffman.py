"""Canonical Huffman codes of symbols, which are numbers from 0 to 4095 (`symbol_alphabet` says of what).

dahuffman finds the code lengths; the code words are then assigned canonically (shorter first, then by
symbol), so that a table needs the lengths only. The coder's twin on the chip is
`esp32_pio/lib/squeeze_rt/src/huffman_decode.c`; both read the layout described in `sqz_format.h`."""

from __future__ import annotations

import numpy as np
from dahuffman import HuffmanCodec

from squeezenet_lib.coding.alphabet import SYMBOLS, Numbers, Weights, run_of, value_of, weights_of
from squeezenet_lib.coding.bit_stream import UNIT_BITS, pack_bits, unpack_bits

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


def encode(symbols: Numbers, lengths: dict[int, int]) -> bytes:
    """Code words of `symbols`, padded with zero bits to whole 16-bit units."""
    if len(lengths) <= 1:
        return b""
    length_of = np.zeros(SYMBOLS, np.int64)
    word_of = np.zeros(SYMBOLS, np.int64)
    for symbol, (length, word) in canonical_codes(lengths).items():
        length_of[symbol] = length
        word_of[symbol] = word
    sizes, words = length_of[symbols], word_of[symbols]
    if np.any(sizes == 0):
        raise ValueError("a symbol has no code word")
    ends = np.cumsum(sizes)
    bits = np.zeros(int(ends[-1]), np.uint8)
    for place in range(int(sizes.max())):  # the last bit of each word first
        reached = sizes > place
        bits[ends[reached] - 1 - place] = (words[reached] >> place) & 1
    return pack_bits(bits)


def decode(stream: bytes, lengths: dict[int, int], count: int) -> Weights:
    """The `count` weights of `stream`.

    Raises ValueError when the stream ends early or late, holds a word that is no code word, or a weight that
    is not 0 behind the last one.
    """
    if len(lengths) <= 1:
        if stream or (count and not lengths):
            raise ValueError("a code of at most one symbol takes no bits")
        (single,) = lengths or {0: 0}
        if value_of(single) != 0 and count % (run_of(single) + 1) != 0:
            raise ValueError("a code of one symbol does not fit its weights")
        return weights_of(np.full(-(-count // (run_of(single) + 1)), single), count)
    longest = max(lengths.values())
    symbol_of = np.zeros(2**longest, np.int64)
    length_of = np.zeros(2**longest, np.int64)  # 0: no code word starts like this
    for symbol, (length, word) in canonical_codes(lengths).items():
        first = word << (longest - length)
        symbol_of[first : first + 2 ** (longest - length)] = symbol
        length_of[first : first + 2 ** (longest - length)] = length
    if len(stream) % 2 != 0:
        raise ValueError("the stream is not of whole 16-bit units")
    bits = unpack_bits(stream)
    padded = np.concatenate([bits, np.zeros(longest, np.uint8)]).astype(np.int64)
    prefix = np.zeros(len(bits) + 1, np.int64)  # the `longest` bits that start at each position
    for place in range(longest):
        prefix = prefix * 2 + padded[place : place + len(bits) + 1]
    steps, runs = length_of[prefix].tolist(), (symbol_of[prefix] % 16 + 1).tolist()
    positions = []
    at = weight = 0
    while weight < count:
        if at >= len(bits) or steps[at] == 0:
            raise ValueError(f"the stream ends early or holds no code word at weight {weight} of {count}")
        positions.append(at)
        weight += runs[at]
        at += steps[at]
    if not len(bits) - UNIT_BITS < at <= len(bits):
        raise ValueError("the stream's length does not fit its weights")
    symbols = symbol_of[prefix[positions]]
    if weight > count and value_of(int(symbols[-1])) != 0:
        raise ValueError("the stream goes on behind its last weight")
    return weights_of(symbols, count)
