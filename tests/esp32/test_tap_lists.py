"""Taps in lists: sums at the lanes' bound, chunks that end in time, lists without room refused."""

import ctypes
import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.compiler.convolution_plan import FilterTaps, filter_taps
from squeezenet_lib.graph import Graph, Padding, Tensor
from squeezenet_lib.sqz.container import write_sqz
from squeezenet_lib.sqz.host_runtime import ARENA_ALIGNMENT
from squeezenet_lib.sqz.program import Measure, OpKind, Program
from tests.esp32.test_lanes import at_the_bound, extreme_picture
from tests.support.single_convolution import (
    SQZ_MODEL_BYTES,
    assert_exact,
    chain,
    convolution,
    expected_planes,
    library,
    programs,
)

OK, ERR_CODE, ERR_PROGRAM = 0, -7, -5
BUDGET = 257  # weights of one lane's taps, inputs of 255
MAGNITUDES = {
    "large": [7] * 40,
    "all": [1, 2, 3, 4, 5, 6, 7] * 7 + [7] * 12,
    "even": [6, 4, 2, 6] * 15,
    "odd": [5, 3, 7, 3] * 15,
    "shift": [8, 1, 4, 2, 8, 8] * 10,
    "eight": [8] * 40,
}


@pytest.fixture
def in_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taps are in lists wherever they can be, whether that pays or not."""
    monkeypatch.setattr(FilterTaps, "lists", lambda taps, _record: taps.most_lists if taps.list_words else 0)


def convolutions(program: Program) -> list[int]:
    return [i for i, op in enumerate(program.ops) if op.kind == OpKind.CONV2D]


def bound_levels(magnitudes: list[int]) -> np.ndarray:
    """Taps (filters, channels) of all signs whose weights add up to what a lane holds, and to 1 more."""
    room = len(magnitudes)
    ends = np.cumsum(magnitudes)
    found = []
    for budget in (BUDGET, BUDGET + 1):
        full = int(np.searchsorted(ends, budget, side="right"))
        row = np.array(magnitudes[:full] + [0] * (room - full))
        row[full] = budget - (ends[full - 1] if full else 0)
        found += [row, -row, row * np.where(np.arange(room) % 2 == 0, 1, -1)]
    assert {int(np.abs(row).sum()) for row in found} == {BUDGET, BUDGET + 1}
    return np.array(found)


@pytest.mark.usefixtures("in_lists")
@pytest.mark.parametrize("magnitudes", MAGNITUDES.values(), ids=list(MAGNITUDES))
@pytest.mark.parametrize(("kernel", "size"), [(1, (6, 7)), (3, (6, 7)), (1, (3, 3)), (3, (9, 5))])
def test_sums_at_the_bound_of_a_lane(magnitudes: list[int], kernel: int, size: tuple[int, int]) -> None:
    random = np.random.default_rng(kernel)
    taps = bound_levels(magnitudes)
    largest = np.full(taps.shape[1], 255)
    weights, bias, multipliers = at_the_bound(taps, largest, kernel, random)
    shape = size[0] + kernel - 1, size[1] + kernel - 1
    picture = Tensor(0, "picture", (1, *shape, taps.shape[1]), 1.0, -128)
    graph = chain(picture, [convolution(picture, weights, bias, multipliers)])
    for pixels in (
        extreme_picture(taps, largest, shape, random),
        np.full((*shape, taps.shape[1]), 255, np.uint8),
    ):
        expected = expected_planes(graph, pixels)
        for program in programs(graph):
            assert program.ops[convolutions(program)[0]].lists >= 1
            assert_exact(program, pixels, expected)


@st.composite
def few_levels(draw: st.DrawFn) -> tuple[Graph, np.ndarray]:
    """One convolution, its weights some of -7 to 7 or of the shift grid, dense or sparse, and a picture."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kernel, channels, filters = draw(st.integers(1, 3)), draw(st.integers(1, 64)), draw(st.integers(1, 9))
    shift = [0, 1, 2, 4, 8, -1, -2, -4, -8]
    levels = draw(st.sets(st.integers(-7, 7) | st.sampled_from(shift), min_size=1))
    levels = levels if max(map(abs, levels)) < 8 or levels <= {*shift} else levels & {*shift}
    weights = random.choice(np.array(sorted(levels)), (filters, kernel, kernel, channels))
    weights = np.where(random.random(weights.shape) < draw(st.floats(0, 1)), weights, 0).astype(np.int8)
    side = draw(st.integers(kernel, 20)), draw(st.integers(kernel, 20))
    picture = Tensor(0, "picture", (1, *side, channels), 1.0, draw(st.sampled_from([-128, 0, 31])))
    spread = 250 / (np.abs(weights.astype(np.int64)).sum(axis=(1, 2, 3)) * 255 + 1)
    bias = random.integers(-9999, 9999, filters)
    conv = convolution(picture, weights, bias, spread, draw(st.integers(1, 2)), Padding())
    high = draw(st.sampled_from([1, 60, 255]))
    return chain(picture, [conv]), random.integers(0, high + 1, (*side, channels)).astype(np.uint8)


