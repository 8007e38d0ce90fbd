"""What opening a .sqz demands of its program: one thing wrong in a good program, and it is refused."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import pytest

from squeezenet_lib.sqz.container import write_sqz
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.sqz.program import PICTURE, Filters, OpKind, OpRecord, Program
from tests.support.fuzz_seeds import programs, smallest_first

OK, ERR_PROGRAM = 0, -5

Chosen = Callable[[Program, OpRecord], bool]


def status(program: Program) -> int:
    return HostRuntime.status(write_sqz(program)[0])


def with_op(program: Program, index: int, **fields: object) -> Program:
    changed = dataclasses.replace(program.ops[index], **fields)
    return dataclasses.replace(program, ops=(*program.ops[:index], changed, *program.ops[index + 1 :]))


def with_tensor(program: Program, index: int, **fields: object) -> Program:
    changed = dataclasses.replace(program.tensors[index], **fields)
    tensors = (*program.tensors[:index], changed, *program.tensors[index + 1 :])
    return dataclasses.replace(program, tensors=tensors)


def with_header(program: Program, **fields: object) -> Program:
    return dataclasses.replace(program, header=dataclasses.replace(program.header, **fields))


def with_record(program: Program, index: int, **numbers: int) -> Program:
    """One number of the op's last record changed."""
    filters = program.ops[index].filters
    assert filters is not None
    changed = {name: getattr(filters, name).copy() for name in numbers}
    for name, number in numbers.items():
        changed[name][-1] = number
    return with_op(program, index, filters=dataclasses.replace(filters, **changed))


def any_op(program: Program, op: OpRecord) -> bool:
    return True


@functools.cache
def chosen(kind: OpKind, suits: Chosen = any_op) -> tuple[Program, int]:
    """The smallest program that has such an op, and where."""
    for program in smallest_first():
        for index, op in enumerate(program.ops):
            if op.kind == kind and suits(program, op):
                assert status(program) == OK
                return program, index
    raise AssertionError(f"no program has such a {kind.name}")


def source(program: Program, op: OpRecord) -> int:
    return program.tensors[op.input].lanes


def in_lanes(program: Program, op: OpRecord) -> bool:
    return source(program, op) != 1 and op.pool == 0


def in_bytes(program: Program, op: OpRecord) -> bool:
    return source(program, op) == 1


def pooled(program: Program, op: OpRecord) -> bool:
    return op.pool > 0


def pooled_to_bytes(program: Program, op: OpRecord) -> bool:
    return op.pool > 0 and program.tensors[op.output].lanes == 1


def from_tensor(program: Program, op: OpRecord) -> bool:
    return op.input != PICTURE


def padded(program: Program, op: OpRecord) -> bool:
    return op.input != PICTURE and op.pad_left > 0


def several_rows(program: Program, op: OpRecord) -> bool:
    return program.tensors[op.output].height > 1


def several_channels(program: Program, op: OpRecord) -> bool:
    return program.tensors[op.input].channels > 2


def with_lanes(program: Program, op: OpRecord) -> bool:
    return any(t.lanes > 1 for t in program.tensors)


def with_filters(program: Program, op: OpRecord) -> bool:
    return op.filters is not None


def without_one(op: OpRecord) -> Filters:
    """Its records, the last one left out."""
    assert op.filters is not None
    numbers = {name: value[:-1] for name, value in vars(op.filters).items()}
    return Filters(**numbers)


def other_size(program: Program, op: OpRecord) -> int:
    """A tensor with as many channels that could be an addend, or a sum, but for its height."""
    source = program.tensors[op.input]
    return next(
        i
        for i, t in enumerate(program.tensors)
        if t.lanes == 1 and t.channels >= source.channels and t.height != source.height
    )


