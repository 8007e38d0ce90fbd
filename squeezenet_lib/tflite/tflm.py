"""TensorFlow Lite for Microcontrollers on the host: the PyPI package `tflite-micro`."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError
from squeezenet_lib.tflite import arena_probe
from squeezenet_lib.tflite.file import load_model
from squeezenet_lib.tflite.reference import quantized_input

if TYPE_CHECKING:
    from tflite_micro.python.tflite_micro.runtime import Interpreter

_LARGEST_ELEMENT = 8  # bytes, of an int64
_SLACK = 1 << 16


def predict_tflm(
    model: bytes, images: npt.NDArray[np.uint8], arena: int | None = None
) -> npt.NDArray[np.int8]:
    """Scores of `images` (N, H, W, C) as int8 (N, classes), by the TFLM interpreter, one picture at a time.

    arena: its bytes, `arena_bytes` or more, for TFLM may crash in less; an ample one by default. Raises
    ValueError when the pictures do not have the model's input shape.
    """
    interpreter = _interpreter(model, ample_arena(model) if arena is None else arena)
    classes = int(interpreter.get_output_details(0)["shape"][-1])
    scores = np.empty((len(images), classes), dtype=np.int8)
    for index, picture in enumerate(quantized_input(images, interpreter.get_input_details(0)["shape"])):
        interpreter.set_input(picture[np.newaxis], 0)
        interpreter.invoke()
        scores[index] = interpreter.get_output(0)[0]
    return scores


def arena_bytes(model: bytes) -> int:
    """The tensor arena that the interpreter needs for `model` on this host, in bytes: see arena_probe.py.

    A 64-bit host needs somewhat more than a 32-bit chip, because structs with pointers are in the arena.
    Raises UserError when TFLM refuses the model or crashes whatever the arena.
    """
    ample = ample_arena(model)
    done = subprocess.run(
        [sys.executable, "-P", arena_probe.__file__, str(ample)],
        input=model,
        capture_output=True,
        check=False,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # numpy's threads would not be in its forks
    )
    if done.returncode < 0:
        raise UserError(
            f"TFLM crashed ({signal.Signals(-done.returncode).name}) on the .tflite in an arena of {ample:,} "
            "bytes; please report this model"
        )
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip().splitlines() or ["it does not say why"]
        raise UserError(
            f"TFLM cannot run the .tflite in an arena of {ample:,} bytes ({reason[-1]}); please report this "
            "model"
        )
    return int(done.stdout)


def ample_arena(model: bytes) -> int:
    """Bytes that are surely enough for TFLM, a multiple of 16. Raises UserError when `model` is no .tflite.

    It holds all activations beside each other, where TFLM plans them over each other, and ten times what
    the file has of everything else: structs for tensors and operators, two numbers for each channel. The
    interpreter's own default is the latter alone: too little for a large picture in a narrow network.
    """
    tensors = load_model(model).tensors
    elements = sum(math.prod(map(abs, tensor.shape)) for tensor in tensors if tensor.data is None)
    ample = _LARGEST_ELEMENT * elements + 10 * len(model) + _SLACK
    return ample + -ample % arena_probe.ALIGNMENT


def _interpreter(model: bytes, arena: int) -> Interpreter:
    from tflite_micro.python.tflite_micro import runtime

    return runtime.Interpreter.from_bytes(model, arena_size=arena)
