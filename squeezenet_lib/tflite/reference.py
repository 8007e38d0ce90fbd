"""What a full-int8 model says: TensorFlow Lite with its reference kernels.

`OpResolverType.BUILTIN_REF` rounds exactly as TensorFlow Lite for Microcontrollers does, and is faster than
its Python interpreter. The default resolver (XNNPACK) and the optimized built-in kernels round otherwise:
they are never taken as a reference.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def quantized_input(images: npt.NDArray[np.uint8], input_shape: Sequence[int]) -> npt.NDArray[np.int8]:
    """Network inputs (uint8, N x H x W x C) as the model's int8 input: q = pixel - 128.

    This is the whole of input quantization: `stages.quantize` makes sure that the input tensor has scale
    1/128 and zero point 0. Raises ValueError when the pictures do not fit `input_shape` (1, H, W, C).
    """
    picture_shape = tuple(int(side) for side in input_shape[1:])
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != picture_shape:
        found = f"{images.dtype} pictures of {images.shape[1:]}"
        raise ValueError(f"the model takes uint8 pictures of {picture_shape}, not {found}")
    return (images ^ np.uint8(0x80)).view(np.int8)


def predict_reference(model: bytes, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8]:
    """Scores of `images` (N, H, W, C) as int8 (N, classes), by TFLite's reference kernels, one at a time.

    Raises ValueError when the pictures do not have the model's input shape.
    """
    from tensorflow.lite.python.interpreter import Interpreter, OpResolverType

    with warnings.catch_warnings():
        # It says at every construction that a package of another name will replace it.
        warnings.filterwarnings("ignore", message=r"(?s).*tf\.lite\.Interpreter is deprecated")
        interpreter = Interpreter(
            model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF, num_threads=1
        )
    interpreter.allocate_tensors()
    (input_details,) = interpreter.get_input_details()
    (output_details,) = interpreter.get_output_details()

    scores = np.empty((len(images), int(output_details["shape"][-1])), dtype=np.int8)
    for index, picture in enumerate(quantized_input(images, input_details["shape"])):
        interpreter.set_tensor(input_details["index"], picture[np.newaxis])
        interpreter.invoke()
        scores[index] = interpreter.get_tensor(output_details["index"])[0]
    return scores
