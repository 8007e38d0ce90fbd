"""The firmware on the serial link: what it answers in the emulator, whose serial port is a pipe."""

import subprocess
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile

from squeezenet_lib.device.emulator import qemu_command, run_elf
from squeezenet_lib.device.hello import Hello, read_hello
from squeezenet_lib.device.protocol import (
    ANSWER,
    BAUD,
    BENCH,
    CLASSIFY,
    ERROR,
    GOLDEN,
    HELLO,
    LOAD,
    Frame,
    Reason,
    bench,
    cobs_encode,
    frame,
    golden,
    link_error,
    result,
    split,
)
from squeezenet_lib.version import version
from tests.support.small_firmware import CLASSES, emulated_firmware, firmware, golden_file, small_model


def picture(index: int, sequence: int = 1) -> bytes:
    return frame(CLASSIFY, small_model().images[index].tobytes(), sequence)


def talk(*requests: bytes, elf: Path | None = None) -> tuple[list[Frame], str]:
    """The frames that the chip answers with, and its text."""
    transcript = run_elf(elf or firmware("qemu").elf, b"".join(requests), timeout=60)
    assert transcript.status == 0, transcript.text
    return split(transcript.output)


def error(answer: Frame) -> Reason:
    assert answer.kind == ERROR
    return Reason(link_error(answer.payload).reason)


def report(elf: Path | None = None) -> Hello:
    ((answer,), _) = talk(frame(HELLO), elf=elf)
    return read_hello(answer.payload)


def assert_classified(answer: Frame, index: int, sequence: int) -> None:
    assert (answer.kind, answer.sequence) == (CLASSIFY + ANSWER, sequence)
    assert result(answer.payload).scores == tuple(small_model().expected[index])


# --- the commands ---


def test_hello_says_what_runs() -> None:
    said = report()
    sqz = small_model().sqz.read_bytes()
    assert said.fields["name"] == "squeezenet-esp32"
    assert said.fields["version"] == version()
    assert said.fields["board"] == "qemu"
    for key in ("boot", "ram", "flash_model", "flash_golden", "model"):
        assert said.fields[key] == "ok", key
    assert said.fields["golden"] == "pass 1"
    assert said.fields["crash"] == "none"
    model = said.model
    assert model is not None
    assert (model.height, model.width, model.channels, model.class_names) == (32, 32, 1, CLASSES)
    assert model.bytes == len(sqz)
    assert model.crc32 == int.from_bytes(sqz[12:16], "little")
    assert model.producer == "9.8.7"


def test_the_boot_report_on_the_console_is_what_hello_says() -> None:
    ((answer,), text) = talk(frame(HELLO))
    lines = [line for line in answer.payload.decode().splitlines() if not line.startswith("stack=")]
    assert [
        line for line in text.splitlines() if "=" in line and not line.startswith(("boot ", "stack="))
    ] == lines
    steps = [line for line in text.splitlines() if line.startswith("boot step=")]
    assert steps[-1] == "boot step=ready"


def test_a_picture_is_classified() -> None:
    answers, _ = talk(*(picture(i, 100 + i) for i in range(4)))
    for index, answer in enumerate(answers):
        assert_classified(answer, index, 100 + index)
        found = result(answer.payload)
        assert found.class_index == int(small_model().expected[index].argmax())
        assert found.microseconds == found.cycles // 40
        assert found.model_crc32 == int.from_bytes(small_model().sqz.read_bytes()[12:16], "little")


def test_the_selftest_on_request() -> None:
    ((answer,), _) = talk(frame(GOLDEN))
    assert golden(answer.payload) == golden(b"\x01\0\x01\0")


def test_a_benchmark_counts_inferences() -> None:
    ((one, three), _) = talk(frame(BENCH, b"\x01\0"), frame(BENCH, b"\x03\0"))
    first, found = bench(one.payload), bench(three.payload)
    assert (found.count, found.cycles_per_microsecond) == (3, 40)
    assert abs(found.least - first.total) <= 2, "the same picture takes the same instructions"
    assert found.least <= found.total // 3 <= found.most


@pytest.mark.parametrize("count", [b"\0\0", b"\xe9\x03", b"\xff\xff"])
def test_a_benchmark_of_none_or_more_than_a_thousand_is_refused(count: bytes) -> None:
    (answers, _) = talk(frame(BENCH, count), picture(1, 2))
    assert error(answers[0]) == Reason.VALUE
    assert_classified(answers[1], 1, 2)


def test_a_speed_is_agreed_on() -> None:
    (answers, _) = talk(frame(BAUD, (921600).to_bytes(4, "little")), frame(HELLO))
    assert [answer.kind for answer in answers] == [BAUD + ANSWER, HELLO + ANSWER]
    assert read_hello(answers[1].payload).fields["baud"] == "921600"


