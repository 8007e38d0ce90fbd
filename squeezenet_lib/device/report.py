"""`device report`: all that is known about a board in one file, whether it answers or not."""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from pathlib import Path

from squeezenet_lib.device.advice import advice
from squeezenet_lib.device.exchange import PATIENCE, NoAnswerError, Port
from squeezenet_lib.device.hello import Hello
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.device.messages import explain_silence, no_answer, signs, without_firmware
from squeezenet_lib.device.serial_port import SerialPort, public_name, usb_bridge
from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import FIRMWARE, METRICS
from squeezenet_lib.sources.checksum import Checksum, file_checksum
from squeezenet_lib.version import version

IMAGE = FIRMWARE / "firmware.bin"
BUILD = METRICS / "pio_build.json"
PACKAGES = ("pyserial", "esptool")

_HEAD = (
    "Report of a board, made by `python -m squeezenet_lib device report`: attach it to an issue of\n"
    "squeezenet-esp32 when something fails on that board."
)
_ROM_BAUD = 115200  # the chip's ROM speaks no other
# Until a board says something, which may need a hand on its EN button; until it has said all; in any case.
_FIRST_SECONDS = 5.0
_SILENCE_SECONDS = 3.0
_LISTEN_SECONDS = 12.0
_BUSY_SECONDS = 3.0  # to get an answer from a board that never fell silent
_MOST_BYTES = 50_000
_MOST_HEARD = 200_000  # more is not looked at


@dataclass(frozen=True)
class Start:
    """What a board printed after a reset, heard at `baud` bits in a second.

    pulled: the port could reset it. busy: it had not fallen silent when listening ended. broken: why the
    connection did not last.
    """

    baud: int
    data: bytes
    pulled: bool = True
    busy: bool = False
    broken: str | None = None

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", errors="replace")


@dataclass(frozen=True)
class Findings:
    """hello: the answer. trouble: one sentence, where there is none. later: text that came instead."""

    starts: list[Start]
    hello: Hello | None = None
    trouble: str | None = None
    later: str = ""


def report(port: Port, output: Path, patience: float = PATIENCE) -> int:
    """Write the file to attach to an issue: settings, what the board prints when it starts, what it answers.

    patience: seconds that it may be silent when it is asked. Exit status 0 once the file is written, whatever
    the board did. Raises UserError when it cannot be written.
    """
    if output.is_dir():
        raise UserError(f"{output} is a folder: name a file with --output")
    found = examine(port, patience)
    name = public_name(port.name)
    text = "\n".join(lines(port.name, found)).replace(port.name, name) + "\n"
    try:
        with replace_when_done(output) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"{output} cannot be written ({error.strerror}): name another file with --output"
        ) from None
    if found.trouble:
        print(found.trouble, file=sys.stderr)
    print(f"written: {output}")
    return 0


def examine(port: Port, patience: float) -> Findings:
    """Restart the board, listen, then ask it what it is."""
    starts: list[Start] = []
    for baud in dict.fromkeys((_ROM_BAUD, port.baud)):
        starts.append(_restart(port, baud))
        if starts[-1].broken:
            return Findings(starts, trouble=starts[-1].broken)
    for start in starts:
        if hopeless := without_firmware(start.text):
            return Findings(starts, trouble=no_answer(port.name, hopeless))
    link = BoardLink(port, patience=patience)
    try:
        return Findings(starts, link.connect(min(_BUSY_SECONDS, patience) if starts[-1].busy else None))
    except NoAnswerError:
        said = explain_silence(starts[-1].text + link.text)
        return Findings(starts, trouble=no_answer(port.name, said), later=link.text)
    except UserError as error:
        return Findings(starts, trouble=str(error), later=link.text)


def _restart(port: Port, baud: int) -> Start:
    data, pulled = bytearray(), True
    try:
        port.set_baud(baud)
        if isinstance(port, SerialPort):  # an emulated board has just been started
            pulled = port.reset()
            print("listening: on a board without automatic reset press EN now", file=sys.stderr)
        busy = _listen(port, data)
    except UserError as error:
        return Start(baud, bytes(data), pulled, broken=str(error))
    return Start(baud, bytes(data), pulled, busy)


