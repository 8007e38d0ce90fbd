"""Why the chip started, what a crashed run leaves to the next, and the reset between, as registers see it."""

import ctypes

import pytest

from tests.register_model import Registers

OPTIONS, RESET_STATE, CLOCK = 0x3FF48000, 0x3FF48034, 0x3FF48070
STORES = [0x3FF4804C, 0x3FF48050, 0x3FF48054, 0x3FF48058]
STORE5, XTAL_TICK, UART_STATUS = 0x3FF480B4, 0x3FF66004, 0x3FF4001C
BUTTON_PAD, GPIO_IN = 0x3FF49044, 0x3FF4403C
POWER_ON, SOFTWARE = 1, 3
ON_PLL = 1 << 27


class Crash(ctypes.Structure):
    """board_crash of board.h."""

    _fields_ = [(name, ctypes.c_uint32) for name in ("vector", "cause", "pc", "address")]


def read_record(chip: Registers) -> tuple[int, ...] | None:
    crash = Crash()
    if not chip.drivers.crash_record_read(ctypes.byref(crash)):
        return None
    return crash.vector, crash.cause, crash.pc, crash.address


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
        (15, "brownout"),
        (16, "watchdog-rtc-system"),
        (0, "unknown"),
        (14, "unknown"),
        (17, "unknown"),
        (63, "unknown"),
    ],
)
def test_the_cause_of_the_reset_has_a_name(number: int, name: str) -> None:
    chip = Registers()
    chip.values[RESET_STATE] = number | 0xE << 6 | 1 << 12  # the other CPU's cause beside it
    assert chip.drivers.reset_cause() == name.encode()
    assert chip.drivers.reset_by_power() == (number == POWER_ON)


@pytest.mark.parametrize(
    "crash", [(1, 0, 0x40081234, 0), (3, 0x104, 0x40080D38, 0), (5, 63, 0xFFFFFFFF, 0x3FFB0001)]
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


def test_the_chip_is_reset_from_the_crystal_once_the_line_is_quiet() -> None:
    chip = Registers()
    chip.values |= {CLOCK: ON_PLL | 5, OPTIONS: 1}
    left = 7

    def status() -> int:
        nonlocal left
        left = max(0, left - 1)
        return left << 16

    chip.on_read[UART_STATUS] = status
    quiet: list[int] = []
    chip.on_write[CLOCK] = lambda _: quiet.append(left)
    chip.drivers.reset_chip(26)
    assert quiet == [0], "the clock changed while a character was being sent"
    assert chip.values[CLOCK] == 5
    assert chip.values[XTAL_TICK] == 25
    assert chip.values[STORE5] == 0x18CB18CB, "what the ROM takes for the peripherals' clock"
    assert chip.writes[-1] == (OPTIONS, 1 << 31 | 1 << 10 | 1 << 8 | 1 << 6 | 1)


def test_a_line_that_never_drains_does_not_keep_the_chip_from_its_reset() -> None:
    chip = Registers(step=100_000)
    chip.values[UART_STATUS] = 5 << 16
    chip.drivers.reset_chip(40)
    assert chip.values[OPTIONS] & 1 << 31


def test_the_button_is_held_while_its_pin_is_low() -> None:
    chip = Registers()
    chip.drivers.button_init()
    assert chip.writes == [(BUTTON_PAD, 0x2B00)], "GPIO, input and pull-up on"
    chip.values[GPIO_IN] = 0xFFFFFFFF
    assert not chip.drivers.button_held()
    chip.values[GPIO_IN] = 0xFFFFFFFE
    assert chip.drivers.button_held()
