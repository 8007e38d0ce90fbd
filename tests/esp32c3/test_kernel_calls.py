"""RISC-V's kernels, called one by one on the emulated core: what they leave, and what they keep."""

import itertools
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.device.emulator import run_elf
from tests.support.other_application import build_application

ENDED = 0
FILL = 0xA5A5A5A5
BUDGET = 257  # weights of one lane's taps, inputs of 255
BLOCK_WORDS = 4
PRODUCTS_2, PRODUCTS_4, LISTS_2, LISTS_4, REQUANTIZE = range(5)
SHIFT_GRID = (1, 2, 4, 8)
PLACES = 120
LANES = {PRODUCTS_2: 2, PRODUCTS_4: 4, LISTS_2: 2, LISTS_4: 4}
LEVELS = {kernel: [range(1, 8), SHIFT_GRID] for kernel in (LISTS_2, LISTS_4)}
LEVELS |= {kernel: [range(1, 128)] for kernel in (PRODUCTS_2, PRODUCTS_4)}

Chunk = list[tuple[int, int]]  # taps: weight, and where its input lies in words


@dataclass(frozen=True)
class Call:
    """What tests/c/kernel_calls.c reads, and the sums as they should be; uint32 all. may_stay: which of them
    need not be made.
    """

    kernel: int
    words: np.ndarray
    taps: np.ndarray
    sums: np.ndarray
    numbers: tuple[int, ...]
    expected: np.ndarray
    may_stay: np.ndarray

    @property
    def line(self) -> bytes:
        counts = (self.kernel, self.words.size, self.taps.size, self.sums.size)
        arrays = (self.words, self.taps, self.sums)
        return struct.pack("<10I", *counts, *self.numbers) + b"".join(
            a.astype("<u4").tobytes() for a in arrays
        )


@pytest.fixture(scope="module")
def elf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_application(tmp_path_factory.mktemp("calls"), "qemu_esp32c3", "kernel_calls.c")


def assert_as_expected(elf: Path, calls: Sequence[Call]) -> None:
    transcript = run_elf(elf, b"".join(call.line for call in calls), 120)
    assert transcript.status == ENDED, transcript.text[-200:]
    found = transcript.output.split(b"calls\n", 1)[1]
    assert len(found) == sum(4 + 4 * call.sums.size for call in calls)
    for number, call in enumerate(calls):
        changed, left = found[:4], np.frombuffer(found, "<u4", call.sums.size, 4)
        assert changed == bytes(4), f"call {number} of kernel {call.kernel} changes registers"
        same = (left == call.expected) | (call.may_stay & (left == call.sums))
        assert same.all(), f"call {number} of kernel {call.kernel}, {call.numbers}"
        found = found[4 + 4 * call.sums.size :]


# --- sums ---


def bound_chunk(random: np.random.Generator, levels: Sequence[int], places: int) -> Chunk:
    """Taps of all signs whose weights add up to what a lane holds, each at its own place."""
    magnitudes, left = [], BUDGET
    while left > 0:
        magnitudes.append(int(random.choice([level for level in levels if level <= left])))
        left -= magnitudes[-1]
    negative = random.random() * 1.2 - 0.1  # sometimes none, or all of them
    at = random.permutation(places)[: len(magnitudes)]
    assert len(at) == len(magnitudes)
    return [
        (-m if random.random() < negative else m, int(place)) for m, place in zip(magnitudes, at, strict=True)
    ]


def loose_chunk(random: np.random.Generator, levels: Sequence[int], places: int) -> Chunk:
    """Few taps."""
    count = int(random.integers(1, 6))
    weights = random.choice([level for level in levels if level <= 40], count) * random.choice([-1, 1], count)
    return [(int(w), int(random.integers(places))) for w in weights]


def pixels_for(
    random: np.random.Generator, chunks: list[Chunk], places: int, words: int, lanes: int
) -> np.ndarray:
    """Bytes (places, words, lanes): in most lanes of most words a chunk's sum is the least or the most."""
    pixels = random.integers(0, 256, (places, words, lanes))
    chosen, kind = random.integers(len(chunks), size=(words, lanes)), random.integers(4, size=(words, lanes))
    for number, chunk in enumerate(chunks):
        for weight, place in chunk:
            bright, dark = (255, 0) if weight > 0 else (0, 255)
            pixels[place] = np.where((chosen == number) & (kind == 0), bright, pixels[place])
            pixels[place] = np.where((chosen == number) & (kind == 1), dark, pixels[place])
    return pixels


