"""The ESP32's drivers against a model of its registers: the addresses, values and order a chip would see.

The same C files run on the chip. What no model can show (the PLL's lock, the timing of cache and flash, the
watchdogs' effect) needs a board.
"""

from itertools import pairwise

import pytest

from tests.register_model import Registers

CACHE_CTRL, CACHE_CTRL1, APP_CACHE_CTRL1, CACHE_STATE = 0x3FF00040, 0x3FF00044, 0x3FF0005C, 0x3FF003F0
MMU_TABLE = 0x3FF10000
SPI_CTRL, SPI_CTRL2, SPI_USER, SPI_USER1 = 0x3FF43008, 0x3FF43014, 0x3FF4301C, 0x3FF43020
SPI_CACHE_FCTRL, SPI_STATE = 0x3FF43050, 0x3FF430F8
CPU_PERIOD, RTC_OPTIONS, RTC_CLOCK, RTC_VOLTAGE = 0x3FF0003C, 0x3FF48000, 0x3FF48070, 0x3FF4807C
STORE4, STORE5 = 0x3FF480B0, 0x3FF480B4
SYSCLK, XTAL_TICK, PLL_TICK = 0x3FF66000, 0x3FF66004, 0x3FF66008
ANA_CONFIG, ANA_BUS = 0x6000E044, 0x6000E010
ON_PLL = 1 << 27


def test_watchdogs_are_unlocked_fed_disabled_and_locked() -> None:
    chip = Registers()
    chip.drivers.watchdogs_off()
    assert chip.writes == [
        (0x3FF480A4, 0x50D83AA1),
        (0x3FF480A0, 1 << 31),
        (0x3FF4808C, 0),
        (0x3FF480A4, 0),
        (0x3FF5F064, 0x50D83AA1),
        (0x3FF5F060, 1),
        (0x3FF5F048, 0),
        (0x3FF5F064, 0),
    ]


# --- flash ---


def flash_chip(mode: int = 1 << 23 | 1 << 13) -> Registers:
    """A chip as the ROM leaves it: cache on and idle, all buses of the PRO CPU unmasked, 64 KB pages."""
    chip = Registers()
    chip.values |= {
        CACHE_STATE: 1 << 7,
        CACHE_CTRL: 1 << 3 | 0x100,
        CACHE_CTRL1: 0x8E5 | 3 << 9,
        APP_CACHE_CTRL1: 0x8FF,
        SPI_CACHE_FCTRL: 0b1001,
        SPI_CTRL: mode,
        SPI_USER1: 23 << 26 | 7,
        SPI_USER: 1 << 31,
        SPI_CTRL2: 0xABCD00FF,
    }
    flush = chip.values[CACHE_CTRL]

    def control(value: int) -> None:
        nonlocal flush
        rose = value & ~flush & 1 << 4
        flush = value
        chip.values[CACHE_CTRL] = (value | 1 << 5) if rose else (value & ~(1 << 5))

    chip.on_write[CACHE_CTRL] = control
    return chip


def test_flash_is_mapped_one_to_one_and_nowhere_else() -> None:
    chip = flash_chip()
    assert chip.drivers.flash_map(5, 40)
    table = {address: value for address, value in chip.writes if MMU_TABLE <= address < MMU_TABLE + 0x1000}
    assert table == {MMU_TABLE + 4 * i: i if i < 5 else 0x100 for i in range(384)}


def test_the_table_is_written_with_cache_off_and_buses_masked() -> None:
    chip = flash_chip()
    assert chip.drivers.flash_map(2, 40)
    order = [address for address, _ in chip.writes]
    first, last = order.index(MMU_TABLE), order.index(MMU_TABLE + 4 * 383)
    state: dict[int, int] = {}
    for index, (address, value) in enumerate(chip.writes):
        state[address] = value
        if first <= index <= last:
            assert state[CACHE_CTRL] & 1 << 3 == 0, "cache on"
            assert state[SPI_CACHE_FCTRL] & 1 == 0, "the cache may ask for flash"
            assert state[CACHE_CTRL1] & 0x3F == 0x3F, "PRO buses unmasked"
            assert state[APP_CACHE_CTRL1] & 0x3F == 0x3F, "APP buses unmasked"
    assert any(
        not before & 1 << 4 and after & 1 << 4
        for (_, before), (_, after) in pairwise(chip.written(CACHE_CTRL))
    ), "the cache was never flushed"
    assert state[CACHE_CTRL] & 0x18 == 0x8, "cache on, flush ended"
    assert state[SPI_CACHE_FCTRL] == 0b1001
    assert state[APP_CACHE_CTRL1] == 0x8FF
    assert state[CACHE_CTRL1] == 0x8E5 & ~(1 << 4), "64 KB pages, DROM0 unmasked, the rest as it was"
    assert order.index(CACHE_CTRL1) > order.index(SPI_CACHE_FCTRL)
    assert order[-1] == CACHE_CTRL


@pytest.mark.parametrize(
    ("mode", "flash_mhz", "user1"),
    [
        (1 << 23 | 1 << 13, 20, 27 << 26 | 1),
        (1 << 23 | 1 << 13, 26, 27 << 26 | 1),
        (1 << 23 | 1 << 13, 40, 27 << 26 | 2),
        (1 << 23 | 1 << 13, 80, 27 << 26 | 3),
        (1 << 14 | 1 << 13, 40, 23 << 26 | 8),  # dout
        (1 << 14 | 1 << 13, 80, 23 << 26 | 9),
        (1 << 24 | 1 << 13, 40, 23 << 26 | 4),  # qio, where a ROM has set it up
    ],
)
def test_reads_wait_for_the_data_at_the_final_clock(mode: int, flash_mhz: int, user1: int) -> None:
    chip = flash_chip(mode)
    assert chip.drivers.flash_map(1, flash_mhz)
    assert chip.values[SPI_USER1] == user1
    assert chip.values[SPI_USER] == 1 << 31 | 1 << 5 | 1 << 4
    assert chip.values[SPI_CTRL2] == 0xABCD0010


