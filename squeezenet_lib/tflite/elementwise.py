"""Operators of a .tflite that work value by value, as operators of the typed graph, or a refusal by name.

One operand may be a constant: one value for each channel, as the converter writes a batch normalisation that
no convolution takes in (MUL, then ADD), or one for all, as in a network that scales its own pictures.
"""

from __future__ import annotations

import numpy as np

from squeezenet_lib.graph import (
    Add,
    AddChannels,
    ChannelConstants,
    MultiplyChannels,
    Operator,
    Requantize,
    Tensor,
)
from squeezenet_lib.tflite.node import ACTIVATIONS, Node, activation_range


def _operands(node: Node) -> tuple[int, int]:
    """Positions of the first operand that is no constant, and of the other one."""
    if len(node.operator.inputs) != 2:
        raise node.refusal(f"it has {len(node.operator.inputs)} inputs, not 2")
    return (1, 0) if node.is_constant(0) else (0, 1)


def _channel_constants(node: Node, position: int, tensor: Tensor) -> ChannelConstants:
    """The constant at `position`, which meets `tensor`."""
    values = node.constant(position, "INT8")
    scale, zero_point = node.scale_and_zero_point(position)
    channels = values.shape[-1] if values.ndim > 0 else 1
    if values.size != channels or channels not in (1, tensor.channels):
        raise node.refusal(
            f"its constant has shape {values.shape}, its input {tensor.shape}: one value for each channel is "
            "run, or one for all"
        )
    return ChannelConstants(values.ravel().astype(np.int16) - np.int16(zero_point), scale)


def _check_sum(node: Node, *scales: float) -> None:
    # TFLM stops the program where this multiplier is not below 1.
    if not 2 * max(scales) < 2**20 * node.output.scale:
        raise node.refusal("the scale of its output is too small for those of its inputs")


def read_add(node: Node) -> Operator:
    activation, other = _operands(node)
    if node.is_constant(other):
        return _add_channels(node, activation, other)
    first, second = node.sources
    if first.shape != second.shape:
        raise node.refusal(
            f"its inputs have shapes {first.shape} and {second.shape}, and it does not broadcast"
        )
    output = node.output_like(first)
    _check_sum(node, first.scale, second.scale)
    return Add((first, second), output, *node.clamp(output))


def read_subtract(node: Node) -> AddChannels:
    activation, other = _operands(node)
    if not node.is_constant(other):
        raise node.refusal("only a constant is subtracted, or subtracted from")
    return _add_channels(node, activation, other, negate_input=activation == 1, negate_constants=other == 1)


def _add_channels(
    node: Node, activation: int, other: int, negate_input: bool = False, negate_constants: bool = False
) -> AddChannels:
    source = node.source(activation)
    constants = _channel_constants(node, other, source)
    output = node.output_like(source)
    _check_sum(node, source.scale, constants.scale)
    return AddChannels(source, output, constants, *node.clamp(output), negate_input, negate_constants)


def read_multiply(node: Node) -> MultiplyChannels:
    activation, other = _operands(node)
    if not node.is_constant(other):
        raise node.refusal("it is run with a constant, not with two activations")
    source = node.source(activation)
    constants, output = _channel_constants(node, other, source), node.output_like(source)
    return MultiplyChannels(source, output, constants, *node.clamp(output))


def read_activation(node: Node) -> MultiplyChannels:
    """RELU and its kin by themselves: times 1, and clamped."""
    source = node.input
    output = node.output_like(source)
    number = next(number for number, (name, _, _) in ACTIVATIONS.items() if name == node.operator.kind)
    one = ChannelConstants(np.ones(1, np.int16), 1.0)
    return MultiplyChannels(source, output, one, *activation_range(number, output))


def read_requantize(node: Node) -> Requantize:
    source = node.input
    return Requantize(source, node.output_like(source))
