"""esp32_pio/lib/frame compiled for this machine, and pictures packed as the frames of a camera."""

import ctypes
import functools
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from squeezenet_lib.firmware.build import PROJECT
from squeezenet_lib.frame_pixels import FrameFormat, frame_pixels, upright
from squeezenet_lib.images import Pixels, Shape, centre_crop, to_network_input

SOURCES = PROJECT / "lib" / "frame" / "src"
UNTOUCHED = 0xA5  # what memory holds that must stay as it is
GUARD = 64  # bytes of it behind an output


class View(ctypes.Structure):
    """frame.h's frame_view."""

    _fields_ = [
        ("pixels", ctypes.c_char_p),
        ("bytes", ctypes.c_size_t),
        ("width", ctypes.c_uint32),
        ("height", ctypes.c_uint32),
        ("stride", ctypes.c_size_t),
        ("format", ctypes.c_int),
        ("orientation", ctypes.c_uint8),
    ]


class Input(ctypes.Structure):
    """frame.h's frame_input."""

    _fields_ = [
        ("height", ctypes.c_uint32),
        ("width", ctypes.c_uint32),
        ("channels", ctypes.c_uint32),
        ("standardise", ctypes.c_bool),
    ]


@dataclass(frozen=True)
class Frame:
    """A camera's frame: rows `stride` bytes apart."""

    data: bytes
    width: int
    height: int
    stride: int
    kind: FrameFormat
    orientation: int = 0

    @property
    def view(self) -> View:
        return View(
            self.data, len(self.data), self.width, self.height, self.stride, self.kind, self.orientation
        )


@functools.cache
def library(compiler: str) -> ctypes.CDLL:
    """Undefined behaviour ends the process: no library of the sanitizer has to be found at run time."""
    with tempfile.TemporaryDirectory(prefix="frame-") as folder:
        path = Path(folder) / "frame.so"
        flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wno-sign-conversion"]
        flags += ["-fsanitize=undefined", "-fsanitize-undefined-trap-on-error", "-fPIC", "-shared"]
        subprocess.run(
            [compiler, *flags, *map(str, sorted(SOURCES.glob("*.c"))), "-o", str(path)], check=True
        )
        loaded = ctypes.CDLL(str(path))
    loaded.frame_scratch_bytes.restype = ctypes.c_size_t
    loaded.frame_status_text.restype = ctypes.c_char_p
    return loaded


def on_chip(frame: Frame, shape: Shape, standardise: bool, compiler: str = "gcc") -> Pixels:
    """uint8 of `shape` by frame_to_input(), in memory that holds just what it needs."""
    height, width, channels = shape
    view, wished, code = frame.view, Input(*shape, standardise), library(compiler)
    scratch_bytes = code.frame_scratch_bytes(ctypes.byref(view), ctypes.byref(wished))
    whole = upright(np.empty((frame.height, frame.width, 0), np.uint8), frame.orientation)
    crop = centre_crop(whole, height, width)
    assert scratch_bytes == channels * (4 * width + crop.shape[1])
    samples = height * width * channels
    out, scratch = (np.full(size + GUARD, UNTOUCHED, np.uint8) for size in (samples, scratch_bytes))
    status = code.frame_to_input(
        ctypes.byref(view),
        ctypes.byref(wished),
        ctypes.c_void_p(out.ctypes.data),
        ctypes.c_size_t(samples),
        ctypes.c_void_p(scratch.ctypes.data),
        ctypes.c_size_t(scratch_bytes),
    )
    assert status == 0, code.frame_status_text(status)
    assert (out[samples:] == UNTOUCHED).all()
    assert (scratch[scratch_bytes:] == UNTOUCHED).all()
    return out[:samples].reshape(shape)


def by_images(frame: Frame, shape: Shape, standardise: bool) -> Pixels:
    """The same by images.py: the reference."""
    pixels = frame_pixels(frame.data, frame.width, frame.height, frame.stride, frame.kind, shape[2])
    return to_network_input(upright(pixels, frame.orientation), shape, standardise)


def packed(rows: Pixels, kind: FrameFormat, padding: int = 0, orientation: int = 0) -> Frame:
    """A frame of uint8 (height, width, bytes of a pixel), with bytes between the rows and none behind."""
    height, width, pixel_bytes = rows.shape
    assert pixel_bytes == kind.pixel_bytes
    row = width * pixel_bytes
    padded = np.full((height, row + padding), UNTOUCHED, np.uint8)
    padded[:, :row] = rows.reshape(height, row)
    data = padded.tobytes()[: (height - 1) * (row + padding) + row]
    return Frame(data, width, height, row + padding, kind, orientation)
