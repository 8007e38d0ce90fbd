"""What the assembler cannot check: instructions that it does not know, and where loops begin."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.small_firmware import firmware

OBJDUMP = "xtensa-lx106-elf-objdump"
LOOPNEZ = 0x76
# The last byte of what the runtime uses. No emulator that runs the firmware has the high multiplications
# MULUH and MULSH, and one lacks MAC16.
MIN, MAX = 0x43, 0x53
LOOPS = 29  # five for taps in sequence; in lists one for each, and two for a pair of them in four sizes


def runtime_objects(environment: str) -> list[Path]:
    folder = firmware(environment).elf.parent
    found = sorted(folder.glob("lib*/squeeze_rt/*.o"))
    assert len(found) > 15, folder
    return found


def unknown_instructions(listing: str) -> list[tuple[int, bytes]]:
    """Address and bytes of what objdump cannot name, instructions of three bytes.

    It prints them as `.byte`, as it does zeros of padding, or takes them for `excw` (which is 002080).
    """
    found = re.findall(r"^\s*([0-9a-f]+):\s+[0-9a-f]+\s+\.byte\s+(?:0x)?([0-9a-f]+)$", listing, re.MULTILINE)
    runs: list[list[tuple[int, int]]] = []
    for address, value in ((int(address, 16), int(value, 16)) for address, value in found):
        if not runs or runs[-1][-1][0] + 1 != address:
            runs.append([])
        runs[-1].append((address, value))
    named = re.findall(r"^\s*([0-9a-f]+):\s+(?!002080)([0-9a-f]{6})\s+excw$", listing, re.MULTILINE)
    unknown = [(int(address, 16), bytes.fromhex(code)[::-1]) for address, code in named]
    for run in runs:
        code = bytes(value for _, value in run).lstrip(b"\0")
        assert len(code) % 3 == 0, run
        first = run[-1][0] + 1 - len(code)
        unknown += [(first + i, code[i : i + 3]) for i in range(0, len(code), 3)]
    return unknown


def disassemble(path: Path) -> str:
    return subprocess.run([OBJDUMP, "-d", str(path)], capture_output=True, text=True, check=True).stdout


def test_the_runtime_uses_no_instruction_that_an_emulator_lacks() -> None:
    seen = set()
    for path in runtime_objects("esp32"):
        for address, code in unknown_instructions(disassemble(path)):
            loop = code[0] == LOOPNEZ and code[1] >> 4 == 9
            known = loop or (code[0] & 15 == 0 and code[2] in (MIN, MAX))
            assert known, f"{path.name} at {address:#x}: {code.hex()}"
            seen.add("loop" if loop else code[2])
    assert seen == {"loop", MIN, MAX}, "the LX6's instructions are used where they pay"


def test_a_loop_begins_in_one_word_of_memory() -> None:
    """The LX6 fetches a loop's first instruction again and again: it must not straddle two aligned words."""
    loops = 0
    for path in runtime_objects("esp32"):
        listing = disassemble(path)
        instructions = dict(re.findall(r"^\s*([0-9a-f]+):\s+([0-9a-f]+)\s+[a-z]", listing, re.MULTILINE))
        for address, code in unknown_instructions(listing):
            if code[0] == LOOPNEZ:
                first = address + 3
                length = len(instructions[f"{first:x}"]) // 2
                assert first % 4 + length <= 4, f"{path.name} at {address:#x}"
                loops += 1
    assert loops == LOOPS


@pytest.mark.parametrize("environment", ["esp32", "qemu"])
def test_the_runtime_is_small(environment: str) -> None:
    """Of what is linked. TFLM's, with the same operators, is 72,768 bytes."""
    assert 10_000 < firmware(environment).sizes["text_bytes"] <= 20 * 1024
