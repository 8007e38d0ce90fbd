"""Random networks: TFLM, TFLite's reference kernels and the runtime give the same scores, bit for bit.

Where TFLM and TFLite's reference kernels part (computed_alike tells) the runtime is TFLM's equal.
"""

import contextlib
import functools
from collections.abc import Callable
from typing import get_args

import numpy as np
import numpy.typing as npt
import pytest

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.compiler.memory_plan import ALIGNMENT, MemoryPlan
from squeezenet_lib.compiler.planner import ARENA_LIMIT, plan
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import Conv2D, Graph, MaxPool2D, Operator, Padding, Tensor
from squeezenet_lib.sqz.container import write_sqz
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.sqz.program import Program
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.writer import write_graph
from tests.support.random_model import computed_alike, random_model
from tests.support.random_network import random_network
from tests.support.random_pictures import random_pictures

Pictures = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.int8]

CI_SEEDS = range(50)
FULL_SEEDS = range(1000)

# size, channels, classes, width, sparsity, levels
SQUEEZENETS: dict[str, tuple[int, int, int, float, float, int | None]] = {
    "dense": (29, 1, 2, 0.25, 0.0, None),
    "sparse": (48, 3, 10, 0.25, 0.8, None),
    "four-bit levels": (48, 1, 2, 0.5, 0.8, 7),
    "two-bit levels, odd side": (35, 2, 3, 0.25, 0.5, 1),
    "one filter a layer": (29, 4, 2, 0.001, 0.0, None),
    "full": (96, 1, 2, 1.0, 0.8, 7),
}


def tflm(model: bytes, pictures: Pictures) -> Scores:
    """By the interpreter of TFLM, with room for models whose activations are larger than their weights."""
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(model, arena_size=1 << 20)
    scores = []
    for picture in (pictures ^ np.uint8(0x80)).view(np.int8):
        interpreter.set_input(picture[np.newaxis], 0)
        interpreter.invoke()
        scores.append(interpreter.get_output(0).ravel().copy())
    return np.array(scores)


def tflite_reference(model: bytes, pictures: Pictures) -> Scores:
    return tflite_tensors(model, pictures)[-1]


def tflite_tensors(model: bytes, pictures: Pictures) -> list[npt.NDArray[np.int8]]:
    """What each operator makes of the pictures, (N, values), by TFLite's reference kernels."""
    from tensorflow.lite.python.interpreter import Interpreter, OpResolverType

    interpreter = Interpreter(
        model_content=model,
        experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
        num_threads=1,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    made = [int(op["outputs"][0]) for op in interpreter._get_ops_details()]
    values: list[list[npt.NDArray[np.int8]]] = [[] for _ in made]
    for picture in (pictures ^ np.uint8(0x80)).view(np.int8):
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture[np.newaxis])
        interpreter.invoke()
        for kept, index in zip(values, made, strict=True):
            kept.append(interpreter.get_tensor(index).ravel())
    return [np.array(kept) for kept in values]


def host_runtime(model: bytes, pictures: Pictures) -> Scores:
    """By the chip's runtime, through everything that a .tflite made elsewhere goes through."""
    return HostRuntime(write_sqz(planned(read_graph(model))[0])[0]).run(pictures)


def host_runtime_in_the_least_arena(model: bytes, pictures: Pictures) -> Scores:
    """The same where the planner had to save memory: other bands, other forms of the planes."""
    graph = read_graph(model)
    program, memory = planned(graph)
    with contextlib.suppress(UserError):
        while True:
            program, memory = planned(graph, memory.arena_bytes - ALIGNMENT)
    return HostRuntime(write_sqz(program)[0]).run(pictures)


def planned(graph: Graph, arena_limit: int = ARENA_LIMIT) -> tuple[Program, MemoryPlan]:
    names = tuple(str(i) for i in range(graph.output.shape[-1]))
    return plan(graph, names, standardise=False, producer="test", arena_limit=arena_limit)


@functools.cache
def drawn(seed: int) -> tuple[bytes, Pictures, Scores]:
    """A random network, pictures for it, and what TFLM says."""
    random = np.random.default_rng(seed)
    graph = random_model(random)
    model = write_graph(graph)
    pictures = random_pictures(random, 3, *graph.input.shape[1:])
    return model, pictures, tflm(model, pictures)


@functools.cache
def squeezenet(name: str) -> tuple[Graph, bytes, Pictures, Scores]:
    random = np.random.default_rng(len(name))
    graph = random_squeezenet(random, *SQUEEZENETS[name])
    model, pictures = write_graph(graph), random_pictures(random, 4, *graph.input.shape[1:])
    return graph, model, pictures, tflm(model, pictures)


SEEDS_COMPUTED_ALIKE = [
    seed for seed in CI_SEEDS if computed_alike(random_model(np.random.default_rng(seed)))
]


@pytest.mark.parametrize("seed", SEEDS_COMPUTED_ALIKE)
def test_tflites_reference_kernels_score_as_tflm(seed: int) -> None:
    model, pictures, expected = drawn(seed)
    assert np.array_equal(tflite_reference(model, pictures), expected)


