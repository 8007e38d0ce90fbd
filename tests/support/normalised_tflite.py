"""A small network as people train them: batch normalisation behind ReLU, a dense head behind pooling."""

from __future__ import annotations

import dataclasses

import numpy as np

from squeezenet_lib.graph import (
    AddChannels,
    ChannelConstants,
    Conv2D,
    Graph,
    MultiplyChannels,
    Operator,
    Padding,
    Tensor,
    global_max_pool,
)
from tests.support.small_tflite import conv, tensor


def dense(source: Tensor, output: Tensor) -> Conv2D:
    units, side = output.channels, max(source.height, source.width)
    weights = np.zeros((units, side, side, source.channels), np.int8)
    values = np.arange(units * source.height * source.width * source.channels) % 13 - 6
    weights[:, : source.height, : source.width] = values.reshape(
        units, source.height, source.width, source.channels
    )
    padding = Padding(bottom=side - source.height, right=side - source.width)
    scales, bias = np.full(units, 0.03, np.float32), np.arange(units, dtype=np.int32) * 9
    return Conv2D(source, output, weights, scales, bias, 1, padding, -128, 127)


def channel_constants(first: int, count: int) -> ChannelConstants:
    return ChannelConstants(np.arange(first, first + 30 * count, 30, dtype=np.int16), float(np.float32(0.07)))


def graph() -> Graph:
    """SUB, CONV_2D, MUL, ADD, REDUCE_MAX, FULLY_CONNECTED, in 6 x 7 pixels."""
    picture, scaled = tensor(0, (1, 6, 7, 2), 1 / 128, 0), tensor(1, (1, 6, 7, 2), 0.06, 7)
    first = tensor(2, (1, 6, 7, 3), 0.002, 40)
    multiplied, added = tensor(3, (1, 6, 7, 3), 0.05, -90), tensor(4, (1, 6, 7, 3), 0.12, -60)
    pooled, scores = tensor(5, (1, 3), 0.12, -60), tensor(6, (1, 4), 0.02, 4)
    operators: tuple[Operator, ...] = (
        AddChannels(picture, scaled, channel_constants(-20, 1), -128, 127, negate_constants=True),
        conv(scaled, first, 1),
        MultiplyChannels(first, multiplied, channel_constants(-40, 3), -128, 127),
        AddChannels(multiplied, added, channel_constants(90, 3), -128, 127),
        global_max_pool(added, pooled),
        dense(pooled, scores),
    )
    return Graph(picture, scores, operators)


def flattened() -> Graph:
    """The same with FULLY_CONNECTED over the whole picture, which is not square."""
    whole = graph()
    first = whole.operators[:4]
    return dataclasses.replace(whole, operators=(*first, dense(first[-1].output, whole.output)))
