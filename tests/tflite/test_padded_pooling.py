"""A PAD in front of max pooling, as networks from Caffe have it: it costs nothing where it is SAME."""

from typing import Any

import numpy as np
import pytest

from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.graph import Conv2D, Graph, MaxPool2D, Mean, Operator, Pad, Padding
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.tflm import predict_tflm
from squeezenet_lib.tflite.writer import write_graph
from tests.support.random_pictures import random_pictures
from tests.support.small_tflite import tensor

CLASSES, SIDE = 4, 12
AFTER = Padding(bottom=1, right=1)


def network(
    pad: Padding = AFTER, zero_point: int = -128, clamp_min: int = -128, readers: int = 1, window: int = 3
) -> Graph:
    """A convolution, padding, max pooling in steps of two, the mean of each channel."""
    rows, columns = SIDE + pad.top + pad.bottom, SIDE + pad.left + pad.right
    pooled = (rows - window) // 2 + 1, (columns - window) // 2 + 1
    picture = tensor(0, (1, SIDE, SIDE, 1), 1 / 128, 0)
    convolved = tensor(1, (1, SIDE, SIDE, CLASSES), 0.02, zero_point)
    wide = tensor(2, (1, rows, columns, CLASSES), 0.02, zero_point)
    small = tensor(3, (1, *pooled, CLASSES), 0.02, zero_point)
    scores = tensor(4, (1, CLASSES), 0.02, 0)
    weights = np.random.default_rng(1).integers(-7, 8, (CLASSES, 3, 3, 1)).astype(np.int8)
    bias, scales = np.zeros(CLASSES, np.int32), np.full(CLASSES, 0.05, np.float32)
    operators: list[Operator] = [
        Conv2D(picture, convolved, weights, scales, bias, 1, Padding(1, 1, 1, 1), clamp_min, 127),
        Pad(convolved, wide, pad),
        MaxPool2D(wide, small, window, 2, Padding(), -128, 127),
        Mean(small, scores),
    ]
    if readers == 2:
        again = tensor(5, (1, CLASSES), 0.02, 0)
        operators.insert(3, Mean(wide, again))
    return Graph(picture, scores, tuple(operators))


def folded(graph: Graph) -> bool:
    return not any(isinstance(op, Pad) for op in graph.operators)


def test_scores_are_those_of_tflm() -> None:
    model = write_graph(network())
    graph = read_graph(model)
    pictures = random_pictures(np.random.default_rng(2), 20, SIDE, SIDE, 1)
    assert folded(graph)
    assert np.array_equal(HostRuntime(compile_graph(graph).sqz).run(pictures), predict_tflm(model, pictures))


@pytest.mark.parametrize(
    ("change", "gone"),
    [
        ({}, True),
        ({"window": 2, "pad": Padding()}, True),
        ({"zero_point": -20, "clamp_min": -20}, True),
        ({"zero_point": -20, "clamp_min": -128}, False),
        ({"pad": Padding(top=1, left=1)}, False),
        ({"pad": Padding(bottom=3, right=3)}, False),
        ({"readers": 2}, False),
    ],
    ids=[
        "behind ReLU",
        "no padding",
        "another zero point",
        "values below it",
        "in front",
        "wider",
        "read twice",
    ],
)
def test_it_is_folded_where_it_changes_nothing(change: dict[str, Any], gone: bool) -> None:
    model = write_graph(network(**change))
    graph = read_graph(model)
    pictures = random_pictures(np.random.default_rng(2), 20, SIDE, SIDE, 1)
    assert folded(graph) == gone
    assert np.array_equal(HostRuntime(compile_graph(graph).sqz).run(pictures), predict_tflm(model, pictures))
