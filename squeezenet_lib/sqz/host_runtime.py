"""The chip's runtime, compiled for this machine: the same C sources, loaded as a shared library."""

from __future__ import annotations

import ctypes
import functools
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError, require_room, temporary_folder
from squeezenet_lib.paths import ROOT
from squeezenet_lib.processes import announced
from squeezenet_lib.ranking import UNKNOWN
from squeezenet_lib.sqz.header import SQZ, read_header

SOURCES = ROOT / "esp32_pio" / "lib" / "squeeze_rt"
ARENA_ALIGNMENT = 16
_UNKNOWN = 0xFFFF  # as C says it


def compile_library(folder: Path, compiler: str, flags: tuple[str, ...] = ("-O2",)) -> Path:
    """Compiles the runtime into `folder` and returns the shared library.

    Raises UserError when the compiler is missing or fails, or the disk is full.
    """
    library = folder / "libsqueeze_rt.so"
    sources = sorted([*SOURCES.glob("src/*.c"), *SOURCES.glob("host/*.c")])
    command = [compiler, "-std=c11", "-Wall", "-Wextra", "-Werror", *flags, "-fPIC", "-shared"]
    command += [f"-I{SOURCES / 'src'}", "-o", str(library), *map(str, sources)]
    try:
        with announced(f"{compiler} to compile the runtime for this machine"):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise UserError(
            f"the C compiler {compiler!r} is not installed: `sudo apt install gcc libc6-dev`, and name no "
            "other one in the environment variable CC"
        ) from error
    if done.returncode != 0:
        require_room(done.stderr, folder, temporary_folder())
        raise UserError(f"compiling the runtime for this machine failed: {done.stderr.strip()}")
    return library


@functools.cache
def _library() -> ctypes.CDLL:
    with tempfile.TemporaryDirectory(prefix="squeeze_rt-") as folder:
        # Once loaded, the library does not need its file.
        return ctypes.CDLL(str(compile_library(Path(folder), os.environ.get("CC", "cc"))))


def _blob(sqz: bytes) -> ctypes.Array[ctypes.c_char]:
    """A copy for the runtime; ctypes aligns it well enough for the 4 bytes that it demands."""
    return ctypes.create_string_buffer(sqz, len(sqz))


class HostRuntime:
    """A .sqz model, ready to classify.

    Raises UserError when the runtime or the header's check refuses the file.
    """

    def __init__(self, sqz: bytes) -> None:
        self.header = read_header(sqz)
        self._blob = _blob(sqz)
        status = self.status(sqz)
        if status != 0:
            raise UserError(f"the runtime refuses the .sqz file (status {status}): {SQZ.remedy}")

    @staticmethod
    def status(sqz: bytes) -> int:
        """What the runtime's sqz_open says: 0, or a negative sqz_status."""
        return int(_library().sqz_host_open(_blob(sqz), ctypes.c_size_t(len(sqz))))

    @property
    def arena_bytes(self) -> int:
        return self.header.arena_bytes

    def run(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.int8]:
        """Scores (N, classes) of finished network inputs (N, H, W, C); the header tells what they are."""
        header = self.header
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != header.shape:
            raise ValueError(
                f"the model takes uint8 pictures of {header.shape}, not {images.dtype} {images.shape[1:]}"
            )
        pictures = np.ascontiguousarray(images)
        scores = np.empty((len(images), header.classes), np.int8)
        memory = np.zeros(header.arena_bytes + ARENA_ALIGNMENT, np.uint8)
        arena = memory[-memory.ctypes.data % ARENA_ALIGNMENT :][: header.arena_bytes]
        status = _library().sqz_host_run(
            self._blob,
            ctypes.c_size_t(header.total_bytes),
            ctypes.c_void_p(arena.ctypes.data),
            ctypes.c_size_t(arena.size),
            ctypes.c_void_p(pictures.ctypes.data),
            ctypes.c_size_t(len(pictures)),
            ctypes.c_void_p(scores.ctypes.data),
        )
        if status != 0:
            raise UserError(
                f"the runtime stopped with status {status}: the .sqz file holds a damaged program"
            )
        return scores

    def decide(self, scores: npt.NDArray[np.int8]) -> npt.NDArray[np.int64]:
        """The class, or UNKNOWN, that the runtime answers each picture's scores (N, classes) with, (N,)."""
        if scores.dtype != np.int8 or scores.shape[1:] != (self.header.classes,):
            raise ValueError(f"scores are int8 (N, {self.header.classes}), not {scores.dtype} {scores.shape}")
        numbers = np.ascontiguousarray(scores)
        answers = np.empty(len(scores), np.uint16)
        status = _library().sqz_host_decide(
            self._blob,
            ctypes.c_size_t(self.header.total_bytes),
            ctypes.c_void_p(numbers.ctypes.data),
            ctypes.c_size_t(len(numbers)),
            ctypes.c_void_p(answers.ctypes.data),
        )
        assert status == 0, "it was opened before"
        return np.where(answers == _UNKNOWN, UNKNOWN, answers.astype(np.int64))
