"""The image's first instructions, read from its ELF: no loop can run before MEMCTL is 0.

Erratum 572 (xtensa/esp32/include/xtensa/config/core.h, XCHAL_ERRATUM_572): zero-overhead loops may trap while
the loop buffer is on. The ROM's reset handler turns it on; ESP-IDF's bootloader_init first writes MEMCTL = 0.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from tests.support.small_firmware import firmware

MEMCTL = 97
ISYNC = bytes((0x00, 0x20, 0x00))


def start_of(elf: Path) -> bytes:
    """The code from _start on."""
    with elf.open("rb") as file:
        program = ELFFile(file)
        entry = program["e_entry"]
        assert entry == program.get_section_by_name(".symtab").get_symbol_by_name("_start")[0]["st_value"]
        for section in program.iter_sections():
            first = section["sh_addr"]
            if section["sh_type"] == "SHT_PROGBITS" and first <= entry < first + section["sh_size"]:
                return section.data()[entry - first :]
    raise AssertionError("the entry is in no section")


def instructions(code: bytes) -> Iterator[bytes]:
    """One after the other; those of the code density option have two bytes (bit 3 of the first is set)."""
    while code:
        length = 2 if code[0] & 8 else 3
        yield code[:length]
        code = code[length:]


def writes_special(instruction: bytes, number: int) -> bool:
    """WSR: `t << 4, number, 0x13`."""
    return len(instruction) == 3 and instruction[1:] == bytes((number, 0x13)) and instruction[0] & 15 == 0


def moves_zero(instruction: bytes) -> int | None:
    """MOVI.N or MOVI of 0: the register that gets it."""
    if len(instruction) == 2 and instruction[0] & 15 == 12 and instruction[0] & 0x80 == 0:
        return instruction[1] & 15 if instruction[0] >> 4 & 7 == 0 and instruction[1] >> 4 == 0 else None
    if len(instruction) == 3 and instruction[0] & 15 == 2 and instruction[1] >> 4 == 10:
        return instruction[0] >> 4 if instruction[1] & 15 == 0 and instruction[2] == 0 else None
    return None


@pytest.mark.parametrize("environment", ["esp32", "qemu"])
def test_the_first_thing_that_is_done_is_to_turn_the_loop_buffer_off(environment: str) -> None:
    zero, write, barrier, *_ = instructions(start_of(firmware(environment).elf))
    register = moves_zero(zero)
    assert register is not None, zero.hex()
    assert writes_special(write, MEMCTL), write.hex()
    assert write[0] >> 4 == register
    assert barrier == ISYNC, "the next instruction may be fetched already"
