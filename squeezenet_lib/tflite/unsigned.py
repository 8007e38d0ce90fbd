"""Models of TensorFlow 1's converter, uint8 throughout, read as int8: every number is 128 less.

Weights become what the runtime takes where their zero point is 128: when the network was trained with
symmetric weights.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from squeezenet_lib.errors import UserError
from squeezenet_lib.tflite.file import FileTensor, TfliteModel

_WITH_WEIGHTS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_TO_INT8 = bytes(byte ^ 0x80 for byte in range(256))


def as_int8(model: TfliteModel) -> TfliteModel:
    """The model with int8 in the place of uint8, when its weights are uint8; else as it is.

    Raises UserError naming the weights whose zero point is not 128.
    """
    weights = [
        model.tensors[op.inputs[1]]
        for op in model.operators
        if op.kind in _WITH_WEIGHTS and len(op.inputs) > 1 and op.inputs[1] >= 0
    ]
    unsigned = [tensor for tensor in weights if tensor.type == "UINT8"]
    for tensor in unsigned:
        if np.any(tensor.zero_points != 128):
            raise UserError(
                f"the model is uint8, as TensorFlow 1 converted, and its weights {tensor.name!r} have zero "
                f"point {tensor.zero_points.tolist()[0]}, where the runtime needs 128: convert the network "
                "anew, to int8, with TensorFlow 2's tf.lite.TFLiteConverter (docs/compile.md has the lines)"
            )
    if not unsigned:
        return model
    return dataclasses.replace(model, tensors=tuple(map(_signed, model.tensors)), unsigned=True)


def _signed(tensor: FileTensor) -> FileTensor:
    if tensor.type != "UINT8":
        return tensor
    data = None if tensor.data is None else tensor.data.translate(_TO_INT8)
    return dataclasses.replace(tensor, type="INT8", zero_points=tensor.zero_points - 128, data=data)
