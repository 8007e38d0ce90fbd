"""Dense layers and maxima over a whole picture, as convolutions and pooling."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import Conv2D, Graph, MaxPool2D, Pad, Padding
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.tflm import predict_tflm
from squeezenet_lib.tflite.writer import write_graph
from tests.support.normalised_tflite import dense, flattened, graph
from tests.support.random_pictures import random_pictures
from tests.support.tflite_edits import Edit, edited


def read_dense(change: Callable[[Edit], None], written: Callable[[], Graph] = graph) -> Conv2D:
    return read_graph(edited(write_graph(written()), change)).convolutions[-1]


def no_change(edit: Edit) -> None:
    pass


def test_a_dense_layer_is_a_convolution_of_one_pixel() -> None:
    dense = read_dense(no_change)
    assert (dense.input.shape, dense.output.shape) == ((1, 3), (1, 4))
    assert dense.weights.shape == (4, 1, 1, 3)
    assert (dense.stride, dense.padding) == (1, Padding())


def test_over_a_flattened_picture_it_is_one_of_the_whole_picture() -> None:
    dense = read_dense(no_change, flattened)
    assert dense.input.shape == (1, 6, 7, 3)
    assert dense.weights.shape == (4, 7, 7, 3)
    assert dense.padding == Padding(bottom=1)
    assert not dense.weights[:, 6].any()
    values = np.arange(4 * 6 * 7 * 3).reshape(4, 6, 7, 3) % 13 - 6
    assert np.array_equal(dense.weights[:, :6], values)
    convolution = 3 * 2 + 3
    assert flattened().float32_bytes == 4 * (convolution + values.size + 4)


def test_padding_in_front_of_a_flattened_picture_is_the_convolution_s() -> None:
    whole = graph()
    before = whole.operators[3].output
    padded = dataclasses.replace(before, index=20, name="padded", shape=(1, 8, 8, 3))
    operators = (*whole.operators[:4], Pad(before, padded, Padding(2, 1, 0, 0)), dense(padded, whole.output))
    network = dataclasses.replace(whole, operators=operators)
    model = write_graph(network)
    last = read_graph(model).convolutions[-1]
    assert (last.input.shape, last.padding) == ((1, 6, 7, 3), Padding(2, 1, 0, 0))
    pictures = random_pictures(np.random.default_rng(0), 5, 6, 7, 2)
    scores = HostRuntime(compile_graph(read_graph(model)).sqz).run(pictures)
    assert np.array_equal(scores, predict_tflm(model, pictures))
    assert len(np.unique(scores, axis=0)) > 1


def test_over_channels_alone_it_is_one_of_each_pixel() -> None:
    def change(edit: Edit) -> None:
        op = edit.first("FULLY_CONNECTED")
        weights = edit.tensors[op.inputs[1]]
        weights.shape = [4, 3]
        edit.model.buffers[weights.buffer].data = np.arange(12, dtype=np.uint8)
        op.inputs = [edit.first("ADD").outputs[0], *op.inputs[1:]]
        op.builtinOptions.keepNumDims = True
        edit.tensors[op.outputs[0]].shape = [1, 6, 7, 4]

    dense = read_dense(change)
    assert (dense.weights.shape, dense.output.shape) == ((4, 1, 1, 3), (1, 6, 7, 4))


def test_a_dense_layer_has_one_scale_or_one_for_each_output_and_perhaps_no_bias() -> None:
    def change(edit: Edit) -> None:
        op = edit.first("FULLY_CONNECTED")
        op.inputs = list(op.inputs[:2])
        quantization = edit.tensors[op.inputs[1]].quantization
        quantization.scale, quantization.zeroPoint = np.arange(1, 5, dtype=np.float32), np.zeros(4, np.int64)

    assert read_dense(no_change).filter_scales.tolist() == [float(np.float32(0.03))] * 4
    dense = read_dense(change)
    assert dense.filter_scales.tolist() == [1, 2, 3, 4]
    assert dense.bias.tolist() == [0] * 4


def test_a_convolution_reads_a_vector_that_was_reshaped() -> None:
    def change(edit: Edit) -> None:
        op = edit.first("FULLY_CONNECTED")
        picture = edit.add_tensor("picture of one pixel", [1, 1, 1, 3], "INT8", 0.12, -60)
        edit.insert(len(edit.operators) - 1, "RESHAPE", [int(op.inputs[0])], picture)
        edit.tensors[op.inputs[1]].shape = [4, 1, 1, 3]
        edit.tensors[op.outputs[0]].shape = [1, 1, 1, 4]
        op.inputs, op.opcodeIndex = [picture, *op.inputs[1:]], edit.code("CONV_2D")
        op.builtinOptionsType = edit.schema.BuiltinOptions.Conv2DOptions
        op.builtinOptions = edit.schema.Conv2DOptionsT()
        op.builtinOptions.strideH = op.builtinOptions.strideW = 1

    last = read_dense(change)
    assert (last.input.shape, last.output.shape) == ((1, 3), (1, 1, 1, 4))
    again = read_graph(write_graph(read_graph(edited(write_graph(graph()), change))))
    assert again.convolutions[-1].output.shape == (1, 1, 1, 4)


def test_a_maximum_over_height_and_width_is_a_pooling_of_one_window() -> None:
    (pool,) = (op for op in read_graph(write_graph(graph())).operators if isinstance(op, MaxPool2D))
    assert (pool.window, pool.stride, pool.padding) == (7, 7, Padding(bottom=1))
    assert pool.output.shape == (1, 3)


def dense_option(name: str, value: int) -> Callable[[Edit], None]:
    def change(edit: Edit) -> None:
        setattr(edit.first("FULLY_CONNECTED").builtinOptions, name, value)

    return change


def weights(**values: object) -> Callable[[Edit], None]:
    def change(edit: Edit) -> None:
        made = edit.tensors[edit.first("FULLY_CONNECTED").inputs[1]]
        for name, value in values.items():
            setattr(made.quantization if name in ("scale", "zeroPoint") else made, name, value)

    return change


def output(kind: str, **values: object) -> Callable[[Edit], None]:
    def change(edit: Edit) -> None:
        made = edit.tensors[edit.first(kind).outputs[0]]
        for name, value in values.items():
            setattr(made.quantization if name == "zeroPoint" else made, name, value)

    return change


def of_the_picture(edit: Edit) -> None:
    op = edit.first("FULLY_CONNECTED")
    op.inputs = [edit.first("ADD").outputs[0], *op.inputs[1:]]


def over_rows_alone(edit: Edit) -> None:
    axes = edit.tensors[edit.first("REDUCE_MAX").inputs[1]]
    edit.model.buffers[axes.buffer].data = np.array([1, 1], np.int32).view(np.uint8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dense_option("weightsFormat", 1), "CONNECTED, which makes tensor 't6': its weights are shuffled"),
        (dense_option("fusedActivationFunction", 4), "the activation fused into it is none of NONE, RELU"),
        (weights(shape=[4, 1, 3]), r"its weights have shape \(4, 1, 3\), not \(outputs, inputs\)"),
        (weights(shape=[3, 4]), r"its weights have shape \(3, 4\), and its input \(1, 3\)"),
        (weights(zeroPoint=np.array([1])), "its weights have a zero point other than 0"),
        (weights(scale=np.ones(3, np.float32)), "neither one scale nor one for each filter"),
        (output("FULLY_CONNECTED", shape=[1, 5]), r"shape \(1, 5\) where \(1, 4\) follows from its inputs"),
        (of_the_picture, r"its weights have shape \(4, 3\), and its input \(1, 6, 7, 3\)"),
        (over_rows_alone, "REDUCE_MAX, which makes tensor 't5': it has to be over height and width"),
        (output("REDUCE_MAX", zeroPoint=np.array([3])), "'t4' has another scale or zero point than its"),
    ],
)  # fmt: skip
def test_what_the_runtime_does_not_run_is_refused(change: Callable[[Edit], None], message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_graph(edited(write_graph(graph()), change))


def test_a_flattened_picture_is_for_dense_layers_alone() -> None:
    def change(edit: Edit) -> None:
        op = edit.first("FULLY_CONNECTED")
        op.opcodeIndex, op.inputs = edit.code("RELU"), op.inputs[:1]

    with pytest.raises(UserError, match=r"RELU, .*: its input is a picture flattened to \(1, 126\)"):
        read_graph(edited(write_graph(flattened()), change))
