"""A layer's weights coded in each way that a decoder reads, those that the encoder would not choose, too."""

from collections.abc import Iterator

import numpy as np

from squeezenet_lib.coding import huffman
from squeezenet_lib.coding.alphabet import SYMBOLS, candidates, runs_of, symbol
from squeezenet_lib.coding.code_table import CodeTable
from squeezenet_lib.coding.low_bits import PAIR_LOW_BITS, classes_of, pairs_of


def with_another(symbols: np.ndarray) -> np.ndarray:
    """How often they occur, (4096,), as if a zero and its neighbour followed: a code needs two symbols."""
    return np.bincount([*symbols, symbol(0, 0), symbol(-1, 0)], minlength=SYMBOLS)


def coded_with(weights: np.ndarray, low_bits: int) -> Iterator[tuple[CodeTable, bytes]]:
    """By every alphabet that may suit weights with so many low bits."""
    runs, low = classes_of(runs_of(weights), low_bits)
    for alphabet in candidates(runs):
        symbols = alphabet.symbols(runs)
        counts = np.bincount(symbols)
        if low_bits > 0 and np.count_nonzero(counts) == 1:
            counts = with_another(symbols)
        table = CodeTable(huffman.code_lengths(counts, huffman.MAX_CODE_LENGTH - low_bits), low_bits)
        of_symbols = np.zeros(len(symbols), np.int64)
        of_symbols[symbols // 16 != 128] = low
        yield table, huffman.encode(symbols, table, of_symbols)


def coded_in_pairs(weights: np.ndarray) -> tuple[CodeTable, bytes]:
    """weights: an even number in each filter."""
    symbols, low = pairs_of(weights)
    table = CodeTable(huffman.code_lengths(with_another(symbols)), PAIR_LOW_BITS, pairs=True)
    return table, huffman.encode(symbols, table, low)