@pytest.mark.parametrize("stuck", ["cache busy", "flash busy", "flush"])
def test_every_wait_for_the_cache_is_bounded_and_reported(stuck: str) -> None:
    chip = flash_chip()
    if stuck == "cache busy":
        chip.values[CACHE_STATE] = 3 << 7
    elif stuck == "flash busy":
        chip.values[SPI_STATE] = 2
    else:
        del chip.on_write[CACHE_CTRL]
    assert not chip.drivers.flash_map(2, 40)
    assert chip.values[CACHE_CTRL] & 1 << 3, "the cache stayed off"
    assert chip.values[MMU_TABLE + 4] == 1, "the mapping was given up"


# --- clock ---


@pytest.mark.parametrize(
    ("store4", "store5", "megahertz"),
    [
        (0, 0x26252625, 40),  # measured by the ROM
        (0, 0x18CB18CB, 26),
        (0x001A001A, 0x4C4B4C4B, 26),  # noted before a reset
        (0x00280028, 0x4C4B4C4B, 40),
        (0x00290029, 0x4C4B4C4B, 40),  # esp-idf's flag in bit 0
        (0x00280027, 0x26252624, 40),  # illegible
        (0, 0, 40),
    ],
)
def test_crystal_is_read_from_the_notes_of_the_rom(store4: int, store5: int, megahertz: int) -> None:
    chip = Registers()
    chip.values |= {STORE4: store4, STORE5: store5}
    assert chip.drivers.clock_crystal_mhz() == megahertz


def test_peripherals_run_on_the_crystal_or_at_80_mhz() -> None:
    chip = Registers()
    assert chip.drivers.clock_peripheral_hz(26) == 26_000_000
    chip.values[RTC_CLOCK] = ON_PLL
    assert chip.drivers.clock_peripheral_hz(26) == 80_000_000


RESET = [0x01180066, 0x01200166, 0x019A0466, 0x01000A66, 0x01000C66]
AT_480_MHZ = [0x01C30B66, 0x01740966]
BY_CRYSTAL = {40: [0x01000266, 0x011C0366, 0x01C60566], 26: [0x01CC0266, 0x01900366, 0x01400566]}
POWER_DOWN = 1 << 6 | 1 << 8 | 1 << 10


@pytest.mark.parametrize("crystal", [40, 26])
def test_pll_is_powered_programmed_given_time_and_switched_to(crystal: int) -> None:
    chip = Registers()
    chip.values |= {
        ANA_CONFIG: 1 << 17 | 1,
        RTC_OPTIONS: 1 << 18 | POWER_DOWN | 1,
        RTC_VOLTAGE: 0xFFFF8FFF,
        RTC_CLOCK: 5,
    }
    when: dict[str, int] = {}
    chip.on_write[ANA_BUS] = lambda _: when.__setitem__("programmed", chip.cycles)
    chip.on_write[RTC_CLOCK] = lambda _: when.__setitem__("switched", chip.cycles)
    assert chip.drivers.clock_to_240_mhz(crystal)

    assert [value for _, value in chip.written(ANA_BUS)] == [*RESET, *AT_480_MHZ, *BY_CRYSTAL[crystal]]
    assert when["switched"] - when["programmed"] >= 80 * crystal, "80 us for the PLL to lock"
    assert chip.values[ANA_CONFIG] == 0x1FF << 8 | 1, "the bus reaches the PLL"
    assert chip.values[RTC_OPTIONS] == 1, "bus and PLL have power"
    assert chip.values[RTC_VOLTAGE] == 0xFFFFBFFF
    assert chip.values[STORE5] == 0x4C4B4C4B
    assert chip.values[STORE4] == crystal * 0x10001
    order = [address for address, _ in chip.writes]
    assert order.index(RTC_OPTIONS) < order.index(ANA_BUS)
    assert [write for write in chip.writes if write[0] in (CPU_PERIOD, PLL_TICK, RTC_CLOCK)] == [
        (CPU_PERIOD, 2),
        (PLL_TICK, 79),
        (RTC_CLOCK, ON_PLL | 5),
    ]


def test_a_chip_on_the_pll_returns_to_the_crystal_first() -> None:
    chip = Registers()
    chip.values |= {RTC_CLOCK: ON_PLL | 5, SYSCLK: 0xFFF}
    assert chip.drivers.clock_to_240_mhz(26)
    order = [address for address, _ in chip.writes]
    assert chip.writes[:3] == [(SYSCLK, 0xC00), (XTAL_TICK, 25), (RTC_CLOCK, 5)]
    assert order.index(RTC_CLOCK) < order.index(ANA_BUS)
    assert [value for _, value in chip.written(RTC_OPTIONS)] == [POWER_DOWN, POWER_DOWN, 0]
    assert chip.values[RTC_CLOCK] == ON_PLL | 5


def test_a_pll_that_does_not_answer_leaves_the_chip_on_its_crystal() -> None:
    chip = Registers(step=10_000)
    chip.on_read[ANA_BUS] = lambda: 1 << 25
    assert not chip.drivers.clock_to_240_mhz(40)
    assert chip.written(CPU_PERIOD, RTC_CLOCK, STORE4) == []
