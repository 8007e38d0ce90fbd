"""The ESP32-S3's image from the reset vector on: labwired's chip runs its real boot ROM (esp32s3-20210327).

The ROM loads the image from flash and calls it; the image calls functions of that ROM, for the analogue
blocks and the caches, and reads flash by the table of pages. The PLL is always calibrated there, the analogue
blocks are plain memory, and a reset of the CPU does not come. All that is said comes twice: over UART0, and
over USB, which is always read.
"""

import re
from pathlib import Path

import labwired
import pytest

from tests.support.other_application import build_application
from tests.support.s3_desk import s3_desk
from tests.support.small_firmware import FAST_SERIAL, firmware
from tests.support.usb_chips import MMU, OPTIONS, S3, SOFTWARE_CPU, STORES

SCREEN = {"screen.c", "screen.h", "font.c", "font.h"}
BOOT = "\nboot step=clock\nboot step=flash\nboot step=display\nboot step=done\n"
TIMER_WATCHDOGS, DCACHE, CACHES, REGULATOR = (0x6001F048, 0x60020048), 0x600C4000, 0x600C4130, 0x600081FC


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Env esp32s3 with tests/c/desk.c in the place of the application."""
    folder = tmp_path_factory.mktemp("desk")
    return build_application(folder, "esp32s3", "desk.c", SCREEN, FAST_SERIAL).with_suffix(".bin")


def twice(text: str) -> str:
    """As print.c says it, word by word and sign by sign, over both lines."""
    return "".join(2 * piece for piece in re.findall(r"[^ =\n]+|[ =\n]", text))


def until_shown(chip: labwired.Sim) -> str:
    chip.expect("shown first\nshown first\n", timeout="100ms")
    return chip.uart_transcript()


def test_the_rom_boots_the_image_which_reads_flash_and_starts_again(image: Path) -> None:
    with s3_desk(image, reset=1) as chip:
        said = until_shown(chip)
        assert "ESP-ROM:esp32s3-20210327" in said
        assert "mode:DIO, clock div:2" in said
        assert "Attempting to boot anyway..." in said, "the hash covers the part that is hidden from the ROM"
        assert twice(BOOT + "started boot=ok display=none reset=power-on crash=none\n") in said
        assert chip.read_u32(S3.watchdog[0]) == 0
        assert [chip.read_u32(address) for address in TIMER_WATCHDOGS] == [0, 0]
        assert chip.read_u32(S3.swd[0]) >> 31 == 1
        assert chip.read_u32(S3.sysclk) & 0xFFF == 1 << 10, "the PLL, not divided"
        assert chip.read_u32(S3.cpu_period) & 7 == 0b110
        assert chip.read_u32(REGULATOR) >> 13 & 0x3F == 0
        assert [chip.read_u32(MMU + 4 * entry) for entry in (0, 1, 2, 511)] == [0, 1, 1 << 14, 1 << 14]
        assert chip.read_u32(DCACHE) & 1 == 1
        assert chip.read_u32(CACHES) == 0x001001, "both idle"

        chip.run_for("1ms")
        assert "shown second" not in chip.uart_transcript(), "nobody has pressed the button"
        chip.set_pin("boot_button", True)
        chip.expect("shown second\n", timeout="100ms")
        chip.set_pin("boot_button", False)
        chip.expect("released\n", timeout="10ms")
        chip.run_for("1ms")
        assert chip.read_u32(OPTIONS) >> 5 & 1 == 1, "the CPU is reset"
        assert chip.read_u32(S3.sysclk) & 0xFFF == 0
        assert chip.read_u32(REGULATOR) >> 13 & 0x3F == 7
        assert chip.read_u32(DCACHE) & 1 == 0
        assert chip.read_u32(STORES[0]) == 0xC4A41009


@pytest.mark.full
def test_the_run_after_a_crash_knows_of_it(image: Path) -> None:
    record = (0xC4A41009, 0x40081234, 0x3FFB0001)
    kept = dict(zip(STORES, (*record, 0xFFFFFFFF ^ record[0] ^ record[1] ^ record[2]), strict=True))
    with s3_desk(image, reset=SOFTWARE_CPU, kept=kept) as chip:
        assert twice("reset=software-cpu crash=LoadStoreAlignment\n") in until_shown(chip)


@pytest.mark.full
def test_the_flashed_firmware_tests_itself() -> None:
    """The model in flash, all checks of the boot."""
    with s3_desk(firmware("esp32s3").image, reset=1) as chip:
        while twice("\nclass=") not in (report := chip.uart_transcript()):
            assert "panic" not in report
            chip.run_for("5ms")
    for line in ("board=esp32s3", "cycles_per_us=240", "ram=ok", "flash_model=ok", "flash_golden=ok"):
        assert twice(f"\n{line}\n") in report
    assert "\ngolden=golden=pass pass 11\n" in report, "report.c says this in larger pieces"