def test_a_dense_layer_rounds_as_in_tflm() -> None:
    """341 x 0.75 / 512 is 255.75 / 512: rounded to 256 / 512 and then to 1, or at once to 0."""
    picture, scores = Tensor(0, "picture", (1, 1, 1, 1), 1.0, 0), Tensor(1, "scores", (1, 2), 1.0, 0)
    weights, bias = np.zeros((2, 1, 1, 1), np.int8), np.array([341, -341], np.int32)
    scales = np.full(2, 0.75 / 512, np.float32)
    dense = Conv2D(picture, scores, weights, scales, bias, 1, Padding(), -128, 127)
    model, pictures = write_graph(Graph(picture, scores, (dense,))), np.zeros((1, 1, 1, 1), np.uint8)
    assert tflm(model, pictures).tolist() == host_runtime(model, pictures).tolist() == [[1, -1]]
    assert tflite_reference(model, pictures).tolist() == [[0, 0]]


@pytest.mark.parametrize("run", [host_runtime, host_runtime_in_the_least_arena])
@pytest.mark.parametrize("seed", CI_SEEDS)
def test_small_networks_score_as_in_tflm(seed: int, run: Callable[[bytes, Pictures], Scores]) -> None:
    model, pictures, expected = drawn(seed)
    assert np.array_equal(run(model, pictures), expected)


@pytest.mark.full
@pytest.mark.parametrize("seed", FULL_SEEDS)
def test_a_thousand_small_networks_score_as_in_tflm(seed: int) -> None:
    model, pictures, expected = drawn(seed)
    assert np.array_equal(host_runtime(model, pictures), expected)
    assert np.array_equal(host_runtime_in_the_least_arena(model, pictures), expected)


@pytest.mark.parametrize("name", SQUEEZENETS)
def test_random_squeezenets_score_as_in_tflm(name: str) -> None:
    _, model, pictures, expected = squeezenet(name)
    for run in (tflite_reference, host_runtime, host_runtime_in_the_least_arena):
        assert np.array_equal(run(model, pictures), expected), run


def test_small_networks_try_every_operator_and_seldom_answer_always_the_same() -> None:
    networks = [drawn(seed) for seed in CI_SEEDS]
    kinds = {type(op).__name__ for model, _, _ in networks for op in read_graph(model).operators}
    assert kinds == {operator.__name__ for operator in get_args(Operator)}
    lively = sum(len(np.unique(scores, axis=0)) > 1 for _, _, scores in networks)
    assert lively >= len(networks) // 2


def test_a_random_squeezenet_has_the_topology_of_the_trained_one() -> None:
    trained = read_graph(random_network(size=32, width=0.125).tflite)
    random = random_squeezenet(np.random.default_rng(0), 32, 1, 2, 0.125)
    assert sorted(map(_outline, random.operators), key=str) == sorted(
        map(_outline, trained.operators), key=str
    )


def _outline(op: object) -> tuple[object, ...]:
    shape = getattr(op, "output").shape  # noqa: B009
    if isinstance(op, Conv2D):
        return "Conv2D", shape, op.weights.shape, op.stride, op.padding, op.clamp_min, op.clamp_max
    if isinstance(op, MaxPool2D):
        return "MaxPool2D", shape, op.window, op.stride, op.padding
    return type(op).__name__, shape


@pytest.mark.parametrize("name", [name for name in SQUEEZENETS if name != "one filter a layer"])
def test_activations_of_a_random_squeezenet_neither_die_nor_saturate(name: str) -> None:
    graph, model, pictures, scores = squeezenet(name)
    values = tflite_tensors(model, pictures)
    rectified = [
        made for op, made in zip(graph.operators, values, strict=True)
        if isinstance(op, Conv2D) and op.output.zero_point == -128
    ]  # fmt: skip
    assert len(rectified) == 25
    assert 0.35 < np.mean([np.mean(made == -128) for made in rectified]) < 0.65
    assert np.mean([np.mean(made == 127) for made in rectified]) < 0.05
    assert len(np.unique(scores, axis=0)) == len(scores)


@pytest.mark.parametrize(("sparsity", "levels"), [(0.0, None), (0.6, None), (0.8, 7), (0.9, 1)])
def test_weights_have_the_asked_zeros_and_levels(sparsity: float, levels: int | None) -> None:
    graph = random_squeezenet(np.random.default_rng(1), 48, 1, 2, 1.0, sparsity, levels)
    largest = 127 if levels is None else levels
    for conv in graph.convolutions:
        assert np.sum(conv.weights == 0) == round(sparsity * conv.weights.size)
        peaks = np.abs(conv.weights.astype(int)).max(axis=(1, 2, 3))
        assert set(peaks.tolist()) <= {0, largest}


def test_the_same_seed_gives_the_same_network() -> None:
    for draw in (random_model, lambda random: random_squeezenet(random, 32, 1, 2, 0.25, 0.5)):
        first, second, other = (write_graph(draw(np.random.default_rng(seed))) for seed in (1, 1, 2))
        assert first == second
        assert first != other


def test_a_picture_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="size 28 is below 29"):
        random_squeezenet(np.random.default_rng(0), 28, 1, 2)
