"""Operators of a .tflite as operators of the typed graph, or a refusal that names operator and tensor."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from squeezenet_lib.graph import (
    Add,
    AveragePool2D,
    Concatenation,
    Conv2D,
    MaxPool2D,
    Mean,
    Operator,
    Pad,
    Padding,
    Requantize,
    Softmax,
    same_padding,
    windowed_size,
)
from squeezenet_lib.tflite_node import Node

SAME, VALID = 0, 1  # numbers of the schema


def _padding(node: Node, height: int, width: int, window: tuple[int, int], stride: int) -> Padding:
    kind = node.option("padding")
    if kind not in (SAME, VALID):
        raise node.refusal("its padding is neither SAME nor VALID")
    return same_padding(height, width, window, stride) if kind == SAME else Padding()


def _conv2d(node: Node) -> Conv2D:
    source, output = node.input, node.output
    height, width, channels = node.picture(source)
    weights = node.constant(1, "INT8")
    file_weights = node.model.tensors[node.operator.inputs[1]]
    if weights.ndim != 4 or weights.shape[1] != weights.shape[2] or 0 in weights.shape:
        raise node.refusal(f"its kernel has shape {weights.shape}, and only square ones are run")
    if node.option("dilationHFactor") != 1 or node.option("dilationWFactor") != 1:
        raise node.refusal("it is dilated")
    if weights.shape[3] != channels:
        raise node.refusal(f"it is grouped: its kernel has {weights.shape[3]} channels, its input {channels}")
    stride = node.option("strideH")
    if stride not in (1, 2) or node.option("strideW") != stride:
        raise node.refusal(f"its strides are {stride} and {node.option('strideW')}, not both 1 or both 2")
    filters, kernel = weights.shape[:2]
    scales = file_weights.scales
    along_filters = len(scales) == 1 or (len(scales) == filters and file_weights.scale_axis == 0)
    if not along_filters or not np.all(np.isfinite(scales) & (scales >= 0)):
        raise node.refusal("its weights have neither one scale nor one for each filter")
    if np.any(file_weights.zero_points != 0):
        raise node.refusal("its weights have a zero point other than 0")
    bias = node.constant(2, "INT32") if node.has_input(2) else np.zeros(filters, np.int32)
    if bias.shape != (filters,):
        raise node.refusal(f"its bias has shape {bias.shape}, not ({filters},)")
    padding = _padding(node, height, width, (kernel, kernel), stride)
    size = windowed_size(height, width, padding, (kernel, kernel), stride)
    node.expect_shape(output, (1, *size, filters))
    low, high = node.clamp(output)
    scales = np.broadcast_to(scales, (filters,))
    return Conv2D(
        source, output, weights.astype(np.int8), scales, bias.astype(np.int32), stride, padding, low, high
    )


def _pool(node: Node) -> tuple[tuple[int, int], int, Padding, int, int]:
    """(window rows, window columns), stride, padding, clamp_min, clamp_max."""
    source, output = node.input, node.output
    height, width, channels = node.picture(source)
    window = node.option("filterHeight"), node.option("filterWidth")
    strides = node.option("strideH"), node.option("strideW")
    if min(*window, *strides) < 1:
        raise node.refusal(f"its window is {window}, its strides {strides} (the file is damaged)")
    if strides[0] != strides[1] and output.shape[1:3] != (1, 1):  # where the window moves at all
        raise node.refusal(f"its strides {strides} differ")
    stride = max(strides)
    padding = _padding(node, height, width, window, stride)
    node.expect_shape(output, (1, *windowed_size(height, width, padding, window, stride), channels))
    # TensorFlow Lite's own condition; it does not rescale.
    near = abs(np.float32(source.scale) - np.float32(output.scale)) <= 1e-6
    if not near or source.zero_point != output.zero_point:
        raise node.refusal(f"its input {source.name!r} has another scale or zero point than its output")
    return window, stride, padding, *node.clamp(output)


def _max_pool(node: Node) -> MaxPool2D:
    window, stride, padding, low, high = _pool(node)
    if window[0] != window[1]:
        raise node.refusal(f"its window is {window}, and only square ones are run")
    return MaxPool2D(node.input, node.output, window[0], stride, padding, low, high)


def _average_pool(node: Node) -> AveragePool2D:
    (rows, columns), stride, padding, low, high = _pool(node)
    return AveragePool2D(node.input, node.output, rows, columns, stride, padding, low, high)


def _mean(node: Node) -> Mean:
    _, _, channels = node.picture(node.input)
    axes = sorted(int(axis) % 4 for axis in node.constant(1, "INT32").ravel())
    if axes != [1, 2]:
        raise node.refusal("it has to be over height and width")
    output = node.output
    node.expect_shape(output, (1, 1, 1, channels) if len(output.shape) == 4 else (1, channels))
    return Mean(node.input, output)


def _add(node: Node) -> Add:
    if len(node.sources) != 2:
        raise node.refusal(f"it has {len(node.sources)} inputs, not 2")
    first, second = node.sources
    output = node.output
    if first.shape != second.shape:
        raise node.refusal(
            f"its inputs have shapes {first.shape} and {second.shape}, and it does not broadcast"
        )
    node.expect_shape(output, first.shape)
    # TFLM stops the program where this multiplier is not below 1.
    if not 2 * max(first.scale, second.scale) < 2**20 * output.scale:
        raise node.refusal("the scale of its output is too small for those of its inputs")
    return Add((first, second), output, *node.clamp(output))


def _concatenation(node: Node) -> Concatenation:
    """Inputs may have scales of their own here; the caller brings them to the output's."""
    sources, output = node.sources, node.output
    _, _, channels = node.picture(output)
    if node.option("axis") not in (-1, 3):
        raise node.refusal("it has to join channels")
    if node.option("fusedActivationFunction") != 0:
        raise node.refusal("it has a fused activation")
    sides = {node.picture(source)[:2] for source in sources}
    if sides != {output.shape[1:3]} or sum(source.shape[3] for source in sources) != channels:
        raise node.refusal(f"the shapes of its inputs do not add up to {output.shape}")
    return Concatenation(sources, output)


