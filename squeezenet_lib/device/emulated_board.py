"""The emulated board: the firmware in QEMU, its serial port a pair of pipes that stay open."""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from squeezenet_lib.device.emulator import qemu_command
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import build_firmware

_READ_BYTES = 1 << 16
_WRITE_SECONDS = 60.0  # for a request, the picture before it included
_END_SECONDS = 2.0  # an idle chip ends at once; one at work does not hear that it should


class EmulatedBoard:
    """A board that boots `elf` (env qemu) at once. Any speed is as good as another.

    Raises UserError when QEMU is not installed, and later when the emulated chip has ended.
    """

    name = "the emulator"

    def __init__(self, elf: Path, baud: int = 115200) -> None:
        self.baud = baud
        command = qemu_command(elf)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        # In a session of its own: Ctrl-C at the terminal is this process's to handle.
        self._chip = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
            start_new_session=True,
        )
        assert self._chip.stdin is not None
        assert self._chip.stdout is not None
        self._to_chip, self._from_chip = self._chip.stdin, self._chip.stdout
        os.set_blocking(self._to_chip.fileno(), False)

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
                data = data[os.write(self._to_chip.fileno(), data) :]
        except BrokenPipeError:
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
def emulated_board(model: Path, golden: Path) -> Iterator[EmulatedBoard]:
    """Build the firmware around `model` and `golden`, which takes seconds, and boot it.

    The caller closes the board. Raises UserError when a file or a tool is missing.
    """
    for path, stage, option in ((model, "huffman", "--model"), (golden, "tflm-export", "--golden")):
        if not path.is_file():
            raise UserError(
                f"{path} does not exist: run `dvc repro {stage}` in the project's folder, or name another "
                f"file with {option}"
            )
    with tempfile.TemporaryDirectory(prefix="emulated-board-") as work:
        yield EmulatedBoard(build_firmware(Path(work), "qemu", model, golden).elf)
