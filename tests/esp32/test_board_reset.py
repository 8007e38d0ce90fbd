"""Why the chip started, what a crashed run leaves to the next, and the reset between, as registers see it.

Expectations are ESP-IDF's (commit 102122904ade): soc/esp32/include/soc/reset_reasons.h for the causes, and
esp_restart_noos with esp_system_reset_modules_on_exit in esp_system/port/soc/esp32/system_internal.c.
"""

import ctypes

import pytest

from tests.support.register_model import Crash, Registers
from tests.support.uart_model import UART_STATUS, Uart

OPTIONS, RESET_STATE, CLOCK = 0x3FF48000, 0x3FF48034, 0x3FF48070
EFUSES_3, EFUSES_5, SYSCON_DATE = 0x3FF5A00C, 0x3FF5A014, 0x3FF6607C
STORES = [0x3FF4804C, 0x3FF48050, 0x3FF48054, 0x3FF48058]
STORE5, XTAL_TICK = 0x3FF480B4, 0x3FF66004
BUTTON_PAD, TOUCH_PAD1, GPIO_IN = 0x3FF49044, 0x3FF48498, 0x3FF4403C
CACHE_CTRL, CACHE_REQUESTS = 0x3FF00040, 0x3FF43050
STALL, APP_CACHE_CTRL = 0x3FF480AC, 0x3FF00058
POWER_ON, SOFTWARE = 1, 3
ON_PLL = 1 << 27


def read_record(chip: Registers) -> tuple[int, ...] | None:
    crash = Crash()
    if not chip.drivers.crash_record_read(ctypes.byref(crash)):
        return None
    return tuple(crash)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (1, "power-on"),
        (3, "software"),
        (5, "deep-sleep"),
        (6, "sdio"),
        (7, "watchdog-timer-0"),
        (8, "watchdog-timer-1"),
        (9, "watchdog-rtc"),
        (11, "watchdog-cpu"),
        (12, "software-cpu"),
        (13, "watchdog-rtc-cpu"),
        (14, "other-core"),
        (15, "brownout"),
        (16, "watchdog-rtc-system"),
        (0, "unknown"),
        (10, "unknown"),
        (17, "unknown"),
        (63, "unknown"),
    ],
)
def test_the_cause_of_the_reset_has_a_name(number: int, name: str) -> None:
    chip = Registers()
    chip.values |= {EFUSES_3: 1 << 15, EFUSES_5: 1 << 20, SYSCON_DATE: 1 << 31}  # revision 3
    chip.values[RESET_STATE] = number | 0xC << 6 | 1 << 12  # the other core's beside it
    assert chip.drivers.reset_cause() == name.encode()
    assert chip.drivers.reset_cause_second_core() == b"software-cpu"
    assert chip.drivers.reset_by_power() == (number == POWER_ON)
    chip.values[RESET_STATE] = 0xC | number << 6 | 1 << 12
    assert chip.drivers.reset_cause_second_core() == name.encode()


@pytest.mark.parametrize("efuses_3", [0, 1 << 15])
def test_before_revision_3_a_watchdog_may_have_been_the_power(efuses_3: int) -> None:
    """Erratum RES-3.8: a flash that is slow to wake costs one watchdog reset at power-on."""
    chip = Registers()
    chip.values |= {EFUSES_3: efuses_3, RESET_STATE: 16}
    assert chip.drivers.reset_cause() == b"power-on-or-watchdog"


@pytest.mark.parametrize(
    "crash",
    [
        (1, 0, 0x40081234, 0, 0),
        (3, 0x104, 0x40080D38, 0, 0),
        (5, 63, 0xFFFFFFFF, 0x3FFB0001, 0),
        (3, 0xF3F, 0x40080D38, 0, 1),
        (9, 0, 0, 0, 1),
    ],
)
def test_a_crash_is_known_after_a_software_reset(crash: tuple[int, ...]) -> None:
    chip = Registers()
    chip.drivers.crash_record_write(ctypes.byref(Crash(*crash)))
    assert {address for address, _ in chip.writes} == set(STORES)
    chip.values[RESET_STATE] = SOFTWARE
    assert read_record(chip) == crash
    assert read_record(chip) == crash, "it stays while the power does: the next crash has to see it"


def test_a_crash_is_forgotten_with_the_power() -> None:
    chip = Registers()
    chip.drivers.crash_record_write(ctypes.byref(Crash(1, 9, 0x40081234, 0x3FFB0001)))
    chip.values[RESET_STATE] = POWER_ON
    assert read_record(chip) is None
    chip.values[RESET_STATE] = SOFTWARE
    assert read_record(chip) is None


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("bit", [0, 13, 31])
def test_a_damaged_record_is_none(store: int, bit: int) -> None:
    chip = Registers()
    chip.values[RESET_STATE] = SOFTWARE
    assert read_record(chip) is None, "nothing was ever written"
    chip.drivers.crash_record_write(ctypes.byref(Crash(1, 9, 0x40081234, 0x3FFB0001)))
    chip.values[store] ^= 1 << bit
    assert read_record(chip) is None


RTC_UNLOCK, RTC_LOCK = (0x3FF480A4, 0x50D83AA1), (0x3FF480A4, 0)


def timer_watchdog(group: int) -> list[tuple[int, int]]:
    base = 0x3FF5F000 + 0x1000 * group
    return [(base + 0x64, 0x50D83AA1), (base + 0x60, 1), (base + 0x48, 0), (base + 0x64, 0)]


