"""The emulated board: the firmware in QEMU, its serial port a socket and a pipe that stay open."""

from __future__ import annotations

import os
import select
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from squeezenet_lib.device.emulator import qemu_command
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import EMULATED, build_firmware

_READ_BYTES = 1 << 16
_WRITE_SECONDS = 60.0  # for a request, the picture before it included
# An emulated RISC-V core cannot ask whether there is something to read: its socket answers after so many
# microseconds that there is nothing (READ_MS of lib/board/qemu/riscv/simulator.h).
_READ_MICROSECONDS = 10_000
_END_SECONDS = 2.0  # an idle chip ends at once; one at work does not hear that it should


class EmulatedBoard:
    """A board that boots `elf` (an env qemu...) at once. Any speed is as good as another.

    Raises UserError when QEMU is not installed, and later when the emulated chip has ended.
    """

    name = "the emulator"

    def __init__(self, elf: Path, baud: int = 115200) -> None:
        self.baud = baud
        command = qemu_command(elf)
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
def emulated_board(env: str, model: Path, golden: Path) -> Iterator[EmulatedBoard]:
    """Build the firmware of `env` around `model` and `golden` for an emulated core, and boot it.

    It takes seconds. The caller closes the board. Raises UserError when a file or a tool is missing.
    """
    for path, stage, option in ((model, "huffman", "--model"), (golden, "tflm-export", "--golden")):
        if not path.is_file():
            raise UserError(
                f"{path} does not exist: run `dvc repro {stage}` in the project's folder, or name another "
                f"file with {option}"
            )
    with tempfile.TemporaryDirectory(prefix="emulated-board-") as work:
        yield EmulatedBoard(build_firmware(Path(work), EMULATED[env], model, golden).elf)
