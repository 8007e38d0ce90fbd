"""Reading a .tflite: what the runtime runs is read as it is; ends, RESHAPE, PAD and scales are put right."""

from collections.abc import Callable

import numpy as np
import pytest

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import (
    Concatenation,
    Conv2D,
    MaxPool2D,
    Mean,
    Pad,
    Padding,
    Requantize,
    Softmax,
)
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.writer import write_graph
from tests.support.random_network import random_network
from tests.support.small_tflite import padded, read, small
from tests.support.tflite_edits import Edit

RELU_N1_TO_1, RELU6 = 2, 3


def test_a_squeezenet_is_read_in_full() -> None:
    graph = read_graph(random_network().tflite)
    counts = {kind: sum(isinstance(op, kind) for op in graph.operators)
              for kind in (Conv2D, MaxPool2D, Concatenation, Mean, Softmax)}  # fmt: skip
    assert counts == {Conv2D: 26, MaxPool2D: 3, Concatenation: 8, Mean: 1, Softmax: 1}
    assert graph.input.shape == (1, 32, 32, 1)
    assert (graph.input.scale, graph.input.zero_point) == (1 / 128, 0)
    assert graph.output.shape == (1, 2)
    first = graph.convolutions[0]
    assert first.weights.shape == (8, 3, 3, 1)
    assert (first.stride, first.padding) == (2, Padding(0, 0, 1, 1))  # SAME: the odd one last
    assert (first.clamp_min, first.clamp_max) == (-128, 127)
    pool = next(op for op in graph.operators if isinstance(op, MaxPool2D))
    assert (pool.window, pool.stride, pool.padding) == (3, 2, Padding())


def test_the_float_size_of_the_full_network_is_the_published_one() -> None:
    full = random_squeezenet(np.random.default_rng(0), size=96, channels=1, classes=2)
    assert read_graph(write_graph(full)).float32_bytes == 2_889_480


@pytest.mark.parametrize(
    ("activation", "scale", "zero_point", "clamps"),
    [
        (RELU6, 0.05, -128, (-128, -8)),
        (RELU6, 0.05, 100, (100, 127)),
        (RELU_N1_TO_1, 0.4, 0, (-3, 3)),  # 2.5 steps: rounded half away from zero
    ],
)
def test_a_fused_activation_bounds_the_output(
    activation: int, scale: float, zero_point: int, clamps: tuple[int, int]
) -> None:
    def change(edit: Edit) -> None:
        op = edit.last("CONV_2D")
        op.builtinOptions.fusedActivationFunction = activation
        quantization = edit.tensors[op.outputs[0]].quantization
        quantization.scale, quantization.zeroPoint = np.array([scale], np.float32), np.array([zero_point])

    last = read(change).convolutions[-1]
    assert (last.clamp_min, last.clamp_max) == clamps


def test_a_missing_bias_is_zero_and_one_scale_holds_for_all_filters() -> None:
    def change(edit: Edit) -> None:
        op = edit.first("CONV_2D")
        op.inputs = list(op.inputs[:2])
        quantization = edit.tensors[op.inputs[1]].quantization
        quantization.scale, quantization.zeroPoint = np.array([0.25], np.float32), np.array([0])

    first = read(change).convolutions[0]
    assert first.bias.tolist() == [0] * 4
    assert first.bias.dtype == np.int32
    assert first.filter_scales.tolist() == [0.25] * 4


# --- PAD ---


def wide_output(edit: Edit, height: int, width: int) -> None:
    """Lets the 3x3 convolution be the model's output, with a shape of its own."""
    op = next(op for op in edit.operators if edit.tensors[op.outputs[0]].name == b"t3")
    edit.tensors[op.outputs[0]].shape = [1, height, width, 5]
    end = edit.operators.index(op) + 1
    del edit.operators[end:]
    edit.subgraph.outputs = [op.outputs[0]]


def valid(edit: Edit, stride: int = 1) -> None:
    op = edit.operators[2]
    op.builtinOptions.padding = edit.schema.Padding.VALID
    op.builtinOptions.strideH = op.builtinOptions.strideW = stride


def test_a_pad_is_folded_into_the_convolution_that_alone_reads_it() -> None:
    def change(edit: Edit) -> None:
        valid(edit)
        padded(edit, "PAD", ((2, 1), (0, 2)))
        wide_output(edit, 5, 5)

    graph = read(change)
    assert graph.convolutions[-1].padding == Padding(2, 0, 1, 2)
    assert graph.convolutions[-1].input.name == "t1"
    assert not any(isinstance(op, Pad) for op in graph.operators)


def test_padding_that_no_window_reaches_is_dropped() -> None:
    def change(edit: Edit) -> None:
        valid(edit, stride=2)
        padded(edit, "PAD", ((1, 1), (2, 2)))
        wide_output(edit, 2, 4)

    # Rows: 4 + 1 + 1 take windows at 0 and 2, which end at the last real row; columns need all of 5 + 2 + 2.
    assert read(change).convolutions[-1].padding == Padding(1, 2, 0, 2)


