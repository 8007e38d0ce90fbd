"""Plans: nothing is overwritten before its last reader, and what does not fit is refused in numbers."""

import contextlib
import dataclasses
import functools
from collections.abc import Iterator

import numpy as np
import pytest

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.compiler.planner import ARENA_LIMIT, plan
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import Add, AddChannels, Graph, MaxPool2D, Softmax
from squeezenet_lib.sqz.container import write_sqz
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.sqz.program import PICTURE, OpKind, OpRecord, Program
from tests.support.normalised_tflite import flattened
from tests.support.normalised_tflite import graph as normalised
from tests.support.random_model import random_model

NOTHING, OWN_PICTURE, SCRATCH, SCORES = (
    -1,
    -2,
    -3,
    -4,
)  # what a byte of the arena holds, beside tensors' numbers
PIXEL_BY_PIXEL = (OpKind.ADD, OpKind.RESCALE, OpKind.MULTIPLY_CHANNELS, OpKind.ADD_CHANNELS)
SUMS_LANES = {1: 4, 2: 2, 4: 4}
BLOCK_WORDS = 4


@functools.cache
def squeezenet(size: int = 32, channels: int = 1, width: float = 0.125) -> Graph:
    return random_squeezenet(np.random.default_rng(1), size, channels, 2, width, sparsity=0.8, levels=7)


def planned(graph: Graph, arena_limit: int = ARENA_LIMIT, cores: int = 1) -> Program:
    names = tuple(str(i) for i in range(graph.output.shape[-1]))
    program, memory = plan(graph, names, False, "0", arena_limit, cores)
    assert program.header.arena_bytes == memory.arena_bytes <= arena_limit
    return program


def least(graph: Graph) -> Program:
    """The plan with the smallest limit that is kept."""
    program = planned(graph)
    with contextlib.suppress(UserError):
        while True:
            program = planned(graph, program.header.arena_bytes - 16)
    return program


Region = tuple[int, int, int]  # what is there, first byte, byte after the last


def tensor_region(program: Program, index: int, first: int = 0, channels: int | None = None) -> Region:
    t = program.tensors[index]
    count = t.channels if channels is None else channels
    phases = t.phases**2
    return (
        index,
        t.arena_offset + first * phases * t.plane,
        t.arena_offset + (first + count) * phases * t.plane,
    )


def reads(program: Program, op: OpRecord) -> Iterator[Region]:
    header = program.header
    if op.input == PICTURE and op.kind in (OpKind.SPREAD, OpKind.RESCALE):
        size = header.height * header.width * header.channels
        yield OWN_PICTURE, header.picture_offset, header.picture_offset + size
    else:
        yield tensor_region(program, op.input)
    if op.kind == OpKind.ADD:
        yield tensor_region(program, op.second)


def writes(program: Program, op: OpRecord) -> Iterator[Region]:
    if op.kind in (OpKind.SOFTMAX, OpKind.SCORES):
        at = program.header.scores_offset
        yield SCORES, at, at + program.header.classes
    elif op.kind == OpKind.CONV2D:
        assert op.filters is not None
        yield tensor_region(program, op.output, op.output_channel, len(op.filters.bias))
        yield SCRATCH, op.arena_scratch, op.arena_scratch + scratch_bytes(program, op)
    elif op.kind == OpKind.SPREAD:
        yield tensor_region(program, op.output)
    else:
        channels = program.header.channels if op.input == PICTURE else program.tensors[op.input].channels
        yield tensor_region(program, op.output, op.output_channel, channels)


