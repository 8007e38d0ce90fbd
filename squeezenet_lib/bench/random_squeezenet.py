"""Full-int8 SqueezeNets drawn at random, without training and without the converter.

They stand in for trained models where only cost and exactness count: any input size, sparsity uniform over
the layers, 8-bit weights or a few levels. Scales and biases are chosen from the expected mean and variance of
each channel, so that activations neither die nor saturate through the depth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from squeezenet_lib.bench.random_weights import draw_weights
from squeezenet_lib.graph import (
    Concatenation,
    Conv2D,
    Graph,
    MaxPool2D,
    Mean,
    Operator,
    Padding,
    Softmax,
    Tensor,
    same_padding,
    windowed_size,
)
from squeezenet_lib.training.architecture import CONV1_FILTERS, FIRE_FILTERS, POOL_AFTER, check_size, scaled

# Pictures are smooth, and layers keep some of that.
_PICTURE_CORRELATION = 0.8
_CORRELATION = 0.5
# How far off an expected mean may be, as a share of it: without it, variances would grow by the layer.
_UNCERTAINTY = 0.4
# The largest representable activation, in standard deviations of what the convolution computes.
_HEADROOM = 7.0


@dataclass(frozen=True)
class _Signal:
    """A tensor with the expected mean and variance of each of its channels, float64 (channels,).

    correlation: how much of a pixel's variance its neighbours share.
    """

    tensor: Tensor
    mean: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    correlation: float = _CORRELATION


@dataclass
class _Drawing:
    """The operators so far, and how weights are drawn."""

    random: np.random.Generator
    sparsity: float
    levels: int
    operators: list[Operator] = field(default_factory=list)
    tensors: int = 0

    def tensor(self, name: str, shape: tuple[int, ...], scale: float, zero_point: int) -> Tensor:
        self.tensors += 1
        return Tensor(self.tensors - 1, name, shape, float(np.float32(scale)), zero_point)


def random_squeezenet(  # noqa: PLR0913 - what draws, and the six numbers that describe a network
    random: np.random.Generator,
    size: int,
    channels: int,
    classes: int,
    width: float = 1.0,
    sparsity: float = 0.0,
    levels: int | None = None,
) -> Graph:
    """SqueezeNet 1.1 as training/network.py builds it: (1, size, size, channels) -> (1, classes).

    Weights are Gaussian. The smallest `sparsity` share (0..1) of each layer is zero, conv1 and conv10 too;
    no other weight is. Each filter's largest weight is 127, or `levels` when given (7: integers in -7..7).
    The same generator state gives the same graph. Raises ValueError for a size below 29.
    """
    check_size(size)
    drawing = _Drawing(random, sparsity, 127 if levels is None else levels)
    picture = drawing.tensor("picture", (1, size, size, channels), 1 / 128, 0)
    x = _Signal(picture, np.zeros(channels), np.full(channels, 0.25), _PICTURE_CORRELATION)
    x = _convolution(drawing, x, "conv1", scaled(CONV1_FILTERS, width), kernel=3, stride=2)
    x = _max_pool(drawing, x, "pool1")
    for index, (squeeze, expand) in enumerate(FIRE_FILTERS, start=2):
        x = _fire(drawing, x, f"fire{index}", scaled(squeeze, width), scaled(expand, width))
        if index in POOL_AFTER:
            x = _max_pool(drawing, x, f"pool{index}")
    logits = _logits(drawing, x, classes)
    scores = drawing.tensor("scores", (1, classes), 1 / 256, -128)
    drawing.operators.append(Softmax(logits, scores, 1.0))
    return Graph(picture, scores, tuple(drawing.operators))


def _convolution(
    drawing: _Drawing, x: _Signal, name: str, filters: int, kernel: int, stride: int = 1
) -> _Signal:
    """Padding SAME and ReLU. What each filter computes has about mean 0 and variance 1 before the ReLU."""
    _, height, width, channels = x.tensor.shape
    weights = draw_weights(
        drawing.random, (filters, kernel, kernel, channels), drawing.sparsity, drawing.levels
    )
    scales = 1 / _deviation(weights, x)
    wanted = drawing.random.normal(0.0, 0.2, filters)  # mean of each filter's result
    padding = same_padding(height, width, (kernel, kernel), stride)
    shape = (1, *windowed_size(height, width, padding, (kernel, kernel), stride), filters)
    output = drawing.tensor(name, shape, _HEADROOM / 255, -128)
    bias = _bias(x, weights, scales, wanted)
    drawing.operators.append(
        Conv2D(x.tensor, output, weights, scales.astype(np.float32), bias, stride, padding, -128, 127)
    )
    alive = weights.any(axis=(1, 2, 3))
    return _Signal(output, *_rectified(wanted, np.where(alive, 1.0, 1e-9)))


def _deviation(weights: npt.NDArray[np.int8], x: _Signal) -> npt.NDArray[np.float64]:
    """Expected standard deviation (filters,) of the weighted sums of x; 1 for a filter of zeros."""
    real = weights.astype(np.float64)
    apart = np.square(real).sum(axis=(1, 2))
    together = np.square(real.sum(axis=(1, 2)))
    variance = ((1 - x.correlation) * apart + x.correlation * together) @ x.variance
    variance += together @ np.square(_UNCERTAINTY * x.mean)
    return np.sqrt(np.where(variance > 0, variance, 1.0))


def _bias(
    x: _Signal,
    weights: npt.NDArray[np.int8],
    scales: npt.NDArray[np.float64],
    wanted: npt.NDArray[np.float64],
) -> npt.NDArray[np.int32]:
    """What moves the mean of each filter's result from what x's mean makes it to `wanted`, (filters,)."""
    unit = x.tensor.scale * scales.astype(np.float32).astype(np.float64)
    # Weights are in units of `scales`, x's mean is real.
    found = scales * (weights.astype(np.float64).sum(axis=(1, 2)) @ x.mean)
    bias: npt.NDArray[np.float64] = np.clip(np.rint((wanted - found) / unit), -(2**31), 2**31 - 1)
    return bias.astype(np.int32)


def _rectified(
    mean: npt.NDArray[np.float64], deviation: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean and variance of max(0, z), z normal."""
    z = mean / deviation
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    share = np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in z])
    first = mean * share + deviation * density
    second = (mean**2 + deviation**2) * share + mean * deviation * density
    return first, np.maximum(second - first**2, 1e-9)


