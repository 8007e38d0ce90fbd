"""The firmware's RAM test over memories with one fault each: whatever the fault, a bad word is named."""

import ctypes
import functools
import random
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from squeezenet_lib.paths import ROOT

SOURCES = (ROOT / "esp32_pio/src/ram_test.c", ROOT / "tests/c/ram_model/model.c")
BASE = 0x1000  # never followed
ADDRESS_LINES = 5
WORDS = 1 << ADDRESS_LINES
BITS = 32

_READ = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_size_t)
_WRITE = ctypes.CFUNCTYPE(None, ctypes.c_size_t, ctypes.c_uint32)


class Memory:
    """A good memory of 32 words that starts with noise. Faults change a method."""

    def __init__(self) -> None:
        noise = random.Random(1)
        self.words = [noise.getrandbits(BITS) for _ in range(WORDS)]
        self.accesses = 0

    def select(self, index: int) -> int:
        """The word that the address lines choose."""
        return index

    def settle(self, index: int, before: int) -> None:
        """What the fault does after word `index`, which held `before`, was written."""

    def read(self, index: int) -> int:
        self.accesses += 1
        return self.words[self.select(index)]

    def write(self, index: int, value: int) -> None:
        self.accesses += 1
        index = self.select(index)
        before = self.words[index]
        self.words[index] = value
        self.settle(index, before)


