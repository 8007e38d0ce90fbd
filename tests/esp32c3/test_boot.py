"""The boot and the restart of an ESP32-C3 in a model of its registers.

Expectations are ESP-IDF's (commit 102122904ade): esp_hal_wdt/esp32c3/include/hal/rwdt_ll.h and mwdt_ll.h,
esp_hal_wdt/wdt_hal_iram.c, bootloader_support/src/esp32c3/bootloader_esp32c3.c
(bootloader_super_wdt_auto_feed), bootloader_utility.c (set_cache_and_start_app), hal/esp32c3's mmu_ll.h,
efuse_ll.h and efuse_hal.c, bootloader_flash.c (bootloader_read_flash_id), soc/esp32c3's reset_reasons.h,
esp_system/port/soc/esp32c3/system_internal.c (esp_restart_noos); the order in the cache is the ROM's
(api1-20210207: 0x400513E8, 0x40051436).
"""

import ctypes
import re

import pytest

from tests.support.analogue_bus import AnalogueBus
from tests.support.register_model import BOARD, Crash, Registers, Report

OPTIONS, RESET_STATE, STORES = 0x60008000, 0x60008038, (0x60008050, 0x60008054, 0x60008058, 0x6000805C)
RTC_CONFIG, RTC_HOLD_0, RTC_HOLD_1, RTC_FEED, RTC_KEY = (
    *(0x60008090, 0x60008094, 0x60008098, 0x600080A4, 0x600080A8),
)
SUPER_CONFIG, SUPER_KEY = 0x600080AC, 0x600080B0
TIMER_CONFIG, TIMER_KEY = (0x6001F048, 0x60020048), (0x6001F064, 0x60020064)
CACHE, CACHE_SHUT, SYNC, SYNC_ADDRESS, SYNC_SIZE = 0x600C4000, 0x600C4004, 0x600C4028, 0x600C402C, 0x600C4030
PRELOAD, CACHE_STATE, MMU = 0x600C4034, 0x600C40B0, 0x600C5000
COMMAND, CTRL, USER, USER1, USER2, MISO_LENGTH, DATA = (
    *(0x60002000, 0x60002008, 0x60002018, 0x6000201C, 0x60002020, 0x60002028, 0x60002058),
)
EFUSE_1, EFUSE_2, EFUSE_SYS_3, EFUSE_SYS_5 = 0x60008834, 0x60008838, 0x60008850, 0x60008858
LINE, USB, USB_CONF, GPIO_IN = 0x60000000, 0x60043000, 0x60043004, 0x6000403C
UART_CLOCK, PERIPHERAL_RESET, SYSCLK = 0x60000078, 0x600C0018, 0x600C0058
KEY, SUPER_UNLOCK, UPDATE = 0x50D83AA1, 0x8F1D312A, 1 << 22
POWER_ON, SOFTWARE_CPU = 1, 12


def powered(flash_id: int = 0xEF4016) -> Registers:
    """As the ROM leaves it; a computer reads USB; nothing holds the I2C bus, nobody is on it."""
    chip = Registers(chip="esp32c3")
    AnalogueBus(chip)
    chip.values |= {
        RESET_STATE: POWER_ON,
        CACHE: 1,
        CACHE_STATE: 1,
        PRELOAD: 2,
        USB_CONF: 2,
        SYSCLK: 1,
        GPIO_IN: 0x3FFFFF,
        0x60013020: 1 << 10,
        CTRL: 0x2C2000,
        USER: 0x60000000,
        USER1: 0x5C000007,
        USER2: 0x70000003,
    }

    def sync(value: int) -> None:
        if value & 1:
            chip.values[SYNC] = 2

    def command(value: int) -> None:
        chip.values[COMMAND] = 0
        reads_id = chip.values[USER2] == 0x7000009F and chip.values[USER] >> 27 == 0b10010
        if value == 1 << 18 and reads_id and chip.values[MISO_LENGTH] == 23:
            chip.values[DATA] = int.from_bytes(flash_id.to_bytes(3, "big"), "little") | 0xAA000000

    chip.on_write[SYNC], chip.on_write[COMMAND] = sync, command
    chip.on_write[USB_CONF] = lambda _: chip.values.__setitem__(USB_CONF, 2)
    return chip


def boot(chip: Registers) -> Report:
    return chip.drivers.board_init().contents


def said(chip: Registers, line: int = LINE) -> str:
    return bytes(value for _, value in chip.written(line)).decode()


