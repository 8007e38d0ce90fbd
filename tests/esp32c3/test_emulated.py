"""The ESP32-C3's code at its addresses on QEMU's RISC-V core: crashes told to the next run."""

import re
from pathlib import Path

import pytest

from squeezenet_lib.device.emulator import run_elf, run_pictures
from squeezenet_lib.errors import UserError
from tests.support.crasher import build_crasher, function_at, lines_of
from tests.support.small_firmware import small_model

HALTED, ENDED = 70, 0
STACK, STACK_TOP, GUARD_BYTES = 0x3FC8E000, 0x3FC90000, 128


@pytest.fixture(scope="module")
def crasher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_crasher(tmp_path_factory.mktemp("crash"), "qemu_esp32c3")


@pytest.mark.parametrize(
    ("how", "vector", "cause", "where"),
    [
        ("i", 1, "cause=2 name=IllegalInstruction", "illegal_instruction"),
        ("n", 1, "cause=5 name=LoadAccessFault", "main"),
        ("S", 8, "cause=7 name=StackOverflow", "recurse"),
    ],
)
def test_a_crash_is_printed_and_told_to_the_next_run(
    crasher: Path, how: str, vector: int, cause: str, where: str
) -> None:
    transcript = run_elf(crasher, how.encode(), timeout=60)
    assert transcript.status == ENDED, "the second run reads to the end of its input"
    boot, first, panic, registers, boot_again, second = lines_of(transcript.text)
    assert boot == boot_again == "boot step=done"
    assert first == "started reset=power-on"

    word = "(0x[0-9a-f]{8})"
    said = re.fullmatch(rf"panic {cause} epc={word} mtval={word} mstatus=0x\w{{8}} vector={vector}", panic)
    assert said is not None, panic
    pc, address = said.groups()
    assert function_at(crasher, int(pc, 16)) == where
    if how == "n":
        assert address == "0xf0000000"
    if how == "S":
        assert STACK <= int(address, 16) < STACK + GUARD_BYTES
    values = dict(pair.split("=") for pair in registers.removeprefix("registers ").split())
    assert list(values) == [f"x{i}" for i in range(32)]
    assert values["x0"] == "0x00000000"
    assert STACK <= int(values["x2"], 16) <= STACK_TOP

    assert second == f"started reset=software vector={vector} {cause} pc={pc} address={address}"


def test_a_second_crash_halts_also_behind_the_locked_guard(crasher: Path) -> None:
    transcript = run_elf(crasher, b"SSi", timeout=60)
    assert transcript.status == HALTED
    assert re.findall(r"panic cause=\d+ name=(\w+)", transcript.text) == ["StackOverflow"] * 2
    assert transcript.text.count("started ") == 2


def test_a_crash_within_the_panic_handler_halts(crasher: Path) -> None:
    transcript = run_elf(crasher, b"p", timeout=60)
    assert transcript.status == HALTED
    assert lines_of(transcript.text) == ["boot step=done", "started reset=power-on"]


def test_division_and_numbers_without_a_c_library(crasher: Path) -> None:
    transcript = run_elf(crasher, b"-", timeout=60)
    assert transcript.status == HALTED, "main() returned"
    assert "-2147483648 quotient=571428571 rest=3 signed=-58823,-12 hex=0xdeadbeef\n" in transcript.text


def test_a_panic_is_what_run_pictures_reports(crasher: Path) -> None:
    with pytest.raises(UserError, match=r"says: panic cause=.* name=StackOverflow"):
        run_pictures(crasher, small_model().images[:1])
