"""The typed graph as a minimal .tflite, which TFLM and TensorFlow Lite run: the inverse of `tflite_graph`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from squeezenet_lib.graph import (
    Add,
    AddChannels,
    AveragePool2D,
    ChannelConstants,
    Concatenation,
    Conv2D,
    Graph,
    MaxPool2D,
    Mean,
    MultiplyChannels,
    Operator,
    Pad,
    Padding,
    Requantize,
    Tensor,
    same_padding,
)
from squeezenet_lib.tflite.file import FILE_IDENTIFIER
from squeezenet_lib.tflite.node import ACTIVATIONS, activation_range
from squeezenet_lib.tflite.operators import SAME, VALID

# The version of each operator that takes int8, for TensorFlow Lite's own check.
_VERSIONS = {"CONV_2D": 3, "FULLY_CONNECTED": 4, "RESHAPE": 1}
_INT8_VERSION = 2
_ZERO = Padding()


def write_graph(graph: Graph) -> bytes:
    """The same bytes for the same graph; `read_graph` gives the graph back, except for tensor indexes.

    A convolution's padding is written as SAME or VALID where it is one of them, else as a PAD in front. One
    that makes a vector is written as FULLY_CONNECTED.

    Raises ValueError for what no int8 .tflite can say: clamps that no activation has, pooling that is padded
    otherwise, averages that are rounded up.
    """
    return _Writer(graph).content()


class _Writer:
    """Collects tensors, buffers and operators of one file."""

    def __init__(self, graph: Graph) -> None:
        from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

        self.schema = schema
        self.graph = graph
        self.kinds: list[str] = []
        self.buffers: list[Any] = [schema.BufferT()]  # number 0 stands for no data
        self.tensors: list[Any] = []
        self.operators: list[Any] = []
        self.written: dict[int, int] = {}  # index of a graph's tensor -> index in the file

    def content(self) -> bytes:
        import flatbuffers

        start = self._activation(self.graph.input)
        for operator in self.graph.operators:
            self._operator(operator)
        subgraph = self.schema.SubGraphT()
        subgraph.name = b"main"
        subgraph.tensors, subgraph.operators = self.tensors, self.operators
        subgraph.inputs, subgraph.outputs = [start], [self._activation(self.graph.output)]
        model = self.schema.ModelT()
        model.version = 3
        model.description = b"squeezenet-esp32"
        model.operatorCodes = [self._code(kind) for kind in self.kinds]
        model.subgraphs, model.buffers = [subgraph], self.buffers
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), FILE_IDENTIFIER)
        return bytes(builder.Output())

    def _code(self, kind: str) -> Any:
        code = self.schema.OperatorCodeT()
        code.builtinCode = getattr(self.schema.BuiltinOperator, kind)
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        code.version = _VERSIONS.get(kind, _INT8_VERSION)
        return code

    def _tensor(
        self, name: str, shape: Sequence[int], type_name: str, scales: Any, zero_points: Sequence[int]
    ) -> Any:
        tensor = self.schema.TensorT()
        tensor.name, tensor.shape = name.encode(), list(shape)
        tensor.type = getattr(self.schema.TensorType, type_name)
        tensor.buffer = 0
        tensor.hasRank = True
        if len(scales) > 0:
            tensor.quantization = self.schema.QuantizationParametersT()
            tensor.quantization.scale = np.asarray(scales, np.float32)
            tensor.quantization.zeroPoint = np.asarray(zero_points, np.int64)
            tensor.quantization.quantizedDimension = 0
        self.tensors.append(tensor)
        return tensor

    def _activation(self, tensor: Tensor) -> int:
        """Index in the file, where it stands once."""
        if tensor.index not in self.written:
            self._tensor(tensor.name, tensor.shape, "INT8", [tensor.scale], [tensor.zero_point])
            self.written[tensor.index] = len(self.tensors) - 1
        return self.written[tensor.index]

    def _constant(
        self, name: str, values: npt.NDArray[Any], scales: Any = (), zero_points: Sequence[int] | None = None
    ) -> int:
        """Zero points are 0 unless given."""
        type_name = {np.dtype(np.int8): "INT8", np.dtype(np.int32): "INT32"}[values.dtype]
        tensor = self._tensor(name, values.shape, type_name, scales, zero_points or [0] * len(scales))
        buffer = self.schema.BufferT()
        buffer.data = np.frombuffer(values.astype(values.dtype.newbyteorder("<")).tobytes(), np.uint8)
        self.buffers.append(buffer)
        tensor.buffer = len(self.buffers) - 1
        return len(self.tensors) - 1

    def _add(self, kind: str, inputs: Sequence[int], output: int, options: str, **values: Any) -> None:
        if kind not in self.kinds:
            self.kinds.append(kind)
        operator = self.schema.OperatorT()
        operator.opcodeIndex = self.kinds.index(kind)
        operator.inputs, operator.outputs = list(inputs), [output]
        operator.builtinOptionsType = getattr(self.schema.BuiltinOptions, options)
        operator.builtinOptions = getattr(self.schema, f"{options}T")()
        for name, value in values.items():
            setattr(operator.builtinOptions, name, value)
        self.operators.append(operator)

    def _operator(self, op: Operator) -> None:
        if isinstance(op, Conv2D) and len(op.output.shape) == 2:
            self._fully_connected(op)
        elif isinstance(op, Conv2D):
            self._conv2d(op)
        elif isinstance(op, MaxPool2D) and len(op.output.shape) == 2:
            self._over_height_and_width("REDUCE_MAX", op)
        elif isinstance(op, MaxPool2D):
            self._pool("MAX_POOL_2D", op, op.window, op.window)
        elif isinstance(op, AveragePool2D):
            if op.halves_up:
                raise ValueError(f"the averages of {op.output.name!r} are rounded as in uint8")
            self._pool("AVERAGE_POOL_2D", op, op.window_height, op.window_width)
        elif isinstance(op, Mean):
            self._over_height_and_width("MEAN", op)
        elif isinstance(op, Add):
            inputs = [self._activation(tensor) for tensor in op.inputs]
            fused = _activation_of(op)
            self._add("ADD", inputs, self._activation(op.output), "AddOptions", fusedActivationFunction=fused)
        elif isinstance(op, MultiplyChannels):
            self._with_constants("MUL", op, "MulOptions")
        elif isinstance(op, AddChannels) and (op.negate_input or op.negate_constants):
            self._with_constants("SUB", op, "SubOptions", constants_first=op.negate_input)
        elif isinstance(op, AddChannels):
            self._with_constants("ADD", op, "AddOptions")
        elif isinstance(op, Concatenation):
            inputs = [self._activation(tensor) for tensor in op.inputs]
            self._add("CONCATENATION", inputs, self._activation(op.output), "ConcatenationOptions", axis=3)
        elif isinstance(op, Pad):
            self._pad(self._activation(op.input), self._activation(op.output), op.output.name, op.padding)
        elif isinstance(op, Requantize):
            self._add(
                "QUANTIZE", [self._activation(op.input)], self._activation(op.output), "QuantizeOptions"
            )
        else:
            inputs = [self._activation(op.input)]
            self._add("SOFTMAX", inputs, self._activation(op.output), "SoftmaxOptions", beta=op.beta)

    def _over_height_and_width(self, kind: str, op: Mean | MaxPool2D) -> None:
        axes = self._constant(f"{op.output.name}/axes", np.array([1, 2], np.int32))
        inputs = [self._activation(op.input), axes]
        keep = len(op.output.shape) == 4
        self._add(kind, inputs, self._activation(op.output), "ReducerOptions", keepDims=keep)

    def _with_constants(
        self, kind: str, op: MultiplyChannels | AddChannels, options: str, constants_first: bool = False
    ) -> None:
        inputs = [self._activation(op.input), self._channel_constants(op.output.name, op.constants)]
        self._add(
            kind,
            inputs[::-1] if constants_first else inputs,
            self._activation(op.output),
            options,
            fusedActivationFunction=_activation_of(op),
        )

    def _channel_constants(self, name: str, constants: ChannelConstants) -> int:
        numbers = constants.numbers
        zero_point = min(max(-128 - int(numbers.min()), -128), 127)
        values = (numbers + zero_point).astype(np.int8)
        if np.any(values - np.int16(zero_point) != numbers):
            raise ValueError(f"the constants of {name!r} fit no int8")
        return self._constant(f"{name}/constants", values, [constants.scale], [zero_point])

    def _pad(self, source: int, target: int, name: str, padding: Padding) -> None:
        sides = [(0, 0), (padding.top, padding.bottom), (padding.left, padding.right), (0, 0)]
        constant = self._constant(f"{name}/paddings", np.array(sides, np.int32))
        self._add("PAD", [source, constant], target, "PadOptions")

    def _conv2d(self, op: Conv2D) -> None:
        source, name = self._activation(op.input), op.output.name
        height, width, channels = op.input.height, op.input.width, op.input.channels
        if len(op.input.shape) == 2:
            source = self._reshaped(op.input, f"{name}/picture", (1, 1, 1, channels))
        same = same_padding(height, width, op.weights.shape[1:3], op.stride)
        pad = op.padding
        if pad not in (_ZERO, same):
            shape = (1, height + pad.top + pad.bottom, width + pad.left + pad.right, channels)
            zero_point = [op.input.zero_point]
            self._tensor(f"{name}/padded", shape, "INT8", [op.input.scale], zero_point)
            padded = len(self.tensors) - 1
            self._pad(source, padded, name, pad)
            source = padded
        self._add(
            "CONV_2D",
            [source, *self._weights_and_bias(op, op.weights)],
            self._activation(op.output),
            "Conv2DOptions",
            padding=SAME if pad == same != _ZERO else VALID,
            strideW=op.stride,
            strideH=op.stride,
            fusedActivationFunction=_activation_of(op),
        )

    def _fully_connected(self, op: Conv2D) -> None:
        source, name = self._activation(op.input), op.output.name
        height, width = op.input.height, op.input.width
        weights = op.weights[:, :height, :width].reshape(len(op.weights), -1)
        if op.weights.shape[1] != max(height, width):
            raise ValueError(f"the convolution {name!r} makes a vector and is no dense layer")
        if height * width > 1:
            source = self._reshaped(op.input, f"{name}/flattened", (1, weights.shape[1]))
        self._add(
            "FULLY_CONNECTED",
            [source, *self._weights_and_bias(op, weights)],
            self._activation(op.output),
            "FullyConnectedOptions",
            fusedActivationFunction=_activation_of(op),
        )

    def _reshaped(self, source: Tensor, name: str, shape: tuple[int, ...]) -> int:
        self._tensor(name, shape, "INT8", [source.scale], [source.zero_point])
        target = len(self.tensors) - 1
        self._add("RESHAPE", [self._activation(source)], target, "ReshapeOptions", newShape=list(shape))
        return target

    def _weights_and_bias(self, op: Conv2D, weights: npt.NDArray[np.int8]) -> list[int]:
        name, scales = op.output.name, op.filter_scales
        if weights.ndim == 2 and np.all(scales == scales[0]):  # as most converters have it
            scales = scales[:1]
        written = self._constant(f"{name}/weights", weights, scales)
        return [written, self._constant(f"{name}/bias", op.bias, np.float32(op.input.scale) * scales)]

    def _pool(self, kind: str, op: MaxPool2D | AveragePool2D, rows: int, columns: int) -> None:
        same = same_padding(op.input.shape[1], op.input.shape[2], (rows, columns), op.stride)
        if op.padding not in (_ZERO, same):
            raise ValueError(f"the padding of {op.output.name!r} is neither SAME nor VALID")
        self._add(
            kind,
            [self._activation(op.input)],
            self._activation(op.output),
            "Pool2DOptions",
            padding=SAME if op.padding == same != _ZERO else VALID,
            strideW=op.stride,
            strideH=op.stride,
            filterWidth=columns,
            filterHeight=rows,
            fusedActivationFunction=_activation_of(op),
        )


def _activation_of(
    op: Conv2D | MaxPool2D | AveragePool2D | Add | MultiplyChannels | AddChannels,
) -> int:
    """The schema's number of the activation that has these clamps."""
    for activation in ACTIVATIONS:
        if activation_range(activation, op.output) == (op.clamp_min, op.clamp_max):
            return activation
    raise ValueError(f"no activation bounds {op.output.name!r} to {op.clamp_min}..{op.clamp_max}")