# Kind of op, which of them, and fields of it whose new values are refused. Functions take program and op.
OP_DEMANDS: dict[str, tuple[OpKind, Chosen, str, object]] = {
    "no filters": (OpKind.CONV2D, in_lanes, "filters", None),
    "no band": (OpKind.CONV2D, in_lanes, "band", 0),
    "a band of part of a block": (OpKind.CONV2D, in_lanes, "band", lambda p, op: op.band - 1),
    "a band of all rows and one": (
        OpKind.CONV2D,
        pooled,
        "band",
        lambda p, op: p.tensors[op.input].lane_step // (op.pool_stride * p.tensors[op.input].pitch) + 1,
    ),
    "no kernel": (OpKind.CONV2D, in_lanes, "kernel", 0),
    "a kernel over bytes": (OpKind.CONV2D, in_bytes, "kernel", 2),
    "a stride over bytes": (OpKind.CONV2D, in_bytes, "stride", 2),
    "an origin in bytes": (OpKind.CONV2D, in_bytes, "origin", 1),
    "pooling of bytes": (OpKind.CONV2D, in_bytes, "pool", 1),
    "a stride that is not the planes'": (OpKind.CONV2D, in_lanes, "stride", lambda p, op: op.stride + 1),
    "too few rows to pool": (
        OpKind.CONV2D,
        pooled,
        "conv_height",
        lambda p, op: (p.tensors[op.output].height - 1) * op.pool_stride + op.pool - 1,
    ),
    "too few columns to pool": (
        OpKind.CONV2D,
        pooled,
        "conv_width",
        lambda p, op: (p.tensors[op.output].width - 1) * op.pool_stride + op.pool - 1,
    ),
    "columns past the planes'": (
        OpKind.CONV2D,
        pooled,
        "conv_width",
        lambda p, op: p.tensors[op.input].pitch + 1,
    ),
    "pooling in place": (OpKind.CONV2D, pooled, "pool_stride", 0),
    "rows that the output has not": (
        OpKind.CONV2D,
        in_lanes,
        "conv_height",
        lambda p, op: op.conv_height - 1,
    ),
    "columns that the output has not": (
        OpKind.CONV2D,
        in_lanes,
        "conv_width",
        lambda p, op: op.conv_width - 1,
    ),
    "channels that the output has not": (
        OpKind.CONV2D,
        in_lanes,
        "output_channel",
        lambda p, op: p.tensors[op.output].channels,
    ),
    "no words for taps": (OpKind.CONV2D, in_lanes, "tap_words", 1),
    "taps where the output goes": (
        OpKind.CONV2D,
        in_lanes,
        "arena_scratch",
        lambda p, op: p.tensors[op.output].arena_offset,
    ),
    "misaligned taps": (OpKind.CONV2D, in_lanes, "arena_scratch", lambda p, op: op.arena_scratch + 1),
    "taps past the arena": (OpKind.CONV2D, in_lanes, "arena_scratch", lambda p, op: p.header.arena_bytes - 4),
    "windows far away": (OpKind.CONV2D, in_lanes, "origin", 0xFFFF),
    "no such input": (OpKind.CONV2D, in_lanes, "input", lambda p, op: len(p.tensors)),
    "no such output": (OpKind.CONV2D, in_lanes, "output", lambda p, op: len(p.tensors)),
    "the picture as input": (OpKind.MEAN, from_tensor, "input", PICTURE),
    "pooling over nothing": (OpKind.MAX_POOL, from_tensor, "kernel", 0),
    "pooling over no columns": (OpKind.AVERAGE_POOL, from_tensor, "kernel_x", 0),
    "pooling on the spot": (OpKind.MAX_POOL, from_tensor, "stride", 0),
    "averages over nothing, rounded up": (OpKind.AVERAGE_POOL_UP, from_tensor, "kernel", 0),
    "windows of padding alone, above": (OpKind.MAX_POOL, from_tensor, "pad_top", lambda p, op: op.kernel),
    "windows of padding alone, left": (
        OpKind.AVERAGE_POOL,
        from_tensor,
        "pad_left",
        lambda p, op: op.kernel_x,
    ),
    "windows below the last row": (OpKind.AVERAGE_POOL, several_rows, "stride", 255),
    "a picture above its place": (OpKind.RESCALE, padded, "pad_top", 255),
    "a picture right of its place": (
        OpKind.RESCALE,
        padded,
        "pad_left",
        lambda p, op: p.tensors[op.output].width - p.tensors[op.input].width + 1,
    ),
    "more channels than there are": (OpKind.RESCALE, from_tensor, "output_channel", 4096),
    "lanes spread into lanes": (OpKind.SPREAD, from_tensor, "input", lambda p, op: op.output),
    "bytes as what is spread into": (OpKind.SPREAD, from_tensor, "output", lambda p, op: op.input),
    "no such addend": (OpKind.ADD, from_tensor, "second", lambda p, op: len(p.tensors)),
    "an addend of another size": (
        OpKind.ADD,
        from_tensor,
        "second",
        other_size,
    ),
    "a sum of another size": (OpKind.ADD, from_tensor, "output", other_size),
    "no constants": (OpKind.MULTIPLY_CHANNELS, from_tensor, "constants", b""),
    "constants of another number": (
        OpKind.ADD_CHANNELS,
        several_channels,
        "constants",
        lambda p, op: bytes(p.tensors[op.input].channels - 1),
    ),
    "a product of another size": (OpKind.MULTIPLY_CHANNELS, from_tensor, "output", other_size),
    "channels that the product has not": (
        OpKind.MULTIPLY_CHANNELS,
        from_tensor,
        "output_channel",
        lambda p, op: p.tensors[op.output].channels,
    ),
    "a record too few": (OpKind.MULTIPLY_CHANNELS, from_tensor, "filters", lambda p, op: without_one(op)),
    "something unknown negated": (OpKind.ADD_CHANNELS, from_tensor, "second", 3),
    "lanes as input of a product": (
        OpKind.MULTIPLY_CHANNELS,
        with_lanes,
        "input",
        lambda p, op: next(i for i, t in enumerate(p.tensors) if t.lanes > 1),
    ),
    "logits of another number": (
        OpKind.SOFTMAX,
        from_tensor,
        "input",
        lambda p, op: next(i for i, t in enumerate(p.tensors) if t.channels != p.header.classes),
    ),
    "an op of an unknown kind": (OpKind.MEAN, from_tensor, "kind", 99),
}


