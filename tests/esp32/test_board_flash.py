"""The ESP32's flash as its registers see it: pins, clock, dummies, chip select, cache and mapping.

Expectations are ESP-IDF's (commit 102122904ade), in bootloader_support/bootloader_flash/src/
bootloader_flash_config_esp32.c: bootloader_flash_gpio_config, bootloader_flash_dummy_config,
bootloader_flash_clock_config (with esp_rom_spiflash_config_clk of the ROM) and
bootloader_flash_cs_timing_config. The states in which the ROM leaves the chip are those of the ROM of
revision 3 (ets Jul 29 2019), after an image header of that mode and speed. What neither shows is the time
that a flash needs: that takes a board.
"""

import ctypes
from itertools import pairwise, product

import pytest

from tests.support.register_model import Flash, Registers
from tests.support.rom_state import (
    APP_CACHE_CTRL1,
    CACHE_CTRL,
    CACHE_CTRL1,
    CACHE_FCTRL,
    CACHE_STATE,
    CLOCK,
    COMMAND,
    CTRL,
    CTRL2,
    DATA,
    EFUSES_5,
    ENABLE_SET,
    GD25LQ32C,
    IO_MUX,
    MISO_LENGTH,
    MMU_TABLE,
    MODES,
    PACKAGES,
    SPEEDS,
    SPI,
    SPI_STATE,
    USER,
    USER1,
    USER2,
    flash_chip,
    in_select,
    out_select,
)


def start(chip: Registers, mhz: int = 40, pages: int = 1) -> Flash:
    flash = Flash()
    assert chip.drivers.flash_start(pages, mhz, ctypes.byref(flash))
    return flash


def pin_writes(chip: Registers) -> list[tuple[int, int]]:
    return [(address, value) for address, value in chip.writes if 0x3FF44000 <= address < 0x3FF4A000]


# --- pins: bootloader_flash_gpio_config ---

# connect_out_signal: OUT_SEL, then ENABLE; connect_in_signal: IN_SEL = pin | 0x80. CS0, Q, D, WP, HD.
CONNECTED = [
    (out_select(11), 5),
    (ENABLE_SET, 1 << 11),
    (out_select(7), 1),
    (ENABLE_SET, 1 << 7),
    (in_select(1), 0x87),
    (out_select(8), 2),
    (ENABLE_SET, 1 << 8),
    (in_select(2), 0x88),
    (out_select(10), 4),
    (ENABLE_SET, 1 << 10),
    (in_select(4), 0x8A),
    (out_select(9), 3),
    (ENABLE_SET, 1 << 9),
    (in_select(3), 0x89),
]
SELECTED = [
    (IO_MUX[7], 0x2B00),
    (IO_MUX[8], 0x2B00),
    (IO_MUX[9], 0x2B00),
    (IO_MUX[10], 0x2B00),
    (IO_MUX[11], 0x2B00),
]


def clock_pin(mhz: int, before: int) -> list[tuple[int, int]]:
    """Straight from the controller, then its strength."""
    function = before & 0x8FFF | 0x1000
    return [(IO_MUX[6], function), (IO_MUX[6], function & 0xF3FF | SPEEDS[mhz][2] << 10)]


@pytest.mark.parametrize(("package", "pads", "mhz"), [*product(PACKAGES, (False, True), SPEEDS)])
def test_pins_are_led_as_esp_idf_leads_them(package: int, pads: bool, mhz: int) -> None:
    chip = flash_chip(mhz=mhz, package=package, pads=pads)
    before = chip.values[IO_MUX[6]]
    flash = start(chip, mhz)
    if PACKAGES[package]:
        assert pin_writes(chip) == clock_pin(mhz, before)
        assert flash.pins == b"in-package"
    elif pads:
        assert pin_writes(chip) == []
        assert flash.pins == b"custom"
    else:
        assert pin_writes(chip) == CONNECTED + SELECTED + clock_pin(mhz, before)
        assert flash.pins == b"default"
    assert flash.rom_routing == (b"matrix" if pads else b"direct")


def test_a_weak_flash_of_1_8_volts_gets_all_the_strength() -> None:
    chip = flash_chip(flash_id=GD25LQ32C)
    start(chip)
    assert {gpio: chip.values[address] for gpio, address in IO_MUX.items()} == {6: 0x1F00} | dict.fromkeys(
        range(7, 12), 0x2F00
    )


@pytest.mark.parametrize(
    "pads",
    [0xFFFFF, 6 | 6 << 5 | 8 << 10 | 16 << 15, 6 | 17 << 5 | 6 << 10 | 16 << 15, 6 | 17 << 5 | 17 << 10],
)
def test_pads_that_make_no_sense_are_none(pads: int) -> None:
    """ets_efuse_get_spiconfig of the ROM, which ESP-IDF asks."""
    chip = flash_chip()
    chip.values[EFUSES_5] = pads
    assert start(chip).pins == b"default"


