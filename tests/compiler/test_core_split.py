"""A program for two cores: the same scores on one, the same weights, and little more memory."""

import functools
import itertools

import numpy as np
import pytest

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.compiler.planner import ARENA_LIMIT, plan
from squeezenet_lib.graph import Conv2D, Graph, Mean, Padding, Tensor
from squeezenet_lib.sqz.container import read_sqz, read_tables, write_sqz
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.sqz.program import OpKind, Program
from tests.support.random_model import random_model
from tests.support.random_pictures import random_pictures


def planned(graph: Graph, cores: int, arena_limit: int = ARENA_LIMIT) -> Program:
    names = tuple(str(i) for i in range(graph.output.shape[-1]))
    return plan(graph, names, False, "0", arena_limit, cores)[0]


@functools.cache
def squeezenet(size: int, channels: int, sparsity: float, levels: int | None = 7) -> Graph:
    return random_squeezenet(np.random.default_rng(2), size, channels, 2, 1.0, sparsity, levels)


@pytest.mark.parametrize("seed", range(25))
def test_a_file_for_two_cores_scores_the_same_on_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    graph = random_model(random)
    pictures = random_pictures(random, 3, *graph.input.shape[1:])
    one, two = (write_sqz(planned(graph, cores))[0] for cores in (1, 2))
    assert np.array_equal(HostRuntime(one).run(pictures), HostRuntime(two).run(pictures))
    for conv, filters in zip(graph.convolutions, read_sqz(two).convolutions, strict=True):
        assert np.array_equal(conv.weights, filters.weights)


def test_parts_have_one_layer_s_filters_between_them_and_one_code_table() -> None:
    graph = squeezenet(48, 1, 0.8)
    compiled = compile_graph(graph, cores=2)
    program = read_sqz(compiled.sqz)
    assert program.cores == 2
    convolutions = [op for op in program.ops if op.kind == OpKind.CONV2D]
    parts = [(a, b) for a, b in itertools.pairwise(program.ops) if b.is_beside]
    assert len(parts) == len(convolutions) - len(graph.convolutions) >= 25
    for first, second in parts:
        assert first.filters is not None
        assert second.output_channel == first.output_channel + len(first.filters.bias)
        assert (first.input, first.output) == (second.input, second.output)
        assert not first.is_beside
    assert len(read_tables(compiled.sqz)) == len(graph.convolutions)
    one = compile_graph(graph).sections
    assert compiled.sections.tables <= 1.05 * one.tables, "each part with a table would double it"
    assert compiled.sections.code <= one.code + 4 * len(parts), "what a stream ends with"


@pytest.mark.parametrize(("size", "channels", "sparsity"), [(48, 1, 0.8), (48, 1, 0.0), (96, 1, 0.8)])
def test_two_cores_take_little_more_memory(size: int, channels: int, sparsity: float) -> None:
    """The benchmark's test looks at other sizes."""
    one, two = (planned(squeezenet(size, channels, sparsity), cores).header.arena_bytes for cores in (1, 2))
    assert one <= two <= 1.08 * one


@pytest.mark.parametrize("seed", range(12))
def test_what_fits_on_one_core_fits_on_two(seed: int) -> None:
    """Layers that have no room for two are not divided."""
    graph = random_model(np.random.default_rng(seed))
    least = planned(graph, 1).header.arena_bytes
    assert planned(graph, 2, least).header.arena_bytes <= least


def test_small_layers_stay_whole() -> None:
    picture, scores = Tensor(0, "picture", (1, 4, 4, 1), 1.0, 0), Tensor(2, "scores", (1, 2), 1.0, 0)
    made = Tensor(1, "made", (1, 4, 4, 2), 1.0, 0)
    weights, scales, bias = np.ones((2, 1, 1, 1), np.int8), np.ones(2, np.float32), np.zeros(2, np.int32)
    conv = Conv2D(picture, made, weights, scales, bias, 1, Padding(), -128, 127)
    assert planned(Graph(picture, scores, (conv, Mean(made, scores))), 2).cores == 1
