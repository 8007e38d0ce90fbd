"""boards/pins: the boards that the project knows, and what is refused of a board that a user describes."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from platformio.project.config import ProjectConfig

from squeezenet_lib.firmware.build import configuration
from tests.support.builder_modules import builder_module
from tests.support.small_firmware import FAST_SERIAL, PROJECT

FOLDER = PROJECT / "boards" / "pins"


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> Any:
    return builder_module("pins", monkeypatch)


@pytest.fixture
def refusal(pins: Any, tmp_path: Path) -> Callable[[Callable[[dict[str, Any]], None]], str]:
    """What is said of the AI-Thinker board after a change."""

    def refuse(change: Callable[[dict[str, Any]], None]) -> str:
        board = json.loads((FOLDER / "ai-thinker.json").read_text(encoding="utf-8"))
        change(board)
        (tmp_path / "mine.json").write_text(json.dumps(board), encoding="utf-8")
        with pytest.raises(pins.BuildError) as refused:
            pins.read(tmp_path, "mine")
        message = str(refused.value)
        assert message.startswith(f"{tmp_path / 'mine.json'}: ")
        return message.partition("mine.json: ")[2]

    return refuse


@pytest.mark.parametrize("board", ["ai-thinker", "t-camera-v05", "custom"])
def test_boards_of_the_project(pins: Any, board: str) -> None:
    assert pins.read(FOLDER, board).board == board
    assert json.loads((FOLDER / f"{board}.json").read_text(encoding="utf-8"))["source"]


def test_the_ai_thinker_board_is_wired_as_its_maker_says(pins: Any) -> None:
    lines = pins.read(FOLDER, "ai-thinker").lines
    assert [lines[f"camera.d{bit}"] for bit in range(7, -1, -1)] == [35, 34, 39, 36, 21, 19, 18, 5]
    named = ("pwdn", "reset", "xclk", "sccb_sda", "sccb_scl", "vsync", "href", "pclk")
    assert [lines[f"camera.{name}"] for name in named] == [32, -1, 0, 26, 27, 25, 23, 22]
    assert [lines[name] for name in ("display.sda", "display.scl", "button", "light")] == [14, 15, 13, 4]


def test_the_c_that_is_written_has_every_line(pins: Any, tmp_path: Path) -> None:
    source, program = tmp_path / "pins.c", tmp_path / "show"
    pins.write(source, pins.read(FOLDER, "t-camera-v05"))
    camera = ", ".join(f"pins.camera.{name}" for name in pins.CAMERA)
    (tmp_path / "show.c").write_text(
        f"""#include <stdio.h>
        #include "pins.h"
        int main(void) {{
            const int all[] = {{{camera}, pins.display_sda, pins.display_scl, pins.button, pins.light}};
            printf("%s", pins.board);
            for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) printf(" %d", all[i]);
        }}"""
    )
    include = PROJECT / "lib" / "board" / "espidf"
    subprocess.run(
        ["cc", "-Wall", "-Werror", f"-I{include}", "-o", program, tmp_path / "show.c", source], check=True
    )
    shown = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()
    lines = pins.read(FOLDER, "t-camera-v05").lines
    assert shown == ["t-camera-v05", *(str(lines[line]) for line in pins.LINES)]


@pytest.mark.parametrize(
    ("chip", "pin", "why"),
    [
        ("ESP32", 6, "the flash is on it"),
        ("ESP32", 1, "the serial port is on it"),
        ("ESP32", 16, "the PSRAM is on it"),
        ("ESP32", 0, "the button is on it"),
        ("ESP32", 22, "the display is on it"),
        ("ESP32", 34, "which is an input only"),
        ("ESP32", 24, "an ESP32 has no such pin"),
        ("ESP32-C3", 19, "USB is on it"),
        ("ESP32-C3", 9, "the button is on it"),
        ("ESP32-C3", 22, "an ESP32-C3 has no such pin"),
        ("ESP32-S3", 20, "USB is on it"),
        ("ESP32-S3", 24, "an ESP32-S3 has no such pin"),
        ("ESP32-S3", 35, "octal memory may be on it"),
    ],
)
def test_a_pin_that_cannot_act_is_refused(pins: Any, chip: str, pin: int, why: str) -> None:
    with pytest.raises(pins.BuildError, match=f"^custom_output is on GPIO {pin}.*{why}"):
        pins.check_output(pin, chip)


def test_pins_that_can_act(pins: Any) -> None:
    for chip, free in (("ESP32", (4, 13, 27, 33)), ("ESP32-C3", (0, 4, 10)), ("ESP32-S3", (1, 21, 38, 48))):
        for pin in free:
            pins.check_output(pin, chip)
    board = pins.read(FOLDER, "ai-thinker")
    pins.check_output(12, "ESP32", board)
    with pytest.raises(pins.BuildError, match="GPIO 4, but light of ai-thinker is on it"):
        pins.check_output(4, "ESP32", board)
    with pytest.raises(pins.BuildError, match="of an ESP32-X9 it is not known"):
        pins.check_output(4, "ESP32-X9")


@pytest.mark.parametrize(
    "text", ["27", "27 on 5 cat", "27 high -1 cat", "27 high 5", "27 high 3600001 cat", 'x high 5 "cat']
)
def test_what_names_no_pin_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = builder_module("inputs", monkeypatch)
    with pytest.raises(inputs.BuildError, match=r"custom_output in platformio\.ini is"):
        inputs._output(lambda name: text)


@pytest.mark.parametrize("name", ["cat", "rather defective", "Käse; 5 % #1 ${x}", 'a "b" \\ c', "\U0001f600"])
def test_names_of_classes_come_through_platformio_s_configuration(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = builder_module("inputs", monkeypatch)
    settings = replace(FAST_SERIAL, output={"pin": 27, "class": name, "active": "high", "hold_ms": 5})
    ini = tmp_path / "platformio.ini"
    ini.write_text(
        configuration(PROJECT / "platformio.ini", tmp_path, None, None, settings, tmp_path), encoding="utf-8"
    )
    config = ProjectConfig(str(ini))
    found = inputs._output(lambda option: config.get("env:esp32", option))
    assert found == inputs.Output(27, True, 5, name)


def test_an_unknown_board_is_refused_with_those_there_are(pins: Any) -> None:
    with pytest.raises(Exception, match=r"no board 'esp-eye' in .*ai-thinker, custom, t-camera-v05$"):
        pins.read(FOLDER, "esp-eye")


def test_json_that_is_none_is_refused(pins: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("{,}")
    with pytest.raises(Exception, match=r"mine\.json is not valid JSON: "):
        pins.read(tmp_path, "mine")
    (tmp_path / "mine.json").write_text("[]")
    with pytest.raises(Exception, match=r"mine\.json has to be an object"):
        pins.read(tmp_path, "mine")


def test_a_missing_pin(refusal: Any) -> None:
    assert refusal(lambda board: board["camera"].pop("pclk")).startswith("camera.pclk is missing; ")
    assert refusal(lambda board: board.pop("display")).startswith("display.sda is missing; ")


def test_a_key_that_is_none(refusal: Any) -> None:
    assert refusal(lambda board: board["camera"].update(y9=35)).startswith("camera.y9 is unknown; ")


@pytest.mark.parametrize("line", ["xclk", "d0", "vsync"])
def test_lines_that_every_camera_has(refusal: Any, line: str) -> None:
    assert refusal(lambda board: board["camera"].update({line: None})).startswith(
        f"camera.{line} is null, and an ESP32 has no such pin"
    )


@pytest.mark.parametrize("pin", [20, 24, 28, 29, 30, 31, 40, -1, True, "4", 4.0])
def test_pins_that_do_not_exist(refusal: Any, pin: object) -> None:
    assert refusal(lambda board: board.update(light=pin)).startswith(
        f"light is {json.dumps(pin)}, and an ESP32 has no such pin; it has GPIO 0 to 19"
    )


@pytest.mark.parametrize(
    ("pin", "who"),
    [(6, "flash"), (11, "flash"), (16, "PSRAM"), (17, "PSRAM"), (1, "serial port"), (3, "serial port")],
)
def test_pins_that_are_taken(refusal: Any, pin: int, who: str) -> None:
    message = refusal(lambda board: board.update(button=pin))
    assert message == f"button is GPIO {pin}, but the {who} is on it; choose another pin"


@pytest.mark.parametrize(
    ("section", "line"), [("camera", "xclk"), ("camera", "sccb_sda"), ("display", "scl")]
)
def test_inputs_cannot_be_driven(refusal: Any, section: str, line: str) -> None:
    message = refusal(lambda board: board[section].update({line: 37}))
    assert message.startswith(f"{section}.{line} is GPIO 37, which is an input only")


def test_inputs_can_be_read(pins: Any) -> None:
    assert pins.read(FOLDER, "t-camera-v05").lines["button"] == 34


def test_a_pin_used_twice(refusal: Any) -> None:
    message = refusal(lambda board: board.update(button=21))
    assert message == "GPIO 21 is used twice, by camera.d3 and button"


def test_half_a_display(refusal: Any) -> None:
    assert refusal(lambda board: board["display"].update(scl=None)).startswith("display.sda and display.scl")


def test_a_board_may_do_without_display_button_and_light(pins: Any, tmp_path: Path) -> None:
    board = json.loads((FOLDER / "custom.json").read_text(encoding="utf-8"))
    board |= {"display": {"sda": None, "scl": None}, "button": None, "light": None}
    (tmp_path / "mine.json").write_text(json.dumps(board), encoding="utf-8")
    lines = pins.read(tmp_path, "mine").lines
    assert {lines[line] for line in ("display.sda", "display.scl", "button", "light")} == {-1}


def test_a_source_that_is_the_same_is_left_alone(pins: Any, tmp_path: Path) -> None:
    """Or every build would compile it."""
    source = tmp_path / "pins.c"
    pins.write(source, pins.read(FOLDER, "custom"))
    shutil.copystat(FOLDER / "custom.json", source)
    before = source.stat().st_mtime_ns
    pins.write(source, pins.read(FOLDER, "custom"))
    assert source.stat().st_mtime_ns == before
