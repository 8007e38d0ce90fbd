"""Convolutions as graphs of their own: what the runtime makes of them, and what NumPy does, with 64 bits."""

from __future__ import annotations

import ctypes
import dataclasses
import functools
import tempfile
from pathlib import Path

import numpy as np

from squeezenet_lib.compiler.fixed_point import quantize_multiplier
from squeezenet_lib.compiler.planner import plan
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import Conv2D, Graph, MaxPool2D, Mean, Operator, Padding, Tensor, windowed_size
from squeezenet_lib.sqz.container import write_sqz
from squeezenet_lib.sqz.host_runtime import ARENA_ALIGNMENT, compile_library
from squeezenet_lib.sqz.program import Measure, OpKind, Program

SQZ_MODEL_BYTES = 64  # at least sizeof(sqz_model)


@functools.cache
def library() -> ctypes.CDLL:
    with tempfile.TemporaryDirectory() as folder:
        return ctypes.CDLL(str(compile_library(Path(folder), "gcc")))


def last_planes(program: Program, picture: np.ndarray) -> np.ndarray:
    """What the last convolution leaves, int8 (height, width, channels), for a picture uint8 (H, W, C)."""
    sqz = write_sqz(program)[0]
    blob = ctypes.create_string_buffer(sqz, len(sqz))
    model = ctypes.create_string_buffer(SQZ_MODEL_BYTES)
    assert library().sqz_open(model, blob, ctypes.c_size_t(len(sqz))) == 0
    memory = np.full(program.header.arena_bytes + ARENA_ALIGNMENT, 0xA5, np.uint8)
    arena = memory[-memory.ctypes.data % ARENA_ALIGNMENT :][: program.header.arena_bytes]
    offset = program.header.picture_offset
    arena[offset : offset + picture.size] = picture.ravel()
    last = max(i for i, op in enumerate(program.ops) if op.kind == OpKind.CONV2D)
    for index in range(last + 1):
        size = ctypes.c_size_t(arena.size)
        assert library().sqz_run_op(model, ctypes.c_void_p(arena.ctypes.data), size, index) == 0
    out = program.tensors[program.ops[last].output]
    assert out.lanes == 1
    planes = arena[out.arena_offset : out.arena_offset + out.planes * out.plane].reshape(out.planes, -1)
    pixels = planes[:, : out.height * out.width].reshape(out.channels, out.height, out.width)
    return (pixels ^ 0x80).view(np.int8).transpose(1, 2, 0)


def requantized(sums: np.ndarray, conv: Conv2D) -> np.ndarray:
    """TFLite's two roundings of int64 sums (height, width, filters), zero point and clamp."""
    result = np.empty(sums.shape, np.int8)
    for f, filter_scale in enumerate(conv.filter_scales):
        real = conv.input.scale * float(filter_scale) / conv.output.scale
        multiplier, shift = quantize_multiplier(real)
        high = (sums[..., f] * 2 ** max(shift, 0) * multiplier + 2**30) >> 31
        half = 2 ** -min(shift, 0) // 2
        value = np.sign(high) * ((np.abs(high) + half) >> -min(shift, 0))
        result[..., f] = np.clip(value + conv.output.zero_point, conv.clamp_min, conv.clamp_max)
    return result


def convolved(pixels: np.ndarray, conv: Conv2D) -> np.ndarray:
    """The convolution of int8 (height, width, channels), computed with 64 bits."""
    p, s, k = conv.padding, conv.stride, conv.weights.shape[1]
    values = pixels.astype(np.int64) - conv.input.zero_point
    values = np.pad(values, ((p.top, p.bottom), (p.left, p.right), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(values, (k, k), axis=(0, 1))[::s, ::s]
    sums = np.einsum("yxcij,fijc->yxf", windows, conv.weights.astype(np.int64)) + conv.bias
    return requantized(sums, conv)


def pooled(pixels: np.ndarray, pool: MaxPool2D) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (pool.window, pool.window), axis=(0, 1))
    return windows[:: pool.stride, :: pool.stride].max(axis=(3, 4))


def expected_planes(graph: Graph, picture: np.ndarray) -> np.ndarray:
    pixels = (picture ^ 0x80).view(np.int8)
    for op in graph.operators:
        if isinstance(op, Conv2D):
            pixels = convolved(pixels, op)
        elif isinstance(op, MaxPool2D):
            pixels = pooled(pixels, op)
    return pixels


def chain(picture: Tensor, operators: list[Operator]) -> Graph:
    """The operators, and what a program has to end with: one value for each class."""
    last = operators[-1].output
    scores = Tensor(1000, "scores", (1, last.shape[-1]), last.scale, last.zero_point)
    return Graph(picture, scores, (*operators, Mean(last, scores)))


def programs(graph: Graph) -> list[Program]:
    """The plan with two lanes (or bytes, where those will do), and that with four if it takes less memory."""
    names = tuple(str(i) for i in range(graph.output.shape[-1]))
    program, memory = plan(graph, names, False, "test", 2**23)
    try:
        return [program, plan(graph, names, False, "test", memory.arena_bytes - 1)[0]]
    except UserError:
        return [program]


def measuring(program: Program, measure: Measure) -> Program:
    """The program whose convolutions all measure in this way."""
    return dataclasses.replace(
        program, ops=tuple(dataclasses.replace(op, measure=measure) for op in program.ops)
    )


def assert_exact(program: Program, picture: np.ndarray, expected: np.ndarray) -> None:
    for measure in Measure:
        assert np.array_equal(last_planes(measuring(program, measure), picture), expected), measure


def lanes_of(program: Program) -> list[int]:
    """Of the input of each convolution."""
    return [program.tensors[op.input].lanes for op in program.ops if op.kind == OpKind.CONV2D]


def convolution(  # noqa: PLR0913 - an operator's fields, most of them as they usually are
    source: Tensor,
    weights: np.ndarray,
    bias: np.ndarray,
    multipliers: np.ndarray,
    stride: int = 1,
    padding: Padding | None = None,
    zero_point: int = 0,
    clamps: tuple[int, int] = (-128, 127),
) -> Conv2D:
    """Output = sums x multiplier: all scales are 1 but the filters'."""
    padding = padding or Padding()
    window = weights.shape[1], weights.shape[2]
    size = windowed_size(*source.shape[1:3], padding, window, stride)
    output = Tensor(source.index + 1, f"conv{source.index}", (1, *size, len(weights)), 1.0, zero_point)
    return Conv2D(
        source,
        output,
        weights,
        multipliers.astype(np.float32),
        bias.astype(np.int32),
        stride,
        padding,
        *clamps,
    )
