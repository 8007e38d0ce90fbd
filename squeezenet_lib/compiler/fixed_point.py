"""Scales as TensorFlow Lite's fixed point: the numbers that the program's ops compute with."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import (
    Add,
    AddChannels,
    ChannelConstants,
    Conv2D,
    Mean,
    MultiplyChannels,
    Requantize,
    Softmax,
    Tensor,
)
from squeezenet_lib.sqz.program import Filters

_ADD_HEADROOM = 20  # bits that TensorFlow Lite's ADD gives its inputs before it scales them
_SOFTMAX_BITS = 26  # fraction bits of a scaled difference, Q5.26


def quantize_multiplier(real: float) -> tuple[int, int]:
    """A real multiplier >= 0 as (multiplier, shift), value = multiplier x 2^(shift - 31).

    TensorFlow Lite's QuantizeMultiplier: multiplier has 31 bits; below 2^-32 the value becomes 0.
    """
    if real == 0.0:
        return 0, 0
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * 2**31 + 0.5)
    if multiplier == 2**31:
        multiplier //= 2
        shift += 1
    return (0, 0) if shift < -31 else (multiplier, shift)


def convolution_records(conv: Conv2D) -> Filters:
    """Per filter: the input's zero point folded into the bias, scales as fixed-point multipliers."""
    scales = [conv.input.scale * float(scale) / conv.output.scale for scale in conv.filter_scales]
    sums = conv.weights.astype(np.int64).sum(axis=(1, 2, 3))
    bias = conv.bias.astype(np.int64) - (conv.input.zero_point + 128) * sums
    # The bias wraps around as the runtime's sums do.
    return _records(conv.output.name, scales, bias.astype(np.int32), conv.weights)


def mean_records(op: Mean) -> Filters:
    """TensorFlow Lite's QuantizedMeanOrSum: the division by the number of pixels goes into the multiplier."""
    pixels = op.input.shape[1] * op.input.shape[2]
    multiplier, shift = quantize_multiplier(op.input.scale / op.output.scale)
    extra = min(pixels.bit_length() - 1, 32, 31 + shift)
    return _single(-(op.input.zero_point + 128) * pixels, (multiplier << extra) // pixels, shift - extra)


def add_records(op: Add) -> Filters:
    """First input, second input, sum."""
    return _sum_records(op.output, [tensor.scale for tensor in op.inputs], np.zeros(3, np.int32))


def multiply_channels_records(op: MultiplyChannels) -> Filters:
    """Input, constants, product: the constants' bias, and the product's multiplier."""
    product = op.input.scale * op.constants.scale / op.output.scale
    return _records(op.output.name, [0.0, 0.0, product], _constants_bias(op.constants))


def add_channels_records(op: AddChannels) -> Filters:
    """Input, constants, sum: multipliers as of an addition, and the constants' bias."""
    return _sum_records(op.output, [op.input.scale, op.constants.scale], _constants_bias(op.constants))


def constant_bytes(constants: ChannelConstants) -> bytes:
    """What their records' bias makes the numbers of again."""
    return bytes((constants.numbers - constants.numbers.min()).tolist())


def _constants_bias(constants: ChannelConstants) -> npt.NDArray[np.int32]:
    return np.array([0, constants.numbers.min(), 0], np.int32)


def _sum_records(output: Tensor, terms: list[float], bias: npt.NDArray[np.int32]) -> Filters:
    """Of two terms of these scales, and of their sum: TensorFlow Lite's PrepareGeneralAddOp for int8."""
    largest = 2.0 * max(terms)
    scales = [scale / largest for scale in terms]
    scales.append(largest / ((1 << _ADD_HEADROOM) * output.scale))
    if scales[2] >= 1:
        raise UserError(f"addition {output.name!r}: its scale is too small for those of its inputs")
    return _records(output.name, scales, bias)


def requantize_records(op: Requantize) -> Filters:
    multiplier, shift = quantize_multiplier(op.input.scale / op.output.scale)
    return _single(-(op.input.zero_point + 128), multiplier, _checked(op.output.name, shift))


def softmax_records(op: Softmax) -> Filters:
    """TensorFlow Lite's PreprocessSoftmaxScaling and CalculateInputRadius, which goes into the bias."""
    if (op.output.scale, op.output.zero_point) != (1 / 256, -128):
        raise UserError(f"softmax {op.output.name!r} has to have scale 1/256 and zero point -128")
    real = min(op.beta * op.input.scale * 2**_SOFTMAX_BITS, 2.0**31 - 1)
    multiplier, shift = quantize_multiplier(real)
    diff_min = max(-math.floor(31 * 2.0**_SOFTMAX_BITS / 2.0**shift), -256)
    if diff_min == 0:  # only differences of 0 are scaled, and the runtime has no shift of 31
        multiplier, shift = 0, 0
    if shift < 0:
        raise UserError(f"softmax {op.output.name!r}: its input's scale is too small")
    return _single(diff_min, multiplier, shift)


def _records(
    name: str,
    scales: list[float],
    bias: npt.NDArray[np.int32],
    weights: npt.NDArray[np.int8] | None = None,
) -> Filters:
    multipliers, shifts = zip(*(quantize_multiplier(scale) for scale in scales), strict=True)
    no_weights = np.empty((len(scales), 0, 0, 0), np.int8)
    return Filters(
        no_weights if weights is None else weights,
        bias,
        np.array(multipliers, np.int32),
        np.array([_checked(name, shift) for shift in shifts], np.int8),
    )


def _single(bias: int, multiplier: int, shift: int) -> Filters:
    return Filters(
        np.empty((1, 0, 0, 0), np.int8),
        np.array([bias], np.int32),
        np.array([multiplier], np.int32),
        np.array([shift], np.int8),
    )


def _checked(name: str, shift: int) -> int:
    if shift > 30:
        raise UserError(f"tensor {name!r}: its scale is more than 2^30 times smaller than its input's")
    return shift
