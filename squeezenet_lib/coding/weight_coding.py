"""How each layer's weights are coded: its alphabet, by size and by what decoding costs, and its code table.

Layers that are alike share a table where that makes the whole smaller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import numpy.typing as npt

from squeezenet_lib.coding import huffman
from squeezenet_lib.coding.alphabet import (
    MOST_SYMBOLS,
    SYMBOLS,
    Alphabet,
    Numbers,
    Runs,
    Weights,
    candidates,
    occurring,
    regular,
    runs_of,
)
from squeezenet_lib.coding.code_table import pack_table

# Instructions of filter_decode_xtensa.S: for a symbol with a weight, for one of zeros alone, more where the
# code word is longer than the lookup's, and for a bit; and of huffman_decode.c for a symbol of a table. An
# instruction is worth so many bits: in a file of 100 KB, 1 % of the size is as dear as 270,000
# instructions an inference.
_WEIGHT, _ZEROS, _LONG, _LOOKUP_BITS, _A_BIT, _IN_TABLE = 26.0, 14.0, 16.0, 8, 0.5, 110
_BITS_PER_INSTRUCTION = 0.03

_ESTIMATED_TABLE_BITS, _ESTIMATED_SYMBOL_BITS = 60.0, 1.5
_FEW_VALUES = 64  # of layers that may share a table
_TRIED = 4  # alphabets of a layer for which a code is really made


@dataclass(frozen=True)
class CodedLayer:
    """As they stand in the file."""

    table: bytes
    code: bytes


@dataclass(frozen=True, eq=False)
class _Code:
    """A code for some layers. cost: bits of table and code words, and what instructions are worth."""

    alphabet: Alphabet
    lengths: dict[int, int]
    cost: float


class _Layer:
    """A layer, and how often its symbols occur in each alphabet that was tried."""

    def __init__(self, weights: Weights) -> None:
        self.runs: Runs = runs_of(weights)
        self._counts: dict[tuple[tuple[int, ...], int], Numbers] = {}

    @cached_property
    def alphabets(self) -> list[Alphabet]:
        return list(candidates(self.runs))

    def counts(self, alphabet: Alphabet) -> Numbers:
        """(4096,)"""
        key = alphabet.most, alphabet.zeros
        if key not in self._counts:
            self._counts[key] = np.bincount(alphabet.symbols(self.runs), minlength=SYMBOLS)
        return self._counts[key]


@dataclass(frozen=True, eq=False)
class _Group:
    """Layers that share a code."""

    layers: tuple[int, ...]
    code: _Code


def code_layers(layers: Sequence[Weights], max_length: int = huffman.MAX_CODE_LENGTH) -> list[CodedLayer]:
    """Weights (filters, kernel, kernel, channels) of all layers that go into one file, each not empty."""
    found = [_Layer(weights) for weights in layers]
    codes = [_best(layer, max_length) for layer in found]
    coded: dict[int, CodedLayer] = {}
    for group in _shared(found, codes, max_length):
        lengths, alphabet = group.code.lengths, group.code.alphabet
        table = pack_table(lengths)
        for i in group.layers:
            code = huffman.encode(alphabet.symbols(found[i].runs), lengths)
            coded[i] = CodedLayer(table, code)
    return [coded[i] for i in range(len(found))]


def _best(layer: _Layer, max_length: int) -> _Code:
    likely = sorted(layer.alphabets, key=lambda alphabet: _estimate(layer.counts(alphabet)))
    tried = dict.fromkeys([*likely[:_TRIED], layer.alphabets[0]])
    best = min((_code(a, layer.counts(a), max_length) for a in tried), key=lambda code: code.cost)
    if not best.lengths:  # plain weights have the fewest symbols
        raise ValueError(f"a layer has more values than code words of at most {max_length} bits")
    return best


def _estimate(counts: Numbers) -> float:
    """The cost of an ideal code for so many symbols of each kind."""
    used = counts[counts > 0].astype(np.float64)
    lengths = np.log2(used.sum() / used)
    table = _ESTIMATED_TABLE_BITS + _ESTIMATED_SYMBOL_BITS * len(used)
    return table + float((used * lengths).sum()) + _decoding(counts, lengths)


def _decoding(counts: Numbers, lengths: Numbers | npt.NDArray[np.float64]) -> float:
    """What decoding these symbols is worth in bits. lengths: of those that occur."""
    symbols = np.flatnonzero(counts)
    each = np.where(symbols // 16 == 128, _ZEROS, _WEIGHT) + _A_BIT * lengths
    each = each + np.where(lengths > _LOOKUP_BITS, _LONG, 0)
    return _BITS_PER_INSTRUCTION * (float((counts[symbols] * each).sum()) + _IN_TABLE * len(symbols))


def _code(alphabet: Alphabet, counts: Numbers, max_length: int) -> _Code:
    """Of infinite cost where there are more symbols than code words, or than a decoder has room for."""
    symbols = np.flatnonzero(counts)
    if len(symbols) > min(MOST_SYMBOLS, 2**max_length):
        return _Code(alphabet, {}, float("inf"))
    lengths = huffman.code_lengths(counts, max_length)
    bits = np.array([lengths[symbol] for symbol in symbols.tolist()], np.int64)
    total = int((counts[symbols] * bits).sum()) if len(symbols) > 1 else 0
    return _Code(alphabet, lengths, 8 * len(pack_table(lengths)) + total + _decoding(counts, bits))


def _shared(layers: list[_Layer], codes: list[_Code], max_length: int) -> list[_Group]:
    """The layers in groups, joined two at a time as long as that makes the whole smaller."""
    few = [i for i, layer in enumerate(layers) if 0 < np.count_nonzero(occurring(layer.runs)) <= _FEW_VALUES]
    regular_ones = [i for i in few if codes[i].alphabet.kind != "stairs"]
    alone = [_Group((i,), code) for i, code in enumerate(codes) if i not in regular_ones]
    if not regular_ones:
        return alone
    values = np.logical_or.reduce([occurring(layers[i].runs) for i in regular_ones])
    kinds = dict.fromkeys((codes[i].alphabet.kind, codes[i].alphabet.zeros) for i in regular_ones)
    alphabets = [regular(kind, values, zeros) for kind, zeros in kinds]

    def counts(group: Sequence[int], alphabet: Alphabet) -> Numbers:
        total: Numbers = np.sum([layers[i].counts(alphabet) for i in group], axis=0)
        return total

    def ideal(group: Sequence[int]) -> tuple[float, Alphabet]:
        return min(((_estimate(counts(group, a)), a) for a in alphabets), key=lambda found: found[0])

    groups = [_Group((i,), codes[i]) for i in regular_ones]
    costs = {group.layers: ideal(group.layers)[0] for group in groups}
    gains: dict[tuple[_Group, _Group], float] = {}
    while True:
        for pair in combinations(groups, 2):
            if pair not in gains:
                both = ideal(pair[0].layers + pair[1].layers)[0]
                gains[pair] = costs[pair[0].layers] + costs[pair[1].layers] - both
        possible = [pair for pair in combinations(groups, 2) if gains[pair] > 0]
        if not possible:
            return alone + groups
        first, second = best = max(possible, key=lambda pair: gains[pair])
        together = first.layers + second.layers
        ideal_cost, alphabet = ideal(together)
        code = _code(alphabet, counts(together, alphabet), max_length)
        gains[best] = 0.0
        if code.cost < first.code.cost + second.code.cost:
            groups = [group for group in groups if group not in best] + [_Group(together, code)]
            costs[together] = ideal_cost
