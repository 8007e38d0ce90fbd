"""Reading a .tflite: what the runtime runs is read as it is, what it does not run is refused by name."""

import functools
from collections.abc import Callable

import numpy as np
import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import (
    Add,
    AveragePool2D,
    Concatenation,
    Conv2D,
    Graph,
    MaxPool2D,
    Mean,
    Pad,
    Padding,
    Requantize,
    Softmax,
    Tensor,
)
from squeezenet_lib.random_graph import random_squeezenet
from squeezenet_lib.tflite_graph import read_graph
from squeezenet_lib.tflite_writer import write_graph
from tests.random_network import random_network
from tests.tflite_edits import NUMBERS, Edit, edited

RELU_N1_TO_1, RELU6, TANH = 2, 3, 4


def tensor(index: int, shape: tuple[int, ...], scale: float = 0.5, zero_point: int = -128) -> Tensor:
    return Tensor(index, f"t{index}", shape, float(np.float32(scale)), zero_point)


def conv(
    source: Tensor, output: Tensor, kernel: int, stride: int = 1, padding: Padding | None = None
) -> Conv2D:
    filters, channels = output.shape[3], source.shape[3]
    weights = np.arange(filters * kernel**2 * channels).reshape(filters, kernel, kernel, channels) % 11 - 5
    scales = np.linspace(0.01, 0.02, filters).astype(np.float32)
    bias = np.arange(filters, dtype=np.int32) * 7
    padding = padding or Padding()
    return Conv2D(source, output, weights.astype(np.int8), scales, bias, stride, padding, -128, 127)


@functools.cache
def small() -> bytes:
    """Every operator that has something to refuse, in 8 x 9 pixels."""
    picture = tensor(0, (1, 8, 9, 2), 1 / 128, 0)
    first = tensor(1, (1, 4, 5, 4))
    narrow, wide, joined = tensor(2, (1, 4, 5, 3)), tensor(3, (1, 4, 5, 5)), tensor(4, (1, 4, 5, 8))
    again, added = tensor(5, (1, 4, 5, 8), 0.25, 3), tensor(6, (1, 4, 5, 8), 0.75, 5)
    pooled, averaged = tensor(7, (1, 3, 4, 8), 0.75, 5), tensor(8, (1, 3, 2, 8), 0.75, 5)
    mean, scores = tensor(9, (1, 8), 0.1, 0), tensor(10, (1, 8), 1 / 256, -128)
    operators = (
        conv(picture, first, 3, 2, Padding(0, 1, 1, 1)),
        conv(first, narrow, 1),
        conv(first, wide, 3, 1, Padding(1, 1, 1, 1)),
        Concatenation((narrow, wide), joined),
        conv(joined, again, 1),
        Add((joined, again), added, -128, 127),
        MaxPool2D(added, pooled, 2, 1, Padding(), -128, 127),
        AveragePool2D(pooled, averaged, 1, 3, 1, Padding(), -128, 127),
        Mean(averaged, mean),
        Softmax(mean, scores, 1.0),
    )
    return write_graph(Graph(picture, scores, operators))


def read(change: Callable[[Edit], None]) -> Graph:
    return read_graph(edited(small(), change))


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


def padded(edit: Edit, kind: str, sides: tuple[tuple[int, int], tuple[int, int]], readers: int = 1) -> None:
    """A PAD in front of the 3x3 convolution with stride 1; `readers` 2 lets a second one read it, too."""
    op = edit.operators[2]
    shape = [1, 4 + sum(sides[0]), 5 + sum(sides[1]), 4]
    target = edit.add_tensor("padded", shape, "INT8", 0.5, -128)
    constant = edit.add_constant("sides", np.array([(0, 0), *sides, (0, 0)], np.int32))
    source = int(op.inputs[0])
    op.inputs = [target, *op.inputs[1:]]
    edit.insert(1, kind, [source, constant], target)
    if readers == 2:
        pooled = edit.add_tensor("pooled", shape, "INT8", 0.5, -128)
        pool = edit.insert(2, "MAX_POOL_2D", [target], pooled)
        pool.builtinOptionsType = edit.schema.BuiltinOptions.Pool2DOptions
        pool.builtinOptions = edit.schema.Pool2DOptionsT()
        pool.builtinOptions.filterHeight = pool.builtinOptions.filterWidth = 1
        pool.builtinOptions.strideH = pool.builtinOptions.strideW = 1


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


