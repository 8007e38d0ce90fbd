"""How each layer's weights are coded: its alphabet, by size and by what decoding costs, and its code table.

Layers that are alike share a table where that makes the whole smaller."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
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
    joined,
    occurring,
    regular,
    runs_of,
)
from squeezenet_lib.coding.code_table import CodeTable, pack_table
from squeezenet_lib.coding.low_bits import PAIR_LOW_BITS, classes_of, pairs_of, with_low_bits
from squeezenet_lib.coding.tap_lists import SHIFT_GRID, have_lists

_LOOKUP_BITS = 8
_IN_TABLE = 75  # instructions of huffman_decode.c for a symbol of a table, which each layer reads anew
# What an instruction is worth: in a file of 100 KB, 1 % of the size is as dear as 270,000 instructions.
_BITS_PER_INSTRUCTION = 0.03

_ESTIMATED_TABLE_BITS, _ESTIMATED_SYMBOL_BITS = 60.0, 1.5
_FEW_VALUES = 64  # of layers that may share a table
_MANY_VALUES = 32  # from here on a layer may have low bits
_MAY_BE_LOW = (2, 3)
_TRIED = 4  # alphabets of a layer for which a code is really made


@dataclass(frozen=True)
class _Instructions:
    """Of a decoder: for a symbol with a weight, for one of zeros alone, more where the code word is longer
    than the lookup's, and for a bit.
    """

    weight: float
    zeros: float
    long: float
    bit: float


_IN_LISTS = _Instructions(19, 19, 17, 0.25)  # of list_decode_xtensa.S
_ONE_BY_ONE = _Instructions(29, 15, 21, 0.34)  # of filter_decode_xtensa.S
_IN_PAIRS = _Instructions(32, 32, 18, 0.25)  # of pair_decode_xtensa.S


@dataclass(frozen=True)
class CodedLayer:
    """As they stand in the file."""

    table: bytes
    code: bytes


@dataclass(frozen=True, eq=False)
class _Code:
    """A code for some layers. cost: bits of table and code words, and what instructions are worth.

    alphabet: of the symbols, unless they are pairs.
    """

    alphabet: Alphabet | None
    table: CodeTable
    cost: float

    @property
    def kind(self) -> str:
        return self.alphabet.kind if self.alphabet else "pairs"


class _Form:
    """Runs of zeros and classes of values of a layer and of its parts, and how often symbols occur in
    alphabets so far."""

    def __init__(self, parts: Sequence[Runs], low_bits: int) -> None:
        self.low_bits = low_bits
        self.parts = [classes_of(runs, low_bits) for runs in parts]
        self.runs = joined(runs for runs, _ in self.parts)
        self._counts: dict[tuple[tuple[int, ...], int], Numbers] = {}

    @cached_property
    def alphabets(self) -> list[Alphabet]:
        """With low bits there are few classes: they have room for what joins zeros and weight."""
        found = candidates(self.runs)
        return [a for a in found if self.low_bits == 0 or a.kind in ("plain", "grid")]

    def counts(self, alphabet: Alphabet) -> Numbers:
        """(4096,)"""
        key = alphabet.most, alphabet.zeros
        if key not in self._counts:
            symbols = np.concatenate([alphabet.symbols(runs) for runs, _ in self.parts])
            self._counts[key] = np.bincount(symbols, minlength=SYMBOLS)
        return self._counts[key]


class _Layer:
    """A layer, whose parts are streams of their own, in all forms that may suit it."""

    def __init__(self, parts: Sequence[Weights]) -> None:
        runs = [runs_of(part) for part in parts]
        many = np.count_nonzero(occurring(joined(runs))) > _MANY_VALUES
        self.parts = parts
        self.forms = {low_bits: _Form(runs, low_bits) for low_bits in (0, *(_MAY_BE_LOW if many else ()))}
        dense = 2 * sum(map(np.count_nonzero, parts)) >= sum(part.size for part in parts)
        even = all(math.prod(part.shape[1:]) % 2 == 0 for part in parts)
        self.has_pairs = bool(many and dense and even)

    def coded(self, code: _Code) -> list[CodedLayer]:
        """Each part."""
        table = pack_table(code.table)
        if code.alphabet is None:
            streams = [pairs_of(part) for part in self.parts]
        else:
            form = self.forms[code.table.low_bits]
            streams = [with_low_bits(code.alphabet.symbols(runs), low) for runs, low in form.parts]
        return [CodedLayer(table, huffman.encode(symbols, code.table, low)) for symbols, low in streams]


@dataclass(frozen=True, eq=False)
class _Group:
    """Layers that share a code."""

    layers: tuple[int, ...]
    code: _Code


def code_layers(
    layers: Sequence[Weights],
    max_length: int = huffman.MAX_CODE_LENGTH,
    beside: Collection[int] = (),
) -> list[CodedLayer]:
    """Weights (filters, kernel, kernel, channels) of all layers that go into one file, each not empty.

    beside: indices of those that are the second part of the layer before them: the two have one table.
    """
    parts: list[list[Weights]] = []
    for index, weights in enumerate(layers):
        parts.append([*parts.pop(), weights] if parts and index in beside else [weights])
    found = [_Layer(layer) for layer in parts]
    codes = [_best(layer, max_length) for layer in found]
    coded: dict[int, list[CodedLayer]] = {}
    for group in _shared(found, codes, max_length):
        coded |= {i: found[i].coded(group.code) for i in group.layers}
    return [part for i in range(len(found)) for part in coded[i]]


def _best(layer: _Layer, max_length: int) -> _Code:
    codes = [_best_of_form(form, max_length) for form in layer.forms.values()]
    if layer.has_pairs:
        codes.append(_pairs(layer.parts, max_length))
    best = min(codes, key=lambda code: code.cost)
    if not best.table.lengths:  # plain weights without low bits have a code whenever any have
        raise ValueError(f"a layer has more values than code words of at most {max_length} bits")
    return best


def _best_of_form(form: _Form, max_length: int) -> _Code:
    likely = sorted(form.alphabets, key=lambda alphabet: _estimate(form.counts(alphabet), form.low_bits))
    tried = dict.fromkeys([*likely[:_TRIED], form.alphabets[0]])
    codes = (_code(a, form.counts(a), form.low_bits, max_length) for a in tried)
    return min(codes, key=lambda code: code.cost)


def _pairs(parts: Sequence[Weights], max_length: int) -> _Code:
    counts = np.bincount(np.concatenate([pairs_of(part)[0] for part in parts]), minlength=SYMBOLS)
    symbols = np.flatnonzero(counts)
    if len(symbols) == 1 or len(symbols) > 2**max_length:
        return _no_code(None)
    table = CodeTable(huffman.code_lengths(counts, max_length), PAIR_LOW_BITS, pairs=True)
    bits = np.array([table.lengths[symbol] for symbol in symbols.tolist()], np.int64)
    low = np.full(len(symbols), 2 * PAIR_LOW_BITS)
    size = 8 * len(pack_table(table)) + int((counts[symbols] * (bits + low)).sum())
    return _Code(None, table, size + _decoding(counts, bits, low, _IN_PAIRS))


def _no_code(alphabet: Alphabet | None) -> _Code:
    return _Code(alphabet, CodeTable({}), float("inf"))


def _estimate(counts: Numbers, low_bits: int, layers: int = 1) -> float:
    """The cost of an ideal code for so many symbols of each kind in so many layers."""
    used = counts[counts > 0].astype(np.float64)
    lengths = np.log2(used.sum() / used)
    table = _ESTIMATED_TABLE_BITS + _ESTIMATED_SYMBOL_BITS * len(used)
    return table + float((used * lengths).sum()) + _uncoded(counts, lengths, low_bits, layers)


def _uncoded(
    counts: Numbers, lengths: Numbers | npt.NDArray[np.float64], low_bits: int, layers: int
) -> float:
    """Low bits, and what decoding is worth. lengths: of the symbols that occur."""
    symbols = np.flatnonzero(counts)
    low = np.where(symbols // 16 != 128, low_bits, 0)
    magnitudes = np.abs(symbols // 16 - 128)
    decoder = _IN_LISTS if low_bits == 0 and have_lists(magnitudes) else _ONE_BY_ONE
    return int((counts[symbols] * low).sum()) + _decoding(counts, lengths, low, decoder, layers)


def _decoding(
    counts: Numbers,
    lengths: Numbers | npt.NDArray[np.float64],
    low: Numbers,
    decoder: _Instructions,
    layers: int = 1,
) -> float:
    """What decoding these symbols is worth in bits. lengths, low: bits of those that occur."""
    symbols = np.flatnonzero(counts)
    each = np.where(symbols // 16 == 128, decoder.zeros, decoder.weight) + decoder.bit * (lengths + low)
    each = each + np.where(lengths > _LOOKUP_BITS, decoder.long, 0)
    tables = layers * _IN_TABLE * len(symbols)
    return _BITS_PER_INSTRUCTION * (float((counts[symbols] * each).sum()) + tables)


def _code(alphabet: Alphabet, counts: Numbers, low_bits: int, max_length: int, layers: int = 1) -> _Code:
    """Of infinite cost where there are more symbols than code words, or than a decoder has room for."""
    longest = max_length if low_bits == 0 else min(max_length, huffman.MAX_CODE_LENGTH - low_bits)
    symbols = np.flatnonzero(counts)
    if len(symbols) > min(MOST_SYMBOLS, 2**longest) or (len(symbols) == 1 and low_bits > 0):
        return _no_code(alphabet)
    table = CodeTable(huffman.code_lengths(counts, longest), low_bits)
    bits = np.array([table.lengths[symbol] for symbol in symbols.tolist()], np.int64)
    total = int((counts[symbols] * bits).sum()) if len(symbols) > 1 else 0
    return _Code(
        alphabet, table, 8 * len(pack_table(table)) + total + _uncoded(counts, bits, low_bits, layers)
    )


def _shared(layers: list[_Layer], codes: list[_Code], max_length: int) -> list[_Group]:
    """The layers in groups of one number of low bits, joined as long as that makes the whole smaller."""
    alike: dict[tuple[int, bool], dict[int, _Form]] = {}
    for i, (layer, code) in enumerate(zip(layers, codes, strict=True)):
        if code.kind in ("stairs", "pairs"):
            continue
        form = layer.forms[code.table.low_bits]
        if 0 < np.count_nonzero(occurring(form.runs)) <= _FEW_VALUES:
            alike.setdefault((form.low_bits, _has_list_of_8(form)), {})[i] = form
    groups = [group for _, forms in sorted(alike.items()) for group in _joined(forms, codes, max_length)]
    together = {i for group in groups for i in group.layers}
    return groups + [_Group((i,), code) for i, code in enumerate(codes) if i not in together]


def _has_list_of_8(form: _Form) -> bool:
    """Whether tap_lists.h has a list for the layer's 8s. By the table it knows that there are but the shift
    grid's values: no other layer's may be in it."""
    magnitudes = np.abs(np.flatnonzero(occurring(form.runs)) - 128)
    return form.low_bits == 0 and have_lists(magnitudes) and magnitudes.max() == SHIFT_GRID[-1]


def _joined(forms: dict[int, _Form], codes: list[_Code], max_length: int) -> list[_Group]:
    """Layers of one number of low bits in groups, joined two at a time."""
    low_bits = next(iter(forms.values())).low_bits
    values = np.logical_or.reduce([occurring(form.runs) for form in forms.values()])
    chosen = (codes[i].alphabet for i in forms)
    kinds = dict.fromkeys((alphabet.kind, alphabet.zeros) for alphabet in chosen if alphabet)
    alphabets = [regular(kind, values, zeros) for kind, zeros in kinds]

    def counts(group: Sequence[int], alphabet: Alphabet) -> Numbers:
        total: Numbers = np.sum([forms[i].counts(alphabet) for i in group], axis=0)
        return total

    def ideal(group: Sequence[int]) -> tuple[float, Alphabet]:
        estimates = ((_estimate(counts(group, a), low_bits, len(group)), a) for a in alphabets)
        return min(estimates, key=lambda found: found[0])

    groups = [_Group((i,), codes[i]) for i in forms]
    costs = {group.layers: ideal(group.layers)[0] for group in groups}
    gains: dict[tuple[_Group, _Group], float] = {}
    while True:
        for pair in combinations(groups, 2):
            if pair not in gains:
                both = ideal(pair[0].layers + pair[1].layers)[0]
                gains[pair] = costs[pair[0].layers] + costs[pair[1].layers] - both
        possible = [pair for pair in combinations(groups, 2) if gains[pair] > 0]
        if not possible:
            return groups
        first, second = best = max(possible, key=lambda pair: gains[pair])
        together = first.layers + second.layers
        ideal_cost, alphabet = ideal(together)
        code = _code(alphabet, counts(together, alphabet), low_bits, max_length, len(together))
        gains[best] = 0.0
        if code.cost < first.code.cost + second.code.cost:
            groups = [group for group in groups if group not in best] + [_Group(together, code)]
            costs[together] = ideal_cost
