"""Reading a .tflite: what the runtime runs is read as it is, what it does not run is refused by name."""

from collections.abc import Callable
from typing import Any

import flatbuffers
import numpy as np
import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.tflite_graph import (
    Concatenation,
    Conv2D,
    MaxPool2D,
    Mean,
    Softmax,
    read_graph,
)
from tests.random_network import random_network

CONV_2D, CONCATENATION, MAX_POOL_2D, MEAN, SOFTMAX = 3, 2, 17, 40, 25
SAME, RELU6, TANH = 0, 3, 4


def changed(kind: int, change: Callable[[Any, Any], None]) -> bytes:
    """The random network with `change(operator, subgraph)` applied to its first operator of `kind`."""
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(random_network().tflite, 0)
    subgraph = model.subgraphs[0]
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    operator = next(op for op in subgraph.operators if codes[op.opcodeIndex] == kind)
    change(operator, subgraph)
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


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
    assert (first.stride, first.same_padding) == (2, True)
    assert (first.clamp_min, first.clamp_max) == (-128, 127)


def test_the_float_size_of_the_full_network_is_the_published_one() -> None:
    assert read_graph(random_network(size=96, width=1.0).tflite).float32_bytes == 2_889_480


def test_relu6_bounds_the_output() -> None:
    def change(op: Any, subgraph: Any) -> None:
        op.builtinOptions.fusedActivationFunction = RELU6
        subgraph.tensors[op.outputs[0]].quantization.scale = np.array([0.05], np.float32)

    first = read_graph(changed(CONV_2D, change)).convolutions[0]
    assert (first.clamp_min, first.clamp_max) == (-128, -8)


def dilate(op: Any, subgraph: Any) -> None:
    op.builtinOptions.dilationHFactor = 2


def stretch(op: Any, subgraph: Any) -> None:
    op.builtinOptions.strideW = 1


def shift_weights(op: Any, subgraph: Any) -> None:
    quantization = subgraph.tensors[op.inputs[1]].quantization
    quantization.zeroPoint = quantization.zeroPoint + 3


def activate(op: Any, subgraph: Any) -> None:
    op.builtinOptions.fusedActivationFunction = TANH


def pad(op: Any, subgraph: Any) -> None:
    op.builtinOptions.padding = SAME


def rescale_input(op: Any, subgraph: Any) -> None:
    quantization = subgraph.tensors[op.inputs[0]].quantization
    quantization.scale = quantization.scale * 2


def join_rows(op: Any, subgraph: Any) -> None:
    op.builtinOptions.axis = 1


def widen_output(op: Any, subgraph: Any) -> None:
    subgraph.tensors[op.outputs[0]].type = 7  # int16


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        (CONV_2D, dilate, "is dilated or grouped"),
        (CONV_2D, stretch, "needs a square kernel and one stride"),
        (CONV_2D, shift_weights, "have a zero point"),
        (CONV_2D, activate, "is none of NONE, RELU, RELU6"),
        (MAX_POOL_2D, pad, "needs padding VALID"),
        (CONCATENATION, rescale_input, "which has another scale"),
        (CONCATENATION, join_rows, "has to join channels"),
        (SOFTMAX, widen_output, "is not int8: quantize the model fully"),
    ],
)
def test_what_the_runtime_does_not_run_is_refused(
    kind: int, change: Callable[[Any, Any], None], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        read_graph(changed(kind, change))


def test_an_unknown_operator_is_named_with_the_tensor_it_makes() -> None:
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(random_network().tflite, 0)
    softmax = next(c for c in model.operatorCodes if max(c.builtinCode, c.deprecatedBuiltinCode) == SOFTMAX)
    softmax.builtinCode = softmax.deprecatedBuiltinCode = schema.BuiltinOperator.LOGISTIC
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    with pytest.raises(UserError, match=r"no operator LOGISTIC \(it makes tensor '.+'\)"):
        read_graph(bytes(builder.Output()))


def test_a_file_that_is_no_tflite_is_refused() -> None:
    with pytest.raises(UserError, match=r"is no \.tflite"):
        read_graph(b"not a flatbuffer at all")
