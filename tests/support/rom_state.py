"""A classic ESP32 as its ROM leaves it to an image: pins, flash controllers, cache.

As the ROM of revision 3 (ets Jul 29 2019) leaves them after an image header of that mode and speed, for
eFuses that name no pads and for those of an ESP32-PICO-D4.
"""

from tests.support.register_model import Registers

CACHE_CTRL, CACHE_CTRL1, APP_CACHE_CTRL1, CACHE_STATE = 0x3FF00040, 0x3FF00044, 0x3FF0005C, 0x3FF003F0
MMU_TABLE, APP_CACHE_CTRL = 0x3FF10000, 0x3FF00058
CTRL, CTRL2, CLOCK, USER, USER1, USER2 = 0x08, 0x14, 0x18, 0x1C, 0x20, 0x24
SPI = (0x3FF43000, 0x3FF42000)  # the cache's, and the one for single commands
CACHE_FCTRL, SPI_STATE = SPI[0] + 0x50, SPI[0] + 0xF8
COMMAND, MISO_LENGTH, DATA = SPI[1], SPI[1] + 0x2C, SPI[1] + 0x80
EFUSES_3, EFUSES_5 = 0x3FF5A00C, 0x3FF5A014
IO_MUX = {6: 0x3FF49060, 7: 0x3FF49064, 8: 0x3FF49068, 9: 0x3FF49054, 10: 0x3FF49058, 11: 0x3FF4905C}
ENABLE_SET = 0x3FF44024
W25Q32, GD25LQ32C = 0xEF4016, 0xC86016

# Per mode: SPI0's CTRL; its USER1 by the ROM on direct pins; USER1 in the end, less the dummies of the speed.
MODES = {
    "qio": (0x01202000, 0x7C000003, 0x7C000003),
    "qout": (0x00302000, 0x5C000007, 0x5C000007),
    "dio": (0x00A02000, 0x5C000003, 0x6C000001),
    "dout": (0x00206000, 0x5C000007, 0x5C000007),
}
# Per speed: SPI_CLOCK of both controllers; ESP_ROM_SPIFLASH_DUMMY_LEN_PLUS; strength of the clock pin.
SPEEDS = {80: (0x80000000, 2, 3), 40: (0x00001001, 1, 2), 26: (0x00002002, 0, 2), 20: (0x00003043, 0, 2)}
# EFUSE_RD_CHIP_VER_PKG_*: of these, 2, 4, 5 and 6 have the flash inside.
PACKAGES = {0: False, 1: False, 2: True, 4: True, 5: True, 6: True, 7: False}
NO_PADS = 0
PICO_PADS = 6 | 17 << 5 | 8 << 10 | 16 << 15, 11 << 4  # CLK, Q, D, CS0; HD


def out_select(gpio: int) -> int:
    return 0x3FF44530 + 4 * gpio


def in_select(signal: int) -> int:
    return 0x3FF44130 + 4 * signal


def flash_chip(
    mode: str = "dio", mhz: int = 40, package: int = 0, pads: bool = False, flash_id: int = W25Q32
) -> Registers:
    """A chip as the ROM leaves it: cache on and idle, the PRO CPU's buses unmasked, pins where eFuses say."""
    chip = Registers()
    ctrl, user1, _ = MODES[mode]
    plus = SPEEDS[mhz][1] if pads else 0
    chip.values |= {
        CACHE_STATE: 1 << 7,
        CACHE_CTRL: 1 << 3 | 0x100,
        CACHE_CTRL1: 0x8E5 | 3 << 9,
        APP_CACHE_CTRL1: 0x8FF,
        CACHE_FCTRL: 0b1001,
        SPI[0] + CTRL: ctrl,
        SPI[0] + CTRL2: 0xABCD0011,
        SPI[0] + USER: 0xF0000040,
        SPI[0] + USER1: user1 + plus,
        SPI[1] + CTRL: ctrl | 0x8000,
        SPI[1] + CTRL2: 0x11,
        SPI[1] + USER: 0x80000040,
        SPI[1] + USER1: 0x5C000007,
        SPI[1] + USER2: 0x70000000,
        EFUSES_3: package << 9 | (PICO_PADS[1] if pads else 0),
        EFUSES_5: PICO_PADS[0] if pads else NO_PADS,
    }
    io_mux = (
        [0x2700, 0x2B00, 0x2B00, 0xB00, 0xB00, 0x2B00]
        if pads
        else [0x1700, 0x1B00, 0x1B00, 0xB00, 0xB00, 0x1B00]
    )
    chip.values |= dict(zip(IO_MUX.values(), io_mux, strict=True))
    for address in (CACHE_CTRL, APP_CACHE_CTRL):
        flushes_with_the_edge(chip, address)

    def command(value: int) -> None:
        chip.values[COMMAND] = 0
        if value == 1 << 18 and chip.values[SPI[1] + USER2] == 0x7000009F:  # a command of 8 bits, RDID
            chip.values[DATA] = int.from_bytes(flash_id.to_bytes(3, "big"), "little") | 0xAA000000

    chip.on_write[COMMAND] = command
    return chip


def flushes_with_the_edge(chip: Registers, address: int) -> None:
    """A cache's control register: bit 5 says that it is done with what bit 4 began as it rose."""
    flush = chip.values.setdefault(address, 0)

    def control(value: int) -> None:
        nonlocal flush
        rose = value & ~flush & 1 << 4
        flush = value
        chip.values[address] = (value | 1 << 5) if rose else (value & ~(1 << 5))

    chip.on_write[address] = control
