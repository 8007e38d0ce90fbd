"""A crash is told on the line, then to the next run; the next one halts.

On QEMU's core, at the addresses of a classic ESP32 and of an ESP32-S3.
"""

import re
from pathlib import Path

import pytest

from squeezenet_lib.device.emulator import run_elf, run_pictures
from squeezenet_lib.errors import UserError
from tests.support.crasher import build_crasher, function_at, lines_of
from tests.support.small_firmware import small_model

HALTED, ENDED = 70, 0
STACKS = {"qemu": range(0x3FFAE000, 0x3FFB0001), "qemu_esp32s3": range(0x3FC98000, 0x3FC9A001)}


@pytest.fixture(scope="module", params=["qemu", pytest.param("qemu_esp32s3", marks=pytest.mark.full)])
def environment(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def crasher(tmp_path_factory: pytest.TempPathFactory, environment: str) -> Path:
    return build_crasher(tmp_path_factory.mktemp("crash"), environment)


@pytest.mark.parametrize(
    ("how", "cause", "where"),
    [
        ("i", "cause=0 name=IllegalInstruction", "illegal_instruction"),
        ("d", "cause=6 name=IntegerDivideByZero", "__udivsi3"),
        ("a", "cause=9 name=LoadStoreAlignment", "main"),
        ("S", "cause=260 name=StackOverflow", "recurse"),
    ],
)
def test_a_crash_is_printed_and_told_to_the_next_run(
    crasher: Path, environment: str, how: str, cause: str, where: str
) -> None:
    transcript = run_elf(crasher, how.encode(), timeout=60)
    assert transcript.status == ENDED, "the second run reads to the end of its input"
    boot, first, panic, registers, boot_again, second = lines_of(transcript.text)
    assert boot == boot_again == "boot step=done"
    assert first == "started reset=power-on"

    word = "(0x[0-9a-f]{8})"
    said = re.fullmatch(rf"panic {cause} epc={word} excvaddr={word} ps=0x\w{{8}} vector=(\d)", panic)
    assert said is not None, panic
    pc, address, vector = said.groups()
    assert function_at(crasher, int(pc, 16)) == where
    if how == "a":
        assert address == "0x3ffb0001"
    assert vector == ("3" if how == "S" else "1")
    values = dict(pair.split("=") for pair in registers.removeprefix("registers ").split())
    assert list(values) == [f"a{i}" for i in range(16)]
    assert int(values["a1"], 16) in STACKS[environment]

    assert second == f"started reset=software vector={vector} {cause} pc={pc} address={address}"


# QEMU's core is alone: it is taken for the second one while a register of nobody's says so, and where that
# would spin for ever, the first one's look at its frame follows.
AS_THE_SECOND = (
    ("entry/xtensa/special_registers.inc", "PRID,        235", "PRID,        244"),
    (
        "entry/xtensa/vectors.S",
        "4:  j       4b",
        """    movi    a2, 0
    write_special PRID, 2
    movi    a2, 0x0F
    write_special PS, 2
    rsync
    movi    a1, panic_stack_top
    call0   second_core_turn""",
    ),
)


def test_a_crash_of_the_second_core_is_told_by_the_first(tmp_path: Path) -> None:
    """Each has a frame of its own; the record has the number."""
    crasher = build_crasher(tmp_path, "qemu", AS_THE_SECOND)
    transcript = run_elf(crasher, b"2", timeout=60)
    assert transcript.status == ENDED, "the second run reads to the end of its input"
    _, _, panic, registers, _, second = lines_of(transcript.text)
    said = re.fullmatch(
        r"panic cause=0 name=IllegalInstruction epc=(0x\w{8}) excvaddr=(0x\w{8}) ps=0x\w{8} vector=1 core=1",
        panic,
    )
    assert said is not None, panic
    pc, address = said.groups()
    assert function_at(crasher, int(pc, 16)) == "illegal_instruction"
    values = dict(pair.split("=") for pair in registers.removeprefix("registers ").split())
    assert int(values["a1"], 16) in STACKS["qemu"]
    found = f"vector=1 cause=0 name=IllegalInstruction pc={pc} address={address} core=1"
    assert second == f"started reset=software {found}"


def test_a_second_crash_halts(crasher: Path) -> None:
    transcript = run_elf(crasher, b"ia-", timeout=60)
    assert transcript.status == HALTED
    text = transcript.text
    assert re.findall(r"panic cause=\d+ name=(\w+)", text) == ["IllegalInstruction", "LoadStoreAlignment"]
    assert text.count("started ") == 2
    assert "quotient" not in text


def test_a_crash_within_the_panic_handler_halts(crasher: Path) -> None:
    transcript = run_elf(crasher, b"p", timeout=60)
    assert transcript.status == HALTED
    assert lines_of(transcript.text) == ["boot step=done", "started reset=power-on"]


def test_a_run_that_ends_well_leaves_no_record(crasher: Path) -> None:
    transcript = run_elf(crasher, b"-", timeout=60)
    assert transcript.status == HALTED, "main() returned"
    assert transcript.text.count("started ") == 1


def test_division_and_numbers_without_a_c_library(crasher: Path) -> None:
    said = run_elf(crasher, b"-", timeout=60).text
    assert "-2147483648 quotient=571428571 rest=3 signed=-58823,-12 hex=0xdeadbeef\n" in said


def test_a_panic_is_what_run_pictures_reports(crasher: Path) -> None:
    with pytest.raises(UserError, match=r"says: panic cause=.* name=StackOverflow"):
        run_pictures(crasher, small_model().images[:1])