def test_watchdogs_are_unlocked_fed_disabled_and_locked() -> None:
    """wdt_hal_disable, rwdt_ll_set_flashboot_en(false): the ROM leaves that on (bootloader_config_wdt)."""
    chip = Registers()
    chip.drivers.watchdogs_off()
    rtc = [RTC_UNLOCK, (0x3FF480A0, 1 << 31), (0x3FF4808C, 0), RTC_LOCK]
    assert chip.writes == rtc + timer_watchdog(0)


def restart(chip: Registers, crystal: int = 40) -> list[tuple[int, int]]:
    chip.values |= {CACHE_CTRL: 0x108, CACHE_REQUESTS: 0b1001, 0x3FF003F0: 1 << 7}
    chip.drivers.reset_chip(crystal)
    return chip.writes


def test_a_watchdog_guards_the_restart() -> None:
    """esp_restart_noos: one second to the reset of the system, one more to the RTC's, flash boot mode on."""
    chip = Registers()
    chip.values[0x3FF4803C] = 0xFF
    writes = restart(chip)
    armed = writes.index((0x3FF4808C, 0x3801FF80))
    assert writes.index((0x3FF48090, 150_000)) < armed
    assert writes.index((0x3FF48094, 150_000)) < armed
    assert {(0x3FF48048, 8), (0x3FF4803C, 0xF7)} <= set(writes[:armed]), "without an interrupt"
    assert writes[0] == RTC_UNLOCK
    assert armed < writes.index((CACHE_CTRL, 0x100)), "before anything that could hang"
    for group in (0, 1):
        disabled = timer_watchdog(group)
        at = writes.index(disabled[0])
        assert writes[at : at + len(disabled)] == disabled


def test_the_flash_pins_are_given_back_as_the_rom_expects_them() -> None:
    writes = restart(Registers())
    given = [(0x3FF44130 + 4 * signal, 0x30) for signal in range(6)]
    at = writes.index(given[0])
    assert writes[at : at + 6] == given
    assert writes.index((CACHE_CTRL, 0x100)) < at, "with the cache off: Cache_Read_Disable"
    assert writes.index((CACHE_REQUESTS, 0b1000)) < at


def test_the_modules_are_reset() -> None:
    """esp_system_reset_modules_on_exit."""
    chip = Registers()
    chip.values |= {0x3FF000D0: 0x800, 0x3FF000C4: 1 << 31, 0x3FF00020: 8}
    writes = restart(chip)
    pulses = [
        (0x3FF000D0, 0x800 | 0x7FF),
        (0x3FF000D0, 0),
        (0x3FF000C4, 1 << 31 | 0x01F31177),
        (0x3FF000C4, 0),
        (0x3FF00020, 8 | 0x17),
        (0x3FF00020, 0),
    ]
    at = writes.index(pulses[0])
    assert writes[at : at + 6] == pulses
    assert writes.index((0x3FF44130, 0x30)) < at < writes.index((XTAL_TICK, 39))


def test_the_chip_is_reset_from_the_crystal_once_the_line_is_quiet() -> None:
    chip = Registers()
    chip.values |= {CLOCK: ON_PLL | 5, OPTIONS: 4}
    uart = Uart(chip, pace=1, waiting=7)
    quiet: list[int] = []
    chip.on_write[CLOCK] = lambda _: quiet.append(uart.waiting)
    writes = restart(chip, 26)
    assert quiet == [0], "the clock changed while a character was being sent"
    assert chip.values[CLOCK] == 5
    assert chip.values[XTAL_TICK] == 25
    assert chip.values[STORE5] == 0x18CB18CB, "what the ROM takes for the peripherals' clock"
    assert writes[-1] == (OPTIONS, 1 << 31 | 4)


def test_the_second_core_is_held_before_anything_is_reset() -> None:
    """esp_restart_noos: first into reset, for a core that is stalled in an access keeps the memory locked; no
    boot address is left, and no stall, which outlives the reset (esp_restart_noos_dig, esp_system_chip.c).
    """
    chip = Registers()
    chip.values |= {OPTIONS: 4 | 2, STALL: 0x21 << 20 | 5, APP_CACHE_CTRL: 0x108}
    writes = restart(chip)
    held = [
        (0x3FF0002C, 1),
        (0x3FF00030, 0),
        (0x3FF00038, 0),
        (OPTIONS, 4),
        (STALL, 5),
        (APP_CACHE_CTRL, 0x100),
    ]
    at = writes.index(held[0])
    assert writes[at : at + len(held)] == held
    assert at + len(held) <= writes.index((CACHE_CTRL, 0x100))


def test_a_line_that_never_drains_does_not_keep_the_chip_from_its_reset() -> None:
    chip = Registers(step=100_000)
    chip.values[UART_STATUS] = 5 << 16
    chip.drivers.reset_chip(40)
    assert chip.values[OPTIONS] & 1 << 31


def test_the_button_is_held_while_its_pin_is_low() -> None:
    """Its pull-up is the RTC's pad's (rtc_gpio_pullup_en): IO_MUX's does nothing there, erratum GPIO-3.6."""
    chip = Registers()
    chip.values[TOUCH_PAD1] = 1 << 28 | 5
    chip.drivers.button_init()
    assert chip.writes == [(BUTTON_PAD, 0x2A00), (TOUCH_PAD1, 1 << 27 | 5)]
    chip.values[GPIO_IN] = 0xFFFFFFFF
    assert not chip.drivers.button_held()
    chip.values[GPIO_IN] = 0xFFFFFFFE
    assert chip.drivers.button_held()