@pytest.mark.parametrize("demand", OP_DEMANDS)
def test_of_ops(demand: str) -> None:
    kind, suits, name, value = OP_DEMANDS[demand]
    program, index = chosen(kind, suits)
    assert status(with_op(program, index, **{name: changed(value, program, index)})) == ERR_PROGRAM


def changed(value: object, program: Program, index: int) -> object:
    return value(program, program.ops[index]) if callable(value) else value


def wider(program: Program, op: OpRecord) -> int:
    return program.tensors[op.output].width + 1


# Of the output of such an op.
TENSOR_DEMANDS: dict[str, tuple[OpKind, Chosen, dict[str, object]]] = {
    "three lanes": (OpKind.SPREAD, from_tensor, {"lanes": 3}),
    "lanes in the same place": (OpKind.SPREAD, from_tensor, {"lane_step": 0}),
    "no phases": (OpKind.SPREAD, from_tensor, {"phases": 0}),
    "too many phases": (OpKind.SPREAD, from_tensor, {"phases": 17}),
    "rows in the same place": (OpKind.SPREAD, from_tensor, {"pitch": 0}),
    "part of a word": (OpKind.SPREAD, from_tensor, {"plane": lambda p, op: p.tensors[op.output].plane - 2}),
    "no channels": (OpKind.SPREAD, from_tensor, {"channels": 0}),
    "another height": (OpKind.SPREAD, from_tensor, {"height": lambda p, op: p.tensors[op.output].height - 1}),
    "another width": (OpKind.SPREAD, from_tensor, {"width": lambda p, op: p.tensors[op.output].width - 1}),
    "no rows": (OpKind.MEAN, from_tensor, {"height": 0}),
    "no columns": (OpKind.MEAN, from_tensor, {"width": 0}),
    "misaligned": (
        OpKind.MEAN,
        from_tensor,
        {"arena_offset": lambda p, op: p.tensors[op.output].arena_offset + 1},
    ),
    "past the arena": (OpKind.MEAN, from_tensor, {"arena_offset": lambda p, op: p.header.arena_bytes}),
    "larger than the arena": (OpKind.MEAN, from_tensor, {"plane": lambda p, op: p.header.arena_bytes}),
    "larger than its plane": (OpKind.MEAN, from_tensor, {"height": 5}),
    "of more than one pixel": (OpKind.MEAN, from_tensor, {"height": 2}),
    "bytes with a pitch": (OpKind.MEAN, from_tensor, {"pitch": 2}),
    "bytes in phases": (OpKind.MEAN, from_tensor, {"phases": 2}),
    "wider than what is pooled": (
        OpKind.CONV2D,
        pooled_to_bytes,
        {"width": wider, "pitch": wider, "plane": 4096},
    ),
}