def _max_pool(drawing: _Drawing, x: _Signal, name: str) -> _Signal:
    _, height, width, channels = x.tensor.shape
    shape = (1, *windowed_size(height, width, Padding(), (3, 3), 2), channels)
    output = drawing.tensor(name, shape, x.tensor.scale, x.tensor.zero_point)
    drawing.operators.append(MaxPool2D(x.tensor, output, 3, 2, Padding(), -128, 127))
    # The largest of nine correlated cells lies about one standard deviation higher, and varies as much.
    return _Signal(output, x.mean + np.sqrt(x.variance), x.variance)


def _fire(drawing: _Drawing, x: _Signal, name: str, squeeze: int, expand: int) -> _Signal:
    x = _convolution(drawing, x, f"{name}_squeeze", squeeze, 1)
    narrow = _convolution(drawing, x, f"{name}_expand1x1", expand, 1)
    wide = _convolution(drawing, x, f"{name}_expand3x3", expand, 3)
    tensor = narrow.tensor
    shape = (*tensor.shape[:3], 2 * expand)
    output = drawing.tensor(f"{name}_concat", shape, tensor.scale, tensor.zero_point)
    drawing.operators.append(Concatenation((narrow.tensor, wide.tensor), output))
    return _Signal(
        output,
        np.concatenate([narrow.mean, wide.mean]),
        np.concatenate([narrow.variance, wide.variance]),
    )


def _logits(drawing: _Drawing, x: _Signal, classes: int) -> Tensor:
    """conv10 without activation, then the mean over rows and columns."""
    _, height, width, channels = x.tensor.shape
    weights = draw_weights(drawing.random, (classes, 1, 1, channels), drawing.sparsity, drawing.levels)
    spread = 3.0
    scales = spread / _deviation(weights, x)
    wanted = drawing.random.normal(0.0, 0.2, classes)
    zero_point = int(drawing.random.integers(-20, 21))
    maps = drawing.tensor("conv10", (1, height, width, classes), 12 * spread / 255, zero_point)
    bias = _bias(x, weights, scales, wanted)
    drawing.operators.append(
        Conv2D(x.tensor, maps, weights, scales.astype(np.float32), bias, 1, Padding(), -128, 127)
    )
    zero_point = int(drawing.random.integers(-20, 21))
    logits = drawing.tensor("logits", (1, classes), 8 * spread / 255, zero_point)
    drawing.operators.append(Mean(maps, logits))
    return logits
