"""The assembler kernels in ESP-IDF's ABI, with register windows: that they are what runs, and is interrupted.

That they give what their C twins give: test_cores.py."""

import re
import struct
import subprocess
from pathlib import Path

import pytest

from squeezenet_lib.device.emulator import run_elf
from tests.esp32.test_xtensa_kernels import LOOPS
from tests.support.object_symbols import external_symbols
from tests.support.small_firmware import small_model
from tests.support.windowed_firmware import (
    KERNELS,
    RUNTIME,
    WINDOWED_CORE,
    compile_windowed,
    windowed_firmware,
)

OBJDUMP = "xtensa-lx106-elf-objdump"
_LOOP = re.compile(r"^\s*([0-9a-f]+):\s+76\s+\.byte 0x76\n\s*[0-9a-f]+:\s+9[0-9a-f]\s+\.byte", re.MULTILINE)

_INSTRUCTION = re.compile(r"^\s*[0-9a-f]+:\s+[0-9a-f]+\s+([a-z][a-z0-9.]*)\s+(\S.*)$", re.MULTILINE)


@pytest.mark.parametrize("elf", [0, 1], ids=["with_lx6", "portable"])
def test_an_inference_is_interrupted_all_the_time(elf: int) -> None:
    model = small_model()
    blocks = (model.sqz.read_bytes(), model.images[0].tobytes())
    line = b"".join(struct.pack("<I", len(block)) + block for block in blocks)
    text = run_elf(windowed_firmware()[elf], line, 240, WINDOWED_CORE, 6).text
    interrupts = re.search(r"^interrupted times=(\d+)$", text, re.MULTILINE)
    scores = re.search(r"^run .* scores=(\S+)$", text, re.MULTILINE)
    assert interrupts is not None and scores is not None, text
    assert int(interrupts[1]) > 200
    assert [int(score) for score in scores[1].split(",")] == model.expected[0].tolist()


@pytest.mark.parametrize("flags", [(), ("-DSQZ_PORTABLE",)])
def test_no_c_twin_is_compiled_where_the_assembler_is(tmp_path: Path, flags: tuple[str, ...]) -> None:
    assembler = set().union(*(external_symbols(compile_windowed(tmp_path, path, *flags)) for path in KERNELS))
    assert len(KERNELS) == 10
    assert len(assembler) == 13  # the ends of kernels that are shared, too: three and two
    compiled = (external_symbols(compile_windowed(tmp_path, path, *flags)) for path in RUNTIME.glob("*.c"))
    assert assembler.isdisjoint(set().union(*compiled))


def disassembled(source: Path, folder: Path) -> str:
    command = [OBJDUMP, "-d", str(compile_windowed(folder, source))]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_loop_begins_in_one_word_of_memory_in_this_abi_too(tmp_path: Path) -> None:
    loops = 0
    for path in KERNELS:
        listing = disassembled(path, tmp_path)
        instructions = dict(re.findall(r"^\s*([0-9a-f]+):\s+([0-9a-f]+)\s+[a-z]", listing, re.MULTILINE))
        for found in _LOOP.finditer(listing):
            first = int(found[1], 16) + 3
            assert first % 4 + len(instructions[f"{first:x}"]) // 2 <= 4, f"{path.name} at {found[1]}"
            loops += 1
    assert loops == LOOPS


def loads_close_to_stores(listing: str) -> list[str]:
    """Loads of bytes that one of the five instructions before stored, as far as the registers' names tell.

    The stack is left out.
    """
    found = []
    stored: list[tuple[int, tuple[str, int], int]] = []  # when, where, bytes
    values: dict[str, tuple[str, int]] = {}  # of a register: that of an earlier moment, and what was added
    for now, (name, text) in enumerate(_INSTRUCTION.findall(listing)):
        first, *others = text.replace(" ", "").split(",")
        access = re.match(r"([ls])(8|16|32)", name)
        if access and others[0] != "a1" and len(others) == 2:
            base, offset = values.get(others[0], (others[0], 0))
            place, size = (base, offset + int(others[1])), int(access[2]) // 8
            if access[1] == "s":
                stored.append((now, place, size))
            found += [
                f"{name} {text}"
                for when, (other, start), length in stored
                if access[1] == "l" and now - when <= 5 and other == base
                if start < place[1] + size and place[1] < start + length
            ]
        if name.startswith("addi") and "x" not in name:
            base, offset = values.get(others[0], (others[0], 0))
            values[first] = (base, offset + int(others[1], 0))
        elif not re.match(r"b|j|ret|s(?!l|r|ub)", name):  # these write no register
            values[first] = (f"{first} of {now}", 0)
    return found


def test_no_kernel_loads_at_once_what_it_has_stored(tmp_path: Path) -> None:
    """Erratum CPU-3.9, of PSRAM: see kernel_abi_xtensa.inc."""
    example = "0: 1 s16i a2, a14, 2\n3: 1 addi.n a14, a14, 4\n5: 1 l32i a3, a14, {}\n"
    assert loads_close_to_stores(example.format(-4)) == ["l32i a3, a14, -4"]
    assert loads_close_to_stores(example.format(0)) == []
    for path in KERNELS:
        listing = disassembled(path, tmp_path)
        assert len(_INSTRUCTION.findall(listing)) > 40
        assert loads_close_to_stores(listing) == [], path.name
