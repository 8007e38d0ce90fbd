"""Small random networks over all that the runtime runs, for tests: every operator, size and extreme.

A healthy tensor's values lie about 50 steps around its zero point, whatever its scale; extremes leave that.
What TFLM leaves undefined is kept out: sums that do not fit 32 bits, also after a left shift.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from squeezenet_lib.graph import (
    Add,
    AveragePool2D,
    Concatenation,
    Conv2D,
    Graph,
    MaxPool2D,
    Mean,
    Operator,
    Pad,
    Padding,
    Requantize,
    Softmax,
    Tensor,
    same_padding,
    windowed_size,
)
from squeezenet_lib.random_weights import Shape, draw_extreme_arithmetic, draw_extreme_weights, draw_weights
from squeezenet_lib.tflite_node import activation_range

NONE, RELU, RELU_N1_TO_1, RELU6 = 0, 1, 2, 3
_SPREAD = 50.0


def random_model(random: np.random.Generator) -> Graph:
    """Pictures of 8 to 40 pixels and 1 to 4 channels -> (1, classes) or (1, 1, 1, classes).

    TFLM runs it in milliseconds. The same generator state gives the same graph.
    """
    return _Drawing(random).graph()


class _Drawing:
    """The operators so far; every method that draws one returns its output."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self.operators: list[Operator] = []
        self.tensors = 0
        self.extremes = random.choice([0.0, 0.02, 0.08])  # how often

    def graph(self) -> Graph:
        height, width = (int(side) for side in self.random.integers(8, 41, 2))
        shape = (1, height, width, int(self.random.integers(1, 5)))
        if self.chance(0.7):
            picture = self.tensor(shape, 1 / 128, 0)
        else:
            picture = self.tensor(shape, self.scale(), self.zero_point())
        x = picture
        blocks = [
            self.convolution, self.convolution, self.fire, self.fire, self.bypass, self.max_pool,
            self.average_pool, self.dense, self.requantize, self.pad,
        ]  # fmt: skip
        for _ in range(self.random.integers(1, 6)):
            x = blocks[self.random.integers(len(blocks))](x)
        return Graph(picture, self.scores(x), tuple(self.operators))

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

    def convolution(self, x: Tensor, filters: int | None = None, kernel: int | None = None) -> Tensor:
        activation, scale, zero_point = self.activation()
        return self.conv2d(x, filters, kernel, None, activation, scale, zero_point)

    def conv2d(
        self,
        x: Tensor,
        filters: int | None,
        kernel: int | None,
        stride: int | None,
        activation: int,
        scale: float,
        zero_point: int,
    ) -> Tensor:
        """What is None is drawn. A kernel that is given comes with padding SAME."""
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
        mean, spread = _values(x)
        deviation = np.maximum(size, 1) * spread
        bias = deviation * self.random.normal(0, 0.5, filters) - mean * total
        multipliers = _SPREAD / deviation
        if self.extreme():
            multipliers, bias = draw_extreme_arithmetic(self.random, multipliers, bias)
        magnitude = np.abs(bias) + 255 * np.abs(weights.astype(np.int64)).sum(axis=(1, 2, 3))
        # Sums are shifted left before a multiplication by 1 or more.
        multipliers = np.minimum(multipliers, 2.0 ** (29 - np.ceil(np.log2(magnitude + 1))))
        return multipliers, np.rint(bias).astype(np.int32)

    def fire(self, x: Tensor) -> Tensor:
        """Squeeze, then 1x1 and 3x3 side by side; their scales sometimes differ."""
        x = self.convolution(x, int(self.random.integers(1, 9)), 1)
        activation, scale, zero_point = self.activation()
        expand = int(self.random.integers(1, 17))
        branches = []
        for kernel in self.random.permutation([1, 3])[: self.random.choice([2, 2, 2, 1])]:
            kept = self.activation()
            if self.chance(0.8) or not _can_rescale(kept[1], scale):
                kept = activation, scale, zero_point
            branches.append(self.conv2d(x, expand, int(kernel), 1, *kept))
        return self.joined(branches, scale, zero_point)

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

    def dense(self, x: Tensor) -> Tensor:
        """What goes in comes out again, joined by what a convolution or a pooling makes of it."""
        y = self.conv2d(x, int(self.random.integers(1, 9)), 3, 1, NONE, x.scale, x.zero_point)
        branches = [x, y] if self.chance(0.5) else [self.max_pool(x, 3, 1), y]
        return self.joined(branches, x.scale, x.zero_point)

    def bypass(self, x: Tensor) -> Tensor:
        y = self.conv2d(x, x.shape[3], int(self.random.choice([1, 3])), 1, *self.activation())
        first, second = (x, y) if self.chance(0.5) else (y, x)
        largest = max(x.scale, y.scale)
        scale = largest * float(2.0 ** (self.random.uniform(-18, 10) if self.extreme() else 0.7))
        activation = int(self.random.choice([NONE, RELU]))
        output = self.tensor(x.shape, scale, -128 if activation == RELU else self.zero_point())
        self.operators.append(Add((first, second), output, *activation_range(activation, output)))
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
        if not _can_rescale(x.scale, scale):
            scale = x.scale
        zero_point = (
            self.zero_point() if self.extreme() else x.zero_point + int(self.random.integers(-60, 61))
        )
        output = self.tensor(x.shape, scale, min(max(zero_point, -128), 127))
        self.operators.append(Requantize(x, output))
        return output

    def pad(self, x: Tensor) -> Tensor:
        """With a pooling behind: in front of a convolution alone it would be folded."""
        sides = Padding(*(int(n) for n in self.random.integers(0, 4, 4)))
        _, height, width, channels = x.shape
        shape = (1, height + sides.top + sides.bottom, width + sides.left + sides.right, channels)
        output = self.tensor(shape, x.scale, x.zero_point)
        self.operators.append(Pad(x, output, sides))
        return self.max_pool(output)

    def scores(self, x: Tensor) -> Tensor:
        """Classes from the last tensor: logits, or a softmax of them."""
        if self.chance(0.8) or not 2 <= x.shape[3] <= 20:
            activation = int(self.random.choice([NONE, NONE, RELU]))
            scale = float(2.0 ** self.random.uniform(-7, -3))
            zero_point = -128 if activation == RELU else int(self.random.integers(-40, 41))
            x = self.conv2d(x, int(self.random.integers(2, 21)), 1, 1, activation, scale, zero_point)
        _, height, width, channels = x.shape
        if self.chance(0.3):
            logits = self.tensor((1, 1, 1, channels), x.scale, x.zero_point)
            self.operators.append(AveragePool2D(x, logits, height, width, 1, Padding(), -128, 127))
        else:
            shape = (1, 1, 1, channels) if self.chance(0.3) else (1, channels)
            ratio = float(2.0 ** self.random.uniform(*((-20, 30) if self.extreme() else (-2, 1))))
            centre = round(-_values(x)[0] / ratio)
            zero_point = self.zero_point() if self.extreme() else min(max(centre, -128), 127)
            logits = self.tensor(shape, x.scale * ratio, zero_point)
            self.operators.append(Mean(x, logits))
        beta = float(self.random.choice([1.0, 1.0, 0.5, 2.0]))
        if self.chance(0.3) or not 1 < beta * logits.scale * 2**26 < 2.0**40:
            return logits
        output = self.tensor(logits.shape, 1 / 256, -128)
        self.operators.append(Softmax(logits, output, beta))
        return output


def _can_rescale(scale: float, to: float) -> bool:
    """Whether int8 values shifted left for it stay within 32 bits."""
    return scale / to < 2.0**20


def _values(tensor: Tensor) -> tuple[float, float]:
    """About the mean of (q - zero point) and its root mean square, for a healthy tensor."""
    steps = np.array([-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5]) * _SPREAD
    values = np.clip(tensor.zero_point + steps, -128, 127) - tensor.zero_point
    return float(values.mean()), math.sqrt(float(np.square(values).mean()))
