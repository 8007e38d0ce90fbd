"""What goes into the image beside the code: found, checked, refused in one sentence when it cannot work."""

import contextlib
import importlib.util
import json
import re
import shutil
import struct
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import camera
from build_error import BuildError
from camera import Camera
from cores import Core

# Start of a .sqz file: magic, format, header bytes, total bytes, CRC-32, producer, arena bytes
# (lib/squeeze_rt/src/sqz_format.h is the definition).
SQZ_START = struct.Struct("<4sHHII16sI")

MOST_HOLD_MS = 3_600_000  # microseconds are counted in 32 bits


@dataclass(frozen=True)
class File:
    """A file that goes into flash as it is: "model" or "golden"."""

    name: str
    path: Path


@dataclass(frozen=True)
class Output:
    """A pin that acts when the model decides for a class. hold_ms: 0 until it decides for something else."""

    pin: int
    active_high: bool
    hold_ms: int
    class_name: str


@dataclass(frozen=True)
class Inputs:
    """Files and settings of one build; sizes in bytes. No files: the model comes when the firmware runs.

    chip: its family's name, for people.
    """

    chip: str
    files: tuple[File, ...]
    version: str
    arena_bytes: int
    baud_rate: int
    flash_mhz: int
    flash_bytes: int
    light: bool
    continuous: bool
    camera: Camera
    output: Output | None
    limits: dict[str, int]


def check_tools(core: Core, path: str, makes_image: bool) -> None:
    """Raise BuildError when the compiler, or esptool where an image is made, is missing."""
    if shutil.which(core.prefix + "gcc", path=path) is None:
        raise BuildError(
            f"the compiler {core.prefix}gcc is not installed; "
            f"on Debian or Ubuntu: sudo apt install {core.package}"
        )
    if makes_image and importlib.util.find_spec("esptool") is None:
        raise BuildError(f"esptool is missing in {sys.executable}: pip install esptool==5.6.0")


def flash_mhz(board) -> int:
    """The flash clock in whole MHz, as esptool names it: 20, 26, 40 or 80."""
    return int(str(board.get("build.f_flash")).rstrip("L")) // 1_000_000


def flash_bytes(board) -> int:
    """All of the flash."""
    return int(str(board.get("upload.flash_size")).removesuffix("MB")) << 20


def bare_limits(board) -> dict[str, int]:
    """What a bare-metal image may occupy: the board's limits, and of the flash what the chip can map."""
    mapped = min(flash_bytes(board), board.get("build.flash_window_bytes"))
    return dict(board.get("limits")) | {"flash_bytes": mapped - int(board.get("upload.offset_address"), 0)}


def find(
    option: Callable[..., str], project: Path, board, limits: dict[str, int], magic: bytes = b"SQZ1"
) -> Inputs:
    """Read the env's options, relative to the project folder. limits: bytes of arena and flash, at least.

    magic: what the model's file begins with. Raises BuildError.
    """
    chip = board.get("build.chip_family", "ESP32")
    files, arena_bytes = (), limits["arena_bytes"]
    if option("custom_model"):
        model = _file(project, option("custom_model"), "The model")
        golden = _file(project, option("custom_golden"), "The file of golden pictures")
        files, arena_bytes = (File("model", model), File("golden", golden)), _arena_bytes(model, magic)
        _check_fit(chip, model, arena_bytes, model.stat().st_size + golden.stat().st_size, limits)
    return Inputs(
        chip=chip,
        files=files,
        version=_version(_file(project, option("custom_version"), "The file with the version")),
        arena_bytes=arena_bytes,
        baud_rate=int(option("monitor_speed")),
        flash_mhz=flash_mhz(board),
        flash_bytes=flash_bytes(board),
        light=_switch(option, "custom_light"),
        continuous=_switch(option, "custom_continuous"),
        camera=camera.read(option),
        output=_output(option),
        limits=limits,
    )


def _switch(option: Callable[..., str], name: str) -> bool:
    value = option(name)
    if value not in ("yes", "no"):
        raise BuildError(f"{name} in platformio.ini is {value!r}; it has to be yes or no")
    return value == "yes"


def _output(option: Callable[..., str]) -> Output | None:
    """Of `27 high 2000 class name`; what would mean something else in the .ini is written as in JSON."""
    text = option("custom_output").strip()
    if not text:
        return None
    found = re.fullmatch(r"(\d{1,3}) (high|low) (\d{1,8}) (.+)", text)
    if found is not None:
        pin, level, hold_ms, name = found.groups()
        with contextlib.suppress(json.JSONDecodeError):
            if int(hold_ms) <= MOST_HOLD_MS:
                return Output(int(pin), level == "high", int(hold_ms), json.loads(f'"{name}"'))
    raise BuildError(
        f"custom_output in platformio.ini is {text!r}; it has to be empty or a GPIO, high or low, "
        f"milliseconds (0 to {MOST_HOLD_MS}) and the name of a class, such as 27 high 2000 cat"
    )


def _check_fit(chip: str, model: Path, arena_bytes: int, data_bytes: int, limits: dict[str, int]) -> None:
    if arena_bytes > limits["arena_bytes"]:
        raise BuildError(
            f"the model {model} does not fit the chip: it needs an arena of {arena_bytes:,} bytes of RAM "
            f"and an {chip} has room for {limits['arena_bytes']:,}; lower preprocess.size or model.width in "
            "params.yaml"
        )
    if data_bytes > limits["flash_bytes"]:
        raise BuildError(
            f"the model {model} does not fit the flash: with its golden pictures it has {data_bytes:,} bytes "
            f"and {limits['flash_bytes']:,} are there; lower model.width or raise pio.flash_size in "
            "params.yaml"
        )


def _file(project: Path, name: str, what: str) -> Path:
    path = (project / name).resolve()
    if not path.is_file():
        raise BuildError(f"{what} {path} does not exist; run `dvc repro` in the project's folder to make it")
    return path


def _arena_bytes(model: Path, magic: bytes) -> int:
    start = model.read_bytes()[: SQZ_START.size]
    if len(start) < SQZ_START.size or not start.startswith(magic):
        raise BuildError(
            f"{model} is not a .{magic[:3].decode().lower()} model; "
            "run `dvc repro` in the project's folder to make it again"
        )
    return SQZ_START.unpack(start)[-1]


def _version(path: Path) -> str:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))["project"]["version"]
    except (tomllib.TOMLDecodeError, KeyError):
        raise BuildError(f"{path} states no project.version, which the firmware prints; add it") from None
