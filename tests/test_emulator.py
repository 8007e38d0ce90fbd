"""The firmware running: on QEMU's core, its serial line being stdin and stdout, and on labwired's chip."""

import re
import subprocess
import time
from pathlib import Path

import labwired
import numpy as np
import pytest

from squeezenet_lib import emulator
from squeezenet_lib.emulator import run_elf, run_pictures
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware import build_firmware
from squeezenet_lib.serial_protocol import INFO, PICTURE, SELFTEST, frame, last_field, results
from squeezenet_lib.version import version
from tests.small_firmware import (
    CLASSES,
    ROOT,
    copy_project,
    emulated_firmware,
    firmware,
    golden_file,
    small_model,
)


def picture(index: int) -> bytes:
    return frame(PICTURE, small_model().images[index].tobytes())


def talk(*frames: bytes) -> list[str]:
    """What the chip says after its self-test, line by line, to these bytes."""
    transcript = run_elf(firmware("qemu").elf, b"".join(frames), timeout=60)
    assert transcript.status == 0, transcript.text
    return transcript.text.split("selftest pass pictures=1\n", 1)[1].splitlines()


def scores_line(index: int) -> str:
    return ",".join(map(str, small_model().expected[index]))


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


def test_banner_and_report_say_what_runs() -> None:
    text = run_elf(firmware("qemu").elf, b"", timeout=60).text
    model = small_model().sqz
    assert f"squeezenet-esp32 {version()} on qemu\n" in text
    assert "info flash_model=ok flash_golden=ok\n" in text
    assert f"info model=ok bytes={model.stat().st_size} producer=9.8.7 height=32 width=32 channels=1" in text
    assert [last_field(text, "info", key) for key in ("version", "boot", "classes")] == [version(), "ok", "2"]
    assert f"info class=1 name={CLASSES[1]}\n" in text


# --- the protocol ---


def test_result_lines_name_the_best_class() -> None:
    expected = small_model().expected
    for index, result in enumerate(results("\n".join(talk(*(picture(i) for i in range(4)))))):
        assert result.scores == tuple(expected[index])
        assert result.class_index == int(expected[index].argmax())
        assert result.class_name == CLASSES[result.class_index]
        assert result.microseconds == result.cycles // 40


def test_selftest_and_report_on_request() -> None:
    lines = talk(frame(SELFTEST), frame(INFO))
    assert lines[0] == "selftest pass pictures=1"
    assert lines[1].startswith(f"info version={version()} board=qemu ")


def broken_crc() -> bytes:
    return picture(1)[:-1] + bytes([picture(1)[-1] ^ 1])


def flipped_pixel() -> bytes:
    return picture(1)[:500] + bytes([picture(1)[500] ^ 0x10]) + picture(1)[501:]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (broken_crc(), "crc"),
        (flipped_pixel(), "crc"),
        (frame(PICTURE, b"too short"), "length"),
        (frame(INFO, b"no payload here"), "length"),
        (frame(b"X"), "type"),
        (b"SQP\x01" + bytes(8), "type"),
    ],
)
def test_a_bad_frame_is_named_and_the_next_one_answered(bad: bytes, reason: str) -> None:
    lines = talk(bad, picture(2))
    assert lines[0] == f"error reason={reason}"
    assert len(lines) == 2
    assert f"scores={scores_line(2)} " in lines[1]


@pytest.mark.parametrize("noise", [b"S", b"SSS", b"hello\n", b"\0" * 7, b"Q" * 9, b"SQ"[:1] * 8])
def test_noise_between_frames_is_skipped(noise: bytes) -> None:
    (line,) = talk(noise, picture(3))
    assert f"scores={scores_line(3)} " in line


def test_a_frame_inside_a_false_header_is_found() -> None:
    lines = talk(b"SQ!", picture(0))
    assert lines[0] == "error reason=type"
    assert f"scores={scores_line(0)} " in lines[1]


