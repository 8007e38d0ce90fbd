"""A network of a few microseconds for square pictures, as .sqz: what a camera's board can take."""

import functools
from dataclasses import dataclass

import numpy as np

from squeezenet_lib.container import write_sqz
from squeezenet_lib.graph import Graph, Mean, Padding, Softmax
from squeezenet_lib.host_runtime import HostRuntime
from squeezenet_lib.planner import plan
from squeezenet_lib.tflite_graph import read_graph
from squeezenet_lib.tflite_writer import write_graph
from tests.small_firmware import golden_file
from tests.small_tflite import conv, tensor

CLASSES = ("grey sky", "bricks", "people", "nothing", "rain")


@dataclass(frozen=True)
class SquareModel:
    """The files of a model for side x side x channels pixels; golden: two pictures."""

    sqz: bytes
    golden: bytes


@functools.cache
def square_model(side: int = 8, channels: int = 3, standardise: bool = True) -> SquareModel:
    half = (side + 1) // 2
    picture = tensor(0, (1, side, side, channels), 1 / 128, 0)
    first, second = tensor(1, (1, half, half, 4), 0.02), tensor(2, (1, half, half, 5), 0.01)
    mean, scores = tensor(3, (1, 5), 0.01), tensor(4, (1, 5), 1 / 256, -128)
    pad = 2 * half + 1 - side
    operators = (
        conv(picture, first, 3, 2, Padding(0, 0, pad, pad)),
        conv(first, second, 1),
        Mean(second, mean),
        Softmax(mean, scores, 40.0),
    )
    tflite = write_graph(Graph(picture, scores, operators))
    program, _ = plan(read_graph(tflite), CLASSES, standardise, "1.0")
    sqz, _ = write_sqz(program, 15)
    images = np.random.default_rng(1).integers(0, 256, (2, side, side, channels), np.uint8)
    return SquareModel(sqz, golden_file(images, HostRuntime(sqz).run(images)))
