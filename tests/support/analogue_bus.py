"""The ESP32-C3's internal bus to its analogue blocks, as its registers tell of it."""

from tests.support.register_model import Registers

CONTROL, REACHED = 0x6000E000, 0x6000E044
COMMAND, BUSY, WRITE = 1 << 26, 1 << 25, 1 << 24
# Per block: the bit of REACHED that has to be 0 for a read (ROM api1-20210207: 0x40039170).
BLOCKS = {0x61: 1 << 22, 0x66: 1 << 17, 0x6D: 1 << 14}


class AnalogueBus:
    """Remembers each register's value and each write (block, register, value)."""

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