def test_the_rom_does_not_mind_d_and_chip_select_on_one_pad() -> None:
    chip = flash_chip(pads=True)
    chip.values[EFUSES_5] = 6 | 17 << 5 | 8 << 10 | 8 << 15
    assert start(chip).pins == b"custom"


# --- timing: dummies, clock, chip select ---


@pytest.mark.parametrize(("mode", "mhz", "pads"), [*product(MODES, SPEEDS, (False, True))])
def test_reads_are_timed_as_esp_idf_times_them(mode: str, mhz: int, pads: bool) -> None:
    chip = flash_chip(mode, mhz, package=5 if pads else 0, pads=pads)
    flash = start(chip, mhz)
    ctrl, _, user1 = MODES[mode]
    clock, plus, _ = SPEEDS[mhz]
    assert [chip.values[SPI[0] + register] for register in (CTRL, CTRL2, CLOCK, USER, USER1)] == [
        ctrl,
        0xABCD0010,
        clock,
        0xF0000070,
        user1 + plus,
    ]
    assert [chip.values[SPI[1] + register] for register in (CTRL, CTRL2, CLOCK, USER, USER1, USER2)] == [
        ctrl | 0x8000,
        0x10,
        clock,
        0x80000070,
        0x5C000007,
        0x70000000,
    ]
    assert (flash.mhz, flash.dummy, flash.standard) == (mhz, plus, True)
    assert flash.routing == b"matrix"


@pytest.mark.parametrize("mhz", SPEEDS)
def test_a_fast_read_of_one_line_keeps_the_eight_cycles_of_its_command(mhz: int) -> None:
    """A named deviation: ESP-IDF's function has no case for this mode, which it does not offer."""
    chip = flash_chip("dout", mhz)
    chip.values[SPI[0] + CTRL] = 0x00202000
    start(chip, mhz)
    assert chip.values[SPI[0] + USER1] == 0x5C000007 + SPEEDS[mhz][1]


@pytest.mark.parametrize("mhz", SPEEDS)
def test_no_cycle_is_added_on_pins_that_stayed_direct(mhz: int) -> None:
    """Extra cycles make up for the GPIO matrix (soc/spi_flash.h: ESP_ROM_SPIFLASH_DUMMY_LEN_PLUS)."""
    chip = flash_chip(mhz=mhz)
    chip.on_write[IO_MUX[7]] = lambda _: chip.values.__setitem__(IO_MUX[7], 0x1B00)  # it does not let go
    flash = start(chip, mhz)
    assert (flash.routing, flash.dummy) == (b"direct", 0)
    assert chip.values[SPI[0] + USER1] == 0x6C000001


def test_pins_come_first_then_dummies_clock_and_chip_select() -> None:
    """configure_flash of cpu_start.c."""
    chip = flash_chip()
    start(chip)
    order = [address for address, _ in chip.writes]
    last_pin = max(at for at, address in enumerate(order) if address in IO_MUX.values())
    places = [SPI[0] + USER1, SPI[0] + CLOCK, SPI[1] + CLOCK, SPI[0] + USER, SPI[0] + CTRL2]
    assert [last_pin, *(order.index(place) for place in places)] == sorted(
        [last_pin, *(order.index(place) for place in places)]
    )


# --- which flash: bootloader_read_flash_id ---


@pytest.mark.parametrize(
    ("flash_id", "size"),
    [
        (0xEF4016, 4 << 20),
        (0xC84014, 1 << 20),
        (0x204018, 16 << 20),
        (0xEF7019, 32 << 20),
        (0xEF7020, 64 << 20),  # SPI_FLASH_HEX_A_F_RANGE
        (0xEF0000, 0),
        (0xFFFFFF, 0),
    ],
)
def test_the_flash_is_asked_for_its_id_as_the_boot_loader_asks(flash_id: int, size: int) -> None:
    chip = flash_chip(flash_id=flash_id)
    flash = start(chip)
    assert (flash.id, flash.bytes) == (flash_id, size)
    assert (COMMAND, 1 << 18) in chip.writes
    assert (MISO_LENGTH, 23) in chip.writes


@pytest.mark.parametrize(
    ("pads", "mhz", "user", "dummies"),
    [(False, 80, 0x90000040, 0xFF), (True, 40, 0xB0000040, 0), (True, 80, 0xB0000040, 1)],
)
def test_the_id_comes_with_the_dummies_of_the_rom(pads: bool, mhz: int, user: int, dummies: int) -> None:
    chip = flash_chip(mhz=mhz, package=5, pads=pads)
    seen: list[tuple[int, int]] = []
    ask = chip.on_write[COMMAND]

    def look(value: int) -> None:
        seen.append((chip.values[SPI[1] + USER], chip.values[SPI[1] + USER1]))
        ask(value)

    chip.on_write[COMMAND] = look
    start(chip, mhz)
    assert seen == [(user, 0xFC000000 | dummies)]


def test_a_controller_that_does_not_answer_gives_no_id() -> None:
    chip = flash_chip()
    del chip.on_write[COMMAND]
    chip.values[DATA] = 0x1640EF
    flash = start(chip)
    assert (flash.id, flash.bytes) == (0, 0)


