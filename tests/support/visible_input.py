"""A network whose scores are its input: what a board makes of a camera's frame comes out over the line."""

import functools
import math

import numpy as np

from squeezenet_lib.compiler.planner import plan
from squeezenet_lib.graph import Conv2D, Graph, Mean, Padding
from squeezenet_lib.images import Pixels, Shape
from squeezenet_lib.sqz.container import write_sqz
from tests.support.small_firmware import golden_file
from tests.support.small_tflite import tensor


@functools.cache
def visible_input(shape: Shape, standardise: bool) -> tuple[bytes, bytes]:
    """.sqz and golden.bin for inputs of `shape`: one class for each byte of it."""
    count = math.prod(shape)
    picture = tensor(0, (1, *shape), 1 / 128, 0)
    values, scores = tensor(1, (1, 1, 1, count), 1 / 128, 0), tensor(2, (1, count), 1 / 128, 0)
    weights = np.eye(count, dtype=np.int8).reshape(count, *shape)
    scales, bias = np.ones(count, np.float32), np.zeros(count, np.int32)
    convolution = Conv2D(picture, values, weights, scales, bias, 1, Padding(), -128, 127)
    names = tuple(map(str, range(count)))
    program, _ = plan(Graph(picture, scores, (convolution, Mean(values, scores))), names, standardise, "1.0")
    image = np.random.default_rng(1).integers(0, 256, (1, *shape), np.uint8)
    return write_sqz(program, 15)[0], golden_file(image, (image ^ 0x80).view(np.int8).reshape(1, count))


def seen_input(scores: tuple[int, ...], shape: Shape) -> Pixels:
    """uint8 of `shape`: the input that a board has these scores of."""
    return np.array(scores, np.int8).view(np.uint8).reshape(shape) ^ 0x80
