"""The ESP32-C3's image on labwired's chip: entry, watchdogs, clock, flash mapping, lines, button, restart.

labwired's cycle counter runs 256 times too fast, so its I2C is always too slow for the driver: the display is
in test_display.py.
"""

from pathlib import Path

import pytest

from tests.support.c3_desk import c3_desk, on_the_wire
from tests.support.other_application import build_application
from tests.support.small_firmware import FAST_SERIAL, firmware

SCREEN = {"screen.c", "screen.h", "font.c", "font.h"}
STORES = (0x60008050, 0x60008054, 0x60008058, 0x6000805C)
OPTIONS, RTC_WATCHDOG, TIMER_WATCHDOGS, SUPER = 0x60008000, 0x60008090, (0x6001F048, 0x60020048), 0x600080AC
SYSCLK, CPU_PERIOD, MMU = 0x600C0058, 0x600C0008, 0x600C5000
SOFTWARE_CPU = 12
BOOT = "\nboot step=clock\nboot step=flash\nboot step=display\nboot step=done\n"


@pytest.fixture(scope="module")
def elf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Env esp32c3 with tests/c/desk.c in the place of the application."""
    return build_application(tmp_path_factory.mktemp("desk"), "esp32c3", "desk.c", SCREEN, FAST_SERIAL)


def test_boot_button_and_restart(elf: Path) -> None:
    with c3_desk(elf) as chip:
        chip.expect("shown first\n", timeout="100ms")
        assert chip.uart_transcript().startswith(BOOT + "started ")
        assert "display=none reset=power-on crash=none\n" in chip.uart_transcript()
        assert chip.read_u32(RTC_WATCHDOG) == 0
        assert [chip.read_u32(address) for address in TIMER_WATCHDOGS] == [1 << 22] * 2
        assert chip.read_u32(SUPER) >> 31 == 1
        assert chip.read_u32(SYSCLK) & 0xFFF == 1 << 10, "the PLL, not divided"
        assert chip.read_u32(CPU_PERIOD) & 7 == 0b101
        assert [chip.read_u32(MMU + 4 * entry) for entry in (0, 1, 2, 127)] == [0, 1, 0x100, 0x100]

        chip.run_for("1ms")
        assert "shown second" not in chip.uart_transcript(), "nobody has pressed the button"
        chip.set_pin("boot_button", True)
        chip.expect("shown second\n", timeout="100ms")
        chip.set_pin("boot_button", False)
        chip.expect("released\n", timeout="10ms")
        chip.run_for("1ms")
        assert chip.read_u32(OPTIONS) >> 5 & 1 == 1, "the CPU is reset"
        assert chip.read_u32(SYSCLK) & 0xFFF == 0
        kept = [chip.read_u32(store) for store in STORES]
    with c3_desk(elf, reset=SOFTWARE_CPU) as chip:
        for store, value in zip(STORES, kept, strict=True):
            chip.write_u32(store, value)
        chip.expect("shown first\n", timeout="100ms")
        assert "reset=software-cpu crash=Unknown\n" in chip.uart_transcript()


def test_a_usb_device_that_nobody_reads_gets_what_fits_and_holds_nothing_up(elf: Path) -> None:
    with c3_desk(elf, usb=True) as chip:
        said = b""
        while b"shown first\n" not in said:
            chip.run_for("1ms")
            said += on_the_wire(chip)
        assert said.decode().startswith(BOOT)
        assert len(chip.uart_transcript()) > len(said), "USB has had its part"


@pytest.mark.full
def test_the_flashed_firmware_tests_itself() -> None:
    """The model in flash, all checks of the boot; and the serial line answers."""
    with c3_desk(firmware("esp32c3").elf) as chip:
        while "\nclass=" not in (report := chip.uart_transcript()):
            assert "panic" not in report
            chip.run_for("5ms")
    for line in ("board=esp32c3", "cycles_per_us=160", "ram=ok", "flash_model=ok", "flash_golden=ok"):
        assert f"\n{line}\n" in report
    assert "\ngolden=pass 1\n" in report