# --- another try ---


@pytest.mark.parametrize(
    ("mhz", "tries"),
    [
        (80, [(80, 0), (80, 1), (40, 0), (40, 1), (40, 2), (20, 0), (20, 1), (20, 2)]),
        (40, [(40, 0), (40, 2), (20, 0), (20, 1), (20, 2)]),
        (26, [(26, 1), (26, 2), (20, 0), (20, 1), (20, 2)]),
        (20, [(20, 1), (20, 2)]),
    ],
)
def test_every_other_wait_and_every_slower_clock_is_tried_once(
    mhz: int, tries: list[tuple[int, int]]
) -> None:
    chip = flash_chip(mhz=mhz)
    flash = start(chip, mhz)
    standard = (flash.mhz, flash.dummy)
    for expected in tries:
        assert chip.drivers.flash_retry(ctypes.byref(flash))
        assert (flash.mhz, flash.dummy, flash.standard) == (*expected, False)
        assert chip.values[SPI[0] + USER1] == 0x6C000001 + expected[1]
        assert chip.values[SPI[0] + CLOCK] == SPEEDS[expected[0]][0]
        assert chip.values[CACHE_CTRL] & 0x18 == 0x8, "cache on"
    for _ in range(2):  # and a board that asks once more starts anew
        assert not chip.drivers.flash_retry(ctypes.byref(flash))
        assert (flash.mhz, flash.dummy, flash.standard) == (*standard, True)
        for _ in tries:
            assert chip.drivers.flash_retry(ctypes.byref(flash))


def test_the_cache_forgets_what_it_read_wrong() -> None:
    chip = flash_chip()
    flash = start(chip)
    chip.writes.clear()
    chip.drivers.flash_retry(ctypes.byref(flash))
    order = [address for address, _ in chip.writes]
    flushed = [value for address, value in chip.writes if address == CACHE_CTRL and value & 1 << 4]
    assert flushed
    assert all(value & 1 << 3 == 0 for value in flushed), "with the cache off"
    assert order.index(SPI[0] + USER1) < max(
        at for at, (address, value) in enumerate(chip.writes) if (address, value) == (CACHE_CTRL, flushed[0])
    )


# --- cache and mapping ---


def test_flash_is_mapped_one_to_one_and_nowhere_else() -> None:
    chip = flash_chip()
    start(chip, pages=5)
    table = {address: value for address, value in chip.writes if MMU_TABLE <= address < MMU_TABLE + 0x1000}
    assert table == {MMU_TABLE + 4 * i: i if i < 5 else 0x100 for i in range(384)}


def test_all_is_changed_with_cache_off_and_the_table_with_buses_masked() -> None:
    chip = flash_chip()
    start(chip, pages=2)
    order = [address for address, _ in chip.writes]
    first, last = order.index(MMU_TABLE), order.index(MMU_TABLE + 4 * 383)
    changed = {SPI[0] + USER1, SPI[0] + CLOCK, *IO_MUX.values()}
    state: dict[int, int] = {}
    for index, (address, value) in enumerate(chip.writes):
        state[address] = value
        if first <= index <= last or address in changed:
            assert state[CACHE_CTRL] & 1 << 3 == 0, "cache on"
            assert state[CACHE_FCTRL] & 1 == 0, "the cache may ask for flash"
        if first <= index <= last:
            assert state[CACHE_CTRL1] & 0x3F == 0x3F, "PRO buses unmasked"
            assert state[APP_CACHE_CTRL1] & 0x3F == 0x3F, "APP buses unmasked"
    assert any(
        not before & 1 << 4 and after & 1 << 4
        for (_, before), (_, after) in pairwise(chip.written(CACHE_CTRL))
    ), "the cache was never flushed"
    assert state[CACHE_CTRL] & 0x18 == 0x8, "cache on, flush ended"
    assert state[CACHE_FCTRL] == 0b1001
    assert state[APP_CACHE_CTRL1] == 0x8FF
    assert state[CACHE_CTRL1] == 0x8E5 & ~(1 << 4), "64 KB pages, DROM0 unmasked, the rest as it was"
    assert order.index(CACHE_CTRL1) > order.index(CACHE_FCTRL)
    assert order[-1] == CACHE_CTRL


@pytest.mark.parametrize("stuck", ["cache busy", "flash busy", "flush", "command"])
def test_every_wait_for_the_cache_is_bounded_and_reported(stuck: str) -> None:
    chip = flash_chip()
    if stuck == "cache busy":
        chip.values[CACHE_STATE] = 3 << 7
    elif stuck == "flash busy":
        chip.values[SPI_STATE] = 2
    elif stuck == "command":
        chip.values[SPI[1] + 0xF8] = 2
    else:
        del chip.on_write[CACHE_CTRL]
    flash = Flash()
    assert not chip.drivers.flash_start(2, 40, ctypes.byref(flash))
    assert chip.values[CACHE_CTRL] & 1 << 3, "the cache stayed off"
    assert chip.values[MMU_TABLE + 4] == 1, "the mapping was given up"
