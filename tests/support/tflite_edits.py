"""A .tflite changed by hand: what converters of other houses write, and what is broken."""

from collections.abc import Callable
from typing import Any

import flatbuffers
import numpy as np

NUMBERS = {"FLOAT32": 0, "INT32": 2, "UINT8": 3, "INT16": 7, "INT8": 9, "INT4": 17}


class Edit:
    """One model, unpacked. tensors and operators are those of its subgraph."""

    def __init__(self, content: bytes) -> None:
        from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

        self.schema: Any = schema
        self.model: Any = schema.ModelT.InitFromPackedBuf(content, 0)
        self.subgraph: Any = self.model.subgraphs[0]

    @property
    def tensors(self) -> Any:
        return self.subgraph.tensors

    @property
    def operators(self) -> Any:
        return self.subgraph.operators

    def code(self, kind: str) -> int:
        """Index of the operator code `kind`, which is added when it is missing."""
        number = getattr(self.schema.BuiltinOperator, kind)
        for index, code in enumerate(self.model.operatorCodes):
            if max(code.builtinCode, code.deprecatedBuiltinCode) == number:
                return index
        code = self.schema.OperatorCodeT()
        code.builtinCode, code.deprecatedBuiltinCode, code.version = number, min(number, 127), 1
        self.model.operatorCodes.append(code)
        return len(self.model.operatorCodes) - 1

    def first(self, kind: str) -> Any:
        """The first operator of `kind`."""
        return next(op for op in self.operators if op.opcodeIndex == self.code(kind))

    def last(self, kind: str) -> Any:
        return next(op for op in reversed(self.operators) if op.opcodeIndex == self.code(kind))

    def add_tensor(
        self, name: str, shape: list[int], kind: str, scale: float = 0.0, zero_point: int = 0
    ) -> int:
        tensor = self.schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name.encode(), shape, NUMBERS[kind], 0
        if scale > 0:
            tensor.quantization = self.schema.QuantizationParametersT()
            tensor.quantization.scale = np.array([scale], np.float32)
            tensor.quantization.zeroPoint = np.array([zero_point], np.int64)
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def add_constant(self, name: str, values: np.ndarray) -> int:
        index = self.add_tensor(name, list(values.shape), values.dtype.name.upper())
        buffer = self.schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self.model.buffers.append(buffer)
        self.tensors[index].buffer = len(self.model.buffers) - 1
        return index

    def insert(self, position: int, kind: str, inputs: list[int], output: int) -> Any:
        """A new operator at `position` of the run's order."""
        op = self.schema.OperatorT()
        op.opcodeIndex, op.inputs, op.outputs = self.code(kind), inputs, [output]
        self.operators.insert(position, op)
        return op

    def bytes(self) -> bytes:
        builder = flatbuffers.Builder(0)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def edited(content: bytes, change: Callable[[Edit], None]) -> bytes:
    edit = Edit(content)
    change(edit)
    return edit.bytes()
