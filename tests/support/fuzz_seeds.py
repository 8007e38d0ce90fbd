"""Small .sqz files over all that the runtime runs, for the fuzz target (tests/c/fuzz_sqz.c) to start from."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.compiler.planner import plan
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import (
    Conv2D,
    Graph,
    MaxPool2D,
    Mean,
    Padding,
    Tensor,
    same_padding,
    windowed_size,
)
from squeezenet_lib.sqz.container import read_tables, write_sqz
from squeezenet_lib.sqz.decision import Decision, Statistic
from squeezenet_lib.sqz.program import PICTURE, OpKind, OpRecord, Program
from squeezenet_lib.tflite.reader import read_graph
from tests.support.made_once import made_once
from tests.support.random_model import random_model
from tests.support.small_tflite import small
from tests.support.unsigned_tflite import write_unsigned

LARGEST = 4096  # bytes: small files are damaged in more interesting places
RANDOM_MODELS = 60
SHARED = 20  # of the graphs, which are made for two cores, too
INT32_MAX, INT32_MIN = 2**31 - 1, -(2**31)


def graphs() -> dict[str, Graph]:
    """By name. Most random models are small; those that are not are left out by their size."""
    found = {
        f"squeezenet {channels} channels": random_squeezenet(
            np.random.default_rng(channels), 32, channels, 2, width=0.0625, sparsity=0.5, levels=levels
        )
        for channels, levels in ((1, None), (3, 7))
    }
    for stride, window, pool_stride in ((1, 3, 2), (2, 3, 2), (1, 2, 2), (2, 2, 1)):
        found[f"pooled {stride} {window} {pool_stride}"] = pooled(stride, window, pool_stride)
    found["averages rounded up"] = read_graph(write_unsigned(read_graph(small())))
    for seed in range(RANDOM_MODELS):
        found[f"random model {seed}"] = random_model(np.random.default_rng(seed))
    return found


def pooled(stride: int, window: int, pool_stride: int) -> Graph:
    """A convolution without zeros among its weights, with max pooling fused into it; rows are odd."""
    picture = Tensor(0, "picture", (1, 15, 13, 2), 1.0, 0)
    padding = same_padding(15, 13, (3, 3), stride)
    size = windowed_size(15, 13, padding, (3, 3), stride)
    convolved = Tensor(1, "convolved", (1, *size, 3), 1.0, -128)
    weights = np.arange(1, 55, dtype=np.int8).reshape(3, 3, 3, 2)
    scales, bias = np.full(3, 2.0**-9, np.float32), np.array([-9999, 0, 9999], np.int32)
    conv = Conv2D(picture, convolved, weights, scales, bias, stride, padding, -128, 127)
    size = windowed_size(*size, Padding(), (window, window), pool_stride)
    output = Tensor(2, "pooled", (1, *size, 3), 1.0, -128)
    scores = Tensor(3, "scores", (1, 3), 1.0, -128)
    pool = MaxPool2D(convolved, output, window, pool_stride, Padding(), -128, 127)
    return Graph(picture, scores, (conv, pool, Mean(output, scores)))


@functools.cache
def programs() -> dict[str, Program]:
    """By name: each graph with as much memory as it likes, and with less: four lanes, smaller bands; for two
    cores, some of them; and one that says how it decides.
    """
    return made_once("fuzz-programs", lambda _: _planned())


def _planned() -> dict[str, Program]:
    found: dict[str, Program] = {}
    for number, (name, graph) in enumerate(graphs().items()):
        classes = tuple(f"class {i}" for i in range(graph.output.shape[-1]))
        found[name], memory = plan(graph, classes, False, "fuzz", 2**20)
        if number < SHARED and (shared := plan(graph, classes, False, "fuzz", 2**20, 2)[0]).cores == 2:
            found[f"{name} for two cores"] = shared
        try:
            found[f"{name} narrow"] = plan(graph, classes, False, "fuzz", memory.arena_bytes * 9 // 10)[0]
        except UserError:
            continue
    plain = min(found.values(), key=lambda program: len(program.ops))
    header = dataclasses.replace(plain.header, decision=Decision(1, -3, Statistic.MARGIN, 2))
    found["decides"] = dataclasses.replace(plain, header=header)
    return found


@functools.cache
def smallest_first() -> list[Program]:
    return sorted(programs().values(), key=lambda p: sum(c.weights.size for c in p.convolutions))


def seeds() -> dict[str, bytes]:
    """By name: files that the runtime runs."""
    found = {name: write_sqz(program)[0] for name, program in programs().items()}
    return {name: sqz for name, sqz in found.items() if len(sqz) <= LARGEST or name.startswith("squeezenet")}


def varied_seeds() -> dict[str, bytes]:
    """A few of the seeds, small ones, among which there is each way that a step can work."""
    files = seeds()
    found: dict[str, bytes] = {}
    seen: set[tuple[object, ...]] = set()
    for name in sorted(files, key=lambda name: len(files[name])):
        ways = {_way(programs()[name], op) for op in programs()[name].ops}
        ways.add(("decides", programs()[name].header.decision is not None))
        ways |= {("coded", table.low_bits > 0, table.pairs) for table in read_tables(files[name])}
        if not ways <= seen:
            found[name] = files[name]
            seen |= ways
    return found


def _way(program: Program, op: OpRecord) -> tuple[object, ...]:
    source = None if op.input == PICTURE else program.tensors[op.input]
    if op.kind not in (OpKind.CONV2D, OpKind.SPREAD):
        return op.kind, source is None
    target = program.tensors[op.output]
    return op.kind, source and source.lanes, target.lanes, target.phases, op.stride, op.pool > 0, op.is_beside


def edge_cases() -> dict[str, bytes]:
    """By name: files that strain or break what the runtime checks, each as small as the programs allow."""
    found: dict[str, Program] = {}
    for program in smallest_first():
        for index, op in enumerate(program.ops):
            for name, changed in _changes(program, op):
                ops = (*program.ops[:index], changed, *program.ops[index + 1 :])
                found.setdefault(name, dataclasses.replace(program, ops=ops))
    return {name: write_sqz(program)[0] for name, program in found.items()}


def _changes(program: Program, op: OpRecord) -> Iterator[tuple[str, OpRecord]]:
    if op.filters is None:
        return
    kind = op.kind.name.lower()
    numbers = {
        "largest": (INT32_MAX, INT32_MAX, 0),
        "smallest": (INT32_MIN, INT32_MAX, 0),
        "shifted out of range": (INT32_MAX, INT32_MAX, 30),
        "shifted to nothing": (INT32_MIN, INT32_MAX, -31),
    }
    count = len(op.filters.bias)
    for name, (bias, multiplier, shift) in numbers.items():
        filters = dataclasses.replace(
            op.filters,
            bias=np.full(count, bias, np.int32),
            multiplier=np.full(count, multiplier, np.int32),
            shift=np.full(count, shift, np.int8),
        )
        yield f"{kind} {name}", dataclasses.replace(op, filters=filters)
    if op.kind != OpKind.CONV2D:
        return
    output, source = program.tensors[op.output].arena_offset, program.tensors[op.input]
    before_sums = 4 * (op.tap_words + op.kernel**2 * source.channels)
    yield f"{kind} output over taps", dataclasses.replace(op, arena_scratch=output)
    if output >= before_sums:
        yield f"{kind} output over sums", dataclasses.replace(op, arena_scratch=output - before_sums)
    if op.tap_words > 3:
        yield f"{kind} too many taps", dataclasses.replace(op, tap_words=op.tap_words - 2)
    yield f"{kind} input over sums", dataclasses.replace(op, arena_scratch=source.arena_offset)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, sqz in (seeds() | edge_cases()).items():
        (folder / f"{name.replace(' ', '_')}.sqz").write_bytes(sqz)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
