"""Max pooling goes in front of what never decreases, and of nothing else; scores stay as they are."""

import dataclasses

import numpy as np
import pytest

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.compiler.pooling_first import pooling_first
from squeezenet_lib.graph import (
    AddChannels,
    ChannelConstants,
    Graph,
    MaxPool2D,
    Mean,
    MultiplyChannels,
    Operator,
    Padding,
    Requantize,
    Tensor,
    inputs_of,
)
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.sqz.program import OpKind
from squeezenet_lib.tflite.tflm import predict_tflm
from squeezenet_lib.tflite.writer import write_graph
from tests.support.random_pictures import random_pictures
from tests.support.small_tflite import conv, tensor


def network(numbers: list[int], negate_input: bool = False) -> Graph:
    """A convolution, a batch normalisation with these factors, another scale, pooling, the mean."""
    picture, convolved = tensor(0, (1, 12, 11, 2), 1 / 128, 0), tensor(1, (1, 12, 11, 3), 0.02, 0)
    multiplied, added = tensor(2, (1, 12, 11, 3), 0.02, 9), tensor(3, (1, 12, 11, 3), 0.025, -90)
    rescaled, pooled = tensor(4, (1, 12, 11, 3), 0.03, -100), tensor(5, (1, 5, 5, 3), 0.03, -100)
    scores = tensor(6, (1, 3), 0.015, -100)
    factors = ChannelConstants(np.array(numbers, np.int16), float(np.float32(0.02)))
    offsets = ChannelConstants(np.array([50, 4, 20], np.int16), float(np.float32(0.03)))
    operators: tuple[Operator, ...] = (
        conv(picture, convolved, 3, 1, Padding(1, 1, 1, 1)),
        MultiplyChannels(convolved, multiplied, factors, -128, 127),
        AddChannels(multiplied, added, offsets, -90, 127, negate_input=negate_input),
        Requantize(added, rescaled),
        MaxPool2D(rescaled, pooled, 3, 2, Padding(), -128, 127),
        Mean(pooled, scores),
    )
    return Graph(picture, scores, operators)


def kinds(graph: Graph) -> list[str]:
    return [type(op).__name__ for op in graph.operators]


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        pytest.param(
            network([120, 0, 30]),
            ["Conv2D", "MaxPool2D", "MultiplyChannels", "AddChannels", "Requantize", "Mean"],
            id="in front of all",
        ),
        pytest.param(
            network([120, -1, 30]),
            ["Conv2D", "MultiplyChannels", "MaxPool2D", "AddChannels", "Requantize", "Mean"],
            id="not in front of a negative factor",
        ),
        pytest.param(
            network([120, 0, 30], negate_input=True),
            ["Conv2D", "MultiplyChannels", "AddChannels", "MaxPool2D", "Requantize", "Mean"],
            id="not in front of a constant less the input",
        ),
    ],
)
def test_it_goes_as_far_as_nothing_decreases(graph: Graph, expected: list[str]) -> None:
    moved = pooling_first(graph)
    assert kinds(moved) == expected
    made = {graph.input.index}
    for op in moved.operators:
        assert {t.index for t in inputs_of(op)} <= made
        assert op.output.index not in made
        made.add(op.output.index)
    compiled = compile_graph(graph)
    pictures = random_pictures(np.random.default_rng(2), 12, 12, 11, 2)
    scores = HostRuntime(compiled.sqz).run(pictures)
    assert np.array_equal(scores, predict_tflm(write_graph(graph), pictures))
    assert len(np.unique(scores, axis=0)) > 6


def test_the_convolution_takes_the_pooling_in() -> None:
    ops = compile_graph(network([120, 0, 30])).program.ops
    assert OpKind.MAX_POOL not in {op.kind for op in ops}
    (convolution,) = (op for op in ops if op.kind == OpKind.CONV2D)
    assert (convolution.pool, convolution.pool_stride) == (3, 2)


def test_it_stays_where_somebody_else_reads_what_is_pooled() -> None:
    graph = network([120, 0, 30])
    rescaled = graph.operators[3].output
    other = Mean(rescaled, dataclasses.replace(graph.output, index=9, name="other"))
    watched = dataclasses.replace(graph, operators=(*graph.operators, other))
    assert pooling_first(watched) is watched


def test_an_activation_behind_pooling_keeps_it_where_it_is() -> None:
    graph = network([120, 0, 30])
    rectified = tuple(
        dataclasses.replace(op, clamp_min=-20) if isinstance(op, MaxPool2D) else op for op in graph.operators
    )
    clamped = dataclasses.replace(graph, operators=rectified)
    assert pooling_first(clamped) is clamped


def test_other_networks_stay_as_they_are() -> None:
    graph = random_squeezenet(np.random.default_rng(0), 32, 1, 2, 0.125)
    assert pooling_first(graph) is graph


def test_new_tensors_have_numbers_and_names_of_their_own() -> None:
    moved = pooling_first(network([120, 0, 30]))
    found: list[Tensor] = [moved.input, *(op.output for op in moved.operators)]
    assert len({t.index for t in found}) == len({t.name for t in found}) == len(found)
