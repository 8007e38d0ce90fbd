"""The second core of an ESP32-S3: started, parked, held and lost, as its registers see it; its ROM's RAM.

Expectations are ESP-IDF's (commit 102122904ade): cpu_utility_ll.h of hal/esp32s3, start_other_core
(cpu_start.c), esp_restart_noos (system_internal.c), soc/esp32s3's system_reg.h, rtc_cntl_reg.h and
efuse_reg.h, and bootloader.memory.ld.in.
"""

import pytest
from elftools.elf.elffile import ELFFile

from tests.support.register_model import SECOND_ENTRY, Registers, Report
from tests.support.small_firmware import firmware
from tests.support.usb_chips import C3, OPTIONS, RESET_STATE, S3, SOFTWARE_CPU, STORES, boot

CONTROL, BOOT_ADDRESS, STALL, EFUSES_0 = 0x600C0000, 0x600C0004, 0x600080BC, 0x60007030
UNSTALLED = [(OPTIONS, 0x40), (STALL, 5)]
STALLED = [(OPTIONS, 0x42), (STALL, 0x21 << 20 | 5)]
HELD = [(CONTROL, 4), (BOOT_ADDRESS, 0), *UNSTALLED]
# "APP CPU stack"; what follows is the ROM's all the time.
ROM_WRITES = range(0x3FCEB710, 0x3FCED710)


def booted(joins: bool = True) -> tuple[Registers, Report]:
    """A chip that was stalled in an earlier run, behind its board_init(). joins: its second core runs."""
    chip = S3.powered()
    report = boot(chip)
    chip.values |= {OPTIONS: 0x42, STALL: 0x21 << 20 | 5}
    chip.writes.clear()

    def reset(value: int) -> None:
        if value == 2 and joins:
            chip.step = 10  # the thread may need some time
            chip.drivers.model_second_core()

    chip.on_write[CONTROL] = reset
    return chip, report


def test_it_is_started_and_parked() -> None:
    chip, report = booted()
    assert (report.cores, report.one_core) == (1, b"the image's model is for one")
    chip.drivers.board_start_second_core()
    clock, reset = 2, 4
    started = [(BOOT_ADDRESS, SECOND_ENTRY), (CONTROL, clock | reset), (CONTROL, clock), (BOOT_ADDRESS, 0)]
    assert chip.writes == [*UNSTALLED, *started, *STALLED]
    assert (report.cores, report.one_core) == (2, None)


def test_a_core_that_does_not_start_is_held_as_after_power_on() -> None:
    chip, report = booted(joins=False)
    chip.drivers.board_start_second_core()
    assert chip.writes[-4:] == HELD
    assert (report.cores, report.one_core) == (1, b"the second did not start")


def test_a_single_core_part_is_left_alone() -> None:
    chip = S3.powered()
    chip.values[EFUSES_0] = 1 << 15
    report = boot(chip)
    chip.writes.clear()
    chip.drivers.board_start_second_core()
    assert chip.writes == []
    assert (report.cores, report.one_core) == (1, b"single-core part")


def test_an_esp32_c3_has_one() -> None:
    chip = C3.powered()
    report = boot(chip)
    chip.writes.clear()
    chip.drivers.board_start_second_core()
    assert chip.writes == []
    assert (report.cores, report.one_core) == (1, b"the chip has one")


def test_a_silent_core_is_held_and_the_next_run_does_without() -> None:
    chip, report = booted()
    chip.drivers.board_start_second_core()
    chip.writes.clear()
    chip.drivers.board_lose_second_core()
    assert chip.writes[:4] == HELD
    assert (report.cores, report.one_core) == (1, b"the second does not answer")
    after = S3.powered()
    after.values |= {store: chip.values[store] for store in STORES} | {RESET_STATE: SOFTWARE_CPU}
    again = boot(after)
    after.writes.clear()
    after.drivers.board_start_second_core()
    assert after.writes == []
    assert (again.crashed, again.one_core) == (False, b"the second did not answer in an earlier run")


def test_a_restart_holds_it_first() -> None:
    chip, _ = booted()
    chip.drivers.board_start_second_core()
    chip.writes.clear()
    chip.drivers.reset_chip()
    at = chip.writes.index(HELD[0])
    assert [write[0] for write in chip.writes[at : at + 4]] == [write[0] for write in HELD]
    assert at < chip.writes.index(S3.cache_off[0])
    assert chip.values[STALL] == 5, "a stall outlives the reset"


@pytest.mark.full
def test_the_second_core_s_rom_overwrites_nothing_but_the_arena() -> None:
    """The linker script asserts it, too."""
    with firmware("esp32s3").elf.open("rb") as file:
        symbols = ELFFile(file).get_section_by_name(".symtab")
        arena = symbols.get_symbol_by_name("image_arena")[0]["st_value"]
    assert arena <= ROM_WRITES.start
