"""The whole boot of an ESP32 in a model of its registers: what ESP-IDF does is done, or named in the docs."""

import ctypes
import re

import pytest

from squeezenet_lib.paths import ROOT
from tests.support.espidf_steps import STEPS, Step
from tests.support.register_model import BOARD, Registers, Report
from tests.support.rom_state import flash_chip
from tests.support.uart_model import Uart

DOCS = ROOT / "docs" / "first-boot.md"
HEADING = "## What ESP-IDF does and this image does not"
CLK_CONF, RESET_STATE, STRAPS, UART_CLKDIV = 0x3FF48070, 0x3FF48034, 0x3FF44038, 0x3FF40014
EFUSES_3, EFUSES_6 = 0x3FF5A00C, 0x3FF5A018
STORE4, STORE5, LINE = 0x3FF480B0, 0x3FF480B4, 0x60000000
ON_PLL, REVISION_1, MTDI = 1 << 27, 1 << 15, 1 << 5
POWER_ON, WATCHDOG = 1 | 1 << 6, 7 | 14 << 6


def chip_at(during: str) -> Registers:
    chip = flash_chip()
    chip.values |= {STORE5: 0x26252625, RESET_STATE: POWER_ON, CLK_CONF: 0x01580010, 0x3FF4807C: 0xA9002400}
    chip.values[EFUSES_3] |= REVISION_1
    if during == "boot at 1.8 V":
        chip.values[STRAPS] = MTDI
    if during == "boot on the PLL":
        chip.values |= {CLK_CONF: 0x01580010 | ON_PLL, RESET_STATE: WATCHDOG, STORE4: 0x00280028, STORE5: 0}
    return chip


def boot(chip: Registers) -> Report:
    return chip.drivers.board_init().contents


def second_core(chip: Registers) -> None:
    """Start it; it joins when it is let go."""
    chip.step = 10  # the thread may need some time

    def reset(value: int) -> None:
        if value == 0:
            chip.drivers.model_second_core()

    chip.on_write[0x3FF0002C] = reset
    chip.writes.clear()
    chip.drivers.board_start_second_core()


def said(chip: Registers) -> str:
    return bytes(value for _, value in chip.written(LINE)).decode()


def trace(during: str) -> list[tuple[int, int]]:
    chip = chip_at(during)
    boot(chip)
    if during == "second core":
        second_core(chip)
    if during == "restart":
        chip.writes.clear()
        chip.drivers.reset_chip(40)
    return chip.writes


@pytest.fixture(scope="module")
def traces() -> dict[str, list[tuple[int, int]]]:
    return {during: trace(during) for during in {step.during for step in STEPS}}


def deviations() -> dict[str, str]:
    """What docs/first-boot.md says that the image does not do, and why: the rows of its table."""
    section = DOCS.read_text(encoding="utf-8").split(HEADING)[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)
    return {name: why.strip() for name, _, why in rows}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_of_esp_idf_is_done_or_named_as_left_out(
    traces: dict[str, list[tuple[int, int]]], step: Step
) -> None:
    done, left_out = step.is_in(traces[step.during]), step.name in deviations()
    if not step.writes:  # no register that the model has: tests/esp32/test_boot_code.py reads the code
        assert left_out == (step.name != "WSR MEMCTL")
    elif left_out:
        assert not done, "the docs name it as left out, and it is done"
    else:
        assert done, f"{step.file}: neither done nor named in {DOCS.name}"


def test_the_docs_name_nothing_that_esp_idf_does_not_do() -> None:
    assert deviations().keys() <= {step.name for step in STEPS}
    assert len({step.name for step in STEPS}) == len(STEPS)
    assert all(deviations().values())


def test_a_boot_from_the_power_says_its_steps_and_what_the_chip_is() -> None:
    chip = chip_at("boot")
    report = boot(chip)
    assert said(chip) == "\nboot step=clock\nboot step=flash\nboot step=display\nboot step=done\n"
    about, flash = report.chip.contents, report.flash.contents
    assert (report.failed_step, report.reset_cause, report.crystal_mhz) == (b"display", b"power-on", 40)
    assert (about.name, about.revision, about.rated_mhz) == (b"ESP32-D0WDQ6", 100, 240)
    assert (about.second_core_reset, about.brownout, about.protection) == (b"power-on", b"on", b"none")
    assert (flash.pins, flash.rom_routing, flash.routing) == (b"default", b"direct", b"matrix")
    assert (flash.supply, flash.id, flash.bytes, flash.image_bytes) == (b"3.3V", 0xEF4016, 4 << 20, 4 << 20)
    assert (flash.mhz, flash.dummy, flash.standard) == (40, 1, True)
    assert report.cycles_per_microsecond == 240


def test_a_chip_rated_for_160_mhz_runs_at_160() -> None:
    chip = chip_at("boot")
    chip.values[EFUSES_3] |= 3 << 12
    report = boot(chip)
    assert (report.cycles_per_microsecond, report.chip.contents.rated_mhz) == (160, 160)
    assert chip.written(0x3FF0003C) == [(0x3FF0003C, 1)]
    assert chip.values[UART_CLKDIV] == 0x007002B6, "the peripherals have their 80 MHz all the same"


def test_what_guards_the_flash_is_reported() -> None:
    chip = chip_at("boot")
    chip.values[EFUSES_6] = 1 << 4
    assert boot(chip).chip.contents.protection == b"secure-boot"


@pytest.mark.parametrize("during", ["boot", "boot on the PLL"])
def test_every_character_goes_out_at_the_speed_of_the_clock_it_is_sent_with(during: str) -> None:
    """After a watchdog's reset on the PLL peripherals run at 120 MHz (rtc_clk_init): no divider for that."""
    chip = chip_at(during)
    seen = set()
    chip.on_write[LINE] = lambda _: seen.add(
        (chip.values[CLK_CONF] & 3 << 27, chip.values.get(UART_CLKDIV, 0))
    )
    boot(chip)
    assert seen == {(0, 0x0030015B), (ON_PLL, 0x007002B6)}, "40 MHz, then 80"


def test_nothing_is_sent_or_set_before_the_rom_has_said_its_last_word() -> None:
    chip = chip_at("boot on the PLL")
    uart = Uart(chip, pace=1, waiting=90)
    at: list[int] = []
    for register in (CLK_CONF, UART_CLKDIV):
        chip.on_write[register] = lambda _: at.append(uart.waiting)
    boot(chip)
    assert at[0] == 0


def test_addresses_lie_in_headers_under_names_of_esp_idf() -> None:
    files = [path for folder in ("esp32", "entry") for path in (BOARD / folder).rglob("*.[cS]")]
    assert files
    assert [path.name for path in files if re.search("0x(3FF|600)", path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("right", [2, 5])
def test_a_retry_changes_what_the_report_says(right: int) -> None:
    chip = chip_at("boot")
    report = boot(chip)
    chip.drivers.board_flash_retry.restype = ctypes.c_bool
    for _ in range(right):
        assert chip.drivers.board_flash_retry()
    flash = report.flash.contents
    assert (flash.mhz, flash.dummy, flash.standard) == {2: (40, 2, False), 5: (20, 2, False)}[right]