@pytest.mark.usefixtures("in_lists")
@settings(max_examples=60, deadline=None)
@given(few_levels())
def test_any_levels_equal_numpy(network: tuple[Graph, np.ndarray]) -> None:
    graph, pixels = network
    expected = expected_planes(graph, pixels)
    for program in programs(graph):
        assert_exact(program, pixels, expected)
        assert_exact(measured(program, Measure.LARGEST), pixels, expected)


def measured(program: Program, measure: Measure) -> Program:
    ops = [dataclasses.replace(op, measure=measure) for op in program.ops]
    return dataclasses.replace(program, ops=tuple(ops))


def status_of(program: Program, measure: Measure) -> int:
    """Of opening the program and running its first convolution."""
    sqz = write_sqz(measured(program, measure))[0]
    blob = ctypes.create_string_buffer(sqz, len(sqz))
    model = ctypes.create_string_buffer(SQZ_MODEL_BYTES)
    status = library().sqz_open(model, blob, ctypes.c_size_t(len(sqz)))
    memory = np.zeros(program.header.arena_bytes + ARENA_ALIGNMENT, np.uint8)
    arena = memory[-memory.ctypes.data % ARENA_ALIGNMENT :][: program.header.arena_bytes]
    for index in range(convolutions(program)[0] + 1):
        size = ctypes.c_size_t(arena.size)
        status = status or library().sqz_run_op(model, ctypes.c_void_p(arena.ctypes.data), size, index)
    return int(status)


def with_lists(program: Program, lists: int, fewer_words: int) -> Program:
    at = convolutions(program)[0]
    op = program.ops[at]
    changed = dataclasses.replace(op, lists=lists, tap_words=op.tap_words - fewer_words)
    return dataclasses.replace(program, ops=(*program.ops[:at], changed, *program.ops[at + 1 :]))


def listed_program(weights: np.ndarray) -> Program:
    picture = Tensor(0, "picture", (1, 9, 9, weights.shape[3]), 1.0, -128)
    filters = len(weights)
    conv = convolution(picture, weights, np.zeros(filters, int), np.full(filters, 0.01))
    return programs(chain(picture, [conv]))[0]


@pytest.mark.usefixtures("in_lists")
@pytest.mark.parametrize("measure", Measure)
def test_lists_or_chunks_without_room_are_refused(measure: Measure) -> None:
    weights = np.zeros((3, 3, 3, 30), np.int8)
    weights[1] = 3  # 810: four chunks
    program = listed_program(weights)
    lists = program.ops[convolutions(program)[0]].lists
    assert lists == 4
    assert status_of(program, measure) == OK
    assert status_of(with_lists(program, 3, 16), measure) == (
        OK if measure in (Measure.INPUTS, Measure.LARGEST) else ERR_CODE  # pixels are 0
    )
    assert status_of(with_lists(program, lists, 7), measure) == ERR_CODE  # room for 269 taps of 3
    assert status_of(with_lists(program, 255, 0), measure) == ERR_PROGRAM  # no room but for marks


@pytest.mark.usefixtures("in_lists")
@pytest.mark.parametrize("value", [8, -8, 9, 127, -128])
def test_a_weight_without_a_list_is_refused(value: int) -> None:
    weights = np.zeros((2, 1, 1, 40), np.int8)
    weights[:, 0, 0, ::3] = 3
    program = listed_program(weights)
    assert status_of(program, Measure.NOTHING) == OK
    at = convolutions(program)[0]
    filters = program.ops[at].filters
    assert filters is not None
    changed = filters.weights.copy()
    changed[1, 0, 0, 7] = value
    op = dataclasses.replace(program.ops[at], filters=dataclasses.replace(filters, weights=changed))
    program = dataclasses.replace(program, ops=(*program.ops[:at], op, *program.ops[at + 1 :]))
    assert status_of(program, Measure.NOTHING) == ERR_CODE


def test_words_and_chunks_are_counted() -> None:
    weights = np.zeros((3, 1, 1, 100), np.int8)
    weights[0, 0, 0, :10] = 7
    weights[1, 0, 0, :90] = -6  # counts 6.5 each, and 1/64
    found = filter_taps(weights)
    assert (found.filters, found.taps, found.list_chunks, found.most_lists) == (3, 100, 1 + 3 + 1, 3)
    assert found.list_words == (16 * 8 + 16 * 4 * 4 + (6 * 1 + 8 * 90) * 2) // 4
    assert found.large_room == 90
    weights[2, 0, 0, 0] = 8
    assert filter_taps(weights).list_words == 0
    weights = np.where(weights == 7, 8, np.where(weights == -6, -8, 0)).astype(np.int8)
    found = filter_taps(weights)  # counts 11.5 each, and 1/64
    assert (found.taps, found.list_chunks, found.most_lists) == (100, 1 + 5 + 1, 5)
    assert found.list_words == (16 * 8 + 16 * 4 * 6 + (6 * 90 + 8 * 1) * 2) // 4
    found = filter_taps(np.full((1, 1, 1, 300), 5, np.int8))  # a byte does not hold so many
    assert (found.list_words, found.large_room) == ((16 * 8 + 16 * 4 * 7 + 14 * 300 * 2) // 4, 0)