def test_a_speed_that_the_port_cannot_is_refused() -> None:
    (answers, _) = talk(frame(BAUD, bytes(4)), frame(HELLO))
    assert error(answers[0]) == Reason.VALUE
    assert read_hello(answers[1].payload).fields["baud"] == report().fields["baud"]


# --- a line that is no good ---


def flipped(index: int) -> bytes:
    good = picture(1)
    return good[:index] + bytes([good[index] ^ 0x10]) + good[index + 1 :]


def of_version_2() -> bytes:
    body = b"\x02" + b"\x01\x07\0" + bytes(4)
    return b"\0" + cobs_with_crc(body) + b"\0"


def cobs_with_crc(body: bytes) -> bytes:
    return cobs_encode(body + crc32(body).to_bytes(4, "little"))


def with_a_wrong_length() -> bytes:
    return b"\0" + cobs_with_crc(b"\x01\x01\x07\0\x05\0\0\0abc") + b"\0"


@pytest.mark.parametrize(
    ("bad", "reason", "sequence"),
    [
        (flipped(500), Reason.DAMAGED, 0),
        (flipped(-3), Reason.DAMAGED, 0),
        (picture(1)[:600] + b"\0", Reason.DAMAGED, 0),
        (of_version_2(), Reason.FOREIGN, 7),
        (with_a_wrong_length(), Reason.LENGTH, 7),
        (frame(CLASSIFY, b"too short", 7), Reason.LENGTH, 7),
        (frame(CLASSIFY, bytes(5000), 7), Reason.LENGTH, 7),
        (frame(HELLO, b"no payload here", 7), Reason.LENGTH, 7),
        (frame(BENCH, b"", 7), Reason.LENGTH, 7),
        (frame(LOAD, bytes(8), 7), Reason.LENGTH, 7),
        (frame(0, b"", 7), Reason.TYPE, 7),
        (frame(99, b"", 7), Reason.TYPE, 7),
        (frame(CLASSIFY + ANSWER, b"", 7), Reason.TYPE, 7),
    ],
)
def test_a_bad_frame_is_named_and_the_next_one_answered(bad: bytes, reason: Reason, sequence: int) -> None:
    (answers, _) = talk(bad, picture(2, 8))
    assert error(answers[0]) == reason
    assert answers[0].sequence == sequence
    assert_classified(answers[-1], 2, 8)


@pytest.mark.parametrize(
    "noise", [b"S", b"\0", b"\0" * 7, b"\xff" * 300, b"hello\n", b"\0\x05", b"\0\x05\x01\x01"]
)
def test_noise_before_a_frame_does_not_hide_it(noise: bytes) -> None:
    (answers, _) = talk(noise, picture(3, 9))
    assert_classified(answers[-1], 3, 9)


def test_a_frame_whose_last_byte_was_lost_ends_where_the_next_one_starts() -> None:
    (answers, _) = talk(picture(0, 3)[:-1], picture(1, 4))
    assert_classified(answers[0], 0, 3)
    assert_classified(answers[1], 1, 4)


@pytest.mark.parametrize("cut", [2, 6, 12, 300, 1030])
def test_a_frame_that_stops_midway_times_out(cut: int) -> None:
    """The line stays open and silent: the emulated chip waits with select(), a real one with its counter."""
    command = qemu_command(firmware("qemu").elf)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as chip:
        assert chip.stdin is not None
        assert chip.stdout is not None
        chip.stdin.write(picture(0)[:cut])
        chip.stdin.flush()
        said = b""
        while said.count(b"\0") < 2:
            byte = chip.stdout.read(1)
            assert byte, "the chip stopped"
            said += byte
        ((answer,), _) = split(said)
        assert (error(answer), answer.sequence) == (Reason.TIMEOUT, 0)
        rest, _ = chip.communicate(picture(1, 5), timeout=60)
    ((answer,), _) = split(rest)
    assert_classified(answer, 1, 5)


def test_a_speed_at_which_nobody_speaks_is_left_again() -> None:
    """Two seconds of silence behind the change, and the chip is back at its image's."""
    command = qemu_command(firmware("qemu").elf)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as chip:
        assert chip.stdin is not None
        assert chip.stdout is not None
        chip.stdin.write(frame(BAUD, (1_000_000).to_bytes(4, "little")))
        chip.stdin.flush()
        said = b""
        while said.count(b"\0") < 2:
            said += chip.stdout.read(1)
        with pytest.raises(subprocess.TimeoutExpired):
            chip.wait(timeout=3)
        rest, _ = chip.communicate(frame(HELLO), timeout=60)
    ((answer,), _) = split(rest)
    assert read_hello(answer.payload).fields["baud"] == report().fields["baud"]