def _pad(node: Node) -> Pad:
    source, output = node.input, node.output
    height, width, channels = node.picture(source)
    sides = node.constant(1, "INT32")
    if sides.shape != (4, 2) or np.any(sides < 0) or np.any(sides[[0, 3]] != 0):
        raise node.refusal("it has to pad rows and columns only")
    if (source.scale, source.zero_point) != (output.scale, output.zero_point):
        raise node.refusal(f"its input {source.name!r} has another scale or zero point than its output")
    if node.has_input(2) and np.any(node.constant(2, "INT8") != output.zero_point):
        raise node.refusal(f"it pads with another value than the zero point, {output.zero_point}")
    (top, bottom), (left, right) = ((int(a), int(b)) for a, b in sides[1:3])
    node.expect_shape(output, (1, height + top + bottom, width + left + right, channels))
    return Pad(source, output, Padding(top, left, bottom, right))


def _requantize(node: Node) -> Requantize:
    source, output = node.input, node.output
    node.expect_shape(output, source.shape)
    return Requantize(source, output)


def _softmax(node: Node) -> Softmax:
    source, output = node.input, node.output
    if any(side != 1 for side in source.shape[:-1]):
        raise node.refusal(f"its input has shape {source.shape}: average over height and width before")
    if output.shape in ((1, source.shape[-1]), (1, 1, 1, source.shape[-1])):
        output = dataclasses.replace(output, shape=source.shape)  # a RESHAPE may have been in between
    node.expect_shape(output, source.shape)
    if (output.scale, output.zero_point) != (1 / 256, -128):
        raise node.refusal("its output needs scale 1/256 and zero point -128")
    beta = node.real("beta")
    if not 0 < beta < math.inf:
        raise node.refusal(f"its beta is {beta}")
    if not beta * source.scale * 2**26 > 1:  # TFLM stops the program here
        raise node.refusal(f"the scale of its input {source.name!r} is too small")
    return Softmax(source, output, beta)


READERS: dict[str, Callable[[Node], Operator]] = {
    "CONV_2D": _conv2d,
    "MAX_POOL_2D": _max_pool,
    "AVERAGE_POOL_2D": _average_pool,
    "MEAN": _mean,
    "ADD": _add,
    "CONCATENATION": _concatenation,
    "PAD": _pad,
    "PADV2": _pad,
    "QUANTIZE": _requantize,
    "SOFTMAX": _softmax,
}
