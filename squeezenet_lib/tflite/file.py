"""A .tflite file as plain values: tensors, constants and operators, nothing interpreted yet.

Schema: TensorFlow Lite's `schema.fbs`, through the Python classes that the tflite-micro package ships, which
imports in a fraction of TensorFlow's time. These trust the file, so all that can go wrong with a damaged one
is caught here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError

FILE_IDENTIFIER = b"TFL3"
_FLOAT = struct.Struct("<f")
_BETA = 4  # where the table of SoftmaxOptions' fields tells of it


@dataclass(frozen=True)
class FileTensor:
    """type: the schema's name of it (INT8, FLOAT32, ...). scales and zero_points: () when not quantized.

    data: little-endian bytes of a constant, else None. dynamic: a side other than the batch is unknown until
    the model runs.
    """

    name: str
    type: str
    shape: tuple[int, ...]
    dynamic: bool
    scales: npt.NDArray[np.float32]
    zero_points: npt.NDArray[np.int64]
    scale_axis: int
    sparse: bool
    data: bytes | None


@dataclass(frozen=True)
class FileOperator:
    """kind: the schema's name (CONV_2D, ...), or a `custom` operator's own. Left-out inputs are -1."""

    kind: str
    custom: bool
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[str, Any]


@dataclass(frozen=True)
class TfliteModel:
    """The only subgraph of a file. Every index of an operator's tensors is one of `tensors`, or -1.

    unsigned: what is INT8 here was UINT8.
    """

    tensors: tuple[FileTensor, ...]
    operators: tuple[FileOperator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    unsigned: bool = False


def load_model(content: bytes) -> TfliteModel:
    """Raises UserError when the file is none, is damaged or has more than one subgraph."""
    from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

    if content[4:8] != FILE_IDENTIFIER:
        raise UserError(
            "the model is no .tflite (its file identifier is not TFL3): name the file the converter wrote"
        )
    try:
        unpacked = schema.ModelT.InitFromPackedBuf(content, 0)
        subgraphs = len(unpacked.subgraphs)
        loaded = _model(unpacked, schema) if subgraphs == 1 else None
    except Exception as error:  # the generated classes fail on a damaged file in any way they like
        raise UserError(
            f"the .tflite is damaged or cut short ({type(error).__name__}): copy or convert it again"
        ) from error
    if loaded is None:
        raise UserError(f"the .tflite has {subgraphs} subgraphs; the runtime runs models with one")
    return loaded


def _model(unpacked: Any, schema: Any) -> TfliteModel:
    subgraph = unpacked.subgraphs[0]
    types = _names(schema.TensorType)
    kinds = [_kind(code, _names(schema.BuiltinOperator)) for code in unpacked.operatorCodes]
    tensors = tuple(_tensor(tensor, unpacked.buffers, types) for tensor in subgraph.tensors)
    operators = tuple(_operator(op, kinds) for op in subgraph.operators)
    model = TfliteModel(tensors, operators, _integers(subgraph.inputs), _integers(subgraph.outputs))
    for op in operators:
        if not op.outputs or any(not -1 <= i < len(tensors) for i in (*op.inputs, *op.outputs)):
            raise IndexError("an operator names a tensor that is not there")
        if min(op.outputs) < 0:
            raise IndexError("an operator writes no tensor")
    if any(not 0 <= i < len(tensors) for i in (*model.inputs, *model.outputs)):
        raise IndexError("the model names a tensor that is not there")
    return model


def _names(enumeration: type) -> dict[int, str]:
    return {value: name for name, value in vars(enumeration).items() if isinstance(value, int)}


def _kind(code: Any, names: dict[int, str]) -> tuple[str, bool]:
    """The operator's name, and whether it is a custom one."""
    # Models from before 2021 keep small codes in the deprecated field and 0 in the other.
    number = max(code.builtinCode, code.deprecatedBuiltinCode)
    if code.customCode:
        return str(code.customCode.decode("utf-8", "replace")), True
    kind = names.get(number, f"number {number}")
    return kind, kind == "CUSTOM"


def _operator(op: Any, kinds: list[tuple[str, bool]]) -> FileOperator:
    if op.opcodeIndex < 0:
        raise IndexError("an operator has no code")
    options = vars(op.builtinOptions) if op.builtinOptions is not None else {}
    kind, custom = kinds[op.opcodeIndex]
    return FileOperator(kind, custom, _integers(op.inputs), _integers(op.outputs), dict(options))


def _tensor(tensor: Any, buffers: list[Any], types: dict[int, str]) -> FileTensor:
    quantization = tensor.quantization
    scales = zero_points = None
    if quantization is not None:
        scales, zero_points = quantization.scale, quantization.zeroPoint
    data = buffers[tensor.buffer].data if tensor.buffer >= 0 else None
    return FileTensor(
        name=(tensor.name or b"").decode("utf-8", "replace"),
        type=types.get(tensor.type, f"type {tensor.type}"),
        shape=_integers(tensor.shape),
        dynamic=any(side < 0 for side in _integers(tensor.shapeSignature)[1:]),
        scales=np.array([] if scales is None else scales, np.float32),
        zero_points=np.array([] if zero_points is None else zero_points, np.int64),
        scale_axis=0 if quantization is None else int(quantization.quantizedDimension),
        sparse=tensor.sparsity is not None,
        data=None if data is None else np.asarray(data, np.uint8).tobytes(),
    )


def _integers(values: Any) -> tuple[int, ...]:
    return () if values is None else tuple(int(value) for value in values)


def with_softmax_beta(content: bytes, beta: float) -> bytes:
    """The file, whose last operator is a softmax, with another beta: softmax(beta x logits).

    Four bytes of it change. The kernels multiply beta into the scale of the logits, so it takes no step more.
    Raises UserError where the last operator is none, or the file leaves its beta out.
    """
    from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

    graph = schema.Model.GetRootAs(content, 0).Subgraphs(0)
    last = graph.Operators(graph.OperatorsLength() - 1)
    options = last.BuiltinOptions()
    offset = options.Offset(_BETA) if options is not None else 0
    if last.BuiltinOptionsType() != schema.BuiltinOptions.SoftmaxOptions or not offset:
        raise UserError("the .tflite does not end in a softmax whose beta it holds: convert it again")
    at = options.Pos + offset
    return content[:at] + _FLOAT.pack(beta) + content[at + _FLOAT.size :]
