"""Boot and restart of an ESP32-C3 and an ESP32-S3 in a model of their registers.

Expectations are ESP-IDF's (commit 102122904ade), for each chip its own: esp_hal_wdt's rwdt_ll.h and
mwdt_ll.h, wdt_hal_iram.c, bootloader_support/src/CHIP/bootloader_CHIP.c (bootloader_super_wdt_auto_feed),
bootloader_utility.c (set_cache_and_start_app), hal/CHIP's mmu_ll.h, efuse_ll.h and efuse_hal.c,
bootloader_flash.c (bootloader_read_flash_id), soc/CHIP's reset_reasons.h,
esp_system/port/soc/CHIP/system_internal.c (esp_restart_noos).
"""

import ctypes
import re

import pytest

from tests.support.register_model import BOARD, Crash
from tests.support.usb_chips import (
    BOTH,
    CTRL,
    GPIO_IN,
    MMU,
    OPTIONS,
    RESET_STATE,
    S3,
    SOFTWARE_CPU,
    STORES,
    UART_CLOCK,
    USER,
    USER1,
    USER2,
    Chip,
    boot,
    said,
)

TIMER_CONFIG, TIMER_KEY = (0x6001F048, 0x60020048), (0x6001F064, 0x60020064)
KEY, SUPER_UNLOCK = 0x50D83AA1, 0x8F1D312A


@BOTH
def test_watchdogs_are_off_first(kind: Chip) -> None:
    chip = kind.powered()
    config, _, _, feed, key = kind.watchdog
    super_config, super_key = kind.swd
    chip.values[super_config] = 0x04B00000
    chip.drivers.board_stop_watchdogs()
    assert chip.writes == [
        (key, KEY),
        (feed, 1 << 31),
        (config, 0),
        (key, 0),
        (super_key, SUPER_UNLOCK),
        (super_config, 0x84B00000),
        (super_key, 0),
        *((TIMER_KEY[0], KEY), (TIMER_CONFIG[0], kind.timer_off), (TIMER_KEY[0], 0)),
        *((TIMER_KEY[1], KEY), (TIMER_CONFIG[1], kind.timer_off), (TIMER_KEY[1], 0)),
    ]


@BOTH
def test_a_boot_from_the_power_says_its_steps_on_both_lines_and_what_the_chip_is(kind: Chip) -> None:
    chip = kind.powered()
    chip.values |= {kind.efuses(0x50): 4 << 18 | 1 << 27, STORES[0]: 0xC4A41009}
    report = boot(chip)
    steps = "\nboot step=clock\nboot step=flash\nboot step=display\nboot step=done\n"
    assert said(chip) == said(chip, kind.usb) == steps
    about, flash = report.chip.contents, report.flash.contents
    assert (report.name, report.failed_step, report.reset_cause) == (kind.name.encode(), None, b"power-on")
    assert (report.crystal_mhz, report.cycles_per_microsecond, report.crashed) == (40, kind.mhz, False)
    assert (about.name, about.revision, about.rated_mhz) == (kind.names[0], 4, kind.mhz)
    assert (about.second_core_reset, about.brownout, about.protection) == (kind.second_core, b"on", b"none")
    assert (flash.pins, flash.rom_routing, flash.routing) == (b"in-package", b"direct", b"direct")
    assert (flash.supply, flash.id, flash.bytes, flash.image_bytes) == (b"3.3V", 0xEF4016, 4 << 20, 4 << 20)
    assert (flash.mhz, flash.dummy, flash.standard) == (40, 0, True)
    assert report.display is None


@BOTH
def test_flash_is_mapped_page_by_page_while_the_cache_is_off(kind: Chip) -> None:
    chip = kind.powered()
    boot(chip)
    writes = [write for write in chip.writes if MMU <= write[0] < MMU + 0x1000 or write in kind.cache_off]
    invalid, count = (1 << 14, 512) if kind is S3 else (1 << 8, 128)
    entries = [(MMU + 4 * entry, entry if entry < 2 else invalid) for entry in range(count)]
    assert writes == [*kind.cache_off, *entries, *writes[len(kind.cache_off) + count :]]
    assert [chip.values[address] for address in (CTRL, USER, USER1, USER2)] == [
        *(0x2C2000, 0x60000000, 0x5C000007, 0x70000003)
    ], "the controller for single commands is as the ROM left it"


@BOTH
@pytest.mark.parametrize(
    ("flash_id", "size"), [(0xC84017, 8 << 20), (0, 0), (0xFFFFFF, 0), (0x204020, 64 << 20)]
)
def test_the_size_that_the_flash_states(kind: Chip, flash_id: int, size: int) -> None:
    assert boot(kind.powered(flash_id)).flash.contents.bytes == size


