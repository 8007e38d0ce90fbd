"""An ESP32-C3 and an ESP32-S3 as their ROMs leave them to an image, in a model of their registers.

Places are those of ESP-IDF's soc/CHIP/register/soc: what the drivers of esp32_pio/lib/board/espressif do
alike is tested on both.
"""

from dataclasses import dataclass

import pytest

from tests.support.analogue_bus import AnalogueBus, RomBus
from tests.support.register_model import Registers, Report

LINE, UART_CLOCK, GPIO_IN = 0x60000000, 0x60000078, 0x6000403C
OPTIONS, RESET_STATE, STORES = 0x60008000, 0x60008038, (0x60008050, 0x60008054, 0x60008058, 0x6000805C)
COMMAND, CTRL, USER, USER1, USER2, MISO_LENGTH, DATA = (
    *(0x60002000, 0x60002008, 0x60002018, 0x6000201C, 0x60002020, 0x60002028, 0x60002058),
)
MMU = 0x600C5000
POWER_ON, SOFTWARE_CPU = 1, 12


@dataclass(frozen=True, eq=False)
class Chip:
    """What differs. watchdog: RTC's CONFIG0, 1, 2, FEED and WPROTECT. swd: CONF and WPROTECT. timer_off: what
    stops a timer's watchdog. cpus: bits of those that the RTC's resets. names: by package.
    """

    name: str
    mhz: int
    button: int
    usb: int
    efuse: int
    watchdog: tuple[int, int, int, int, int]
    swd: tuple[int, int]
    timer_off: int
    cpus: int
    peripheral_clock: int
    peripheral_reset: int
    cpu_period: int
    sysclk: int
    brown_out: int
    fib_sel: int
    names: dict[int, bytes]
    second_core: bytes
    cache_off: list[tuple[int, object]]

    @property
    def usb_conf(self) -> int:
        return self.usb + 4

    def efuses(self, offset: int) -> int:
        """0x34: RD_REPEAT_DATA1, 0x38: its successor, 0x50 on: RD_MAC_SPI_SYS_3 and following."""
        return self.efuse + offset

    def registers(self, step: int = 100) -> Registers:
        return Registers(step=step, chip=self.name)

    def powered(self, flash_id: int = 0xEF4016) -> Registers:
        """As the ROM leaves it; a computer reads USB; nothing holds the I2C bus, nobody is on it."""
        chip = self.registers()
        (AnalogueBus if self is C3 else RomBus)(chip)
        chip.values |= {
            RESET_STATE: POWER_ON | POWER_ON << 6,
            self.usb_conf: 2,
            self.sysclk: 1,
            GPIO_IN: 0x3FFFFF,
            0x60013020: 1 << 10,
            CTRL: 0x2C2000,
            USER: 0x60000000,
            USER1: 0x5C000007,
            USER2: 0x70000003,
        }
        if self is C3:
            c3_cache(chip)
        else:
            chip.values[0x6000E040] = 1 << 24  # the PLL is calibrated

        def command(value: int) -> None:
            chip.values[COMMAND] = 0
            reads_id = chip.values[USER2] == 0x7000009F and chip.values[USER] >> 27 == 0b10010
            if value == 1 << 18 and reads_id and chip.values[MISO_LENGTH] == 23:
                chip.values[DATA] = int.from_bytes(flash_id.to_bytes(3, "big"), "little") | 0xAA000000

        chip.on_write[COMMAND] = command
        chip.on_write[self.usb_conf] = lambda _: chip.values.__setitem__(self.usb_conf, 2)
        return chip


def c3_cache(chip: Registers) -> None:
    """On and idle; a synchronisation is done at once."""
    chip.values |= {0x600C4000: 1, 0x600C40B0: 1, 0x600C4034: 2}

    def sync(value: int) -> None:
        if value & 1:
            chip.values[0x600C4028] = 2

    chip.on_write[0x600C4028] = sync


C3 = Chip(
    name="esp32c3",
    mhz=160,
    button=9,
    usb=0x60043000,
    efuse=0x60008800,
    watchdog=(0x60008090, 0x60008094, 0x60008098, 0x600080A4, 0x600080A8),
    swd=(0x600080AC, 0x600080B0),
    timer_off=1 << 22,
    cpus=1 << 11,
    peripheral_clock=0x600C0010,
    peripheral_reset=0x600C0018,
    cpu_period=0x600C0008,
    sysclk=0x600C0058,
    brown_out=0x600080D8,
    fib_sel=0x6000810C,
    names={
        0: b"ESP32-C3 (QFN32)",
        1: b"ESP8685 (QFN28)",
        2: b"ESP32-C3 AZ (QFN32)",
        3: b"ESP8686 (QFN24)",
        7: b"unknown ESP32-C3",
    },
    second_core=b"none",
    cache_off=[(0x600C4000, 0)],
)
S3 = Chip(
    name="esp32s3",
    mhz=240,
    button=0,
    usb=0x60038000,
    efuse=0x60007000,
    watchdog=(0x60008098, 0x6000809C, 0x600080A0, 0x600080AC, 0x600080B0),
    swd=(0x600080B4, 0x600080B8),
    timer_off=0,
    cpus=1 << 11 | 1 << 10,
    peripheral_clock=0x600C0018,
    peripheral_reset=0x600C0020,
    cpu_period=0x600C0010,
    sysclk=0x600C0060,
    brown_out=0x600080E8,
    fib_sel=0x60008148,
    names={0: b"ESP32-S3 (QFN56)", 1: b"ESP32-S3-PICO-1 (LGA56)", 7: b"unknown ESP32-S3"},
    second_core=b"power-on",
    cache_off=[(0x4000186C, (0,) * 6), (0x40001884, (0,) * 6)],
)
BOTH = pytest.mark.parametrize("kind", [C3, S3], ids=lambda kind: kind.name)


def boot(registers: Registers) -> Report:
    return registers.drivers.board_init().contents


def said(registers: Registers, line: int = LINE) -> str:
    return bytes(value for _, value in registers.written(line)).decode()
