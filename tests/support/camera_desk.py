"""The application on this machine with a camera, a button, a display: tests/c/camera_desk.c, step by step."""

import functools
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from squeezenet_lib.device.protocol import Frame, split
from tests.support.host_application import compile_application
from tests.support.host_frame import Frame as CameraFrame

DISPLAY_BYTES = 1024
HAS_CAMERA, WANTS_LIGHT, WANTS_CONTINUOUS = 1, 2, 4
HAS_SECOND_CORE, SECOND_CORE_STARTS, SILENT_BEFORE = 8, 16, 32
MEMORY = 1 << 18


@dataclass(frozen=True)
class Heard:
    """What came over the line: the answers, and the text between them."""

    frames: list[Frame]
    text: str


class Desk:
    def __init__(self, program: subprocess.Popen[bytes]) -> None:
        self._program = program

    def see(self, frame: CameraFrame, pictures: int = 1000) -> None:
        """The camera sees this for so many pictures, then it fails."""
        numbers = (frame.kind, frame.width, frame.height, frame.stride, pictures, len(frame.data))
        self._send(b"f", numbers, frame.data)

    def fail(self, why: str) -> None:
        self._send(b"x", (len(why),), why.encode())

    def hold_button(self, held: bool) -> None:
        self._send(b"b", (int(held),))

    def say(self, *requests: bytes, silent_ms: int = 0) -> Heard:
        """Send requests, then be silent for so long."""
        line = b"".join(requests)
        self._send(b"l", (len(line), silent_ms), line)
        (count,) = struct.unpack("<I", self._read(4))
        return Heard(*split(self._read(count)))

    def press(self) -> str:
        """Hold the button for 30 ms; the text that comes of it."""
        self.hold_button(True)
        text = self.say(silent_ms=30).text
        self.hold_button(False)
        return text + self.say(silent_ms=30).text

    def want_output(self, name: str, hold_ms: int) -> None:
        """A pin acts for this class."""
        self._send(b"p", (hold_ms, len(name.encode())), name.encode())

    def output(self) -> tuple[bool, int]:
        """Whether the pin acts, and how often that has changed."""
        self._send(b"o", ())
        acts, changes = struct.unpack("<II", self._read(8))
        return bool(acts), changes

    def display(self) -> bytes:
        self._send(b"d", ())
        return self._read(DISPLAY_BYTES)

    def pictures(self) -> tuple[int, int]:
        """Taken, and of them with the light on."""
        self._send(b"s", ())
        taken, lit = struct.unpack("<II", self._read(8))
        return taken, lit

    def flash(self) -> tuple[int, int]:
        """Number of the setting with which flash is read, and how often the model was looked at."""
        self._send(b"t", ())
        setting, reads = struct.unpack("<II", self._read(8))
        return setting, reads

    def kill_second_core(self, looks: int) -> None:
        """It looks so often at the clock, as it does in each wait, then never answers again."""
        self._send(b"k", (looks,))

    def record(self) -> tuple[int, int]:
        """What this run leaves to the next: a vector of vector_numbers.h, and the core."""
        self._send(b"r", ())
        vector, core = struct.unpack("<II", self._read(8))
        return vector, core

    def _send(self, letter: bytes, numbers: tuple[int, ...], data: bytes = b"") -> None:
        assert self._program.stdin is not None
        self._program.stdin.write(letter + struct.pack(f"<{len(numbers)}I", *numbers) + data)
        self._program.stdin.flush()

    def _read(self, count: int) -> bytes:
        assert self._program.stdout is not None
        data = self._program.stdout.read(count)
        assert len(data) == count, "the application stopped"
        return data


@contextmanager
def camera_desk(
    sqz: bytes,
    golden: bytes,
    flags: int = HAS_CAMERA,
    memory: int = MEMORY,
    flash: tuple[int, int] = (0, 0),
) -> Iterator[Desk]:
    """Started and silent: what it printed at boot has been read.

    flash: with which of its settings it reads right, and how many there are beside the first, 0.
    """
    with tempfile.TemporaryDirectory(prefix="camera-desk-") as folder:
        files = Path(folder, "model.sqz"), Path(folder, "golden.bin")
        for path, content in zip(files, (sqz, golden), strict=True):
            path.write_bytes(content)
        numbers = (memory, flags, *flash)
        command = [_program(), *files, *map(str, numbers)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
            desk = Desk(program)
            desk.say()
            yield desk
        assert program.returncode == 0


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="camera-desk-")


@functools.cache
def _program() -> Path:
    return compile_application(Path(_folder().name), "camera_desk.c")
