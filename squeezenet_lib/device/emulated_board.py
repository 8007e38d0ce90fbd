"""The emulated board: the firmware in QEMU, its serial port a socket and a pipe that stay open."""

from __future__ import annotations

import os
import select
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from squeezenet_lib.device.emulator import qemu_command
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import EMULATED, build_firmware
from squeezenet_lib.frame_pixels import FrameFormat
from squeezenet_lib.images import Shape, load_picture, require_picture
from squeezenet_lib.sqz.header import read_header

FRAMES = "camera.frames"  # in the folder that QEMU runs in
_HEIGHTS = (240, 480, 600)  # of the frames that a camera takes
_READ_BYTES = 1 << 16
_WRITE_SECONDS = 60.0  # for a request, the picture before it included
# An emulated RISC-V core cannot ask whether there is something to read: its socket answers after so many
# microseconds that there is nothing (READ_MS of lib/board/qemu/riscv/simulator.h).
_READ_MICROSECONDS = 10_000
_END_SECONDS = 2.0  # an idle chip ends at once; one at work does not hear that it should


@dataclass(frozen=True)
class Sight:
    """A frame for the emulated camera: rows of equal length one behind the other, as `kind` has them."""

    rows: bytes
    width: int
    height: int
    kind: FrameFormat

    @property
    def record(self) -> bytes:
        """As esp32_pio/lib/board/qemu/camera.c reads it."""
        return struct.pack("<IIII", self.width, self.height, self.kind, len(self.rows)) + self.rows


def sights_of(folder: Path, shape: Shape) -> list[Sight]:
    """The pictures of a folder, in the order of their paths, as a camera of 320 x 240 pixels, or more where
    the model's input `shape` (height, width, channels) is larger, sees them: grey for one channel, else RGB.

    Raises UserError when there are none or one cannot be read.
    """
    require_picture(shape[2])
    side = max(shape[:2])
    height = next((height for height in _HEIGHTS if height >= side), side)
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    if not paths:
        raise UserError(f"{folder} has no pictures for the camera; name another folder with --camera")
    kind = FrameFormat.GREY if shape[2] == 1 else FrameFormat.RGB888
    frame = (height, height * 4 // 3, shape[2])
    return [Sight(load_picture(path, frame, False).tobytes(), frame[1], frame[0], kind) for path in paths]


class EmulatedBoard:
    """A board that boots `elf` (an env qemu...) at once. Any speed is as good as another.

    sights: what its camera sees, one after the other and again from the beginning; none: it has no camera.
    Raises UserError when QEMU is not installed, and later when the emulated chip has ended.
    """

    name = "the emulator"

    def __init__(self, elf: Path, baud: int = 115200, sights: Sequence[Sight] = ()) -> None:
        self.baud = baud
        command = qemu_command(elf.resolve())
        self._desk = tempfile.TemporaryDirectory(prefix="emulated-desk-")
        if sights:
            Path(self._desk.name, FRAMES).write_bytes(b"".join(sight.record for sight in sights))
        self._to_chip, its_end = socket.socketpair()
        its_end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, _READ_MICROSECONDS))
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        # In a session of its own: Ctrl-C at the terminal is this process's to handle.
        self._chip = subprocess.Popen(
            command,
            stdin=its_end.fileno(),
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
            start_new_session=True,
            cwd=self._desk.name,
        )
        its_end.close()
        assert self._chip.stdout is not None
        self._from_chip = self._chip.stdout
        self._to_chip.setblocking(False)

    def read(self, timeout: float) -> bytes:
        """What has come; b"" after `timeout` seconds of silence."""
        ready, _, _ = select.select([self._from_chip], [], [], timeout)
        if not ready:
            return b""
        data = os.read(self._from_chip.fileno(), _READ_BYTES)
        if not data:
            raise self._ended()
        return data

    def write(self, data: bytes) -> None:
        """Raises UserError when the chip does not read, which it does not while it classifies."""
        end = time.monotonic() + _WRITE_SECONDS
        try:
            while data:
                if not select.select([], [self._to_chip], [], max(0.0, end - time.monotonic()))[1]:
                    raise UserError("the emulated chip reads nothing any more: report it when it stays")
                data = data[self._to_chip.send(data) :]
        except (BrokenPipeError, ConnectionResetError):
            raise self._ended() from None

    def set_baud(self, baud: int) -> None:
        self.baud = baud

    def close(self) -> None:
        """Hang up, which ends the chip."""
        self._to_chip.close()
        try:
            self._chip.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._chip.kill()
            self._chip.wait()
        self._from_chip.close()
        self._errors.close()
        self._desk.cleanup()

    @property
    def status(self) -> int | None:
        """QEMU's exit status: 0 when the chip has read to the end of its input; None while it runs."""
        return self._chip.poll()

    def _ended(self) -> UserError:
        status = self._chip.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()
        return UserError(f"the emulated chip ended with status {status}" + (f": {said}" if said else ""))


@contextmanager
def emulated_board(
    env: str, model: Path, golden: Path, camera: Path | None = None
) -> Iterator[EmulatedBoard]:
    """Build the firmware of `env` around `model` and `golden` for an emulated core, and boot it.

    camera: a folder whose pictures its camera sees; None: it has no camera. It takes seconds. The caller
    closes the board. Raises UserError when a file or a tool is missing.
    """
    for path, stage, option in ((model, "huffman", "--model"), (golden, "tflm-export", "--golden")):
        if not path.is_file():
            raise UserError(
                f"{path} does not exist: run `dvc repro {stage}` in the project's folder, or name another "
                f"file with {option}"
            )
    sights = sights_of(camera, read_header(model.read_bytes()).shape) if camera else []
    with tempfile.TemporaryDirectory(prefix="emulated-board-") as work:
        yield EmulatedBoard(build_firmware(Path(work), EMULATED[env], model, golden).elf, sights=sights)
