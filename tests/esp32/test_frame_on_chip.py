"""lib/frame as the chip's compiler builds it, on QEMU's core: the same bytes, and what they cost."""

import math
import shutil
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.device.emulator import instructions, run_elf
from squeezenet_lib.firmware.build import PROJECT, build_firmware
from squeezenet_lib.frame_pixels import FrameFormat
from squeezenet_lib.images import Pixels, Shape
from squeezenet_lib.paths import ROOT
from tests.support.host_frame import Frame, by_images, packed
from tests.support.random_pictures import random_pictures

BOOTED = b"boot step=done\n"
SQUARE = (96, 96)


@dataclass(frozen=True)
class Case:
    frame: Frame
    shape: Shape
    standardise: bool

    @property
    def request(self) -> bytes:
        frame = self.frame
        head = (frame.kind, frame.width, frame.height, frame.stride, len(frame.data))
        return struct.pack("<9I", *head, *self.shape, self.standardise) + frame.data


@pytest.fixture(scope="module")
def elf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that needs no model, with tests/c/frame_on_chip.c in the place of the benchmark."""
    folder = tmp_path_factory.mktemp("frame")
    project = folder / "esp32_pio"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(".pio", "__pycache__", "bench"))
    shutil.copyfile(PROJECT.parent / "pyproject.toml", folder / "pyproject.toml")
    (project / "bench").mkdir()
    shutil.copyfile(ROOT / "tests" / "c" / "frame_on_chip.c", project / "bench" / "frame_on_chip.c")
    return build_firmware(folder / "work", "bench_de212", None, None, project=project).elf


def case(
    width: int, height: int, kind: FrameFormat, shape: Shape, standardise: bool, padding: int = 0
) -> Case:
    random = np.random.default_rng(width)
    rows = random_pictures(random, 2, height, width, kind.pixel_bytes)[1]
    return Case(packed(rows, kind, padding), shape, standardise)


def run(elf: Path, cases: Sequence[Case]) -> list[tuple[Pixels, int]]:
    """Network inputs, uint8 (height, width, channels), and the instructions that each took."""
    transcript = run_elf(elf, b"".join(case.request for case in cases), timeout=60)
    output = transcript.output[transcript.output.index(BOOTED) + len(BOOTED) :]
    found = []
    for one in cases:
        status, cycles = struct.unpack("<iI", output[:8])
        assert status == 0
        samples = math.prod(one.shape)
        pixels = np.frombuffer(output[8 : 8 + samples], np.uint8).reshape(one.shape)
        found.append((pixels, instructions(cycles)))
        output = output[8 + samples :]
    assert not output
    return found


def test_the_chip_makes_what_images_py_makes(elf: Path) -> None:
    """Shrinking, enlarging and neither, in every format."""
    cases = [
        case(width, height, kind, (*wished, channels), (width + channels) % 4 == 1, padding)
        for wished, width, height, padding in (
            (SQUARE, 320, 200, 0),
            (SQUARE, 118, 97, 3),
            (SQUARE, 96, 96, 1),
            (SQUARE, 64, 48, 5),
            ((72, 96), 200, 320, 0),
            ((96, 64), 54, 40, 0),
        )
        for kind in FrameFormat
        for channels in (1, 3)
    ]
    for one, (pixels, _) in zip(cases, run(elf, cases), strict=True):
        frame = one.frame
        expected = by_images(frame, one.shape, one.standardise)
        assert np.array_equal(pixels, expected), (frame.kind, frame.width, one.shape)


def test_a_frame_costs_little_beside_an_inference(elf: Path) -> None:
    """Which takes about 30 million instructions for this network input."""
    ((_, count),) = run(elf, [case(320, 240, FrameFormat.GREY, (*SQUARE, 1), True)])
    assert 500_000 < count < 1_000_000
