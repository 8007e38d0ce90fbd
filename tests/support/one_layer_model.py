"""A network of one layer, as .sqz: every pixel shows in its scores."""

import functools
from dataclasses import dataclass

import numpy as np

from squeezenet_lib.compiler.planner import plan
from squeezenet_lib.graph import Conv2D, Graph, Mean, Operator, Padding, Softmax
from squeezenet_lib.images import Shape
from squeezenet_lib.sqz.container import write_sqz
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.writer import write_graph
from tests.support.small_firmware import golden_file
from tests.support.small_tflite import tensor

CLASSES = ("grey sky", "bricks", "people", "nothing", "rain")


@dataclass(frozen=True)
class OneLayerModel:
    """tflite: as a converter would write it. sqz: compiled. golden: two pictures."""

    tflite: bytes
    sqz: bytes
    golden: bytes


@functools.cache
def one_layer_model(
    shape: Shape = (8, 8, 3), standardise: bool = True, softmax: bool = False
) -> OneLayerModel:
    """For inputs of `shape`: height, width, channels. softmax: whether it ends in one, or in logits."""
    height, width, channels = shape
    side = min(height, width)
    picture = tensor(0, (1, *shape), 1 / 128, 0)
    values = tensor(1, (1, height - side + 1, width - side + 1, 5), 0.02, 0)
    logits, scores = tensor(2, (1, 5), 0.02, 0), tensor(3, (1, 5), 1 / 256, -128)
    weights = np.random.default_rng(7).integers(-7, 8, (5, side, side, channels)).astype(np.int8)
    scales, bias = np.full(5, 0.2 / side, np.float32), np.zeros(5, np.int32)
    operators: tuple[Operator, ...] = (
        Conv2D(picture, values, weights, scales, bias, 1, Padding(), -128, 127),
        Mean(values, logits),
    )
    if softmax:
        operators += (Softmax(logits, scores, 1.0),)
    tflite = write_graph(Graph(picture, scores if softmax else logits, operators))
    program, _ = plan(read_graph(tflite), CLASSES, standardise, "1.0")
    sqz, _ = write_sqz(program, 15)
    images = np.random.default_rng(1).integers(0, 256, (2, *shape), np.uint8)
    return OneLayerModel(tflite, sqz, golden_file(images, HostRuntime(sqz).run(images)))