# --- a model that is no good ---


@pytest.mark.parametrize(
    ("position", "why"), [(0, "not a .sqz"), (4, "format"), (60, "damaged"), (5000, "damaged")]
)
def test_a_refused_model_leaves_a_board_that_says_so(tmp_path: Path, position: int, why: str) -> None:
    """The byte flips in flash, after the build."""
    sqz, elf = small_model().sqz.read_bytes(), bytearray(firmware("qemu").elf.read_bytes())
    elf[elf.index(sqz) + position] ^= 0x40
    damaged = tmp_path / "damaged.elf"
    damaged.write_bytes(elf)
    (answers, _) = talk(
        picture(0, 1), frame(BENCH, b"\x01\0", 2), frame(GOLDEN, b"", 3), frame(HELLO, b"", 4), elf=damaged
    )
    assert [error(answer) for answer in answers[:2]] == [Reason.NO_MODEL] * 2
    assert not golden(answers[2].payload).passed
    said = read_hello(answers[3].payload)
    assert said.model is None
    assert said.fields["model"].startswith("refused: ")
    assert why in said.fields["model"]
    assert (said.fields["flash_model"], said.fields["flash_golden"]) == ("corrupt", "ok")


def test_a_board_without_a_model_takes_one(tmp_path: Path) -> None:
    sqz = bytearray(small_model().sqz.read_bytes())
    sqz[7000] ^= 1
    elf = emulated_firmware(tmp_path, bytes(sqz), small_model().golden.read_bytes())
    good = small_model().sqz.read_bytes()
    loads = [
        frame(LOAD, at.to_bytes(4, "little") + len(good).to_bytes(4, "little") + good[at : at + 1024])
        for at in range(0, len(good), 1024)
    ]
    (answers, _) = talk(frame(HELLO), *loads, picture(2, 3), elf=elf)
    said = read_hello(answers[0].payload)
    assert (said.fields["flash_model"], said.fields["model"][:8]) == ("ok", "refused:"), (
        "damaged before the build"
    )
    assert_classified(answers[-1], 2, 3)


@pytest.mark.parametrize(
    ("golden_bytes", "why"),
    [
        (b"SQGV", "no golden pictures"),
        pytest.param(
            golden_file(np.zeros((2, 8, 8, 1), np.uint8), np.zeros((2, 2), np.int8)),
            "another model",
            marks=pytest.mark.full,
        ),
    ],
)
def test_golden_pictures_that_are_none_fail_the_selftest(
    tmp_path: Path, golden_bytes: bytes, why: str
) -> None:
    said = report(emulated_firmware(tmp_path, small_model().sqz.read_bytes(), golden_bytes))
    assert said.fields["golden"].startswith("fail after 0: ")
    assert why in said.fields["golden"]


# --- a crash ---


def with_illegal_instruction(elf: Path, function: str, damaged: Path) -> Path:
    """A copy of `elf` in which `function` starts with what the core refuses, three bytes of 0x00."""
    content = bytearray(elf.read_bytes())
    with elf.open("rb") as file:
        reader = ELFFile(file)
        (symbol,) = reader.get_section_by_name(".symtab").get_symbol_by_name(function)
        section = reader.get_section(symbol["st_shndx"])
        at = symbol["st_value"] - section["sh_addr"] + section["sh_offset"]
    content[at : at + 3] = bytes(3)
    damaged.write_bytes(content)
    return damaged


def test_after_a_crash_the_chip_answers_hello_and_nothing_else(tmp_path: Path) -> None:
    elf = with_illegal_instruction(firmware("qemu").elf, "sqz_run", tmp_path / "crashing.elf")
    requests = (
        frame(HELLO, b"", 1),
        picture(0, 2),
        frame(GOLDEN, b"", 3),
        b"infer 1 0%",
        frame(HELLO, b"", 4),
    )
    (answers, text) = talk(*requests, elf=elf)
    assert text.index("panic cause=0 name=IllegalInstruction") < text.index("mode=safe")
    first, classified, tested, last = answers
    said = read_hello(first.payload).fields
    assert (said["mode"], said["reset"]) == ("safe", "software")
    assert said["crash"].startswith("IllegalInstruction cause=0 pc=0x4008")
    assert [error(answer) for answer in (classified, tested)] == [Reason.SAFE] * 2
    assert "e-[the chip crashed and answers hello only; reset it]\r\nm-ready" in text
    assert read_hello(last.payload).safe


# --- text ---


def test_text_between_frames_is_a_command() -> None:
    (answers, text) = talk(b"name%", frame(HELLO), b"profile%", picture(1, 2))
    assert "m-name-dut-[squeezenet-esp32]\r\nm-ready\r\n" in text
    assert "m-profile-[" in text
    assert_classified(answers[1], 1, 2)