def test_a_reshape_without_height_and_width_is_an_alias() -> None:
    def change(edit: Edit) -> None:
        mean, softmax = edit.first("MEAN"), edit.first("SOFTMAX")
        flat = edit.add_tensor("flat", [1, 8], "INT8", 0.1, 0)
        edit.tensors[mean.outputs[0]].shape = [1, 1, 1, 8]
        mean.builtinOptions.keepDims = True
        edit.insert(len(edit.operators) - 1, "RESHAPE", [int(mean.outputs[0])], flat)
        softmax.inputs = [flat]
        edit.tensors[softmax.outputs[0]].shape = [1, 1, 1, 8]

    graph = read(change)
    mean, softmax = graph.operators[-2:]
    assert isinstance(mean, Mean)
    assert isinstance(softmax, Softmax)
    assert softmax.input == mean.output
    assert mean.output.shape == (1, 1, 1, 8)


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


# --- refusals ---


def option(kind: str, **values: int) -> Callable[[Edit], None]:
    def change(edit: Edit) -> None:
        for name, value in values.items():
            setattr(edit.first(kind).builtinOptions, name, value)

    return change


def output_of(kind: str, **values: object) -> Callable[[Edit], None]:
    def change(edit: Edit) -> None:
        made = edit.tensors[edit.first(kind).outputs[0]]
        for name, value in values.items():
            setattr(made.quantization if name in ("scale", "zeroPoint") else made, name, value)

    return change


def constant(kind: str, position: int, **values: object) -> Callable[[Edit], None]:
    def change(edit: Edit) -> None:
        made = edit.tensors[edit.first(kind).inputs[position]]
        for name, value in values.items():
            setattr(made.quantization if name in ("scale", "zeroPoint") else made, name, value)

    return change


def softmax_of_a_picture(edit: Edit) -> None:
    edit.first("SOFTMAX").inputs = [edit.first("CONV_2D").outputs[0]]
    edit.tensors[edit.first("SOFTMAX").outputs[0]].shape = [1, 4, 5, 4]


def reshape_pixels(edit: Edit) -> None:
    flat = edit.add_tensor("flat", [1, 80], "INT8", 0.5, -128)
    edit.insert(1, "RESHAPE", [int(edit.first("CONV_2D").outputs[0])], flat)


def dequantize_amid(edit: Edit) -> None:
    real = edit.add_tensor("real", [1, 4, 5, 4], "FLOAT32")
    edit.insert(1, "DEQUANTIZE", [int(edit.first("CONV_2D").outputs[0])], real)


def other_operator(edit: Edit) -> None:
    edit.first("SOFTMAX").opcodeIndex = edit.code("LOGISTIC")


def custom_operator(edit: Edit) -> None:
    edit.first("SOFTMAX").opcodeIndex = edit.code("CUSTOM")
    edit.model.operatorCodes[edit.code("CUSTOM")].customCode = b"TFLite_Detection"


def two_inputs(edit: Edit) -> None:
    edit.subgraph.inputs = [0, 1]


def float_model(edit: Edit) -> None:
    edit.tensors[0].type = NUMBERS["FLOAT32"]


def bad_pad(edit: Edit) -> None:
    padded(edit, "PAD", ((1, 1), (1, 1)))
    edit.tensors[edit.first("PAD").outputs[0]].quantization.zeroPoint = np.array([0])


def pad_of_another_value(edit: Edit) -> None:
    padded(edit, "PADV2", ((1, 1), (1, 1)))
    op = edit.first("PADV2")
    op.inputs = [*op.inputs, edit.add_constant("value", np.array(-3, np.int8))]


def add_differing(edit: Edit) -> None:
    edit.first("ADD").inputs = [edit.operators[0].outputs[0], edit.operators[3].outputs[0]]


