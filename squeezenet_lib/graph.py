"""The typed graph of a full-int8 network: what the chip's runtime can be planned for.

`tflite_graph` reads one from a .tflite, `tflite_writer` writes one, `random_graph` draws one, `planner` turns
one into a program. Shapes are as in the file, batch first: (1, height, width, channels), or (1, channels)
after the picture's rows and columns are gone. clamp_min and clamp_max bound an operator's int8 output; they
hold the fused activation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Tensor:
    """An int8 activation: real value = scale x (q - zero_point). `scale` is a float32's value."""

    index: int
    name: str
    shape: tuple[int, ...]
    scale: float
    zero_point: int

    @property
    def height(self) -> int:
        """A vector is a picture of one pixel."""
        return self.shape[1] if len(self.shape) == 4 else 1

    @property
    def width(self) -> int:
        return self.shape[2] if len(self.shape) == 4 else 1

    @property
    def channels(self) -> int:
        return self.shape[-1]


@dataclass(frozen=True)
class Padding:
    """Rows and columns around an input, outside its tensor."""

    top: int = 0
    left: int = 0
    bottom: int = 0
    right: int = 0


@dataclass(frozen=True)
class Conv2D:
    """weights int8 (filters, kernel, kernel, channels); bias int32 and filter_scales float32 (filters,).

    A dense layer is one, too: of kernel 1 over a vector; over a picture the kernel is the longer side, and
    where it reaches over the shorter one the weights are 0.

    Each side of the padding is smaller than the kernel, and no row or column of it is out of every window's
    reach. Padding holds the input's zero point.
    """

    input: Tensor
    output: Tensor
    weights: npt.NDArray[np.int8]
    filter_scales: npt.NDArray[np.float32]
    bias: npt.NDArray[np.int32]
    stride: int
    padding: Padding
    clamp_min: int
    clamp_max: int


@dataclass(frozen=True)
class MaxPool2D:
    """Square windows. Cells of the padding never win. The int8 values are taken over as they are.

    The output is a vector, or a picture of one pixel, where the maximum over height and width is taken.
    """

    input: Tensor
    output: Tensor
    window: int
    stride: int
    padding: Padding
    clamp_min: int
    clamp_max: int


@dataclass(frozen=True)
class AveragePool2D:
    """The mean of the int8 values, halves rounded away from zero or up; cells of the padding do not count."""

    input: Tensor
    output: Tensor
    window_height: int
    window_width: int
    stride: int
    padding: Padding
    clamp_min: int
    clamp_max: int
    halves_up: bool = False


@dataclass(frozen=True)
class Mean:
    """Over height and width; the output is (1, channels) or (1, 1, 1, channels)."""

    input: Tensor
    output: Tensor


@dataclass(frozen=True)
class Add:
    """Two tensors of one shape."""

    inputs: tuple[Tensor, Tensor]
    output: Tensor
    clamp_min: int
    clamp_max: int


@dataclass(frozen=True)
class ChannelConstants:
    """A constant for each channel, or one for all. numbers int16 (channels,) or (1,): its int8 values less
    their zero point, at most 255 apart. real value = scale x number; `scale` is a float32's value.
    """

    numbers: npt.NDArray[np.int16]
    scale: float


@dataclass(frozen=True)
class MultiplyChannels:
    """By constants: the first half of a batch normalisation that no convolution takes in. By the number 1 it
    is an activation that nothing takes in.
    """

    input: Tensor
    output: Tensor
    constants: ChannelConstants
    clamp_min: int
    clamp_max: int


@dataclass(frozen=True)
class AddChannels:
    """Input + constants, the second half of a batch normalisation; or one of them less the other."""

    input: Tensor
    output: Tensor
    constants: ChannelConstants
    clamp_min: int
    clamp_max: int
    negate_input: bool = False
    negate_constants: bool = False


@dataclass(frozen=True)
class Concatenation:
    """Along the channels. Inputs and output share scale and zero point: where a .tflite's do not, the reader
    puts a Requantize in front.
    """

    inputs: tuple[Tensor, ...]
    output: Tensor


@dataclass(frozen=True)
class Pad:
    """Rows and columns of the zero point, where they cannot be folded into a Conv2D."""

    input: Tensor
    output: Tensor
    padding: Padding


@dataclass(frozen=True)
class Requantize:
    """The same values in another scale and zero point."""

    input: Tensor
    output: Tensor


@dataclass(frozen=True)
class Softmax:
    input: Tensor
    output: Tensor
    beta: float


Operator = (
    Conv2D
    | MaxPool2D
    | AveragePool2D
    | Mean
    | Add
    | MultiplyChannels
    | AddChannels
    | Concatenation
    | Pad
    | Requantize
    | Softmax
)


def inputs_of(op: Operator) -> tuple[Tensor, ...]:
    """The tensors that an operator reads."""
    return op.inputs if isinstance(op, Concatenation | Add) else (op.input,)


@dataclass(frozen=True)
class Graph:
    """Operators in the order in which they run."""

    input: Tensor
    output: Tensor
    operators: tuple[Operator, ...]

    @property
    def probabilities(self) -> bool:
        """Whether an output is a probability, (q + 128) / 256. Else it is a logit, in a scale of its own."""
        return any(
            isinstance(last, Softmax) and last.output.index == self.output.index
            for last in self.operators[-1:]
        )

    @property
    def convolutions(self) -> list[Conv2D]:
        return [op for op in self.operators if isinstance(op, Conv2D)]

    @property
    def float32_bytes(self) -> int:
        """Size of the folded float32 network: 4 bytes for each weight and each bias."""
        return 4 * sum(_weights(conv) + conv.bias.size for conv in self.convolutions)


def _weights(conv: Conv2D) -> int:
    """How many; a dense layer has none where its kernel reaches over the picture."""
    if len(conv.output.shape) == 2:
        return conv.weights[:, : conv.input.height, : conv.input.width].size
    return conv.weights.size


def same_padding(height: int, width: int, window: tuple[int, int], stride: int) -> Padding:
    """TensorFlow's SAME for a window of (rows, columns): the output has ceil(size / stride) cells.

    The odd row or column of padding comes last.
    """
    rows, columns = (
        max((-(-size // stride) - 1) * stride + side - size, 0)
        for size, side in zip((height, width), window, strict=True)
    )
    return Padding(rows // 2, columns // 2, rows - rows // 2, columns - columns // 2)


def windowed_size(
    height: int, width: int, padding: Padding, window: tuple[int, int], stride: int
) -> tuple[int, int]:
    """Rows and columns that windows of (rows, columns) give; below 1 where the window does not fit."""
    rows = (height + padding.top + padding.bottom - window[0]) // stride + 1
    columns = (width + padding.left + padding.right - window[1]) // stride + 1
    return rows, columns


def global_max_pool(source: Tensor, output: Tensor) -> MaxPool2D:
    """The maximum over height and width: one square window, which may reach over the shorter side."""
    side = max(source.height, source.width)
    square = source.height == source.width
    stride = 1 if square else side
    padding = same_padding(source.height, source.width, (side, side), side)
    return MaxPool2D(source, output, side, stride, padding, -128, 127)
