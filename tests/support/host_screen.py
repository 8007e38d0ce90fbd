"""The firmware's screen.c on this machine: what it shows for a series of calls."""

import functools
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from squeezenet_lib.paths import ROOT
from tests.support.screen_art import PAGES, WIDTH

SOURCES = ("src/screen.c", "src/font.c", "lib/board/portable/print.c")


@dataclass(frozen=True)
class Call:
    """One call of screen.h: see tests/c/show_screen.c."""

    letter: bytes
    a: int = 0
    b: int = 0
    one: bytes = b""
    other: bytes = b""
    c: int = 0
    d: int = 0


def screens(*calls: Call) -> list[bytes]:
    """What is shown. AddressSanitizer and UBSan watch."""
    line = b"".join(
        c.letter + struct.pack("<4I", c.a, c.b, c.c, c.d) + c.one + b"\0" + c.other + b"\0" for c in calls
    )
    done = subprocess.run([_program()], input=line, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    size = PAGES * WIDTH
    return [done.stdout[at : at + size] for at in range(0, len(done.stdout), size)]


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="screen-")


@functools.cache
def _program() -> Path:
    program = Path(_folder().name, "show_screen")
    firmware = ROOT / "esp32_pio"
    command = ["cc", "-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-fno-sanitize-recover=all"]
    command += [
        "-fsanitize=address,undefined",
        f"-I{firmware / 'src'}",
        f"-I{firmware / 'lib/board/include'}",
        f"-I{firmware / 'lib/frame/src'}",
    ]
    command += [
        "-o",
        str(program),
        str(ROOT / "tests/c/show_screen.c"),
        *(str(firmware / s) for s in SOURCES),
    ]
    subprocess.run(command, check=True)
    return program
