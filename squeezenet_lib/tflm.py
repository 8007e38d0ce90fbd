"""TensorFlow Lite for Microcontrollers on the host: the PyPI package `tflite-micro`."""

from __future__ import annotations

import bisect
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt

from squeezenet_lib.tflite_reference import quantized_input

if TYPE_CHECKING:
    from tflite_micro.python.tflite_micro.runtime import Interpreter

_ARENA_TOTAL = re.compile(rb"Arena allocation total (\d+) bytes")


def predict_tflm(model: bytes, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8]:
    """Scores of `images` (N, H, W, C) as int8 (N, classes), by the TFLM interpreter, one picture at a time.

    Raises ValueError when the pictures do not have the model's input shape.
    """
    interpreter = _interpreter(model)
    classes = int(interpreter.get_output_details(0)["shape"][-1])
    scores = np.empty((len(images), classes), dtype=np.int8)
    for index, picture in enumerate(quantized_input(images, interpreter.get_input_details(0)["shape"])):
        interpreter.set_input(picture[np.newaxis], 0)
        interpreter.invoke()
        scores[index] = interpreter.get_output(0)[0]
    return scores


def arena_bytes(model: bytes) -> int:
    """The tensor arena that the interpreter needs for `model` on this host, in bytes.

    It is what the interpreter reports to have used; where an arena of that size would not do (planning the
    memory of a small network takes more than running it), the smallest multiple of 16 that does. A 64-bit
    host needs somewhat more than a 32-bit chip, because structs with pointers are in the arena.
    """
    interpreter = _interpreter(model)
    interpreter.set_input(np.zeros(interpreter.get_input_details(0)["shape"], np.int8), 0)
    interpreter.invoke()
    with _standard_error_to_file() as report:
        interpreter.print_allocations()
        report.seek(0)
        found = _ARENA_TOTAL.search(report.read())
        if found is None:
            raise RuntimeError("tflite-micro's report has no line 'Arena allocation total ... bytes'")
        reported = int(found[1])
        if _fits(model, reported):
            return reported
        sizes = range(reported + -reported % 16, 10 * len(model), 16)
        return sizes[bisect.bisect_left(sizes, True, key=lambda size: _fits(model, size))]


def _fits(model: bytes, arena: int) -> bool:
    try:
        _interpreter(model, arena)
    except RuntimeError:  # "TFLM failed to allocate tensors"; the reason goes to standard error
        return False
    return True


def _interpreter(model: bytes, arena: int | None = None) -> Interpreter:
    from tflite_micro.python.tflite_micro import runtime

    return runtime.Interpreter.from_bytes(model, arena_size=arena)


@contextmanager
def _standard_error_to_file() -> Iterator[BinaryIO]:
    """Send file descriptor 2 to a temporary file: TFLM's C++ code prints only there."""
    saved = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield file
        finally:
            os.dup2(saved, 2)
            os.close(saved)
