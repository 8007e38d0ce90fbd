"""Writing a .tflite: reading gives the graph back, and other interpreters agree on what it computes."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.graph import Conv2D, MaxPool2D, Padding
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.reference import predict_reference
from squeezenet_lib.tflite.tflm import predict_tflm
from squeezenet_lib.tflite.writer import write_graph
from tests.support.graph_equality import without_indexes
from tests.support.random_model import random_model
from tests.support.tflite_edits import Edit


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_reading_gives_the_written_graph_back(seed: int) -> None:
    graph = random_model(np.random.default_rng(seed))
    assert without_indexes(read_graph(write_graph(graph))) == without_indexes(graph)


def test_tensors_keep_their_identity() -> None:
    """without_indexes cannot tell two equal tensors apart: who reads what is held here."""
    graph = random_squeezenet(np.random.default_rng(0), 32, 1, 2, 0.125)
    again = read_graph(write_graph(graph))
    made = {op.output.index: number for number, op in enumerate(again.operators)}
    assert len(made) == len(graph.operators)
    expected = {op.output.index: number for number, op in enumerate(graph.operators)}
    for ours, theirs in zip(graph.operators, again.operators, strict=True):
        if isinstance(ours, Conv2D) and isinstance(theirs, Conv2D):
            assert made.get(theirs.input.index) == expected.get(ours.input.index)


def test_the_same_graph_gives_the_same_bytes() -> None:
    first, second = (write_graph(random_model(np.random.default_rng(3))) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("padding", "kinds", "written"),
    [
        (Padding(0, 0, 1, 1), ["CONV_2D"], "SAME"),  # 32 pixels, 3x3, stride 2
        (Padding(), ["CONV_2D"], "VALID"),
        (Padding(1, 0, 0, 1), ["PAD", "CONV_2D"], "VALID"),
    ],
)
def test_padding_is_written_as_same_valid_or_pad(padding: Padding, kinds: list[str], written: str) -> None:
    graph = random_squeezenet(np.random.default_rng(0), 32, 1, 2, 0.125)
    first = graph.convolutions[0]
    size = 16 if written == "SAME" or kinds[0] == "PAD" else 15
    output = dataclasses.replace(first.output, shape=(1, size, size, first.output.shape[3]))
    alone = dataclasses.replace(first, output=output, padding=padding)
    edit = Edit(write_graph(dataclasses.replace(graph, output=output, operators=(alone,))))
    assert [op.opcodeIndex for op in edit.operators] == [edit.code(kind) for kind in kinds]
    expected = getattr(edit.schema.Padding, written)
    assert edit.operators[-1].builtinOptions.padding == expected


def test_what_no_tflite_can_say_is_refused() -> None:
    graph = random_squeezenet(np.random.default_rng(0), 32, 1, 2, 0.125)
    conv, pool, *rest = graph.operators
    assert isinstance(conv, Conv2D)
    assert isinstance(pool, MaxPool2D)
    odd_clamp = dataclasses.replace(conv, clamp_max=17)
    odd_pool = dataclasses.replace(pool, padding=Padding(2, 0, 0, 0))
    with pytest.raises(ValueError, match=r"no activation bounds 'conv1' to -128\.\.17"):
        write_graph(dataclasses.replace(graph, operators=(odd_clamp, pool, *rest)))
    with pytest.raises(ValueError, match="the padding of 'pool1' is neither SAME nor VALID"):
        write_graph(dataclasses.replace(graph, operators=(conv, odd_pool, *rest)))


def test_tflm_and_tflites_reference_kernels_run_a_written_squeezenet_alike() -> None:
    random = np.random.default_rng(5)
    model = write_graph(random_squeezenet(random, 48, 3, 5, 0.25, 0.8, 7))
    pictures = random.integers(0, 256, (6, 48, 48, 3), dtype=np.uint8)
    pictures[::2] //= 3  # noise alone looks the same everywhere
    scores = predict_tflm(model, pictures)
    assert np.array_equal(scores, predict_reference(model, pictures))
    assert len(np.unique(scores, axis=0)) > 1
