"""The firmware running: on QEMU's core, its serial line being stdin and stdout, and on labwired's chip."""

import re
import time
from pathlib import Path

import labwired
import numpy as np
import pytest

from squeezenet_lib import emulator
from squeezenet_lib.emulator import run_elf, run_pictures
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware import build_firmware
from tests.small_firmware import ROOT, copy_project, emulated_firmware, firmware, golden_file, small_model

# --- what it computes ---


def test_scores_equal_the_reference_bit_for_bit() -> None:
    model = small_model()
    chip = run_pictures(firmware("qemu").elf, model.images)
    assert np.array_equal(chip.scores, model.expected)
    assert len(np.unique(model.expected, axis=0)) > 3, "the pictures tell nothing apart"


def test_instruction_counts_repeat() -> None:
    images = small_model().images[:3]
    first, second = (run_pictures(firmware("qemu").elf, images) for _ in range(2))
    assert np.abs(np.subtract(first.instructions, second.instructions)).max() <= 1
    assert all(count > 50_000 for count in first.instructions)


def test_arena_and_stack_are_reported() -> None:
    run = run_pictures(firmware("qemu").elf, small_model().images[:1])
    assert run.arena_bytes == firmware("qemu").sizes["arena_bytes"]
    assert 200 < run.stack_bytes < 4096


def test_a_cycle_is_25_ns_and_an_instruction_32() -> None:
    assert emulator.instructions(128) == 100
    assert emulator.instructions(129) == 101


@pytest.mark.parametrize("position", [0, 12, -1])
def test_a_model_that_the_chip_refuses_is_reported(tmp_path: Path, position: int) -> None:
    """The byte flips in flash, after the build."""
    sqz, elf = small_model().sqz.read_bytes(), bytearray(firmware("qemu").elf.read_bytes())
    elf[elf.index(sqz) + range(len(sqz))[position]] ^= 0x40
    damaged = tmp_path / "damaged.elf"
    damaged.write_bytes(elf)
    with pytest.raises(UserError, match="says: model=refused: "):
        run_pictures(damaged, small_model().images[:1])


def test_golden_pictures_that_come_out_otherwise_are_shown(tmp_path: Path) -> None:
    model = small_model()
    scores = model.expected[:3].copy()
    scores[2, 0] ^= 1
    elf = emulated_firmware(tmp_path, model.sqz.read_bytes(), golden_file(model.images[:3], scores))
    with pytest.raises(UserError, match=r"says: golden picture=2 expected=\S+ got=\S+"):
        run_pictures(elf, model.images[:1])


# --- last words ---


@pytest.fixture(scope="module")
def crasher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The board's code with tests/c/crash.c in the place of the application."""
    folder = tmp_path_factory.mktemp("crash")
    project = copy_project(folder)
    for source in (project / "src").iterdir():
        source.unlink()
    (project / "src" / "crash.c").write_text((ROOT / "tests/c/crash.c").read_text())
    return build_firmware(folder / "w", "qemu", small_model().sqz, small_model().golden, project=project).elf


@pytest.mark.parametrize(
    ("how", "cause"),
    [
        ("i", "cause=0 name=IllegalInstruction"),
        ("d", "cause=6 name=IntegerDivideByZero"),
        ("a", "cause=9 name=LoadStoreAlignment"),
        ("\0", "name=StackOverflow"),
    ],
)
def test_a_panic_prints_its_cause_and_halts(crasher: Path, how: str, cause: str) -> None:
    transcript = run_elf(crasher, how.encode(), timeout=60)
    assert transcript.status == 70
    lines = transcript.text.strip().splitlines()
    assert lines[-2].startswith("panic cause=")
    assert cause in lines[-2]
    program_counter = re.search(r" epc=0x([0-9a-f]{8}) ", lines[-2])
    assert program_counter is not None
    assert 0x40080400 <= int(program_counter[1], 16) < 0x400A0000
    if how == "a":
        assert "excvaddr=0x3ffb0001" in lines[-2]
    registers = dict(pair.split("=") for pair in lines[-1].removeprefix("registers ").split())
    assert list(registers) == [f"a{i}" for i in range(16)]
    assert 0x3FFAE000 <= int(registers["a1"], 16) <= 0x3FFB0000


def test_a_panic_is_what_run_pictures_reports(crasher: Path) -> None:
    with pytest.raises(UserError, match=r"says: panic cause=.* name=StackOverflow"):
        run_pictures(crasher, small_model().images[:1])


def test_division_and_numbers_without_a_c_library(crasher: Path) -> None:
    said = run_elf(crasher, b"-", timeout=60).text
    assert "-2147483648 quotient=571428571 rest=3 signed=-58823,-12 hex=0xdeadbeef\n" in said


# --- what stands around it ---


def test_without_qemu_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="sudo apt install qemu-system-misc"):
        run_elf(tmp_path / "firmware.elf", b"", timeout=5)


def test_a_file_that_qemu_cannot_load_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot run .*absent\.elf"):
        run_elf(tmp_path / "absent.elf", b"", timeout=60)


def test_a_chip_that_does_not_finish_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / emulator.QEMU
    slow.write_text("#!/bin/sh\necho booting\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(UserError, match="not done after 1 s; it printed: booting"):
        run_elf(tmp_path / "firmware.elf", b"", timeout=1)


def test_the_flashed_firmware_passes_its_selftest_on_an_emulated_esp32() -> None:
    """Env esp32 itself: watchdogs, clock, flash mapping and serial port by registers, model in flash."""
    chip = labwired.Sim(str(firmware("esp32").elf), chip="esp32")
    started = time.monotonic()
    try:
        chip.expect(r"classes=2\n", timeout="2s")
    finally:
        said = chip.uart_transcript()
        chip.close()
    print(f"{time.monotonic() - started:.1f} s\n{said}")
    for line in (
        "board=esp32",
        "crystal_mhz=40",
        "cycles_per_us=240",
        "boot=ok",
        "flash_model=ok",
        "golden=pass 1",
    ):
        assert f"\n{line}\n" in said
