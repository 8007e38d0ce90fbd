"""A network of one layer for square pictures, as .sqz: every pixel shows in its scores."""

import functools
from dataclasses import dataclass

import numpy as np

from squeezenet_lib.container import write_sqz
from squeezenet_lib.graph import Conv2D, Graph, Mean, Padding
from squeezenet_lib.host_runtime import HostRuntime
from squeezenet_lib.planner import plan
from squeezenet_lib.tflite_graph import read_graph
from squeezenet_lib.tflite_writer import write_graph
from tests.small_firmware import golden_file
from tests.small_tflite import tensor

CLASSES = ("grey sky", "bricks", "people", "nothing", "rain")


@dataclass(frozen=True)
class SquareModel:
    """The files of a model for side x side x channels pixels; golden: two pictures."""

    sqz: bytes
    golden: bytes


@functools.cache
def square_model(side: int = 8, channels: int = 3, standardise: bool = True) -> SquareModel:
    picture, values = tensor(0, (1, side, side, channels), 1 / 128, 0), tensor(1, (1, 1, 1, 5), 0.02, 0)
    scores = tensor(2, (1, 5), 0.02, 0)
    weights = np.random.default_rng(7).integers(-7, 8, (5, side, side, channels)).astype(np.int8)
    scales, bias = np.full(5, 0.2 / side, np.float32), np.zeros(5, np.int32)
    operators = (
        Conv2D(picture, values, weights, scales, bias, 1, Padding(), -128, 127),
        Mean(values, scores),
    )
    tflite = write_graph(Graph(picture, scores, operators))
    program, _ = plan(read_graph(tflite), CLASSES, standardise, "1.0")
    sqz, _ = write_sqz(program, 15)
    images = np.random.default_rng(1).integers(0, 256, (2, side, side, channels), np.uint8)
    return SquareModel(sqz, golden_file(images, HostRuntime(sqz).run(images)))