@pytest.mark.parametrize("demand", TENSOR_DEMANDS)
def test_of_tensors(demand: str) -> None:
    kind, suits, fields = TENSOR_DEMANDS[demand]
    program, index = chosen(kind, suits)
    values = {name: changed(value, program, index) for name, value in fields.items()}
    if demand == "wider than what is pooled":  # with room for it, so that nothing else is wrong
        program = with_header(program, arena_bytes=2**20)
    assert status(with_tensor(program, program.ops[index].output, **values)) == ERR_PROGRAM


@pytest.mark.parametrize(
    "numbers", [{"shift": 31}, {"shift": -32}, {"multiplier": -1}, {"shift": 127}, {"multiplier": -(2**31)}]
)
@pytest.mark.parametrize(
    "kind",
    [
        OpKind.CONV2D,
        OpKind.ADD,
        OpKind.MEAN,
        OpKind.RESCALE,
        OpKind.MULTIPLY_CHANNELS,
        OpKind.ADD_CHANNELS,
    ],
)
def test_of_fixed_point_numbers(kind: OpKind, numbers: dict[str, int]) -> None:
    program, index = chosen(kind, with_filters)
    assert status(with_record(program, index, **numbers)) == ERR_PROGRAM


def test_of_softmaxs_shift() -> None:
    program, index = chosen(OpKind.SOFTMAX)
    assert status(with_record(program, index, shift=0)) == OK
    assert status(with_record(program, index, shift=-1)) == ERR_PROGRAM


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"arena_bytes": 0}, id="no arena"),
        pytest.param({"arena_bytes": 2**24 + 16}, id="an arena that no chip has"),
        pytest.param({"picture_offset": 2**20}, id="a picture past the arena"),
        pytest.param({"scores_offset": 2**20}, id="scores past the arena"),
        pytest.param({"class_names": ()}, id="no classes"),
        pytest.param({"class_names": ("x",) * 512}, id="too many classes"),
        pytest.param({"height": 0}, id="no rows"),
        pytest.param({"width": 2049}, id="too many columns"),
        pytest.param({"channels": 65}, id="too many channels"),
    ],
)
def test_of_the_header(fields: dict[str, object]) -> None:
    program, _ = chosen(OpKind.SOFTMAX)
    assert status(with_header(program, **fields)) == ERR_PROGRAM


def test_of_the_last_op() -> None:
    program, index = chosen(OpKind.SOFTMAX)
    last = program.ops[index]
    assert index == len(program.ops) - 1
    assert status(dataclasses.replace(program, ops=program.ops[:-1])) == ERR_PROGRAM
    assert status(dataclasses.replace(program, ops=(*program.ops, last))) == ERR_PROGRAM
    assert status(dataclasses.replace(program, ops=(last,))) == ERR_PROGRAM