@BOTH
def test_the_chip_s_name_is_esptool_s(kind: Chip) -> None:
    for package, name in kind.names.items():
        chip = kind.powered()
        chip.values |= {kind.efuses(0x50): package << 21, kind.efuses(0x58): 1 << 23 | 1 << 24}
        about = boot(chip).chip.contents
        assert (about.name, about.revision) == (name, 108)


@BOTH
@pytest.mark.parametrize("count", range(8))
@pytest.mark.parametrize("secure_boot", [False, True])
def test_what_guards_the_flash_is_reported(kind: Chip, count: int, secure_boot: bool) -> None:
    chip = kind.powered()
    chip.values |= {kind.efuses(0x34): count << 18 | 3 << 16, kind.efuses(0x38): secure_boot << 20 | 0xFFF}
    encrypted = count.bit_count() % 2 == 1
    expected = b"flash-encryption" if encrypted else b"secure-boot" if secure_boot else b"none"
    assert boot(chip).chip.contents.protection == expected


@BOTH
@pytest.mark.parametrize(
    ("number", "name"),
    [
        *((1, b"power-on"), (3, b"software"), (7, b"watchdog-timer-0"), (9, b"watchdog-rtc")),
        *((12, b"software-cpu"), (15, b"brownout"), (16, b"watchdog-rtc-system"), (21, b"usb")),
        *((23, b"power-glitch"), (2, b"unknown"), (63, b"unknown")),
    ],
)
def test_the_reset_s_reason(kind: Chip, number: int, name: bytes) -> None:
    chip = kind.powered()
    chip.values[RESET_STATE] = 0xFFFC0 | number
    assert chip.drivers.reset_cause() == name


@BOTH
def test_a_crash_is_told_to_the_next_run_and_its_display_is_left_alone(kind: Chip) -> None:
    chip = kind.powered()
    crash = Crash(vector=8, cause=7, pc=0x40380ABC, address=0x3FC8E010)
    chip.drivers.crash_record_write(ctypes.byref(crash))
    kept = {store: chip.values[store] for store in STORES}
    following = kind.powered()
    following.values |= {RESET_STATE: SOFTWARE_CPU, **kept}
    report = boot(following)
    assert report.crashed
    assert tuple(report.crash) == tuple(crash)
    assert "display" not in said(following)
    damaged = kind.powered()
    damaged.values |= {RESET_STATE: SOFTWARE_CPU, **kept, STORES[1]: 0}
    assert not boot(damaged).crashed


@BOTH
@pytest.mark.parametrize("delay", range(4))
def test_a_restart_is_esp_idf_s_with_a_watchdog_for_what_hangs(kind: Chip, delay: int) -> None:
    chip = kind.powered()
    boot(chip)
    chip.writes.clear()
    chip.values[kind.efuses(0x34)] = delay << 16
    chip.values |= {OPTIONS: 0x1C00A000, UART_CLOCK: 0x03700000}
    chip.drivers.reset_chip()
    stages = 3 << 28 | 4 << 25 | 7 << 16 | 7 << 13 | 1 << 12 | kind.cpus | 1 << 9
    config, hold_0, hold_1, _, key = kind.watchdog
    assert chip.written(key, config, hold_0, hold_1) == [
        (key, KEY),
        (config, 0),
        (hold_0, 136_000 >> 1 + delay),
        (hold_1, 136_000),
        (config, stages),
        (key, 0),
    ]
    assert chip.written(*TIMER_CONFIG) == [(address, kind.timer_off) for address in TIMER_CONFIG]
    cache = [address for address, _ in kind.cache_off]
    unstalled = [(OPTIONS, 0x1C00A000)] if kind is S3 else []  # with the second core: see its own tests
    assert chip.written(*cache, UART_CLOCK, kind.peripheral_reset, kind.sysclk, OPTIONS) == [
        *unstalled,
        *kind.cache_off,
        (UART_CLOCK, 0x03700000 | 1 << 23),
        (kind.peripheral_reset, 1 << 29 | 7),
        (kind.peripheral_reset, 0),
        (kind.sysclk, 1 << 10),
        (kind.sysclk, 0),
        (OPTIONS, 0x1C00A000 | 1 << 5),
    ]


@BOTH
def test_the_button_is_the_board_s_boot(kind: Chip) -> None:
    chip = kind.powered()
    chip.drivers.button_init()
    pad = 0x60009004 + 4 * kind.button
    assert chip.writes == [(pad, 1 << 12 | 2 << 10 | 1 << 9 | 1 << 8)]
    assert not chip.drivers.button_held()
    chip.values[GPIO_IN] = 0x3FFFFF & ~(1 << kind.button)
    assert chip.drivers.button_held()


@pytest.mark.parametrize("folder", ["espressif", "esp32c3", "esp32s3"])
def test_addresses_lie_in_headers_under_names_of_esp_idf(folder: str) -> None:
    files = sorted((BOARD / folder).glob("*.c"))
    assert files
    assert [path.name for path in files if re.search("0x(3[CF]|40|60)[0-9A-F]{6}", path.read_text())] == []
