"""A small .tflite with every operator that has something to refuse, and changes that several tests make."""

import functools
from collections.abc import Callable

import numpy as np

from squeezenet_lib.graph import (
    Add,
    AveragePool2D,
    Concatenation,
    Conv2D,
    Graph,
    MaxPool2D,
    Mean,
    Padding,
    Softmax,
    Tensor,
)
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.writer import write_graph
from tests.support.tflite_edits import Edit, edited


def tensor(index: int, shape: tuple[int, ...], scale: float = 0.5, zero_point: int = -128) -> Tensor:
    return Tensor(index, f"t{index}", shape, float(np.float32(scale)), zero_point)


def conv(
    source: Tensor, output: Tensor, kernel: int, stride: int = 1, padding: Padding | None = None
) -> Conv2D:
    filters, channels = output.shape[3], source.shape[3]
    weights = np.arange(filters * kernel**2 * channels).reshape(filters, kernel, kernel, channels) % 11 - 5
    scales = np.linspace(0.01, 0.02, filters).astype(np.float32)
    bias = np.arange(filters, dtype=np.int32) * 7
    padding = padding or Padding()
    return Conv2D(source, output, weights.astype(np.int8), scales, bias, stride, padding, -128, 127)


@functools.cache
def small() -> bytes:
    """Every operator that has something to refuse, in 8 x 9 pixels."""
    picture = tensor(0, (1, 8, 9, 2), 1 / 128, 0)
    first = tensor(1, (1, 4, 5, 4))
    narrow, wide, joined = tensor(2, (1, 4, 5, 3)), tensor(3, (1, 4, 5, 5)), tensor(4, (1, 4, 5, 8))
    again, added = tensor(5, (1, 4, 5, 8), 0.25, 3), tensor(6, (1, 4, 5, 8), 0.75, 5)
    pooled, averaged = tensor(7, (1, 3, 4, 8), 0.75, 5), tensor(8, (1, 3, 2, 8), 0.75, 5)
    mean, scores = tensor(9, (1, 8), 0.1, 0), tensor(10, (1, 8), 1 / 256, -128)
    operators = (
        conv(picture, first, 3, 2, Padding(0, 1, 1, 1)),
        conv(first, narrow, 1),
        conv(first, wide, 3, 1, Padding(1, 1, 1, 1)),
        Concatenation((narrow, wide), joined),
        conv(joined, again, 1),
        Add((joined, again), added, -128, 127),
        MaxPool2D(added, pooled, 2, 1, Padding(), -128, 127),
        AveragePool2D(pooled, averaged, 1, 3, 1, Padding(), -128, 127),
        Mean(averaged, mean),
        Softmax(mean, scores, 1.0),
    )
    return write_graph(Graph(picture, scores, operators))


def read(change: Callable[[Edit], None]) -> Graph:
    return read_graph(edited(small(), change))


def padded(edit: Edit, kind: str, sides: tuple[tuple[int, int], tuple[int, int]], readers: int = 1) -> None:
    """A PAD in front of the 3x3 convolution with stride 1; `readers` 2 lets a second one read it, too."""
    op = edit.operators[2]
    shape = [1, 4 + sum(sides[0]), 5 + sum(sides[1]), 4]
    target = edit.add_tensor("padded", shape, "INT8", 0.5, -128)
    constant = edit.add_constant("sides", np.array([(0, 0), *sides, (0, 0)], np.int32))
    source = int(op.inputs[0])
    op.inputs = [target, *op.inputs[1:]]
    edit.insert(1, kind, [source, constant], target)
    if readers == 2:
        pooled = edit.add_tensor("pooled", shape, "INT8", 0.5, -128)
        pool = edit.insert(2, "MAX_POOL_2D", [target], pooled)
        pool.builtinOptionsType = edit.schema.BuiltinOptions.Pool2DOptions
        pool.builtinOptions = edit.schema.Pool2DOptionsT()
        pool.builtinOptions.filterHeight = pool.builtinOptions.filterWidth = 1
        pool.builtinOptions.strideH = pool.builtinOptions.strideW = 1
