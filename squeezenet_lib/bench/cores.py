"""Counts the instructions of each step of a model on QEMU's cores, with the firmware in esp32_pio/bench."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from squeezenet_lib.device.emulator import instructions, run_elf
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import build_firmware

LX106 = "lx106"  # what TFLM was counted on: none of the LX6's instructions that the compiler does not know
DE212 = "de212"  # has most of them, and runs the shipped code
RV32 = "rv32"  # an ESP32-C3's, and runs what is shipped for it
CORES = (LX106, DE212, RV32)

# An instruction takes 2.56 ticks of the core's counter: counts are exact. The counter has 32 bits.
_SHIFT = 6
_WRAP = 1 << 32
_SECONDS = 240

_RUN = re.compile(r"^run cycles=(\d+) empty=(\d+) stack=(\d+) arena=(\d+) scores=(\S+)$", re.MULTILINE)
_DECODE = re.compile(r"^decode cycles=(\d+)$", re.MULTILINE)
_STEP = re.compile(r"^step index=(\d+) cycles=(\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Count:
    """One inference. instructions: sqz_run() as a whole. steps: each sqz_run_op(). scores: int8 (classes,).

    decoding: instructions for all weights alone. stack_bytes: the deepest that the stack has been since the
    core started.
    """

    instructions: int
    steps: tuple[int, ...]
    decoding: int
    stack_bytes: int
    arena_bytes: int
    scores: npt.NDArray[np.int8]


@dataclass(frozen=True)
class CodeSize:
    """Bytes of code in the firmware for the chip: lib/squeeze_rt's, and that of the whole image."""

    text_bytes: int
    image_text_bytes: int


def build_cores(work: Path) -> dict[str, Path]:
    """The benchmark's ELF for each core, built in the folder `work`. Raises UserError."""
    return {core: build_firmware(work, f"bench_{core}", None, None).elf for core in CORES}


def code_size(work: Path, model: Path, golden: Path) -> CodeSize:
    """Size of the code in the firmware for the chip around `model`, built in `work`.

    Raises UserError when the runtime's objects in it are others than the benchmark's on de212.
    """
    chip = build_firmware(work, "esp32", model, golden)
    counted = build_firmware(work, f"bench_{DE212}", None, None)
    runtime = {name for name in (*chip.objects, *counted.objects) if name.startswith("squeeze_rt/")}
    differing = sorted(name for name in runtime if chip.objects.get(name) != counted.objects.get(name))
    if differing or not runtime:
        raise UserError(
            f"the benchmark has other objects of the runtime than the firmware ({', '.join(differing)}); "
            "compare the environments esp32 and bench_de212 in esp32_pio/platformio.ini"
        )
    return CodeSize(chip.sizes["text_bytes"], chip.sizes["iram_bytes"])


def count(elfs: Mapping[str, Path], core: str, sqz: bytes, picture: npt.NDArray[np.uint8]) -> Count:
    """One inference of the .sqz on `picture` (H, W, C).

    Raises UserError when the core refuses the model, panics or takes minutes.
    """
    blocks = (sqz, picture.tobytes())
    line = b"".join(struct.pack("<I", len(block)) + block for block in blocks)
    text = run_elf(elfs[core], line, _SECONDS, core, _SHIFT).text
    run, decode = _RUN.search(text), _DECODE.search(text)
    if run is None or decode is None or not text.endswith("\ndone\n"):
        raise UserError(f"the benchmark on {core} stopped early; it printed: {text.strip() or 'nothing'}")
    cycles, empty, stack, arena = (int(run[group]) for group in range(1, 5))
    steps = [int(found[2]) for found in _STEP.finditer(text)]
    nothing = instructions(empty, _SHIFT)
    return Count(
        instructions=instructions(unwrapped(cycles, sum(steps)), _SHIFT) - nothing,
        steps=tuple(instructions(step, _SHIFT) - nothing for step in steps),
        decoding=instructions(int(decode[1]), _SHIFT),
        stack_bytes=stack,
        arena_bytes=arena,
        scores=np.array([int(score) for score in run[5].split(",")], np.int8),
    )


def unwrapped(cycles: int, near: int) -> int:
    """The number near `near` that a 32-bit counter shows as `cycles`."""
    return cycles + round((near - cycles) / _WRAP) * _WRAP
