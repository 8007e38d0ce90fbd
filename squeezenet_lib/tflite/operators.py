"""Operators of a .tflite as operators of the typed graph, or a refusal that names operator and tensor."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from squeezenet_lib.graph import (
    AveragePool2D,
    Concatenation,
    Conv2D,
    MaxPool2D,
    Mean,
    Operator,
    Pad,
    Padding,
    Softmax,
    Tensor,
    global_max_pool,
    same_padding,
    windowed_size,
)
from squeezenet_lib.tflite.elementwise import (
    read_activation,
    read_add,
    read_multiply,
    read_requantize,
    read_subtract,
)
from squeezenet_lib.tflite.node import ACTIVATIONS, Node

SAME, VALID = 0, 1  # numbers of the schema


def _padding(node: Node, height: int, width: int, window: tuple[int, int], stride: int) -> Padding:
    kind = node.option("padding")
    if kind not in (SAME, VALID):
        raise node.refusal("its padding is neither SAME nor VALID")
    return same_padding(height, width, window, stride) if kind == SAME else Padding()


def _filter_scales(node: Node, filters: int) -> npt.NDArray[np.float32]:
    """Of the weights, (filters,). Their zero point has to be 0."""
    tensor = node.model.tensors[node.operator.inputs[1]]
    scales = tensor.scales
    along_filters = len(scales) == 1 or (len(scales) == filters and tensor.scale_axis == 0)
    if not along_filters or not np.all(np.isfinite(scales) & (scales >= 0)):
        raise node.refusal("its weights have neither one scale nor one for each filter")
    if np.any(tensor.zero_points != 0):
        raise node.refusal("its weights have a zero point other than 0")
    return np.broadcast_to(scales, (filters,))


def _bias(node: Node, filters: int) -> npt.NDArray[np.int32]:
    bias = node.constant(2, "INT32") if node.has_input(2) else np.zeros(filters, np.int32)
    if bias.shape != (filters,):
        raise node.refusal(f"its bias has shape {bias.shape}, not ({filters},)")
    return bias.astype(np.int32)


def _conv2d(node: Node) -> Conv2D:
    source, output = node.input, node.output
    if len(source.shape) not in (2, 4):
        raise node.refusal(f"{source.name!r} has shape {source.shape}, not (1, height, width, channels)")
    weights = node.constant(1, "INT8").astype(np.int8)
    if weights.ndim != 4 or weights.shape[1] != weights.shape[2] or 0 in weights.shape:
        raise node.refusal(f"its kernel has shape {weights.shape}, and only square ones are run")
    if node.option("dilationHFactor") != 1 or node.option("dilationWFactor") != 1:
        raise node.refusal("it is dilated")
    filters, kernel, _, channels = weights.shape
    if channels != source.channels:
        raise node.refusal(f"it is grouped: its kernel has {channels} channels, its input {source.channels}")
    stride = node.option("strideH")
    if stride not in (1, 2) or node.option("strideW") != stride:
        raise node.refusal(f"its strides are {stride} and {node.option('strideW')}, not both 1 or both 2")
    scales, bias = _filter_scales(node, filters), _bias(node, filters)
    padding = _padding(node, source.height, source.width, (kernel, kernel), stride)
    size = windowed_size(source.height, source.width, padding, (kernel, kernel), stride)
    node.expect_shape(output, (1, *size, filters))
    return Conv2D(source, output, weights, scales, bias, stride, padding, *node.clamp(output))


def _fully_connected(node: Node) -> Conv2D:
    """A convolution: over a vector, over each pixel, or over a whole picture that was flattened."""
    source, output = node.flattened_input, node.output
    weights = node.constant(1, "INT8").astype(np.int8)
    if node.option("weightsFormat") != 0:
        raise node.refusal("its weights are shuffled")
    if weights.ndim != 2 or 0 in weights.shape:
        raise node.refusal(f"its weights have shape {weights.shape}, not (outputs, inputs)")
    filters, inputs = weights.shape
    height, width, channels = source.height, source.width, source.channels
    if inputs == height * width * channels:
        node.expect_shape(output, (1, filters) if len(output.shape) == 2 else (1, 1, 1, filters))
        kernel = max(height, width)
    elif inputs == channels and node.option("keepNumDims"):
        node.expect_shape(output, (1, height, width, filters))
        height = width = kernel = 1
    else:
        raise node.refusal(f"its weights have shape {weights.shape}, and its input {source.shape}")
    square = np.zeros((filters, kernel, kernel, channels), np.int8)
    square[:, :height, :width] = weights.reshape(filters, height, width, channels)
    padding = Padding(bottom=kernel - height, right=kernel - width)
    scales, bias = _filter_scales(node, filters), _bias(node, filters)
    return Conv2D(source, output, square, scales, bias, 1, padding, *node.clamp(output))


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
    halves_up = node.model.unsigned  # away from the uint8 zero, where int8 has -128
    return AveragePool2D(node.input, node.output, rows, columns, stride, padding, low, high, halves_up)


def _over_height_and_width(node: Node) -> Tensor:
    """The output of an operator that leaves one value of each channel."""
    _, _, channels = node.picture(node.input)
    axes = sorted(int(axis) % 4 for axis in node.constant(1, "INT32").ravel())
    if axes != [1, 2]:
        raise node.refusal("it has to be over height and width")
    output = node.output
    node.expect_shape(output, (1, 1, 1, channels) if len(output.shape) == 4 else (1, channels))
    return output


def _mean(node: Node) -> Mean:
    return Mean(node.input, _over_height_and_width(node))


def _reduce_max(node: Node) -> MaxPool2D:
    """Pooling with one window, which is square: cells of the padding never win."""
    output, source = _over_height_and_width(node), node.input
    if (source.scale, source.zero_point) != (output.scale, output.zero_point):
        raise node.refusal(f"its input {source.name!r} has another scale or zero point than its output")
    return global_max_pool(source, output)


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


def _softmax(node: Node) -> Softmax:
    source = node.input
    if any(side != 1 for side in source.shape[:-1]):
        raise node.refusal(f"its input has shape {source.shape}: average over height and width before")
    output = node.output_like(source)
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
    "FULLY_CONNECTED": _fully_connected,
    "MAX_POOL_2D": _max_pool,
    "AVERAGE_POOL_2D": _average_pool,
    "MEAN": _mean,
    "REDUCE_MAX": _reduce_max,
    "ADD": read_add,
    "SUB": read_subtract,
    "MUL": read_multiply,
    "CONCATENATION": _concatenation,
    "PAD": _pad,
    "PADV2": _pad,
    "QUANTIZE": read_requantize,
    "SOFTMAX": _softmax,
    **dict.fromkeys((name for name, low, _ in ACTIVATIONS.values() if low > -math.inf), read_activation),
}
