"""Runs the firmware's ELF (PlatformIO envs `qemu...`) on an emulated core and counts its instructions.

QEMU's cores execute the very instructions that the chip would; they model no cache, no bus and no
peripheral. With -icount its time advances by a fixed amount per instruction, so counts repeat exactly.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from squeezenet_lib.device.hello import read_hello
from squeezenet_lib.device.protocol import (
    ANSWER,
    CLASSIFY,
    ERROR,
    HELLO,
    Frame,
    frame,
    link_error,
    result,
    split,
)
from squeezenet_lib.errors import UserError
from squeezenet_lib.processes import announced


@dataclass(frozen=True)
class Core:
    """QEMU's program, the core as it names it, and its options for calls to the host."""

    program: str
    cpu: str
    calls: tuple[str, ...]


_XTENSA = Core("qemu-system-xtensa", "de212", ("-semihosting",))
_RISCV = Core("qemu-system-riscv32", "rv32", ("-semihosting-config", "enable=on,target=native"))
_EM_RISCV = 243  # of an ELF's e_machine
_MACHINE = slice(18, 20)

# Virtual time per instruction is 2^shift ns and the cycle counter runs at 40 MHz of virtual time (25 ns).
SHIFT = 5
_CYCLE_NANOSECONDS = 25

# The least that is waited for, and what a slow machine may need for a picture of the largest model.
_START_SECONDS = 60
_PICTURE_SECONDS = 20


@dataclass(frozen=True)
class EmulatedRun:
    """scores: int8 (N, classes). answers: classes, or UNKNOWN (N,). instructions: of each inference. The
    high-water marks are in bytes.
    """

    scores: npt.NDArray[np.int8]
    answers: npt.NDArray[np.int64]
    instructions: tuple[int, ...]
    stack_bytes: int
    arena_bytes: int


@dataclass(frozen=True)
class Transcript:
    """What the chip sent, and QEMU's exit status: 0 when the chip read to the end of its input."""

    output: bytes
    status: int

    @property
    def text(self) -> str:
        return self.output.decode(errors="replace")


def core_of(elf: Path) -> Core:
    """The core that `elf` is for: RISC-V where it says so, else Xtensa."""
    try:
        machine = int.from_bytes(elf.read_bytes()[_MACHINE], "little")
    except OSError:
        return _XTENSA  # QEMU says what is wrong with it
    return _RISCV if machine == _EM_RISCV else _XTENSA


def qemu_command(elf: Path, cpu: str | None = None, shift: int = SHIFT) -> list[str]:
    """The command that boots `elf`; the chip's serial port is its stdin and stdout.

    cpu: a core as QEMU names it; None: that of the ELF's chip. An instruction takes 2^shift ns of the time
    that the chip sees. Raises UserError when QEMU is not installed.
    """
    core = core_of(elf)
    if shutil.which(core.program) is None:
        raise UserError(
            f"the emulator {core.program} is not installed; on Debian or Ubuntu: sudo apt install "
            "qemu-system-misc"
        )
    command = [core.program, "-M", "none", "-cpu", cpu or core.cpu, "-m", "1600M", *core.calls]
    command += ["-display", "none", "-serial", "none", "-monitor", "none", "-icount", f"shift={shift}"]
    return [*command, "-device", f"loader,file={elf},cpu-num=0"]


def run_elf(elf: Path, line: bytes, timeout: float, cpu: str | None = None, shift: int = SHIFT) -> Transcript:
    """Boot `elf`, send `line` over its serial port, hang up, and return what it printed.

    cpu and shift: as of qemu_command. Raises UserError when QEMU is not installed or the chip is not done
    after `timeout` seconds.
    """
    command = qemu_command(elf, cpu, shift)
    try:
        with announced(f"the emulated chip, {timeout:.0f} s at most"):
            done = subprocess.run(command, input=line, capture_output=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired as expired:
        printed = (expired.stdout or b"").decode(errors="replace").strip()
        raise UserError(
            f"the emulated chip with {elf} was not done after {timeout:.0f} s; "
            f"it printed: {printed or 'nothing'}"
        ) from None
    errors = done.stderr.decode(errors="replace").strip()
    if errors and not done.stdout:
        raise UserError(f"{command[0]} cannot run {elf}: {errors}")
    return Transcript(done.stdout, done.returncode)


def run_pictures(elf: Path, images: npt.NDArray[np.uint8]) -> EmulatedRun:
    """Let the emulated chip classify `images` (N, H, W, C), finished network inputs.

    Raises UserError when the chip panics, refuses its model, fails its self-test or leaves a picture without
    an answer.
    """
    line = b"".join(frame(CLASSIFY, picture.tobytes()) for picture in images) + frame(HELLO)
    transcript = run_elf(elf, line, _START_SECONDS + _PICTURE_SECONDS * len(images))
    frames, text = split(transcript.output)
    found = [result(answer.payload) for answer in frames if answer.kind == CLASSIFY + ANSWER]
    reports = [read_hello(answer.payload) for answer in frames if answer.kind == HELLO + ANSWER]
    if transcript.status != 0 or len(found) != len(images) or not reports or reports[-1].model is None:
        raise UserError(f"the emulated chip with {elf} {_trouble(frames, text)}")
    report, model = reports[-1].fields, reports[-1].model
    if not report["golden"].startswith("pass"):
        raise UserError(f"the emulated chip with {elf} {_trouble(frames, text)}")
    return EmulatedRun(
        answers=np.array([answer.class_index for answer in found], dtype=np.int64),
        scores=np.array([answer.scores for answer in found], dtype=np.int8).reshape(len(images), -1),
        instructions=tuple(instructions(answer.cycles) for answer in found),
        stack_bytes=int(report["stack"]),
        arena_bytes=model.arena_bytes,
    )


def instructions(cycles: int, shift: int = SHIFT) -> int:
    """Instructions executed while the emulated cycle counter advanced by `cycles`.

    Exact to one; with a shift of 6 or more, where an instruction takes more than two cycles, exact.
    """
    return round(cycles * _CYCLE_NANOSECONDS / (1 << shift))


def _trouble(frames: list[Frame], text: str) -> str:
    """What tells best what went wrong."""
    signs = ("panic ", "model=refused", "golden picture=", "golden=fail")
    lines = [line for sign in signs for line in text.splitlines() if line.startswith(sign)]
    lines += [link_error(answer.payload).text for answer in frames if answer.kind == ERROR]
    return f"says: {lines[0]}" if lines else f"stopped early; it printed: {text.strip() or 'nothing'}"