def test_of_how_far_a_tap_is_away() -> None:
    """A tap has 16 bits for its distance, even where the arena has room for more."""
    program, index = chosen(OpKind.CONV2D, lambda p, op: in_lanes(p, op) and p.tensors[op.input].channels > 2)
    source = program.ops[index].input
    tensor = program.tensors[source]
    roomy = with_header(program, arena_bytes=2**24)
    largest = 4 * (0xFFFF // (tensor.planes - 1))
    assert status(with_tensor(roomy, source, plane=largest // 2 // 4 * 4, arena_offset=2**20)) == OK
    assert status(with_tensor(roomy, source, plane=largest + 4, arena_offset=2**20)) == ERR_PROGRAM


def test_of_the_arenas_size() -> None:
    """What a plan rounds up to is needed but for its rounding."""
    for program in list(programs().values())[:40]:
        assert status(program) == OK
        assert status(with_header(program, arena_bytes=program.header.arena_bytes - 32)) == ERR_PROGRAM


def is_beside(program: Program, op: OpRecord) -> bool:
    return op.is_beside


def scratch_bytes(program: Program, op: OpRecord) -> int:
    """Up to where its sums begin, which is less than all of it."""
    return 4 * (op.kernel**2 * program.tensors[op.input].channels + op.tap_words)


def roomy(suits: Chosen) -> tuple[Program, int]:
    """A program with such a convolution, with free memory behind all that it uses."""
    program, index = chosen(OpKind.CONV2D, suits)
    return with_header(program, arena_bytes=program.header.arena_bytes + 2**16), index


def test_parts_of_a_layer_may_not_work_in_the_same_place() -> None:
    """Neither may write over the other one's taps, which steer what it reads and writes."""
    program, index = roomy(is_beside)
    first, free = program.ops[index - 1].arena_scratch, program.header.arena_bytes - 2**15
    assert status(with_op(program, index, arena_scratch=free)) == OK
    assert status(with_op(program, index, arena_scratch=first)) == ERR_PROGRAM
    assert status(with_op(program, index - 1, arena_scratch=program.ops[index].arena_scratch)) == ERR_PROGRAM
    apart = with_op(with_op(program, index, arena_scratch=free), index - 1, arena_scratch=free + 2**14)
    assert status(apart) == OK
    op = apart.ops[index]
    for offset in (4, scratch_bytes(program, op)):  # the first one begins within the second
        assert status(with_op(apart, index - 1, arena_scratch=free + offset)) == ERR_PROGRAM
    op = apart.ops[index - 1]
    for offset in (4, scratch_bytes(program, op)):
        assert status(with_op(apart, index, arena_scratch=free + 2**14 + offset)) == ERR_PROGRAM


def test_a_part_stands_behind_the_first_one_of_the_same_tensors() -> None:
    program, index = roomy(is_beside)
    first, second = program.ops[index - 1], program.ops[index]
    without = (*program.ops[: index - 1], second, *program.ops[index + 1 :])
    assert status(dataclasses.replace(program, ops=without)) == ERR_PROGRAM
    doubled = (*program.ops[:index], dataclasses.replace(second, arena_scratch=0), *program.ops[index:])
    assert status(dataclasses.replace(program, ops=doubled)) == ERR_PROGRAM
    assert status(with_op(program, index - 1, second=1)) == ERR_PROGRAM
    copies = (*program.tensors, program.tensors[first.input], program.tensors[first.output])
    program = dataclasses.replace(program, tensors=copies)
    assert status(program) == OK
    assert status(with_op(program, index, input=len(copies) - 2)) == ERR_PROGRAM
    assert status(with_op(program, index, output=len(copies) - 1)) == ERR_PROGRAM
    assert status(with_op(program, index, second=0)) == OK, "it is one after the other then"
    assert status(dataclasses.replace(program, ops=(second, *program.ops[1:]))) == ERR_PROGRAM


def test_of_an_other_op_the_mark_of_a_part_means_something_else() -> None:
    program, index = chosen(OpKind.MEAN)
    assert status(with_op(program, index, second=1)) == OK
