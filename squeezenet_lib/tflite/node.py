"""One operator of a .tflite with its tensors: what its reader asks for, or a refusal by name."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import Tensor
from squeezenet_lib.tflite.file import FileOperator, FileTensor, TfliteModel

# Real bounds of the activations that can be fused into an operator, by the schema's number and name.
ACTIVATIONS: dict[int, tuple[str, float, float]] = {
    0: ("NONE", -math.inf, math.inf),
    1: ("RELU", 0.0, math.inf),
    2: ("RELU_N1_TO_1", -1.0, 1.0),
    3: ("RELU6", 0.0, 6.0),
}
_DTYPES: dict[str, np.dtype[Any]] = {"INT8": np.dtype("<i1"), "INT32": np.dtype("<i4")}


def activation_range(activation: int, output: Tensor) -> tuple[int, int]:
    """Bounds of the int8 output; TensorFlow Lite's CalculateActivationRangeQuantized.

    Raises KeyError for an activation that is not in ACTIVATIONS.
    """

    def quantized(value: float) -> int:
        steps = float(np.float32(value) / np.float32(output.scale))
        if math.isinf(steps):
            return 127 if steps > 0 else -128
        return output.zero_point + int(math.copysign(math.floor(abs(steps) + 0.5), steps))

    _, low, high = ACTIVATIONS[activation]
    return max(-128, quantized(low)), min(127, quantized(high))


@dataclass(frozen=True)
class Node:
    """One operator of the file. made: tensors that exist before it, by their index in the file; flattened:
    pictures, by the index of the vector that a RESHAPE made of one.
    """

    model: TfliteModel
    operator: FileOperator
    made: Mapping[int, Tensor]
    flattened: Mapping[int, Tensor]

    @property
    def input(self) -> Tensor:
        return self.source(0)

    @property
    def flattened_input(self) -> Tensor:
        """The input, or the picture that was flattened into it, row by row, channels innermost."""
        return self.flattened.get(self.index(0)) or self.input

    @property
    def output(self) -> Tensor:
        return tensor_of(self.model, self.operator.outputs[0])

    @property
    def sources(self) -> tuple[Tensor, ...]:
        return tuple(self.source(position) for position in range(len(self.operator.inputs)))

    def refusal(self, reason: str) -> UserError:
        name = self.model.tensors[self.operator.outputs[0]].name
        return UserError(
            f"the runtime cannot run {self.operator.kind}, which makes tensor {name!r}: {reason}"
        )

    def source(self, position: int) -> Tensor:
        """The activation that is the input at `position`."""
        index = self.index(position)
        if index in self.flattened:
            raise self.refusal(f"its input is a picture flattened to {self.model.tensors[index].shape}")
        if index not in self.made:
            if self.is_constant(position):
                raise self.refusal(f"its input {self.model.tensors[index].name!r} is a constant")
            tensor = tensor_of(self.model, index)  # says what is wrong with its type, if anything
            raise self.refusal(f"its input {tensor.name!r} is made by nothing before")
        return self.made[index]

    def is_constant(self, position: int) -> bool:
        return self._file_tensor(position).data is not None

    def scale_and_zero_point(self, position: int) -> tuple[float, int]:
        """Of the int8 tensor that is the input at `position`, a constant or not."""
        return _scale_and_zero_point(self._file_tensor(position))

    def constant(self, position: int, type_name: str) -> npt.NDArray[Any]:
        """The constant that is the input at `position`, in its shape."""
        tensor = self._file_tensor(position)
        if tensor.data is None:
            raise self.refusal(f"its input {tensor.name!r} has to be a constant")
        if tensor.type != type_name or tensor.sparse:
            what = f"stored sparsely as {tensor.type}" if tensor.sparse else tensor.type
            raise self.refusal(f"its constant {tensor.name!r} is {what}, not {type_name}")
        dtype = _DTYPES[type_name]
        if min(tensor.shape, default=1) < 0 or len(tensor.data) != math.prod(tensor.shape) * dtype.itemsize:
            raise self.refusal(
                f"its constant {tensor.name!r} has {len(tensor.data)} bytes, not those of its shape"
            )
        values: npt.NDArray[Any] = np.frombuffer(tensor.data, dtype).reshape(tensor.shape)
        return values

    def option(self, name: str) -> int:
        return int(self.real(name))

    def real(self, name: str) -> float:
        if name not in self.operator.options:
            raise self.refusal(f"its option {name} is missing (the file is damaged)")
        value: float = self.operator.options[name]
        return value

    def clamp(self, output: Tensor) -> tuple[int, int]:
        activation = self.option("fusedActivationFunction")
        if activation not in ACTIVATIONS:
            names = ", ".join(name for name, _, _ in ACTIVATIONS.values())
            raise self.refusal(f"the activation fused into it is none of {names}")
        return activation_range(activation, output)

    def output_like(self, source: Tensor) -> Tensor:
        """The output, which has the shape of `source`: a vector with or without a RESHAPE in between."""
        output = self.output
        shapes = (1, source.channels), (1, 1, 1, source.channels)
        if source.shape in shapes and output.shape in shapes:
            output = dataclasses.replace(output, shape=source.shape)
        self.expect_shape(output, source.shape)
        return output

    def expect_shape(self, output: Tensor, expected: tuple[int, ...]) -> None:
        if output.shape != expected:
            raise self.refusal(
                f"its output has shape {output.shape} where {expected} follows from its inputs"
            )

    def picture(self, tensor: Tensor) -> tuple[int, int, int]:
        """Height, width and channels of a tensor."""
        if len(tensor.shape) != 4:
            raise self.refusal(f"{tensor.name!r} has shape {tensor.shape}, not (1, height, width, channels)")
        return tensor.shape[1], tensor.shape[2], tensor.shape[3]

    def has_input(self, position: int) -> bool:
        return position < len(self.operator.inputs) and self.operator.inputs[position] >= 0

    def index(self, position: int) -> int:
        if not self.has_input(position):
            raise self.refusal(f"it has no input number {position}")
        return self.operator.inputs[position]

    def _file_tensor(self, position: int) -> FileTensor:
        return self.model.tensors[self.index(position)]


def tensor_of(model: TfliteModel, index: int) -> Tensor:
    """An int8 activation. Raises UserError naming the tensor when it is none that the runtime keeps."""
    tensor = model.tensors[index]
    name = tensor.name
    scale, zero_point = _scale_and_zero_point(tensor)
    if tensor.dynamic or not tensor.shape or min(tensor.shape) < 1:
        raise UserError(f"tensor {name!r} has no fixed shape: convert the model with a fixed input size")
    if tensor.shape[0] != 1:
        raise UserError(
            f"tensor {name!r} is a batch of {tensor.shape[0]}: convert the model with batch size 1"
        )
    return Tensor(index, name, tensor.shape, scale, zero_point)


def _scale_and_zero_point(tensor: FileTensor) -> tuple[float, int]:
    name = tensor.name
    if tensor.type != "INT8":
        raise UserError(
            f"tensor {name!r} is {tensor.type}, not int8: quantize the model fully, input and output included"
        )
    if len(tensor.scales) != 1 or len(tensor.zero_points) != 1:
        raise UserError(f"tensor {name!r} has no scale and zero point of its own: quantize the model fully")
    scale, zero_point = float(tensor.scales[0]), int(tensor.zero_points[0])
    if not 0 < scale < math.inf or not -128 <= zero_point <= 127:
        raise UserError(
            f"tensor {name!r} has scale {scale} and zero point {zero_point}, which no int8 can have"
        )
    return scale, zero_point