def in_words(pixels: np.ndarray) -> np.ndarray:
    """Lanes of 16 bits, or of 8, of each word; the order of four lanes is that of bytes."""
    lanes = pixels.shape[-1]
    shifts = np.arange(lanes) * (32 // lanes)
    return (pixels.astype(np.uint32) << shifts.astype(np.uint32)).sum(axis=-1, dtype=np.uint32)


def negative_of(chunk: Chunk) -> int:
    return 255 * -sum(weight for weight, _ in chunk if weight < 0)


def in_sequence(chunks: list[Chunk], step: int) -> np.ndarray:
    """sum_taps.h: taps, something between, and the list of chunks."""
    taps = [(weight & 0xFFFF) << 16 | place * step for chunk in chunks for weight, place in chunk]
    headers = [negative_of(chunk) << 16 | len(chunk) for chunk in chunks]
    words = [*taps, FILL, 0, *headers[::-1]]
    return np.array([*words, -len(words) % 2**32], np.uint32)


def in_lists(chunks: list[Chunk], step: int) -> np.ndarray:
    """tap_lists.h: 16 records, of which summing looks at the shift grid's, marks, taps."""
    shift_grid = all(abs(weight) in SHIFT_GRID for chunk in chunks for weight, _ in chunk)
    records = np.full(32, FILL, np.uint32)
    records[3] = shift_grid
    marks = np.zeros((1 + len(chunks), 16), np.uint32)
    taps: list[int] = []
    first = 16 * 4 + marks.size * 2  # in units of 16 bits
    for number in range(2, 16):
        level = 8 if shift_grid and number // 2 == 3 else number // 2
        weight = -level if number % 2 else level
        marks[0, number] = first + len(taps)
        for k, chunk in enumerate(chunks, 1):
            taps += [place * step for w, place in chunk if w == weight]
            marks[k, number] = first + len(taps)
    marks[:-1, 0] = 1
    marks[-1, 0] = 0
    marks[1:, 1] = [negative_of(chunk) for chunk in chunks]
    units = np.array([*taps, *[0] * (len(taps) % 2)], "<u2")
    return np.concatenate([records, marks.ravel(), units.view("<u4")])


def sum_call(random: np.random.Generator, kernel: int, count: int, chunks: list[Chunk], places: int) -> Call:
    lanes = LANES[kernel]
    touched = -(-count // BLOCK_WORDS) * BLOCK_WORDS
    first = int(random.integers(0, 3))
    step = touched + int(random.integers(0, 3))
    pixels = pixels_for(random, chunks, places, step, lanes)
    words = np.concatenate([random.integers(0, 2**32, first, np.uint32), in_words(pixels).ravel()])
    if lanes == 4 and random.random() < 0.5:
        lane_stride, word_stride = 1, 4
    else:
        lane_stride, word_stride = touched + int(random.integers(0, 3)), 1
    base = int(random.integers(0, 2**32))

    sums = np.full(lanes * lane_stride + touched * word_stride + 8, FILL, np.uint32)
    expected, may_stay = sums.copy(), np.zeros(sums.size, bool)
    total = np.full((touched, lanes), base, np.int64)
    for chunk in chunks:
        lane = np.full((touched, lanes), negative_of(chunk), np.int64)
        for weight, place in chunk:
            lane += weight * pixels[place, :touched]
        assert lane.min() >= 0 and lane.max() < 2**16
        total += lane
    for word, lane_number in np.ndindex(touched, lanes):
        at = lane_number * lane_stride + word * word_stride
        expected[at] = total[word, lane_number] & 0xFFFFFFFF
        may_stay[at] = word >= count
    taps = (in_lists if kernel in (LISTS_2, LISTS_4) else in_sequence)(chunks, step)
    numbers = (count, lane_stride, word_stride, base, first, len(chunks))
    return Call(kernel, words, taps, sums, numbers, expected, may_stay)


@pytest.mark.parametrize("kernel", LANES)
def test_sums_at_the_bound_of_a_lane(elf: Path, kernel: int) -> None:
    """Each number of words, chunks of all kinds, sums that are stored and added."""
    random = np.random.default_rng(kernel)
    calls = []
    for count in (*range(1, 38), 40, 41, 48, 49, 52, 60):
        for chunks, levels in itertools.product((1, 2, 3), LEVELS[kernel]):
            made = [bound_chunk(random, levels, PLACES) for _ in range(chunks)]
            calls.append(sum_call(random, kernel, count, made, PLACES))
            few = [loose_chunk(random, levels, 5) for _ in range(chunks)]
            calls.append(sum_call(random, kernel, count, few, 5))
        levels = LEVELS[kernel][0]
        made = [loose_chunk(random, levels, 5), bound_chunk(random, levels, PLACES)]
        calls.append(sum_call(random, kernel, count, made, PLACES))
        calls.append(sum_call(random, kernel, count, [[]], 1))
    assert_as_expected(elf, calls)


@pytest.mark.parametrize("kernel", LANES)
@pytest.mark.parametrize("weight", [1, -1, 2, -3, 4, 5, -6, 7, -7, 8, -8])
def test_one_weight_all_over_a_chunk(elf: Path, kernel: int, weight: int) -> None:
    random = np.random.default_rng([kernel, 8 + weight])
    chunk = [(weight, place) for place in range(BUDGET // abs(weight))]
    calls = [sum_call(random, kernel, count, [chunk], BUDGET) for count in (1, 3, 7, 20, 27)]
    assert_as_expected(elf, calls)


# --- requantizing ---


def exactly(sums: np.ndarray, multiplier: int, shift: int, zero: int, low: int, high: int) -> np.ndarray:
    """TFLite's two roundings, with Python's integers."""
    found = []
    for x in sums.tolist():
        product = ((x << max(shift, 0)) * multiplier + 2**30) >> 31
        half = 2 ** -min(shift, 0) // 2
        value = (abs(product) + half >> -min(shift, 0)) * (-1 if product < 0 else 1)
        found.append(min(max(value + zero, low), high))
    return np.array(found, np.uint8)


def requantize_call(random: np.random.Generator, width: int, rows: int) -> Call:
    multiplier = int(random.integers(2**30, 2**31))
    shift = int(random.choice([-20, -12, -9, -7, -3, 0, -21, -31, 1, 4]))
    zero = int(random.choice([0, 0, 128, 255, random.integers(256)]))
    low, high = sorted(random.integers(0, 256, 2).tolist()) if random.random() < 0.3 else (0, 255)
    low = max(low, zero) if random.random() < 0.5 else low
    high = max(low, high)
    pitch = width + int(random.integers(0, 4))
    step = 2.0 ** (-shift) * 2**31 / multiplier  # from one output to the next
    near = (random.integers(-40, 300, rows * pitch) * step).astype(np.int64)
    near = np.clip(near + random.integers(-2, 3, rows * pitch), -(2**31), 2**31 - 1)
    far = random.integers(-(2**31), 2**31, rows * pitch)
    ends = random.choice([-(2**31), 2**31 - 1, 0, -1], rows * pitch)
    kind = random.integers(0, 8, rows * pitch)
    chosen = np.where(kind == 0, far, np.where(kind == 1, ends, near))
    chosen >>= max(shift, 0)  # a sum that is shifted left has room for it
    sums = np.concatenate([(chosen % 2**32).astype(np.uint32), np.full(2, FILL, np.uint32)])

    values = exactly(chosen.reshape(rows, pitch)[:, :width].ravel(), multiplier, shift, zero, low, high)
    expected = sums.copy()
    expected.view(np.uint8)[: values.size] = values
    taps = np.array([multiplier, shift % 2**32, zero, low, high], np.uint32)
    nothing = np.zeros(0, np.uint32)
    numbers = (width, rows, pitch, 0, 0, 0)
    return Call(REQUANTIZE, nothing, taps, sums, numbers, expected, np.zeros(sums.size, bool))


def test_sums_become_the_bytes_that_they_should(elf: Path) -> None:
    """Exactly, wherever a sum lies, of any width, written over the sums."""
    random = np.random.default_rng(5)
    calls = [
        requantize_call(random, int(random.integers(1, 30)), int(random.integers(1, 6))) for _ in range(300)
    ]
    assert_as_expected(elf, calls)
