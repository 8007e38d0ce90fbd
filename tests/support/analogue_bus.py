"""The internal bus to the analogue blocks of an ESP32-C3 or ESP32-S3: what it holds, and each write."""

from tests.support.register_model import Registers

CONTROL, REACHED = 0x6000E000, 0x6000E044
COMMAND, BUSY, WRITE = 1 << 26, 1 << 25, 1 << 24
# Per block of a C3: the bit of REACHED that has to be 0 for a read (ROM api1-20210207: 0x40039170).
BLOCKS = {0x61: 1 << 22, 0x66: 1 << 17, 0x6D: 1 << 14}
# An S3's ROM (ESP-IDF: esp_hal_regi2c/esp32s3/rom.regi2c.ld), and the host of all blocks (soc/esp32s3's
# regi2c_bbpll.h, regi2c_dig_reg.h, regi2c_brownout.h).
ROM_WRITE, ROM_WRITE_MASK, HOST = 0x40005D60, 0x40005D6C, 1


class AnalogueBus:
    """By a C3's registers. Remembers each register's value and each write (block, register, value)."""

    def __init__(self, chip: Registers) -> None:
        self.chip = chip
        self.values: dict[tuple[int, int], int] = {}
        self.writes: list[tuple[int, int, int]] = []
        chip.on_write[CONTROL] = self._command

    def _command(self, word: int) -> None:
        block, register, value = word & 0xFF, word >> 8 & 0xFF, word >> 16 & 0xFF
        assert word & ~0xFFFFFF in (COMMAND, COMMAND | WRITE)
        assert not self.chip.values[REACHED] & BLOCKS[block], "the bus does not reach this block"
        if word & WRITE:
            assert self.chip.values[0x6000E048] & 0x1FFF0 == 0x1FF40, "host 0"
            self.values[block, register] = value
            self.writes.append((block, register, value))
        else:
            self.chip.values[CONTROL] = self.values.get((block, register), 0) << 16


class RomBus:
    """By calls of an S3's ROM; the rest as above."""

    def __init__(self, chip: Registers) -> None:
        self.values: dict[tuple[int, int], int] = {}
        self.writes: list[tuple[int, int, int]] = []
        chip.on_rom[ROM_WRITE], chip.on_rom[ROM_WRITE_MASK] = self._write, self._write_mask

    def _write(self, block: int, host: int, register: int, value: int, *_: int) -> None:
        assert host == HOST
        self.values[block, register] = value
        self.writes.append((block, register, value))

    def _write_mask(self, block: int, host: int, register: int, msb: int, lsb: int, value: int) -> None:
        mask = (1 << msb + 1) - (1 << lsb)
        old = self.values.get((block, register), 0)
        self._write(block, host, register, old & ~mask | value << lsb & mask)
