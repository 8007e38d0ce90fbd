"""The pins of a camera board: boards/pins/NAME.json read, checked against the chip and written as C.

The C is a definition of `pins` (lib/board/espidf/pins.h). null in the JSON stands for a line that the board
does not have. `source` says where the numbers come from, and is for people.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from build_error import BuildError

NO_PIN = -1

# ESP32 Series Datasheet, "Pin Overview" and "IO_MUX": the pads of the chip, and what modules do with them.
PADS = {*range(20), 21, 22, 23, 25, 26, 27, *range(32, 40)}
INPUTS_ONLY = set(range(34, 40))
TAKEN = (
    dict.fromkeys(range(6, 12), "the flash is on it")
    | dict.fromkeys((16, 17), "the PSRAM is on it")
    | dict.fromkeys((1, 3), "the serial port is on it")
)

# On bare metal: pins that a chip has, those that are inputs only, and what else is on them.
_BUTTON, _DISPLAY, _FLASH = "the button is on it", "the display is on it", "the flash is on it"
_C3_TAKEN = dict.fromkeys(range(11, 18), _FLASH) | {9: _BUTTON, 5: _DISPLAY, 6: _DISPLAY}
_C3_TAKEN |= dict.fromkeys((18, 19), "USB is on it") | dict.fromkeys((20, 21), "the serial port is on it")
# ESP32-S3 Series Datasheet, "Pin Overview": 22 to 25 do not exist; modules have octal memory on 33 to 37.
_S3_TAKEN = dict.fromkeys(range(26, 33), _FLASH) | dict.fromkeys(range(33, 38), "octal memory may be on it")
_S3_TAKEN |= {0: _BUTTON, 8: _DISPLAY, 9: _DISPLAY} | dict.fromkeys((19, 20), "USB is on it")
_S3_TAKEN |= dict.fromkeys((43, 44), "the serial port is on it")
BARE = {
    "ESP32": (PADS, INPUTS_ONLY, TAKEN | {0: _BUTTON, 21: _DISPLAY, 22: _DISPLAY}),
    "ESP32-C3": (set(range(22)), set(), _C3_TAKEN),
    "ESP32-S3": ({*range(22), *range(26, 49)}, set(), _S3_TAKEN),
}

# Which lines there are, by their place in the JSON; those that the chip drives; those that a board may lack.
CAMERA = ("pwdn", "reset", "xclk", "sccb_sda", "sccb_scl", *(f"d{bit}" for bit in reversed(range(8))))
CAMERA += ("vsync", "href", "pclk")
LINES = (*(f"camera.{name}" for name in CAMERA), "display.sda", "display.scl", "button", "light")
DRIVEN = {f"camera.{name}" for name in ("pwdn", "reset", "xclk", "sccb_sda", "sccb_scl")}
DRIVEN |= {"display.sda", "display.scl", "light"}
OPTIONAL = {"camera.pwdn", "camera.reset", "display.sda", "display.scl", "button", "light"}
TEXTS = ("name", "source")


@dataclass(frozen=True)
class Pins:
    """board: the file's name without its ending. lines: GPIO number by place in the JSON, NO_PIN for none."""

    board: str
    lines: dict[str, int]


def read(folder: Path, board: str) -> Pins:
    """Read and check boards/pins/`board`.json. Raises BuildError."""
    path = folder / f"{board}.json"
    if not path.is_file():
        names = ", ".join(sorted(file.stem for file in folder.glob("*.json")))
        raise BuildError(f"there is no board {board!r} in {folder}; there are {names}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BuildError(f"{path} is not valid JSON: {error}") from None
    values = _values(path, content)
    lines = {line: _pin(path, line, values) for line in LINES}
    _check(path, lines)
    return Pins(board=board, lines=lines)


def check_output(pin: int, chip: str, board: Pins | None = None) -> None:
    """Raise BuildError when `pin` cannot be the one that acts.

    chip: its family's name. board: of a board with a camera; None: bare metal.
    """
    if chip not in BARE:
        raise BuildError(f"custom_output names a pin, and of an {chip} it is not known which one may act")
    pads, inputs_only, taken = BARE[chip]
    if board is not None:
        taken = TAKEN | {used: f"{line} of {board.board} is on it" for line, used in board.lines.items()}
    if pin not in pads:
        raise BuildError(f"custom_output is on GPIO {pin}, and an {chip} has no such pin; choose another")
    if pin in taken:
        raise BuildError(f"custom_output is on GPIO {pin}, but {taken[pin]}; choose another pin")
    if pin in inputs_only:
        raise BuildError(f"custom_output is on GPIO {pin}, which is an input only; choose another pin")


def write(path: Path, pins: Pins) -> None:
    """Write the C source, unless it is there with the same content already."""
    camera = "\n".join(f"        .{name} = {pins.lines[f'camera.{name}']}," for name in CAMERA)
    text = f"""/* Written by platform/builder/pins.py from boards/pins/{pins.board}.json. */
#include "pins.h"

const board_pins pins = {{
    .board = "{pins.board}",
    .camera = {{
{camera}
    }},
    .display_sda = {pins.lines["display.sda"]},
    .display_scl = {pins.lines["display.scl"]},
    .button = {pins.lines["button"]},
    .light = {pins.lines["light"]},
}};
"""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _values(path: Path, content: object) -> dict[str, object]:
    """The file's values by their place: a section's keys get its name before them."""
    if not isinstance(content, dict):
        raise BuildError(f"{path} has to be an object with the keys camera, display, button and light")
    values: dict[str, object] = {}
    for key, value in content.items():
        if key in ("camera", "display") and isinstance(value, dict):
            values |= {f"{key}.{name}": pin for name, pin in value.items()}
        else:
            values[key] = value
    for key in values:
        if key not in (*LINES, *TEXTS):
            raise BuildError(f"{path}: {key} is unknown; the pins are {', '.join(LINES)}")
    return values


def _pin(path: Path, line: str, values: dict[str, object]) -> int:
    if line not in values:
        raise BuildError(f"{path}: {line} is missing; write its GPIO number, or null where there is none")
    value = values[line]
    if value is None and line in OPTIONAL:
        return NO_PIN
    if type(value) is not int or value not in PADS:
        raise BuildError(
            f"{path}: {line} is {json.dumps(value)}, and an ESP32 has no such pin; "
            "it has GPIO 0 to 19, 21 to 23, 25 to 27 and 32 to 39"
        )
    if value in TAKEN:
        raise BuildError(f"{path}: {line} is GPIO {value}, but {TAKEN[value]}; choose another pin")
    if value in INPUTS_ONLY and line in DRIVEN:
        raise BuildError(
            f"{path}: {line} is GPIO {value}, which is an input only (34 to 39 are); choose another pin"
        )
    return value


def _check(path: Path, lines: dict[str, int]) -> None:
    users: dict[int, str] = {}
    for line, pin in lines.items():
        if pin in users and pin != NO_PIN:
            raise BuildError(f"{path}: GPIO {pin} is used twice, by {users[pin]} and {line}")
        users[pin] = line
    if (lines["display.sda"] == NO_PIN) != (lines["display.scl"] == NO_PIN):
        raise BuildError(f"{path}: display.sda and display.scl belong together; write both or null for both")
