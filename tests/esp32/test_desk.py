"""Display, button and restart on labwired's ESP32: drivers, controllers and panel, all but the wires."""

import itertools
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import labwired
import pytest

from squeezenet_lib.compiler.planner import plan
from squeezenet_lib.firmware.build import build_firmware
from squeezenet_lib.sqz.container import write_sqz
from squeezenet_lib.tflite.reader import read_graph
from tests.support.host_screen import Call, screens
from tests.support.oled import Oled
from tests.support.other_application import build_application
from tests.support.screen_art import art, expected
from tests.support.small_firmware import CLASSES, FAST_SERIAL, firmware, small_model

RESET_STATE, SOFTWARE = 0x3FF48034, 3
RTC_STORES = (0x3FF4804C, 0x3FF48050, 0x3FF48054, 0x3FF48058)
CORE_CONTROL = (0x3FF0002C, 0x3FF00030, 0x3FF00038)
SCREEN = {"screen.c", "screen.h", "font.c", "font.h"}
CHIP = Path(labwired.__file__).parent / "configs/chips/esp32.yaml"
DESK = f"""
name: desk
chip: {CHIP}
external_devices:
  - id: oled
    type: oled-ssd1306
    connection: i2c0
    route: {{sda: GPIO21, scl: GPIO22}}
    config: {{i2c_address: 0x3C}}
board_io:
  - {{id: boot_button, kind: button, peripheral: gpio, pin: 0, signal: input, active_high: false}}
"""


@pytest.fixture(scope="module")
def elf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Env esp32 with tests/c/desk.c in the place of the application."""
    return build_application(tmp_path_factory.mktemp("desk"), "esp32", "desk.c", SCREEN, FAST_SERIAL)


@contextmanager
def on_the_desk(elf: Path) -> Iterator[labwired.Sim]:
    """A chip with a display and a button."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as system:
        system.write(DESK)
        system.flush()
        with labwired.Sim(str(elf), system=system.name) as chip:
            yield chip


def pass_on(chip: labwired.Sim, oled: Oled) -> None:
    """What has gone over I2C since this was asked last, transfer by transfer: each happens in one instant."""
    sent = [frame for frame in chip.frames() if frame["bus"] == "i2c0"]
    assert all(frame["payload"]["ack"] for frame in sent)
    for _, transfer in itertools.groupby(sent, key=lambda frame: frame["cycle"]):
        oled.receive(bytes(frame["payload"]["byte"] for frame in transfer))


def press(chip: labwired.Sim) -> None:
    """Hold the button down until the chip says so, and let it go."""
    chip.set_pin("boot_button", True)
    chip.expect(r"button picture=.*\n", timeout="1s")
    chip.set_pin("boot_button", False)
    chip.run_for("7ms")


def test_the_flashed_firmware_tests_itself_and_classifies_the_stored_picture() -> None:
    """Watchdogs, clock, flash mapping, serial port and display by registers, the model in flash."""
    oled = Oled()
    with on_the_desk(firmware("esp32").elf) as chip:
        while "\nclass=" not in (report := chip.uart_transcript()):
            assert "panic" not in report
            chip.run_for("5ms")
            pass_on(chip, oled)  # now and then: labwired keeps the latest bytes only
        for line in (
            "board=esp32",
            "crystal_mhz=40",
            "cycles_per_us=240",
            "boot=ok",
            "ram=ok",
            "flash_model=ok",
        ):
            assert f"\n{line}\n" in report
        assert "\ngolden=pass 1\n" in report
        assert "\ndisplay=ssd1306\n" in report
        steps = [b"clock and flash", b"flash content", b"model", b"RAM", b"self-test"]
        assert bytes(oled.memory) == screens(*(Call(b"b", 1, 0, step) for step in steps))[-1]

        scores = small_model().expected[0]
        best = int(scores.argmax())
        for _ in range(2):  # there is one, and it comes again
            press(chip)
            last = chip.uart_transcript().splitlines()[-1]
            found = re.fullmatch(rf"button picture=0 class={best} name={CLASSES[best]} us=(\d+)", last)
            assert found is not None, last
            pass_on(chip, oled)
            per_mille = (int(scores[best]) + 128) * 1000 // 256
            (shown,) = screens(Call(b"r", per_mille, int(found[1]), CLASSES[best].encode()))
            assert bytes(oled.memory) == shown