@pytest.mark.parametrize("cut", [1, 5, 8, 300, 1034])
def test_a_frame_that_stops_midway_times_out(cut: int) -> None:
    command = ["qemu-system-xtensa", "-M", "none", "-cpu", "de212", "-m", "1600M", "-semihosting"]
    command += ["-display", "none", "-serial", "none", "-monitor", "none"]
    command += ["-device", f"loader,file={firmware('qemu').elf},cpu-num=0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as chip:
        assert chip.stdin is not None
        assert chip.stdout is not None
        chip.stdin.write(picture(0)[:cut])
        chip.stdin.flush()
        said = b""
        while b"error" not in said:
            said = chip.stdout.readline()
            assert said, "the chip stopped"
        assert said == b"error reason=timeout\n"
        rest, _ = chip.communicate(picture(1), timeout=60)
    assert f"scores={scores_line(1)} ".encode() in rest


# --- a model that is no good ---


@pytest.mark.parametrize(("position", "code"), [(0, -2), (4, -3), (12, -4), (60, -4), (5000, -4), (-1, -4)])
def test_a_flipped_byte_is_refused_and_reports_go_on(tmp_path: Path, position: int, code: int) -> None:
    """The byte flips in flash, after the build."""
    sqz, elf = small_model().sqz.read_bytes(), bytearray(firmware("qemu").elf.read_bytes())
    start = elf.index(sqz)
    elf[start + range(len(sqz))[position]] ^= 0x40
    damaged = tmp_path / "damaged.elf"
    damaged.write_bytes(elf)
    text = run_elf(damaged, picture(0) + frame(SELFTEST) + frame(INFO), timeout=60).text
    assert "selftest" not in text
    assert "result" not in text
    assert text.count("info flash_model=corrupt flash_golden=ok\n") == 2, "at boot and on request"
    assert len(re.findall(rf"^info model=refused bytes=\d+ code={code} why=\S", text, re.MULTILINE)) == 2
    assert text.count("error reason=model\n") == 2
    with pytest.raises(UserError, match="error reason=model"):
        run_pictures(damaged, small_model().images[:1])


def test_a_file_damaged_before_the_build_is_refused_by_the_chip(tmp_path: Path) -> None:
    sqz = bytearray(small_model().sqz.read_bytes())
    sqz[7000] ^= 1
    elf = emulated_firmware(tmp_path, bytes(sqz), small_model().golden.read_bytes())
    text = run_elf(elf, b"", timeout=60).text
    assert "info flash_model=ok flash_golden=ok\n" in text
    assert "info model=refused" in text
    assert "code=-4" in text


def test_golden_pictures_that_come_out_otherwise_are_shown(tmp_path: Path) -> None:
    model = small_model()
    scores = model.expected[:3].copy()
    scores[2, 0] ^= 1
    elf = emulated_firmware(tmp_path, model.sqz.read_bytes(), golden_file(model.images[:3], scores))
    with pytest.raises(UserError, match=r"selftest fail reason=scores picture=2 expected=\S+ got=\S+"):
        run_pictures(elf, model.images[:1])


@pytest.mark.parametrize(
    "golden", [b"SQGV", golden_file(np.zeros((2, 8, 8, 1), np.uint8), np.zeros((2, 2), np.int8))]
)
def test_golden_pictures_of_another_model_fail_the_selftest(tmp_path: Path, golden: bytes) -> None:
    text = run_elf(emulated_firmware(tmp_path, small_model().sqz.read_bytes(), golden), b"", timeout=60).text
    assert "selftest fail reason=" in text
    assert "selftest pass" not in text


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
        ("S", "name=StackOverflow"),
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
        chip.expect(r"selftest .*\n", timeout="2s")
    finally:
        said = chip.uart_transcript()
        chip.close()
    print(f"{time.monotonic() - started:.1f} s\n{said}")
    assert "selftest pass pictures=1\n" in said
    assert "board=esp32 crystal_mhz=40 cycles_per_us=240 boot=ok" in said
    assert "info flash_model=ok flash_golden=ok\n" in said
