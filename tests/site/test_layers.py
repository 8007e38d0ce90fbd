"""The table of a model's steps: bytes as in its file, memory as planned, instructions as counted."""

import dataclasses

import pytest

from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.compiler.planner import plan
from squeezenet_lib.errors import UserError
from squeezenet_lib.params.sections import HuffmanParams
from squeezenet_lib.site.layers import Layer, layers_of
from squeezenet_lib.sqz.container import read_sqz, write_sqz
from squeezenet_lib.sqz.header import read_header
from squeezenet_lib.sqz.program import ModelFacts, OpKind
from squeezenet_lib.tflite.reader import read_graph
from tests.support.small_firmware import CLASSES, small_model

SETTINGS = HuffmanParams(max_code_length=15, arena_limit=307_200, cores=1)


@pytest.fixture(scope="module")
def layers() -> list[Layer]:
    model = small_model()
    return layers_of(model.tflite, model.sqz.read_bytes(), SETTINGS, model.images[0])


def test_steps_have_the_names_of_the_keras_layers_and_the_shapes_they_make(layers: list[Layer]) -> None:
    assert [layer.name for layer in layers[:5]] == [
        "picture",
        "conv1",
        "fire2_squeeze",
        "fire2_expand1x1",
        "fire2_expand3x3",
    ]
    assert [layer.name for layer in layers[-3:]] == ["conv10", "logits", "softmax"]
    # conv1 with its pooling fused: 32 -> 16 -> 7
    assert [layer.output for layer in (layers[0], layers[1], layers[-1])] == [(32, 32, 1), (7, 7, 8), (2,)]


def test_weights_and_zeros_are_those_of_the_file(layers: list[Layer]) -> None:
    ops = read_sqz(small_model().sqz.read_bytes()).ops
    for layer, op in zip(layers, ops, strict=True):
        if op.kind == OpKind.CONV2D and op.filters is not None:
            weights = op.filters.weights
            assert (layer.weights, layer.zeros) == (weights.size, int((weights == 0).sum()))
            assert layer.code_bytes > 0
        else:
            assert (layer.weights, layer.zeros, layer.code_bytes) == (0, 0, 0)


def test_code_bytes_add_up_to_the_file_s_section(layers: list[Layer]) -> None:
    program, _ = plan(read_graph(small_model().tflite), CLASSES, False, "9.8.7")
    section = write_sqz(program, 15)[1].code
    together = sum(layer.code_bytes for layer in layers)
    assert section - 2 * len(layers) - 4 <= together <= section  # alignment


def test_the_step_that_uses_most_memory_fills_the_arena(layers: list[Layer]) -> None:
    arena = read_sqz(small_model().sqz.read_bytes()).header.arena_bytes
    assert arena - 16 < max(layer.arena_bytes for layer in layers) <= arena


def test_a_layer_that_two_cores_share_is_listed_once(layers: list[Layer]) -> None:
    model = small_model()
    for_two = dataclasses.replace(SETTINGS, cores=2)
    header = read_header(model.sqz.read_bytes())
    facts = ModelFacts(header.class_names, header.standardise, header.decision, header.producer)
    compiled = compile_graph(read_graph(model.tflite), facts, cores=2)
    assert compiled.program.cores == 2
    shared = layers_of(model.tflite, compiled.sqz, for_two, model.images[0])
    for one, two in zip(layers, shared, strict=True):
        assert (one.name, one.output, one.weights, one.zeros) == (
            two.name,
            two.output,
            two.weights,
            two.zeros,
        )
        assert one.instructions / 2 < two.instructions < 2.5 * one.instructions
    together, section = sum(layer.code_bytes for layer in shared), compiled.sections.code
    assert section - 2 * len(compiled.program.ops) - 4 <= together <= section  # alignment


def test_every_step_has_been_counted(layers: list[Layer]) -> None:
    assert all(layer.instructions > 0 for layer in layers)
    dearest = max(layers, key=lambda layer: layer.instructions).name
    assert dearest == "conv1" or dearest.endswith("expand3x3"), "the others look at single pixels"


def test_a_file_made_otherwise_is_refused() -> None:
    model = small_model()
    shorter = HuffmanParams(max_code_length=9, arena_limit=307_200, cores=1)
    with pytest.raises(UserError, match=r"not made from this \.tflite.*run `dvc repro`"):
        layers_of(model.tflite, model.sqz.read_bytes(), shorter, model.images[0])