def test_watchdogs_are_off_first() -> None:
    chip = powered()
    chip.values[SUPER_CONFIG] = 0x04B00000
    chip.drivers.board_stop_watchdogs()
    assert chip.writes == [
        (RTC_KEY, KEY),
        (RTC_FEED, 1 << 31),
        (RTC_CONFIG, 0),
        (RTC_KEY, 0),
        (SUPER_KEY, SUPER_UNLOCK),
        (SUPER_CONFIG, 0x84B00000),
        (SUPER_KEY, 0),
        *((TIMER_KEY[0], KEY), (TIMER_CONFIG[0], UPDATE), (TIMER_KEY[0], 0)),
        *((TIMER_KEY[1], KEY), (TIMER_CONFIG[1], UPDATE), (TIMER_KEY[1], 0)),
    ]


def test_a_boot_from_the_power_says_its_steps_on_both_lines_and_what_the_chip_is() -> None:
    chip = powered()
    chip.values |= {EFUSE_SYS_3: 4 << 18 | 1 << 27, STORES[0]: 0xC4A51009}
    report = boot(chip)
    steps = "\nboot step=clock\nboot step=flash\nboot step=display\nboot step=done\n"
    assert said(chip) == said(chip, USB) == steps
    about, flash = report.chip.contents, report.flash.contents
    assert (report.name, report.failed_step, report.reset_cause) == (b"esp32c3", None, b"power-on")
    assert (report.crystal_mhz, report.cycles_per_microsecond, report.crashed) == (40, 160, False)
    assert (about.name, about.revision, about.rated_mhz) == (b"ESP32-C3 (QFN32)", 4, 160)
    assert (about.second_core_reset, about.brownout, about.protection) == (b"none", b"on", b"none")
    assert (flash.pins, flash.rom_routing, flash.routing) == (b"in-package", b"direct", b"direct")
    assert (flash.supply, flash.id, flash.bytes, flash.image_bytes) == (b"3.3V", 0xEF4016, 4 << 20, 4 << 20)
    assert (flash.mhz, flash.dummy, flash.standard) == (40, 0, True)
    assert report.display is None


def test_flash_is_mapped_page_by_page_while_the_cache_is_off() -> None:
    chip = powered()
    chip.values[CACHE_SHUT] = 3
    boot(chip)
    entries = [(MMU + 4 * entry, entry if entry < 2 else 0x100) for entry in range(128)]
    watched = (CACHE, SYNC_ADDRESS, SYNC_SIZE, SYNC, CACHE_SHUT, *(address for address, _ in entries))
    assert chip.written(*watched) == [
        (CACHE, 0),
        (SYNC_ADDRESS, 0),
        (SYNC_SIZE, 0),
        (SYNC, 1),
        *entries,
        (CACHE_SHUT, 0),
        (CACHE, 1),
    ]
    assert [chip.values[address] for address in (CTRL, USER, USER1, USER2)] == [
        *(0x2C2000, 0x60000000, 0x5C000007, 0x70000003)
    ], "the controller for single commands is as the ROM left it"


def test_without_the_pll_it_goes_on_with_the_whole_crystal() -> None:
    chip = powered()
    chip.step = 100_000
    chip.on_read[0x6000E000] = lambda: 1 << 25
    report = boot(chip)
    assert (report.failed_step, report.cycles_per_microsecond) == (b"clock", 40)
    assert report.chip.contents.brownout == b"off: its threshold cannot be set"
    assert chip.values[SYSCLK] == 0
    assert said(chip).endswith("boot step=done\n")


@pytest.mark.parametrize("stuck", [PRELOAD, SYNC, CACHE_STATE])
def test_a_cache_that_does_not_answer_is_reported_and_passed_over(stuck: int) -> None:
    chip = powered()
    chip.step = 100_000
    chip.values[stuck] = 0
    chip.on_write[SYNC] = lambda value: chip.values.__setitem__(SYNC, 0 if stuck == SYNC else 2)
    report = boot(chip)
    assert report.failed_step == b"flash"
    assert said(chip).endswith("boot step=done\n")


@pytest.mark.parametrize(
    ("flash_id", "size"), [(0xC84017, 8 << 20), (0, 0), (0xFFFFFF, 0), (0x204020, 64 << 20)]
)
def test_the_size_that_the_flash_states(flash_id: int, size: int) -> None:
    assert boot(powered(flash_id)).flash.contents.bytes == size


@pytest.mark.parametrize(
    ("package", "name"),
    [
        (0, b"ESP32-C3 (QFN32)"),
        (1, b"ESP8685 (QFN28)"),
        (2, b"ESP32-C3 AZ (QFN32)"),
        (3, b"ESP8686 (QFN24)"),
        (7, b"unknown ESP32-C3"),
    ],
)
def test_the_chip_s_name_is_esptool_s(package: int, name: bytes) -> None:
    chip = powered()
    chip.values |= {EFUSE_SYS_3: package << 21, EFUSE_SYS_5: 1 << 23 | 1 << 24}
    about = boot(chip).chip.contents
    assert (about.name, about.revision) == (name, 108)