def word_named(memory: Memory, first: int = 0, words: int = WORDS) -> int | None:
    """Index of the word that the test names."""
    library = _library()
    callbacks = (
        _READ(lambda address: memory.read((address - BASE) // 4)),
        _WRITE(lambda address, value: memory.write((address - BASE) // 4, value)),
    )
    for name, callback in zip(("model_read", "model_write"), callbacks, strict=True):
        address = ctypes.cast(callback, ctypes.c_void_p).value
        ctypes.c_void_p.in_dll(library, name).value = address
    bad = library.ram_test(ctypes.c_void_p(BASE + 4 * first), ctypes.c_uint32(words))
    return None if bad is None else (bad - BASE) // 4


@functools.cache
def _library() -> ctypes.CDLL:
    with tempfile.TemporaryDirectory(prefix="ram-test-") as folder:
        library = Path(folder, "ram_test.so")
        command = ["cc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"]
        command += [f"-I{ROOT / 'tests/c/ram_model'}", "-o", str(library), *map(str, SOURCES)]
        subprocess.run(command, check=True)
        loaded = ctypes.CDLL(str(library))
    loaded.ram_test.restype = ctypes.c_void_p
    return loaded


# --- faults, as the literature on memory tests names them ---


class Stuck(Memory):
    """A bit that always reads the same."""

    def __init__(self, word: int, bit: int, value: int) -> None:
        super().__init__()
        self.word, self.mask, self.value = word, 1 << bit, value

    def read(self, index: int) -> int:
        value = super().read(index)
        if index != self.word:
            return value
        return value | self.mask if self.value else value & ~self.mask


class Transition(Memory):
    """A bit that can become `value` only by itself: no write changes it to that."""

    def __init__(self, word: int, bit: int, value: int) -> None:
        super().__init__()
        self.word, self.mask, self.value = word, 1 << bit, value
        self.words[word] = self.words[word] & ~self.mask | (0 if value else self.mask)

    def settle(self, index: int, before: int) -> None:
        if index == self.word and (before ^ self.words[index]) & self.mask:
            self.words[index] ^= self.mask


class LineStuck(Memory):
    """An address line that is always high, or low."""

    def __init__(self, line: int, value: int) -> None:
        super().__init__()
        self.mask, self.value = 1 << line, value

    def select(self, index: int) -> int:
        return index | self.mask if self.value else index & ~self.mask


class LinesShorted(Memory):
    """Two address lines of which both are high only when both should be, or both when one should be."""

    def __init__(self, one: int, other: int, join: Callable[[int, int], int]) -> None:
        super().__init__()
        self.one, self.other, self.join = one, other, join

    def select(self, index: int) -> int:
        level = self.join(index >> self.one & 1, index >> self.other & 1)
        index &= ~(1 << self.one | 1 << self.other)
        return index | level << self.one | level << self.other


class Coupled(Memory):
    """A bit, the victim, that depends on another: (word, bit) each.

    rises: the change of the aggressor that matters. effect: "invert", or the value that the victim takes.
    """

    def __init__(self, aggressor: tuple[int, int], victim: tuple[int, int], rises: bool, effect: str | int):
        super().__init__()
        self.aggressor, self.victim, self.rises, self.effect = aggressor, victim, rises, effect

    def settle(self, index: int, before: int) -> None:
        word, bit = self.aggressor
        after = self.words[index]
        if index != word or not (before ^ after) >> bit & 1 or (after >> bit & 1) != self.rises:
            return
        word, bit = self.victim
        if self.effect == "invert":
            self.words[word] ^= 1 << bit
        else:
            self.words[word] = self.words[word] & ~(1 << bit) | int(self.effect) << bit


class Tied(Memory):
    """A bit that takes `effect` whenever another has the value `state`; (word, bit) each."""

    def __init__(self, aggressor: tuple[int, int], victim: tuple[int, int], state: int, effect: int) -> None:
        super().__init__()
        self.aggressor, self.victim, self.state, self.effect = aggressor, victim, state, effect

    def settle(self, index: int, before: int) -> None:
        word, bit = self.aggressor
        if self.words[word] >> bit & 1 == self.state:
            word, bit = self.victim
            self.words[word] = self.words[word] & ~(1 << bit) | self.effect << bit


# --- what is found ---


def test_good_memory_passes_and_is_left_zero() -> None:
    memory = Memory()
    assert word_named(memory) is None
    assert memory.words == [0] * WORDS
    assert memory.accesses == 15 * WORDS


def test_nothing_outside_the_range_is_touched() -> None:
    memory = Memory()
    before = list(memory.words)
    assert word_named(memory, first=3, words=7) is None
    assert memory.words == before[:3] + [0] * 7 + before[10:]
    assert word_named(memory, words=0) is None


def cells() -> Iterator[tuple[int, int]]:
    for word in (0, 1, 13, WORDS - 2, WORDS - 1):
        for bit in (0, 1, 7, 16, 30, 31):
            yield word, bit


@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("fault", [Stuck, Transition])
def test_a_bit_that_does_not_change_is_found_where_it_is(
    fault: type[Stuck] | type[Transition], value: int
) -> None:
    for word, bit in cells():
        assert word_named(fault(word, bit, value)) == word


@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("line", range(ADDRESS_LINES))
def test_a_stuck_address_line_is_found(line: int, value: int) -> None:
    assert word_named(LineStuck(line, value)) is not None


@pytest.mark.parametrize("join", [lambda a, b: a & b, lambda a, b: a | b], ids=["and", "or"])
@pytest.mark.parametrize("one", range(ADDRESS_LINES))
@pytest.mark.parametrize("other", range(ADDRESS_LINES))
def test_shorted_address_lines_are_found(one: int, other: int, join: Callable[[int, int], int]) -> None:
    shorted = LinesShorted(one, other, join)
    assert (word_named(shorted) is not None) == (one != other)


NEIGHBOURS = [(0, 1), (1, 0), (6, 7), (7, 6), (0, WORDS - 1), (WORDS - 1, 0), (4, 20), (20, 4)]
NEAR_BITS = [(5, 5), (5, 6), (31, 0)]


@pytest.mark.parametrize("rises", [False, True])
@pytest.mark.parametrize("effect", ["invert", 0, 1])
def test_a_word_that_changes_with_another_is_found(effect: str | int, rises: bool) -> None:
    for word, victim in NEIGHBOURS:
        for bit, victim_bit in NEAR_BITS:
            memory = Coupled((word, bit), (victim, victim_bit), rises, effect)
            assert word_named(memory) is not None, (word, bit, victim, victim_bit)


@pytest.mark.parametrize("state", [0, 1])
@pytest.mark.parametrize("effect", [0, 1])
def test_a_word_that_follows_the_state_of_another_is_found(state: int, effect: int) -> None:
    for word, victim in NEIGHBOURS:
        for bit, victim_bit in NEAR_BITS:
            memory = Tied((word, bit), (victim, victim_bit), state, effect)
            assert word_named(memory) is not None, (word, bit, victim, victim_bit)


@pytest.mark.parametrize("state", [0, 1])
@pytest.mark.parametrize("effect", [0, 1])
def test_a_bit_that_follows_its_neighbour_is_found(state: int, effect: int) -> None:
    for bit in range(BITS):
        for victim_bit in {max(bit - 1, 0), min(bit + 1, BITS - 1)} - {bit}:
            assert word_named(Tied((3, bit), (3, victim_bit), state, effect)) == 3, (bit, victim_bit)
