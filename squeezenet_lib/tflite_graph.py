"""A full-int8 .tflite read into a small typed graph of the operators that the chip runtime runs.

What the runtime cannot run is refused here, with the operator or tensor named. Schema: TensorFlow Lite's
`schema.fbs`, through the Python classes that TensorFlow ships.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError


@dataclass(frozen=True)
class Tensor:
    """An int8 activation: `shape` as in the file (batch first), real value = scale x (q - zero_point)."""

    index: int
    name: str
    shape: tuple[int, ...]
    scale: float
    zero_point: int


@dataclass(frozen=True)
class Conv2D:
    """weights int8 (filters, kernel, kernel, channels); bias int32 and filter_scales float32 (filters,).

    clamp_min and clamp_max bound the int8 output (they hold the fused activation).
    """

    input: Tensor
    output: Tensor
    weights: npt.NDArray[np.int8]
    filter_scales: npt.NDArray[np.float32]
    bias: npt.NDArray[np.int32]
    stride: int
    same_padding: bool
    clamp_min: int
    clamp_max: int


@dataclass(frozen=True)
class MaxPool2D:
    """Square windows that never reach past the input (padding VALID)."""

    input: Tensor
    output: Tensor
    window: int
    stride: int


@dataclass(frozen=True)
class Concatenation:
    """Along the channels."""

    inputs: tuple[Tensor, ...]
    output: Tensor


@dataclass(frozen=True)
class Mean:
    """Over height and width."""

    input: Tensor
    output: Tensor


@dataclass(frozen=True)
class Softmax:
    input: Tensor
    output: Tensor
    beta: float


Operator = Conv2D | MaxPool2D | Concatenation | Mean | Softmax


@dataclass(frozen=True)
class Graph:
    """Operators in the order in which they run."""

    input: Tensor
    output: Tensor
    operators: tuple[Operator, ...]

    @property
    def convolutions(self) -> list[Conv2D]:
        return [op for op in self.operators if isinstance(op, Conv2D)]

    @property
    def float32_bytes(self) -> int:
        """Size of the folded float32 network: 4 bytes for each weight and each bias."""
        return 4 * sum(conv.weights.size + conv.bias.size for conv in self.convolutions)


def read_graph(model: bytes) -> Graph:
    """Reads a .tflite.

    Raises UserError naming the operator or tensor that the runtime does not run.
    """
    from tensorflow.lite.python import schema_py_generated as schema

    if model[4:8] != b"TFL3":
        raise UserError("the model is no .tflite (its file identifier is not TFL3): run `dvc repro quantize`")
    return _Reader(schema, schema.ModelT.InitFromPackedBuf(model, 0)).graph()


class _Reader:
    """Walks one unpacked model."""

    def __init__(self, schema: ModuleType, model: Any) -> None:
        if len(model.subgraphs) != 1:
            raise UserError(
                f"the .tflite has {len(model.subgraphs)} subgraphs; the runtime runs models with one"
            )
        self.schema = schema
        self.model = model
        self.subgraph = model.subgraphs[0]

    def graph(self) -> Graph:
        if len(self.subgraph.inputs) != 1 or len(self.subgraph.outputs) != 1:
            raise UserError("the .tflite needs exactly one input and one output tensor")
        operators = tuple(self._operator(op) for op in self.subgraph.operators)
        return Graph(self._tensor(self.subgraph.inputs[0]), self._tensor(self.subgraph.outputs[0]), operators)

    def _operator(self, op: Any) -> Operator:
        code = self.model.operatorCodes[op.opcodeIndex]
        kind = max(code.builtinCode, code.deprecatedBuiltinCode)
        builtin = self.schema.BuiltinOperator
        readers: dict[int, Callable[[Any], Operator]] = {
            builtin.CONV_2D: self._conv2d,
            builtin.MAX_POOL_2D: self._max_pool,
            builtin.CONCATENATION: self._concatenation,
            builtin.MEAN: self._mean,
            builtin.SOFTMAX: self._softmax,
        }
        if kind not in readers:
            names = {value: name for name, value in vars(builtin).items() if isinstance(value, int)}
            produced = self._name(op.outputs[0])
            raise UserError(
                f"the runtime has no operator {names.get(kind, kind)} (it makes tensor {produced!r})"
            )
        return readers[kind](op)

    def _name(self, index: int) -> str:
        return str(self.subgraph.tensors[index].name.decode("utf-8", "replace"))

    def _tensor(self, index: int) -> Tensor:
        t = self.subgraph.tensors[index]
        name = self._name(index)
        if t.type != self.schema.TensorType.INT8:
            raise UserError(
                f"tensor {name!r} is not int8: quantize the model fully, input and output included"
            )
        q = t.quantization
        if q is None or q.scale is None or len(q.scale) != 1:
            raise UserError(f"tensor {name!r} has no scale of its own for the whole tensor")
        return Tensor(index, name, tuple(int(n) for n in t.shape), float(q.scale[0]), int(q.zeroPoint[0]))

    def _data(self, index: int, dtype: type[np.generic]) -> npt.NDArray[Any]:
        t = self.subgraph.tensors[index]
        data = self.model.buffers[t.buffer].data
        if data is None:
            raise UserError(f"tensor {self._name(index)!r} has to be a constant")
        return np.frombuffer(bytes(bytearray(data)), dtype).reshape(t.shape)

    def _clamp(self, activation: int, output: Tensor) -> tuple[int, int]:
        """Bounds of the int8 output; TFLite's CalculateActivationRangeQuantized."""
        functions = self.schema.ActivationFunctionType

        def quantized(value: float) -> int:
            return output.zero_point + int(np.floor(np.float32(value) / np.float32(output.scale) + 0.5))

        if activation == functions.NONE:
            return -128, 127
        if activation == functions.RELU:
            return max(-128, quantized(0.0)), 127
        if activation == functions.RELU6:
            return max(-128, quantized(0.0)), min(127, quantized(6.0))
        raise UserError(f"the activation fused into {output.name!r} is none of NONE, RELU, RELU6")

    def _conv2d(self, op: Any) -> Conv2D:
        options = op.builtinOptions
        inputs, output = self._tensor(op.inputs[0]), self._tensor(op.outputs[0])
        weights = self._data(op.inputs[1], np.int8)
        filters, height, width, channels = weights.shape
        q = self.subgraph.tensors[op.inputs[1]].quantization
        scales = np.broadcast_to(np.asarray(q.scale, np.float32), (filters,))
        if options.strideH != options.strideW or height != width:
            raise UserError(
                f"convolution {output.name!r} needs a square kernel and one stride for both directions"
            )
        if options.dilationHFactor != 1 or options.dilationWFactor != 1 or channels != inputs.shape[3]:
            raise UserError(
                f"convolution {output.name!r} is dilated or grouped, which the runtime does not run"
            )
        if np.any(np.asarray(q.zeroPoint) != 0):
            raise UserError(
                f"the weights of {output.name!r} have a zero point, which the runtime does not run"
            )
        has_bias = len(op.inputs) > 2 and op.inputs[2] >= 0
        bias = self._data(op.inputs[2], np.int32) if has_bias else np.zeros(filters, np.int32)
        low, high = self._clamp(options.fusedActivationFunction, output)
        same = options.padding == self.schema.Padding.SAME
        return Conv2D(inputs, output, weights, scales, bias, int(options.strideH), same, low, high)

    def _max_pool(self, op: Any) -> MaxPool2D:
        options = op.builtinOptions
        inputs, output = self._tensor(op.inputs[0]), self._tensor(op.outputs[0])
        plain = (
            options.padding == self.schema.Padding.VALID
            and options.fusedActivationFunction == self.schema.ActivationFunctionType.NONE
            and options.filterHeight == options.filterWidth
            and options.strideH == options.strideW
        )
        if not plain:
            raise UserError(
                f"max pooling {output.name!r} needs padding VALID, square windows and no fused activation"
            )
        return MaxPool2D(inputs, output, int(options.filterHeight), int(options.strideH))

    def _concatenation(self, op: Any) -> Concatenation:
        output = self._tensor(op.outputs[0])
        inputs = tuple(self._tensor(index) for index in op.inputs)
        options = op.builtinOptions
        if options.axis not in (-1, len(output.shape) - 1):
            raise UserError(f"concatenation {output.name!r} has to join channels")
        if options.fusedActivationFunction != self.schema.ActivationFunctionType.NONE:
            raise UserError(
                f"concatenation {output.name!r} has a fused activation, which the runtime does not run"
            )
        for tensor in inputs:
            if (tensor.scale, tensor.zero_point) != (output.scale, output.zero_point):
                raise UserError(
                    f"concatenation {output.name!r} joins {tensor.name!r}, which has another scale"
                )
        return Concatenation(inputs, output)

    def _mean(self, op: Any) -> Mean:
        inputs, output = self._tensor(op.inputs[0]), self._tensor(op.outputs[0])
        axes = sorted(int(axis) % len(inputs.shape) for axis in self._data(op.inputs[1], np.int32).ravel())
        if len(inputs.shape) != 4 or axes != [1, 2]:
            raise UserError(f"mean {output.name!r} has to be over height and width")
        return Mean(inputs, output)

    def _softmax(self, op: Any) -> Softmax:
        return Softmax(self._tensor(op.inputs[0]), self._tensor(op.outputs[0]), float(op.builtinOptions.beta))