@pytest.mark.parametrize("count", range(8))
@pytest.mark.parametrize("secure_boot", [False, True])
def test_what_guards_the_flash_is_reported(count: int, secure_boot: bool) -> None:
    chip = powered()
    chip.values |= {EFUSE_1: count << 18 | 3 << 16, EFUSE_2: secure_boot << 20 | 0xFFF}
    encrypted = count.bit_count() % 2 == 1
    expected = b"flash-encryption" if encrypted else b"secure-boot" if secure_boot else b"none"
    assert boot(chip).chip.contents.protection == expected


@pytest.mark.parametrize(
    ("number", "name"),
    [
        *((1, b"power-on"), (3, b"software"), (7, b"watchdog-timer-0"), (9, b"watchdog-rtc")),
        *((12, b"software-cpu"), (15, b"brownout"), (16, b"watchdog-rtc-system"), (21, b"usb")),
        *((23, b"power-glitch"), (2, b"unknown"), (63, b"unknown")),
    ],
)
def test_the_reset_s_reason(number: int, name: bytes) -> None:
    chip = powered()
    chip.values[RESET_STATE] = 0xFFFC0 | number
    assert chip.drivers.reset_cause() == name


def test_a_crash_is_told_to_the_next_run_and_its_display_is_left_alone() -> None:
    chip = powered()
    crash = Crash(vector=8, cause=7, pc=0x40380ABC, address=0x3FC8E010)
    chip.drivers.crash_record_write(ctypes.byref(crash))
    kept = {store: chip.values[store] for store in STORES}
    following = powered()
    following.values |= {RESET_STATE: SOFTWARE_CPU, **kept}
    report = boot(following)
    assert report.crashed
    assert tuple(report.crash) == tuple(crash)
    assert "display" not in said(following)
    damaged = powered()
    damaged.values |= {RESET_STATE: SOFTWARE_CPU, **kept, STORES[1]: 0}
    assert not boot(damaged).crashed


@pytest.mark.parametrize("delay", range(4))
def test_a_restart_is_esp_idf_s_with_a_watchdog_for_what_hangs(delay: int) -> None:
    chip = powered()
    boot(chip)
    chip.writes.clear()
    chip.values[EFUSE_1] = delay << 16
    chip.values |= {OPTIONS: 0x1C00A000, UART_CLOCK: 0x03700000}
    chip.drivers.reset_chip()
    stages = 3 << 28 | 4 << 25 | 7 << 16 | 7 << 13 | 1 << 12 | 1 << 11 | 1 << 9
    assert [write for write in chip.writes if write[0] in (RTC_KEY, RTC_CONFIG, RTC_HOLD_0, RTC_HOLD_1)] == [
        (RTC_KEY, KEY),
        (RTC_CONFIG, 0),
        (RTC_HOLD_0, 136_000 >> 1 + delay),
        (RTC_HOLD_1, 136_000),
        (RTC_CONFIG, stages),
        (RTC_KEY, 0),
    ]
    assert chip.written(*TIMER_CONFIG) == [(address, UPDATE) for address in TIMER_CONFIG]
    rest = (CACHE, UART_CLOCK, PERIPHERAL_RESET, SYSCLK, OPTIONS)
    assert chip.written(*rest) == [
        (CACHE, 0),
        (UART_CLOCK, 0x03700000 | 1 << 23),
        (PERIPHERAL_RESET, 1 << 29 | 7),
        (PERIPHERAL_RESET, 0),
        (SYSCLK, 1 << 10),
        (SYSCLK, 0),
        (OPTIONS, 0x1C00A000 | 1 << 5),
    ]


def test_the_button_is_gpio_9() -> None:
    chip = powered()
    chip.drivers.button_init()
    assert chip.writes == [(0x60009028, 1 << 12 | 2 << 10 | 1 << 9 | 1 << 8)]
    assert not chip.drivers.button_held()
    chip.values[GPIO_IN] = 0x3FFFFF & ~(1 << 9)
    assert chip.drivers.button_held()


def test_addresses_lie_in_headers_under_names_of_esp_idf() -> None:
    files = sorted((BOARD / "esp32c3").glob("*.c"))
    assert files
    assert [path.name for path in files if re.search("0x(3[CF]|60)[0-9A-F]{6}", path.read_text())] == []