def no_maker(edit: Edit) -> None:
    edit.operators[1], edit.operators[3] = edit.operators[3], edit.operators[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (option("CONV_2D", dilationHFactor=2), "CONV_2D, which makes tensor 't1': it is dilated"),
        (option("CONV_2D", strideW=1), "its strides are 2 and 1, not both 1 or both 2"),
        (option("CONV_2D", strideW=3, strideH=3), "its strides are 3 and 3"),
        (option("CONV_2D", padding=7), "neither SAME nor VALID"),
        (option("CONV_2D", fusedActivationFunction=TANH), "none of NONE, RELU, RELU_N1_TO_1, RELU6"),
        (constant("CONV_2D", 1, zeroPoint=np.array([0, 0, 3, 0])), "'t1': its weights have a zero point"),
        (constant("CONV_2D", 1, scale=np.ones(3, np.float32)), "neither one scale nor one for each filter"),
        (constant("CONV_2D", 1, shape=[8, 3, 3, 1]), "it is grouped: its kernel has 1 channels"),
        (constant("CONV_2D", 1, shape=[4, 1, 9, 2]), "only square ones are run"),
        (constant("CONV_2D", 1, shape=[4, 3, 3, 3]), "has 72 bytes, not those of its shape"),
        (constant("CONV_2D", 1, type=NUMBERS["INT4"]), "its constant 't1/weights' is INT4, not INT8"),
        (constant("CONV_2D", 1, buffer=0), "its input 't1/weights' has to be a constant"),
        (constant("CONV_2D", 2, shape=[2, 2]), "its bias has shape"),
        (output_of("CONV_2D", shape=[1, 5, 5, 4]), r"shape \(1, 5, 5, 4\) where \(1, 4, 5, 4\) follows"),
        (output_of("CONV_2D", quantization=None), "tensor 't1' has no scale"),
        (output_of("CONV_2D", scale=np.array([np.nan], np.float32)), "tensor 't1' has scale nan"),
        (output_of("CONV_2D", zeroPoint=np.array([128])), "zero point 128, which no int8 can have"),
        (output_of("CONV_2D", type=NUMBERS["INT16"]), "tensor 't1' is INT16, not int8: quantize the model"),
        (output_of("CONV_2D", shape=[4, 4, 5, 4]), "tensor 't1' is a batch of 4"),
        (output_of("CONV_2D", shapeSignature=[1, -1, -1, 4]), "tensor 't1' has no fixed shape"),
        (option("MAX_POOL_2D", filterWidth=3), "MAX_POOL_2D, which makes tensor 't7'"),
        (option("MAX_POOL_2D", strideW=2), r"its strides \(1, 2\) differ"),
        (option("MAX_POOL_2D", strideW=0), "the file is damaged"),
        (output_of("MAX_POOL_2D", zeroPoint=np.array([6])), "'t6' has another scale or zero point than its"),
        (option("CONCATENATION", axis=1), "CONCATENATION, which makes tensor 't4': it has to join channels"),
        (option("CONCATENATION", fusedActivationFunction=1), "it has a fused activation"),
        (output_of("CONCATENATION", shape=[1, 4, 5, 9]), "the shapes of its inputs do not add up"),
        (output_of("ADD", shape=[1, 4, 5, 1]), "ADD, which makes tensor 't6'"),
        (output_of("ADD", scale=np.array([1e-7], np.float32)), "the scale of its output is too small"),
        (add_differing, "it does not broadcast"),
        (constant("MEAN", 1, buffer=2), "MEAN, which makes tensor 't9'"),
        (softmax_of_a_picture, "average over height and width before"),
        (output_of("SOFTMAX", scale=np.array([0.01], np.float32)), "scale 1/256 and zero point -128"),
        (output_of("MEAN", scale=np.array([1e-9], np.float32)), "the scale of its input 't9' is too small"),
        (reshape_pixels, "RESHAPE, which makes tensor 'flat'"),
        (dequantize_amid, "DEQUANTIZE, which makes tensor 'real': it turns int8 into FLOAT32 elsewhere"),
        (bad_pad, "PAD, which makes tensor 'padded': its input 't1' has another scale"),
        (pad_of_another_value, "it pads with another value than the zero point, -128"),
        (other_operator, "LOGISTIC, which makes tensor 't10': the runtime has no such operator"),
        (custom_operator, "TFLite_Detection, which makes tensor 't10'"),
        (two_inputs, "the .tflite has 2 inputs and 1 outputs"),
        (float_model, "tensor 't0' is FLOAT32, not int8: quantize the model fully, input and output"),
        (no_maker, "its input 't2' is made by nothing before"),
    ],
)  # fmt: skip
def test_what_the_runtime_does_not_run_is_refused(change: Callable[[Edit], None], message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(change)


def test_a_file_that_is_no_tflite_is_refused() -> None:
    with pytest.raises(UserError, match=r"is no \.tflite"):
        read_graph(b"not a flatbuffer at all")


def test_a_file_cut_short_is_refused() -> None:
    whole = small()
    for length in range(8, len(whole) - 8, 97):
        with pytest.raises(UserError):
            read_graph(whole[:length])


def test_damage_anywhere_gives_a_graph_or_one_sentence() -> None:
    random = np.random.default_rng(0)
    whole = np.frombuffer(small(), np.uint8)
    refused = 0
    for _ in range(400):
        damaged = whole.copy()
        damaged[random.integers(8, len(whole), 3)] = random.integers(0, 256, 3)
        try:
            read_graph(damaged.tobytes())
        except UserError:
            refused += 1
    assert 40 < refused < 400
