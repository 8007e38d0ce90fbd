"""Operators drawn at random for small networks, with what they read and in which scale they answer.

A healthy tensor's values lie about 50 steps around its zero point, whatever its scale; extremes leave that.
What TFLM leaves undefined is kept out: sums that do not fit 32 bits, also after a left shift.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from squeezenet_lib.bench.random_weights import Shape, draw_weights
from squeezenet_lib.graph import (
    AddChannels,
    AveragePool2D,
    ChannelConstants,
    Concatenation,
    Conv2D,
    MaxPool2D,
    MultiplyChannels,
    Operator,
    Padding,
    Requantize,
    Tensor,
    same_padding,
    windowed_size,
)
from squeezenet_lib.tflite.node import activation_range
from tests.support.extreme_weights import draw_extreme_arithmetic, draw_extreme_weights

NONE, RELU, RELU_N1_TO_1, RELU6 = 0, 1, 2, 3
SPREAD = 50.0


class Drawing:
    """The operators so far; every method that draws one returns its output."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self.operators: list[Operator] = []
        self.tensors = 0
        self.extremes = random.choice([0.0, 0.02, 0.08])  # how often

    def chance(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def extreme(self) -> bool:
        return self.chance(float(self.extremes))

    def tensor(self, shape: tuple[int, ...], scale: float, zero_point: int) -> Tensor:
        self.tensors += 1
        return Tensor(self.tensors - 1, f"t{self.tensors - 1}", shape, float(np.float32(scale)), zero_point)

    def scale(self) -> float:
        if self.extreme():
            return float(2.0 ** self.random.integers(-40, 31))
        return float(2.0 ** self.random.uniform(-9, 1))

    def zero_point(self) -> int:
        return int(self.random.choice([-128, -128, 0, int(self.random.integers(-128, 128)), 127]))

    def activation(self) -> tuple[int, float, int]:
        """(activation, scale, zero point) of an output, such that the activation does not leave one value."""
        activation = int(self.random.choice([NONE, RELU, RELU, RELU, RELU6, RELU_N1_TO_1]))
        if activation == NONE:
            return activation, self.scale(), self.zero_point()
        zero_point = -128 if self.chance(0.7) else int(self.random.integers(-128, 60))
        scale = self.scale() if activation == RELU else float(self.random.uniform(0.005, 0.1))
        return activation, scale, zero_point

    def conv2d(
        self,
        x: Tensor,
        filters: int | None,
        kernel: int | None,
        stride: int | None,
        kept: tuple[int, float, int],
    ) -> Tensor:
        """What is None is drawn. A kernel that is given comes with padding SAME. kept: see activation()."""
        activation, scale, zero_point = kept
        _, height, width, channels = x.shape
        same = kernel is not None or self.chance(0.5)
        kernel = kernel or int(self.random.choice([1, 1, 3, 3, 3, 7, 2, 5]))
        stride = stride or int(self.random.choice([1, 1, 2]))
        padding = self.padding(height, width, kernel, stride, same)
        size = windowed_size(height, width, padding, (kernel, kernel), stride)
        filters = filters or int(
            self.random.integers(1, 25) if height * width > 400 or self.chance(0.9) else 100
        )
        weights = self.weights((filters, kernel, kernel, channels))
        output = self.tensor((1, *size, filters), scale, zero_point)
        multipliers, bias = self.arithmetic(x, weights)
        scales = (multipliers * output.scale / x.scale).astype(np.float32)
        low, high = activation_range(activation, output)
        self.operators.append(Conv2D(x, output, weights, scales, bias, stride, padding, low, high))
        return output

    def padding(self, height: int, width: int, kernel: int, stride: int, same: bool) -> Padding:
        if same:
            return same_padding(height, width, (kernel, kernel), stride)
        if min(height, width) >= kernel and self.chance(0.5):
            return Padding()
        top, left, bottom, right = (int(n) for n in self.random.integers(0, kernel, 4))
        if height + top + bottom < kernel or width + left + right < kernel:
            return same_padding(height, width, (kernel, kernel), stride)
        rows, columns = windowed_size(
            height, width, Padding(top, left, bottom, right), (kernel, kernel), stride
        )
        bottom = max((rows - 1) * stride + kernel - top - height, 0)
        right = max((columns - 1) * stride + kernel - left - width, 0)
        return Padding(top, left, bottom, right)

    def weights(self, shape: Shape) -> npt.NDArray[np.int8]:
        if self.extreme():
            return draw_extreme_weights(self.random, shape)
        sparsity = (
            float(self.random.choice([0.0, 0.3, 0.6, 0.8, 0.9, 0.97])) if math.prod(shape) > 99 else 0.0
        )
        return draw_weights(self.random, shape, sparsity, int(self.random.choice([127, 127, 7, 3, 1])))

    def arithmetic(
        self, x: Tensor, weights: npt.NDArray[np.int8]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
        """Multipliers from sums to output steps, and biases: (filters,) each."""
        filters = len(weights)
        total = weights.astype(np.int64).sum(axis=(1, 2, 3))
        size = np.sqrt(np.square(weights.astype(np.float64)).sum(axis=(1, 2, 3)))
        mean, spread = values(x)
        deviation = np.maximum(size, 1) * spread
        bias = deviation * self.random.normal(0, 0.5, filters) - mean * total
        multipliers = SPREAD / deviation
        if self.extreme():
            multipliers, bias = draw_extreme_arithmetic(self.random, multipliers, bias)
        magnitude = np.abs(bias) + 255 * np.abs(weights.astype(np.int64)).sum(axis=(1, 2, 3))
        # Sums are shifted left before a multiplication by 1 or more.
        multipliers = np.minimum(multipliers, 2.0 ** (29 - np.ceil(np.log2(magnitude + 1))))
        return multipliers, np.rint(bias).astype(np.int32)

    def joined(self, branches: list[Tensor], scale: float, zero_point: int) -> Tensor:
        """Concatenation; a branch in another scale is brought to the common one."""
        channels = sum(branch.shape[3] for branch in branches)
        output = self.tensor((*branches[0].shape[:3], channels), scale, zero_point)
        inputs = []
        for branch in branches:
            tensor = branch
            if (branch.scale, branch.zero_point) != (output.scale, output.zero_point):
                tensor = self.tensor(branch.shape, output.scale, output.zero_point)
                self.operators.append(Requantize(branch, tensor))
            inputs.append(tensor)
        self.operators.append(Concatenation(tuple(inputs), output))
        return output

    def max_pool(self, x: Tensor, window: int | None = None, stride: int | None = None) -> Tensor:
        same = window is not None or self.chance(0.5)
        window = window or int(self.random.choice([2, 3, 3, 3, 5]))
        stride = stride or int(self.random.integers(1, 4))
        padding, size = self.pool_size(x, (window, window), stride, same)
        output = self.tensor((1, *size, x.shape[3]), x.scale, x.zero_point)
        clamps = activation_range(RELU if x.zero_point < 60 and self.chance(0.3) else NONE, output)
        self.operators.append(MaxPool2D(x, output, window, stride, padding, *clamps))
        return output

    def average_pool(self, x: Tensor) -> Tensor:
        window = int(self.random.integers(1, 4)), int(self.random.integers(1, 4))
        stride = int(self.random.integers(1, 3))
        padding, size = self.pool_size(x, window, stride, self.chance(0.5))
        output = self.tensor((1, *size, x.shape[3]), x.scale, x.zero_point)
        clamps = activation_range(RELU if x.zero_point < 60 and self.chance(0.3) else NONE, output)
        self.operators.append(AveragePool2D(x, output, *window, stride, padding, *clamps))
        return output

    def pool_size(
        self, x: Tensor, window: tuple[int, int], stride: int, same: bool
    ) -> tuple[Padding, tuple[int, int]]:
        height, width = x.shape[1:3]
        fits = height >= window[0] and width >= window[1]
        padding = Padding() if fits and not same else same_padding(height, width, window, stride)
        return padding, windowed_size(height, width, padding, window, stride)

    def requantize(self, x: Tensor) -> Tensor:
        scale = self.scale() if self.extreme() else x.scale * float(2.0 ** self.random.uniform(-1, 1))
        if not can_rescale(x.scale, scale):
            scale = x.scale
        zero_point = (
            self.zero_point() if self.extreme() else x.zero_point + int(self.random.integers(-60, 61))
        )
        output = self.tensor(x.shape, scale, min(max(zero_point, -128), 127))
        self.operators.append(Requantize(x, output))
        return output

    def fully_connected(self, x: Tensor, units: int, kept: tuple[int, float, int]) -> Tensor:
        """Over a vector, or over a picture that is flattened. kept: see activation()."""
        activation, scale, zero_point = kept
        kernel = max(x.height, x.width)
        weights = np.zeros((units, kernel, kernel, x.channels), np.int8)
        drawn = self.weights((units, x.height, x.width, x.channels))
        weights[:, : x.height, : x.width] = drawn
        output = self.tensor((1, units), scale, zero_point)
        multipliers, bias = self.arithmetic(x, weights)
        scales = (multipliers * output.scale / x.scale).astype(np.float32)
        if self.chance(0.5):  # one for all
            scales = np.full(units, scales.min(), np.float32)
        padding = Padding(bottom=kernel - x.height, right=kernel - x.width)
        clamps = activation_range(activation, output)
        self.operators.append(Conv2D(x, output, weights, scales, bias, 1, padding, *clamps))
        return output

    def constants(self, x: Tensor, scale: float) -> ChannelConstants:
        zero_point = int(self.random.integers(-128, 128))
        values = self.random.integers(-128, 128, x.channels if self.chance(0.8) else 1)
        return ChannelConstants((values - zero_point).astype(np.int16), float(np.float32(scale)))

    def multiply(self, x: Tensor) -> Tensor:
        constants = self.constants(x, self.scale())
        size = max(1.0, math.sqrt(float(np.square(constants.numbers.astype(float)).mean())))
        ratio = float(2.0 ** self.random.uniform(*((-30, 14) if self.extreme() else (-1, 1)))) / size
        activation = int(self.random.choice([NONE, NONE, RELU]))
        zero_point = -128 if activation == RELU else self.zero_point()
        output = self.tensor(x.shape, x.scale * constants.scale / ratio, zero_point)
        clamps = activation_range(activation, output)
        self.operators.append(MultiplyChannels(x, output, constants, *clamps))
        return output

    def add_constants(self, x: Tensor) -> Tensor:
        constants = self.constants(x, x.scale * float(2.0 ** self.random.uniform(-2, 1)))
        largest = max(x.scale, constants.scale)
        scale = largest * float(2.0 ** self.random.uniform(*((-18, 10) if self.extreme() else (0, 1))))
        activation = int(self.random.choice([NONE, NONE, RELU]))
        output = self.tensor(x.shape, scale, -128 if activation == RELU else self.zero_point())
        negated = [(False, False), (False, False), (True, False), (False, True)][self.random.integers(4)]
        clamps = activation_range(activation, output)
        self.operators.append(AddChannels(x, output, constants, *clamps, *negated))
        return output

    def rectify(self, x: Tensor) -> Tensor:
        """An activation of its own."""
        activation, scale, zero_point = self.activation()
        if not can_rescale(x.scale, scale):
            scale = x.scale
        output = self.tensor(x.shape, scale, zero_point)
        one = ChannelConstants(np.ones(1, np.int16), 1.0)
        self.operators.append(MultiplyChannels(x, output, one, *activation_range(activation, output)))
        return output


def can_rescale(scale: float, to: float) -> bool:
    """Whether int8 values shifted left for it stay within 32 bits."""
    return scale / to < 2.0**20


def values(tensor: Tensor) -> tuple[float, float]:
    """About the mean of (q - zero point) and its root mean square, for a healthy tensor."""
    steps = np.array([-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5]) * SPREAD
    values = np.clip(tensor.zero_point + steps, -128, 127) - tensor.zero_point
    return float(values.mean()), math.sqrt(float(np.square(values).mean()))