def test_a_pad_adds_to_padding_same() -> None:
    def change(edit: Edit) -> None:
        edit.operators[2].builtinOptions.padding = edit.schema.Padding.SAME
        padded(edit, "PAD", ((1, 0), (0, 1)))
        wide_output(edit, 5, 6)

    assert read(change).convolutions[-1].padding == Padding(2, 1, 1, 2)


@pytest.mark.parametrize(
    ("sides", "readers", "size"),
    [
        (((1, 1), (1, 1)), 2, (4, 5)),  # somebody else reads it
        (((3, 0), (0, 0)), 1, (5, 3)),  # a window would lie in the padding alone
    ],
)
def test_other_pads_stay(
    sides: tuple[tuple[int, int], tuple[int, int]], readers: int, size: tuple[int, int]
) -> None:
    def change(edit: Edit) -> None:
        valid(edit)
        padded(edit, "PAD", sides, readers)
        wide_output(edit, *size)

    graph = read(change)
    (pad,) = (op for op in graph.operators if isinstance(op, Pad))
    assert pad.padding == Padding(sides[0][0], sides[1][0], sides[0][1], sides[1][1])
    assert graph.convolutions[-1].input == pad.output


# --- the ends, RESHAPE, scales that differ ---


def float_ends(edit: Edit) -> None:
    start, end = int(edit.subgraph.inputs[0]), int(edit.subgraph.outputs[0])
    real = edit.add_tensor("real picture", [1, 8, 9, 2], "FLOAT32")
    scores = edit.add_tensor("real scores", [1, 8], "FLOAT32")
    edit.insert(0, "QUANTIZE", [real], start)
    edit.insert(len(edit.operators), "DEQUANTIZE", [end], scores)
    edit.subgraph.inputs, edit.subgraph.outputs = [real], [scores]


def uint8_ends(edit: Edit, zero_point: int = 128, scale: float = 1 / 128) -> None:
    start, end = int(edit.subgraph.inputs[0]), int(edit.subgraph.outputs[0])
    pixels = edit.add_tensor("pixels", [1, 8, 9, 2], "UINT8", scale, zero_point)
    scores = edit.add_tensor("unsigned scores", [1, 8], "UINT8", 1 / 256, 0)
    edit.insert(0, "QUANTIZE", [pixels], start)
    edit.insert(len(edit.operators), "QUANTIZE", [end], scores)
    edit.subgraph.inputs, edit.subgraph.outputs = [pixels], [scores]


@pytest.mark.parametrize("ends", [float_ends, uint8_ends])
def test_other_types_at_the_ends_are_dropped(ends: Callable[[Edit], None]) -> None:
    graph, plain = read(ends), read_graph(small())
    assert (graph.input, graph.output) == (plain.input, plain.output)
    assert [type(op) for op in graph.operators] == [type(op) for op in plain.operators]


def test_uint8_ends_of_another_scale_are_refused() -> None:
    for change in (lambda edit: uint8_ends(edit, 127), lambda edit: uint8_ends(edit, scale=1 / 255)):
        with pytest.raises(UserError, match=r"QUANTIZE, which makes tensor 't0': between int8 and uint8"):
            read(change)


@pytest.mark.parametrize("computed", [False, True])
def test_a_reshape_without_height_and_width_is_an_alias(computed: bool) -> None:
    """Its shape is a constant or, where the converter left the batch size open, made by operators."""

    def change(edit: Edit) -> None:
        mean, softmax = edit.first("MEAN"), edit.first("SOFTMAX")
        flat = edit.add_tensor("flat", [1, 8], "INT8", 0.1, 0)
        edit.tensors[mean.outputs[0]].shape = [1, 1, 1, 8]
        mean.builtinOptions.keepDims = True
        inputs = [int(mean.outputs[0])]
        if computed:
            for kind, shape in (("SHAPE", [4]), ("STRIDED_SLICE", []), ("PACK", [2])):
                made = edit.add_tensor(kind, shape, "INT32")
                edit.insert(len(edit.operators) - 1, kind, [inputs[-1]], made)
                inputs = [inputs[0], made]
        edit.insert(len(edit.operators) - 1, "RESHAPE", inputs, flat)
        softmax.inputs = [flat]

    graph = read(change)
    mean, softmax = graph.operators[-2:]
    assert isinstance(mean, Mean)
    assert isinstance(softmax, Softmax)
    assert softmax.input == mean.output
    assert mean.output.shape == softmax.output.shape == graph.output.shape == (1, 1, 1, 8)


def test_a_quantize_amid_the_graph_and_differing_concatenation_inputs_become_requantize() -> None:
    def change(edit: Edit) -> None:
        edit.tensors[edit.operators[1].outputs[0]].quantization.zeroPoint = np.array([-100])

    rescaled, joined = read(change).operators[3:5]
    assert isinstance(rescaled, Requantize)
    assert isinstance(joined, Concatenation)
    assert (rescaled.input.name, rescaled.input.zero_point) == ("t2", -100)
    assert joined.inputs[0] == rescaled.output
    assert {(t.scale, t.zero_point) for t in joined.inputs} == {(0.5, -128)}
    written = read_graph(write_graph(read(change)))  # now it is a QUANTIZE of the file
    assert isinstance(written.operators[3], Requantize)
