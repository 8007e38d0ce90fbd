"""Small random networks over all that the runtime runs, for tests: every operator, size and extreme."""

from __future__ import annotations

import numpy as np

from squeezenet_lib.graph import (
    Add,
    AveragePool2D,
    Conv2D,
    Graph,
    Mean,
    MultiplyChannels,
    Pad,
    Padding,
    Softmax,
    Tensor,
    global_max_pool,
)
from squeezenet_lib.tflite.node import activation_range
from tests.support.random_drawing import NONE, RELU, Drawing, can_rescale, values

_MOST_FLATTENED = 2000  # values


def random_model(random: np.random.Generator) -> Graph:
    """Pictures of 8 to 40 pixels and 1 to 4 channels -> (1, classes) or (1, 1, 1, classes).

    TFLM runs it in milliseconds. The same generator state gives the same graph.
    """
    return _Model(random).graph()


def computed_alike(graph: Graph) -> bool:
    """By TFLM and by TFLite's reference kernels.

    Two of these compute otherwise: FULLY_CONNECTED multiplies its sums in float64 and rounds once, MUL has a
    multiplier of float32.
    """
    return not any(
        isinstance(op, MultiplyChannels) or (isinstance(op, Conv2D) and len(op.output.shape) == 2)
        for op in graph.operators
    )


class _Model(Drawing):
    """Blocks of operators, one behind the other."""

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
            self.average_pool, self.dense, self.requantize, self.pad, self.normalised, self.normalised,
        ]  # fmt: skip
        for _ in range(self.random.integers(1, 6)):
            x = blocks[self.random.integers(len(blocks))](x)
        return Graph(picture, self.scores(x), tuple(self.operators))

    def convolution(self, x: Tensor, filters: int | None = None, kernel: int | None = None) -> Tensor:
        return self.conv2d(x, filters, kernel, None, self.activation())

    def fire(self, x: Tensor) -> Tensor:
        """Squeeze, then 1x1 and 3x3 side by side; their scales sometimes differ."""
        x = self.convolution(x, int(self.random.integers(1, 9)), 1)
        activation, scale, zero_point = self.activation()
        expand = int(self.random.integers(1, 17))
        branches = []
        for kernel in self.random.permutation([1, 3])[: self.random.choice([2, 2, 2, 1])]:
            kept = self.activation()
            if self.chance(0.8) or not can_rescale(kept[1], scale):
                kept = activation, scale, zero_point
            branches.append(self.conv2d(x, expand, int(kernel), 1, kept))
        return self.joined(branches, scale, zero_point)

    def dense(self, x: Tensor) -> Tensor:
        """What goes in comes out again, joined by what a convolution or a pooling makes of it."""
        y = self.conv2d(x, int(self.random.integers(1, 9)), 3, 1, (NONE, x.scale, x.zero_point))
        branches = [x, y] if self.chance(0.5) else [self.max_pool(x, 3, 1), y]
        return self.joined(branches, x.scale, x.zero_point)

    def bypass(self, x: Tensor) -> Tensor:
        y = self.conv2d(x, x.shape[3], int(self.random.choice([1, 3])), 1, self.activation())
        first, second = (x, y) if self.chance(0.5) else (y, x)
        largest = max(x.scale, y.scale)
        scale = largest * float(2.0 ** (self.random.uniform(-18, 10) if self.extreme() else 0.7))
        activation = int(self.random.choice([NONE, RELU]))
        output = self.tensor(x.shape, scale, -128 if activation == RELU else self.zero_point())
        self.operators.append(Add((first, second), output, *activation_range(activation, output)))
        return output

    def pad(self, x: Tensor) -> Tensor:
        """With a pooling behind: in front of a convolution alone it would be folded."""
        sides = Padding(*(int(n) for n in self.random.integers(0, 4, 4)))
        _, height, width, channels = x.shape
        shape = (1, height + sides.top + sides.bottom, width + sides.left + sides.right, channels)
        output = self.tensor(shape, x.scale, x.zero_point)
        self.operators.append(Pad(x, output, sides))
        return self.max_pool(output)

    def normalised(self, x: Tensor) -> Tensor:
        """A batch normalisation that no convolution takes in, or half of one; or a lone activation."""
        if self.chance(0.2):
            return self.rectify(x)
        first = self.multiply(x) if self.chance(0.8) else x
        return self.add_constants(first) if first is x or self.chance(0.8) else first

    def scores(self, x: Tensor) -> Tensor:
        """Classes from the last tensor: logits, or a softmax of them."""
        logits = self.dense_head(x) if self.chance(0.4) else self.convolutional_head(x)
        beta = float(self.random.choice([1.0, 1.0, 0.5, 2.0]))
        if self.chance(0.3) or not 1 < beta * logits.scale * 2**26 < 2.0**40:
            return logits
        output = self.tensor(logits.shape, 1 / 256, -128)
        self.operators.append(Softmax(logits, output, beta))
        return output

    def convolutional_head(self, x: Tensor) -> Tensor:
        if self.chance(0.8) or not 2 <= x.channels <= 20:
            x = self.conv2d(x, int(self.random.integers(2, 21)), 1, 1, self.of_logits())
        return self.over_height_and_width(x)

    def dense_head(self, x: Tensor) -> Tensor:
        if self.chance(0.6) or max(x.height, x.width) ** 2 * x.channels > _MOST_FLATTENED:
            x = self.over_height_and_width(x)
        if self.chance(0.4):
            x = self.fully_connected(x, int(self.random.integers(1, 21)), self.activation())
            x = self.normalised(x) if self.chance(0.5) else x
        return self.fully_connected(x, int(self.random.integers(2, 21)), self.of_logits())

    def of_logits(self) -> tuple[int, float, int]:
        """As activation() has it."""
        activation = int(self.random.choice([NONE, NONE, RELU]))
        zero_point = -128 if activation == RELU else int(self.random.integers(-40, 41))
        return activation, float(2.0 ** self.random.uniform(-7, -3)), zero_point

    def over_height_and_width(self, x: Tensor) -> Tensor:
        """The average, by one of two operators, or the maximum."""
        shape = (1, 1, 1, x.channels) if self.chance(0.3) else (1, x.channels)
        if self.chance(0.3):
            output = self.tensor((1, 1, 1, x.channels), x.scale, x.zero_point)
            self.operators.append(AveragePool2D(x, output, x.height, x.width, 1, Padding(), -128, 127))
        elif self.chance(0.3):
            output = self.tensor(shape, x.scale, x.zero_point)
            self.operators.append(global_max_pool(x, output))
        else:
            ratio = float(2.0 ** self.random.uniform(*((-20, 30) if self.extreme() else (-2, 1))))
            centre = round(-values(x)[0] / ratio)
            zero_point = self.zero_point() if self.extreme() else min(max(centre, -128), 127)
            output = self.tensor(shape, x.scale * ratio, zero_point)
            self.operators.append(Mean(x, output))
        return output
