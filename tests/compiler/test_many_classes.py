"""Networks of more classes than TensorFlow Lite's softmax is defined for in every case."""

import dataclasses

import numpy as np
import pytest

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.graph import Graph
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.reference import predict_reference
from squeezenet_lib.tflite.tflm import predict_tflm
from squeezenet_lib.tflite.writer import write_graph
from tests.support.random_pictures import random_pictures

PICTURES = random_pictures(np.random.default_rng(5), 3, 29, 29, 1)


def network(classes: int) -> Graph:
    return random_squeezenet(np.random.default_rng(3), 29, 1, classes, 0.125, 0.0, 127)


def flat(graph: Graph) -> Graph:
    """The same with equal logits for all classes."""
    last = graph.convolutions[-1]
    equal = dataclasses.replace(last, weights=last.weights * 0, bias=last.bias * 0)
    return dataclasses.replace(graph, operators=tuple(equal if op is last else op for op in graph.operators))


@pytest.mark.parametrize("classes", [512, 1000, 4095])
def test_scores_are_those_of_tflm(classes: int) -> None:
    model = write_graph(network(classes))
    scores = HostRuntime(compile_graph(read_graph(model)).sqz).run(PICTURES)
    assert np.array_equal(scores, predict_tflm(model, PICTURES))
    assert np.array_equal(scores, predict_reference(model, PICTURES))
    assert len(np.unique(scores)) > 5


@pytest.mark.parametrize(("classes", "score"), [(511, -127), (512, -128), (1000, -128), (4095, -128)])
def test_equal_scores_are_the_nearest_to_the_probability(classes: int, score: int) -> None:
    """Of 512 classes and more TFLite's kernel shifts by 32 bits or more, which C does not define."""
    scores = HostRuntime(compile_graph(flat(network(classes))).sqz).run(PICTURES)
    assert (scores == score).all()
