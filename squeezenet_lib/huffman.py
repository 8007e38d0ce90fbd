"""Canonical Huffman coding of int8 weights.

dahuffman finds the code lengths; the code words are then assigned canonically (shorter first, then by
symbol), so that a table needs the lengths only. The bit stream is most significant bit first, packed into
16-bit units (little endian, so that neighbouring bytes are swapped). The coder's twin on the chip is
`esp32_pio/lib/squeeze_rt/src/huffman_decode.c`; both read the layout described in `sqz_format.h`."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt
from dahuffman import HuffmanCodec

MAX_CODE_LENGTH = 15  # what the table's 4-bit lengths hold
UNIT_BITS = 16
Weights = npt.NDArray[np.int8]


def code_lengths(weights: Weights, max_length: int = MAX_CODE_LENGTH) -> dict[int, int]:
    """Length in bits of each occurring symbol's code word, at most `max_length`.

    A layer with one symbol gets length 1 for it (and takes no bits in the stream); a layer without weights
    gets an empty code. Lengths are limited by flattening the frequencies until the tree is low enough."""
    symbols, counts = np.unique(weights, return_counts=True)
    if len(symbols) <= 1:
        return {int(symbol): 1 for symbol in symbols}
    if len(symbols) > 2**max_length:
        raise ValueError(f"{len(symbols)} symbols need code words longer than {max_length} bits")
    frequencies = counts.astype(np.int64)
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


def encode(weights: Weights, lengths: dict[int, int]) -> bytes:
    """Code words of `weights` (flattened in C order), padded with zero bits to whole 16-bit units."""
    if len(lengths) <= 1:
        return b""
    length_of = np.zeros(256, np.int64)
    word_of = np.zeros(256, np.int64)
    for symbol, (length, word) in canonical_codes(lengths).items():
        length_of[symbol & 0xFF] = length
        word_of[symbol & 0xFF] = word
    symbols = weights.ravel().view(np.uint8)
    sizes, words = length_of[symbols], word_of[symbols]
    if np.any(sizes == 0):
        raise ValueError("a weight has no code word")
    ends = np.cumsum(sizes)
    bits = np.zeros(-(-int(ends[-1]) // UNIT_BITS) * UNIT_BITS, np.uint8)
    for place in range(int(sizes.max())):  # the last bit of each word first
        reached = sizes > place
        bits[ends[reached] - 1 - place] = (words[reached] >> place) & 1
    return np.packbits(bits).view(">u2").astype("<u2").tobytes()


def decode(stream: bytes, lengths: dict[int, int], count: int) -> Weights:
    """The `count` symbols of `stream`.

    Raises ValueError when the stream ends early or late, or holds a word that is no code word.
    """
    if len(lengths) <= 1:
        if stream or (count and not lengths):
            raise ValueError("a code of at most one symbol takes no bits")
        return np.full(count, next(iter(lengths), 0), np.int8)
    longest = max(lengths.values())
    symbol_of = np.zeros(2**longest, np.int16)
    length_of = np.zeros(2**longest, np.int64)  # 0: no code word starts like this
    for symbol, (length, word) in canonical_codes(lengths).items():
        first = word << (longest - length)
        symbol_of[first : first + 2 ** (longest - length)] = symbol
        length_of[first : first + 2 ** (longest - length)] = length
    if len(stream) % 2 != 0:
        raise ValueError("the stream is not of whole 16-bit units")
    bits = np.unpackbits(np.frombuffer(stream, "<u2").astype(">u2").view(np.uint8))
    padded = np.concatenate([bits, np.zeros(longest, np.uint8)]).astype(np.int64)
    prefix = np.zeros(len(bits) + 1, np.int64)  # the `longest` bits that start at each position
    for place in range(longest):
        prefix = prefix * 2 + padded[place : place + len(bits) + 1]
    steps = length_of[prefix].tolist()
    positions = np.zeros(count, np.int64)
    at = 0
    for i in range(count):
        if at >= len(bits) or steps[at] == 0:
            raise ValueError(f"the stream ends early or holds no code word at weight {i} of {count}")
        positions[i] = at
        at += steps[at]
    if not len(bits) - UNIT_BITS < at <= len(bits):
        raise ValueError("the stream's length does not fit its weights")
    return symbol_of[prefix[positions]].astype(np.int8)


def pack_table(lengths: dict[int, int]) -> bytes:
    """Code table: int8 first symbol, uint8 last index, then 4-bit lengths, low nibble first."""
    first, last = min(lengths), max(lengths)
    nibbles = [lengths.get(symbol, 0) for symbol in range(first, last + 1)]
    nibbles += [0] * (len(nibbles) % 2)
    packed = bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))
    return struct.pack("<bB", first, last - first) + packed


def unpack_table(data: bytes) -> dict[int, int]:
    """Inverse of pack_table; `data` may go on after the table. Raises ValueError when it is cut short."""
    if len(data) < 2 or len(data) < 2 + (data[1] + 2) // 2:
        raise ValueError("the code table is cut short")
    first = struct.unpack_from("<b", data)[0]
    nibbles = [data[2 + i // 2] >> 4 * (i % 2) & 15 for i in range(data[1] + 1)]
    return {first + i: length for i, length in enumerate(nibbles) if length}


def entropy_bits(weights: Weights) -> float:
    """Shannon's order-0 entropy of all weights together, in bits: a bound for one word per weight."""
    _, counts = np.unique(weights, return_counts=True)
    return float(-(counts * np.log2(counts / weights.size)).sum()) if weights.size else 0.0
