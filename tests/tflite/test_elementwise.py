"""Constants that meet an activation, and activations by themselves: read as they are, or refused by name."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import AddChannels, Graph, MultiplyChannels
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.writer import write_graph
from tests.support.graph_equality import without_indexes
from tests.support.normalised_tflite import flattened, graph
from tests.support.tflite_edits import NUMBERS, Edit, edited

RELU6 = 3


def read(change: Callable[[Edit], None]) -> Graph:
    return read_graph(edited(write_graph(graph()), change))


def multiplied(found: Graph) -> MultiplyChannels:
    (op,) = (op for op in found.operators if isinstance(op, MultiplyChannels))
    return op


@pytest.mark.parametrize("written", [graph, flattened])
def test_what_is_written_is_read_back(written: Callable[[], Graph]) -> None:
    assert without_indexes(read_graph(write_graph(written()))) == without_indexes(written())


def test_constants_are_their_values_less_their_zero_point() -> None:
    def change(edit: Edit) -> None:
        constant = edit.tensors[edit.first("MUL").inputs[1]]
        constant.quantization.zeroPoint = np.array([-69])
        edit.model.buffers[constant.buffer].data = np.array([-128, 0, 127], np.int8).view(np.uint8)

    constants = multiplied(read(change)).constants
    assert constants.numbers.tolist() == [-59, 69, 196]
    assert constants.scale == float(np.float32(0.07))


@pytest.mark.parametrize("shape", [[3], [1, 3], [1, 1, 3], [1, 1, 1, 3]])
@pytest.mark.parametrize("position", [0, 1])
def test_a_constant_for_each_channel_stands_on_either_side_in_any_of_its_shapes(
    shape: list[int], position: int
) -> None:
    def change(edit: Edit) -> None:
        for kind in ("MUL", "ADD"):
            op = edit.first(kind)
            edit.tensors[op.inputs[1]].shape = shape
            op.inputs = op.inputs if position == 1 else op.inputs[::-1]

    assert without_indexes(read(change)) == without_indexes(graph())


@pytest.mark.parametrize("shape", [[], [1], [1, 1], [1, 1, 1, 1]])
def test_one_constant_holds_for_all_channels(shape: list[int]) -> None:
    def change(edit: Edit) -> None:
        edit.tensors[edit.first("SUB").inputs[1]].shape = shape

    assert without_indexes(read(change)) == without_indexes(graph())


def test_a_constant_less_the_input_is_read_as_that() -> None:
    def change(edit: Edit) -> None:
        edit.first("SUB").inputs = edit.first("SUB").inputs[::-1]

    first = read(change).operators[0]
    assert isinstance(first, AddChannels)
    assert (first.negate_input, first.negate_constants) == (True, False)
    assert without_indexes(read_graph(write_graph(read(change)))) == without_indexes(read(change))


@pytest.mark.parametrize(("kind", "clamps"), [("RELU", (-90, 127)), ("RELU6", (-90, 30))])
def test_an_activation_of_its_own_is_a_multiplication_by_one(kind: str, clamps: tuple[int, int]) -> None:
    def change(edit: Edit) -> None:
        op = edit.first("MUL")
        op.opcodeIndex, op.inputs = edit.code(kind), op.inputs[:1]
        op.builtinOptionsType, op.builtinOptions = 0, None

    op = multiplied(read(change))
    assert op.constants.numbers.tolist() == [1]
    assert op.constants.scale == 1
    assert (op.clamp_min, op.clamp_max) == clamps


def test_a_fused_activation_bounds_the_output() -> None:
    def change(edit: Edit) -> None:
        edit.first("MUL").builtinOptions.fusedActivationFunction = RELU6

    op = multiplied(read(change))
    assert (op.clamp_min, op.clamp_max) == (-90, 30)


def test_a_vector_may_be_reshaped_before_and_behind() -> None:
    """Average pooling leaves (1, 1, 1, channels), Flatten makes (1, channels) of it."""

    def change(edit: Edit) -> None:
        pooled = edit.first("REDUCE_MAX")
        edit.tensors[pooled.outputs[0]].shape = [1, 1, 1, 3]
        pooled.builtinOptions.keepDims = True
        flat = edit.add_tensor("flat", [1, 3], "INT8", 0.12, -60)
        halved = edit.add_tensor("halved", [1, 3], "INT8", 0.06, -60)
        edit.insert(len(edit.operators) - 1, "SQUEEZE", [int(pooled.outputs[0])], flat)
        op = edit.insert(len(edit.operators) - 1, "MUL", [flat, int(edit.first("MUL").inputs[1])], halved)
        op.builtinOptionsType, op.builtinOptions = (
            edit.schema.BuiltinOptions.MulOptions,
            edit.schema.MulOptionsT(),
        )
        edit.first("FULLY_CONNECTED").inputs = [halved, *edit.first("FULLY_CONNECTED").inputs[1:]]

    last, dense = read(change).operators[-2:]
    assert last.output.shape == (1, 1, 1, 3)
    assert last.output == getattr(dense, "input")  # noqa: B009


def constant(kind: str, position: int, **values: object) -> Callable[[Edit], None]:
    def change(edit: Edit) -> None:
        made = edit.tensors[edit.first(kind).inputs[position]]
        for name, value in values.items():
            setattr(made.quantization if name in ("scale", "zeroPoint") else made, name, value)

    return change


def two_activations(kind: str) -> Callable[[Edit], None]:
    def change(edit: Edit) -> None:
        edit.first(kind).inputs = [edit.first("MUL").inputs[0]] * 2

    return change


def two_constants(edit: Edit) -> None:
    edit.first("MUL").inputs = [edit.first("MUL").inputs[1]] * 2


def one_input(edit: Edit) -> None:
    edit.first("MUL").inputs = edit.first("MUL").inputs[:1]


def output_scale(kind: str, scale: float) -> Callable[[Edit], None]:
    def change(edit: Edit) -> None:
        quantization = edit.tensors[edit.first(kind).outputs[0]].quantization
        quantization.scale = np.array([scale], np.float32)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (constant("MUL", 1, shape=[3, 1]), r"tensor 't3': its constant has shape \(3, 1\), its input"),
        (constant("ADD", 1, shape=[1, 3, 1, 1]), "one value for each channel is run, or one for all"),
        (constant("MUL", 1, type=NUMBERS["UINT8"]), "'t3/constants' is UINT8, not INT8"),
        (constant("MUL", 1, zeroPoint=np.array([128])), "zero point 128, which no int8 can have"),
        (constant("MUL", 1, scale=np.array([np.inf], np.float32)), "'t3/constants' has scale inf"),
        (constant("SUB", 1, quantization=None), "'t1/constants' has no scale and zero point of its own"),
        (two_activations("MUL"), "MUL, which makes tensor 't3': it is run with a constant, not with two act"),
        (two_activations("SUB"), "SUB, which makes tensor 't1': only a constant is subtracted"),
        (two_constants, "its input 't3/constants' is a constant"),
        (one_input, "it has 1 inputs, not 2"),
        (output_scale("ADD", 1e-7), "ADD, which makes tensor 't4': the scale of its output is too small"),
        (output_scale("SUB", 1e-9), "SUB, which makes tensor 't1': the scale of its output is too small"),
    ],
)  # fmt: skip
def test_what_the_runtime_does_not_run_is_refused(change: Callable[[Edit], None], message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(change)


def test_constants_that_no_int8_holds_are_not_written() -> None:
    op = multiplied(graph())
    wide = dataclasses.replace(op.constants, numbers=np.array([-100, 0, 200], np.int16))
    changed = tuple(
        dataclasses.replace(o, constants=wide) if isinstance(o, MultiplyChannels) else o
        for o in graph().operators
    )
    with pytest.raises(ValueError, match="the constants of 't3' fit no int8"):
        write_graph(dataclasses.replace(graph(), operators=changed))