def _listen(port: Port, data: bytearray) -> bool:
    """Gather what comes until the line falls silent. True: it has not, for _LISTEN_SECONDS."""
    end = time.monotonic() + _LISTEN_SECONDS
    while (left := end - time.monotonic()) > 0:
        come = port.read(min(left, _SILENCE_SECONDS if data else _FIRST_SECONDS))
        if not come:
            return False
        data += come[: max(0, _MOST_HEARD - len(data))]
    return True


def lines(port_name: str, found: Findings) -> Iterator[str]:
    """The file's lines."""
    yield _HEAD
    yield from ("", "## What was built", "", *_built())
    yield from ("", "## With what", "", f"python: {platform.python_version()}")
    yield from (f"{name}: {_package(name)}" for name in PACKAGES)
    yield f"platform: {platform.platform()}"
    yield from (f"port: {public_name(port_name)}", f"usb: {usb_bridge(port_name) or 'unknown'}")
    for start in found.starts:
        whose = "" if start is found.starts[-1] else ", the speed of the chip's ROM; the firmware's follows"
        yield from ("", f"## What it printed after a reset, at {start.baud} bits in a second{whose}", "")
        yield from _transcript(start)
    if found.later:
        yield from ("", "## What it printed when it was asked", "", *_indented(escaped(found.later.encode())))
    yield from ("", "## What that means", "")
    yield from _meanings(found) or ("nothing that is known to be wrong",)
    yield from ("", "## What it answered", "")
    yield from said_by(found.hello) if found.hello else ("nothing",)


def said_by(hello: Hello) -> list[str]:
    """A line for each thing that a board says about itself, then what to do about it."""
    classes = hello.model.class_names if hello.model else ()
    told = [(key.replace("_", " "), value) for key, value in hello.fields.items()]
    told += [(f"class {number}", name) for number, name in enumerate(classes)]
    told += [("advice", sentence) for sentence in advice(hello.fields)]
    width = max(len(key) for key in hello.fields)
    return [f"{key:<{width}}  {value}" for key, value in told]


def _built() -> Iterator[str]:
    yield f"version: {version()}"
    yield f"{IMAGE.as_posix()}: {file_checksum(IMAGE) if IMAGE.is_file() else 'not there'}"
    yield f"{BUILD.as_posix()}: {_noted_checksum() or 'none'}"
    try:
        yield from (f"pio.{key}: {value}" for key, value in asdict(load_params().pio).items())
    except UserError as error:
        yield str(error)


def _noted_checksum() -> Checksum | None:
    """Of the image that the pio-build stage made last."""
    with suppress(OSError, ValueError, KeyError, TypeError):  # somebody may have edited the file
        return Checksum("sha256", str(json.loads(BUILD.read_text(encoding="utf-8"))["image_sha256"]))
    return None


def _package(name: str) -> str:
    try:
        return package_version(name)
    except PackageNotFoundError:
        return "not installed"


def _transcript(start: Start) -> Iterator[str]:
    yield from _indented(escaped(start.data[:_MOST_BYTES]) or "(nothing)")
    notes = {
        f"{len(start.data) - _MOST_BYTES} more bytes are left out": len(start.data) > _MOST_BYTES,
        "the line did not fall silent": start.busy,
        "the port cannot reset the board": not start.pulled,
    }
    yield from (f"({note})" for note, holds in notes.items() if holds)


def _meanings(found: Findings) -> list[str]:
    """The one sentence that the command ends with, and what else the text tells."""
    told = signs("".join(start.text for start in found.starts) + found.later)
    return list(dict.fromkeys([found.trouble, *told] if found.trouble else told))


def escaped(data: bytes) -> str:
    """Text as it is, all other bytes as \\x and two digits; lines end in a line feed."""
    return "".join(
        chr(byte) if 0x20 <= byte <= 0x7E or byte in b"\n\t" else f"\\x{byte:02x}"
        for byte in data.replace(b"\r\n", b"\n")
    )


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in text.strip("\n").split("\n")]