def scratch_bytes(program: Program, op: OpRecord) -> int:
    """As sqz_format.h has it: a word for each weight, the decoded filter, the band's 32-bit sums."""
    source = program.tensors[op.input]
    words = op.band
    if op.pool:
        words = ((op.band - 1) * op.pool_stride + op.pool) * source.pitch
    sums = -(-words // BLOCK_WORDS) * BLOCK_WORDS * SUMS_LANES[source.lanes]
    weights = op.kernel**2 * source.channels
    return 4 * (weights + op.tap_words + sums)


def follow(program: Program) -> None:
    """Runs the program on names for what each byte holds: whoever reads finds what is meant for it.

    Of two ops at the same time neither writes what the other one uses.
    """
    header = program.header
    arena = np.full(header.arena_bytes, NOTHING)
    size = header.height * header.width * header.channels
    arena[header.picture_offset : header.picture_offset + size] = OWN_PICTURE
    for op in program.ops:
        if not op.is_beside:
            used = np.zeros(header.arena_bytes, bool)
        in_place = set()
        for owner, first, end in reads(program, op):
            assert 0 <= first < end <= header.arena_bytes
            assert (arena[first:end] == owner).all(), f"{op.name} reads what has been overwritten"
            used[first:end] = True
            in_place |= {(first, end)} if op.kind in PIXEL_BY_PIXEL else set()
        for owner, first, end in writes(program, op):
            assert 0 <= first < end <= header.arena_bytes
            free = not used[first:end].any() or (first, end) in in_place
            assert free, f"{op.name} writes over what it uses"
            used[first:end] = True
            arena[first:end] = owner
    assert (arena[header.scores_offset : header.scores_offset + header.classes] == SCORES).all()


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_overwritten_before_its_last_reader(seed: int) -> None:
    graph = random_model(np.random.default_rng(seed))
    for program in (planned(graph), least(graph), planned(graph, cores=2)):
        follow(program)
        assert HostRuntime.status(write_sqz(program)[0]) == 0


@pytest.mark.parametrize("arena_limit", [ARENA_LIMIT, 92_160])
def test_nothing_in_a_whole_squeezenet_is_overwritten_before_its_last_reader(arena_limit: int) -> None:
    for cores in (1, 2):
        follow(planned(squeezenet(96, 1, 1.0), arena_limit, cores))


def test_following_a_program_notices_an_overlap() -> None:
    program = planned(squeezenet())
    noticed = 0
    for i, op in enumerate(program.ops):
        if op.kind == OpKind.CONV2D:
            onto_input = dataclasses.replace(op, arena_scratch=program.tensors[op.input].arena_offset)
            ops = (*program.ops[:i], onto_input, *program.ops[i + 1 :])
            with pytest.raises(AssertionError, match="writes over what it uses"):
                follow(dataclasses.replace(program, ops=ops))
            noticed += 1
    moved = dataclasses.replace(program.tensors[-1], arena_offset=program.tensors[-2].arena_offset)
    with pytest.raises(AssertionError):
        follow(dataclasses.replace(program, tensors=(*program.tensors[:-1], moved)))
    assert noticed == 26


@pytest.mark.parametrize(
    ("size", "channels", "arena_limit", "lanes"),
    [
        pytest.param(48, 1, 32_768, {2}, id="48x48x1"),
        pytest.param(96, 1, 114_688, {2}, id="96x96x1"),
        pytest.param(96, 1, 92_160, {2, 4}, id="96x96x1 with less"),
        pytest.param(150, 3, 286_720, {2}, id="150x150x3"),
    ],
)
def test_arenas_of_whole_squeezenets(size: int, channels: int, arena_limit: int, lanes: set[int]) -> None:
    """TFLM takes 73,900, 210,604 and 476,940 bytes (measured with its interpreter for 32 bits)."""
    program = planned(squeezenet(size, channels, 1.0), arena_limit)
    read = {program.tensors[op.input].lanes for op in program.ops if op.kind == OpKind.CONV2D}
    assert read - {1} == lanes


@pytest.mark.parametrize(("size", "channels"), [(224, 3), (320, 3)])
def test_a_picture_that_is_too_large_is_refused_in_numbers(size: int, channels: int) -> None:
    message = (
        r"needs an arena of [\d,]{7} bytes and may have 307,200; at its peak [\d,]{7} bytes are in use "
        r"\(.*fire2.*: [\d,]{7}, .*\): take smaller pictures or a narrower network"
    )
    with pytest.raises(UserError, match=message):
        planned(squeezenet(size, channels, 1.0))


@pytest.mark.parametrize("seed", range(12))
def test_a_limit_is_kept_or_refused_in_numbers(seed: int) -> None:
    graph = random_model(np.random.default_rng(seed))
    free = planned(graph).header.arena_bytes
    for limit in (free, free * 3 // 4, free // 2, 16):
        try:
            assert planned(graph, limit).header.arena_bytes <= limit
        except UserError as error:
            assert f"may have {limit:,};" in str(error)
            assert limit < free
    with pytest.raises(UserError, match="may have 16;"):
        planned(graph, 16)


def test_pooling_and_concatenation_leave_no_step_of_their_own() -> None:
    program = planned(squeezenet())
    kinds = [op.kind for op in program.ops]
    assert kinds == [OpKind.SPREAD] + [OpKind.CONV2D] * 26 + [OpKind.MEAN, OpKind.SOFTMAX]
    pooled = [op for op in program.ops if op.pool]
    assert len(pooled) == 5  # conv1 and the two expand layers of fire3 and of fire5
    joined = {op.output for op in program.ops if op.output_channel}
    assert len(joined) == 8


def test_a_pooled_tensor_that_is_also_read_otherwise_is_stored() -> None:
    """Then pooling is a step of its own."""
    graph = squeezenet()
    pool = next(op for op in graph.operators if isinstance(op, MaxPool2D))
    output = dataclasses.replace(pool.output, index=999, name="unused")
    again = dataclasses.replace(pool, output=output)
    program = planned(
        dataclasses.replace(graph, operators=(*graph.operators[:1], again, *graph.operators[1:]))
    )
    assert [op.kind for op in program.ops].count(OpKind.MAX_POOL) == 2
    assert program.ops[1].pool == 0
    follow(program)


def test_a_batch_normalisation_lies_where_its_input_did() -> None:
    """All of it costs no memory, not even where the network is largest."""
    program = planned(flattened())
    kinds = [op.kind for op in program.ops]
    first = kinds.index(OpKind.MULTIPLY_CHANNELS)
    assert kinds[first - 1 : first + 2] == [OpKind.CONV2D, OpKind.MULTIPLY_CHANNELS, OpKind.ADD_CHANNELS]
    places = {program.tensors[op.output].arena_offset for op in program.ops[first - 1 : first + 2]}
    assert len(places) == 1
    follow(program)


def test_what_is_read_again_is_not_written_over() -> None:
    """The multiplication's input is read by the addition of a bypass, too."""
    graph = normalised()
    convolved, multiplied = graph.operators[1].output, graph.operators[2]
    bypass = dataclasses.replace(convolved, index=99, name="bypass", scale=9.0, zero_point=0)
    added = Add((convolved, multiplied.output), bypass, -128, 127)
    rest = tuple(
        dataclasses.replace(op, input=bypass) if isinstance(op, AddChannels) and i > 1 else op
        for i, op in enumerate(graph.operators)
    )
    program = planned(dataclasses.replace(graph, operators=(*rest[:3], added, *rest[3:])))
    (number,) = (i for i, op in enumerate(program.ops) if op.kind == OpKind.MULTIPLY_CHANNELS)
    product, bypassed = program.ops[number], program.ops[number + 1]
    assert bypassed.kind == OpKind.ADD
    assert program.tensors[product.output].arena_offset != program.tensors[product.input].arena_offset
    assert program.tensors[bypassed.output].arena_offset == program.tensors[product.input].arena_offset
    follow(program)


def test_a_model_without_softmax_ends_in_its_logits() -> None:
    graph = squeezenet()
    last = graph.operators[-1]
    assert isinstance(last, Softmax)
    program = planned(dataclasses.replace(graph, operators=graph.operators[:-1], output=last.input))
    assert program.ops[-1].kind == OpKind.SCORES
    follow(program)


def test_class_names_have_to_fit_the_model() -> None:
    with pytest.raises(UserError, match="has 2 classes, but 3 class names"):
        plan(squeezenet(), ("a", "b", "c"), False, "0")


def test_a_tensor_that_nothing_makes_is_refused_by_name() -> None:
    graph = squeezenet()
    first = graph.operators[0].output.name
    with pytest.raises(UserError, match=f"tensor '{first}' is read before anything has made it"):
        planned(dataclasses.replace(graph, operators=graph.operators[1:]))