def test_the_display_shows_the_screens_and_the_button_is_felt(elf: Path) -> None:
    oled = Oled()
    with on_the_desk(elf) as chip:
        chip.expect("shown first\n", timeout="100ms")
        assert (
            "\nboot step=display\nboot step=done\nstarted boot=ok display=ssd1306 reset=power-on crash=none\n"
            in chip.uart_transcript()
        )
        pass_on(chip, oled)
        assert oled.on
        assert art(bytes(oled.memory)) == expected("result_two_words")

        chip.run_for("2ms")
        assert "shown second" not in chip.uart_transcript(), "nobody has pressed the button"
        chip.set_pin("boot_button", True)
        chip.expect("shown second\n", timeout="100ms")
        pass_on(chip, oled)
        assert art(bytes(oled.memory)) == expected("message_short")
        chip.set_pin("boot_button", False)
        chip.expect("released\n", timeout="10ms")


def test_without_a_display_the_boot_goes_on(elf: Path) -> None:
    with labwired.Sim(str(elf), chip="esp32") as chip:
        chip.expect("shown first\n", timeout="100ms")
        assert "started boot=ok display=none reset=power-on crash=none\n" in chip.uart_transcript()


@pytest.mark.full
def test_a_model_for_two_runs_on_one_where_the_second_core_does_not_start(tmp_path: Path) -> None:
    """labwired's ESP32 has one core: what starts the other finds nobody, holds it, and goes on."""
    program, _ = plan(read_graph(small_model().tflite), CLASSES, False, "9.8.7", cores=2)
    sqz = tmp_path / "model.sqz"
    sqz.write_bytes(write_sqz(program, 15)[0])
    elf = build_firmware(tmp_path / "work", "esp32", sqz, small_model().golden, FAST_SERIAL).elf
    with labwired.Sim(str(elf), chip="esp32") as chip:
        chip.expect("\nclass=", timeout="1s")
        report = chip.uart_transcript()
        steps = ["boot step=model\n", "boot step=second-core\n", "boot step=ram\n"]
        assert "".join(steps) in report, "before anything is in the arena"
        for line in ("cores=1: the second did not start", "ram=ok", "golden=pass 1"):
            assert f"\n{line}\n" in report
        table = [chip.read_u32(0x3FF12000 + 4 * page) for page in range(3)]
        assert table == [chip.read_u32(0x3FF10000 + 4 * page) for page in range(3)]
        assert [chip.read_u32(control) for control in CORE_CONTROL] == [1, 0, 0], "in reset, without a clock"


def test_the_run_after_a_crash_knows_of_it(elf: Path) -> None:
    """labwired has no reset: what the RTC would keep is carried over to another chip."""
    with on_the_desk(elf) as chip:
        chip.set_pin("boot_button", True)
        chip.expect("shown second\n", timeout="100ms")
        chip.set_pin("boot_button", False)
        chip.expect("released\n", timeout="10ms")
        chip.run_for("1ms")
        kept = [chip.read_u32(store) for store in RTC_STORES]
    with labwired.Sim(str(elf), chip="esp32") as chip:
        for store, value in zip(RTC_STORES, kept, strict=True):
            chip.write_u32(store, value)
        chip.write_u32(RESET_STATE, SOFTWARE)
        chip.expect("shown first\n", timeout="100ms")
        assert "reset=software crash=LoadStoreAlignment\n" in chip.uart_transcript()
