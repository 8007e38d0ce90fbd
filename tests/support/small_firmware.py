"""A 32x32x1 network of width 1/8 in a .sqz, and the firmware around it, built once for all tests."""

import functools
import os
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from squeezenet_lib.compiler.planner import plan
from squeezenet_lib.firmware.build import PROJECT, FirmwareBuild, build_firmware
from squeezenet_lib.params.board import USUAL_CAMERA
from squeezenet_lib.params.sections import PioParams
from squeezenet_lib.sqz.container import write_sqz
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.reference import predict_reference
from tests.support.made_once import made_once
from tests.support.random_network import random_network

ROOT = PROJECT.parent
CLASSES = ("functional", "rather defective")
FAST_SERIAL = PioParams(
    env="esp32",
    board="ai-thinker",
    engine="squeeze_rt",
    light=False,
    continuous=False,
    camera=USUAL_CAMERA,
    output=None,
    flash_size="4MB",
    flash_freq="40m",
    flash_mode="dio",
    baud_rate=921600,
)


@dataclass(frozen=True)
class SmallModel:
    """sqz and golden: files. images: uint8 (N, 32, 32, 1), expected: int8 (N, 2) of the reference kernels."""

    sqz: Path
    golden: Path
    tflite: bytes
    images: npt.NDArray[np.uint8]
    expected: npt.NDArray[np.int8]


def golden_file(images: npt.NDArray[np.uint8], scores: npt.NDArray[np.int8]) -> bytes:
    """golden.bin of these pictures (N, H, W, C) and scores (N, classes)."""
    header = struct.pack("<4sIII", b"SQGV", len(images), images[0].size, scores.shape[1])
    pairs = zip(images, scores, strict=True)
    return header + b"".join(image.tobytes() + row.tobytes() for image, row in pairs)


@functools.cache
def small_model() -> SmallModel:
    """The model with one golden picture: an emulator of the whole chip takes seconds for each."""
    return made_once("small-model", _write_small_model)


def _write_small_model(folder: Path) -> SmallModel:
    network = random_network()
    program, _ = plan(read_graph(network.tflite), CLASSES, False, "9.8.7")
    sqz, _ = write_sqz(program, 15)
    expected = predict_reference(network.tflite, network.images)
    model = SmallModel(folder / "model.sqz", folder / "golden.bin", network.tflite, network.images, expected)
    model.sqz.write_bytes(sqz)
    model.golden.write_bytes(golden_file(network.images[:1], expected[:1]))
    return model


@functools.cache
def firmware(environment: str) -> FirmwareBuild:
    """Any bare-metal env with the small model, its serial port at 921600 baud."""
    model = small_model()
    return made_once(
        f"small-firmware-{environment}",
        lambda folder: build_firmware(folder, environment, model.sqz, model.golden, FAST_SERIAL),
    )


def emulated_firmware(folder: Path, sqz: bytes, golden: bytes) -> Path:
    """ELF of env qemu with another model and other golden pictures."""
    (folder / "model.sqz").write_bytes(sqz)
    (folder / "golden.bin").write_bytes(golden)
    return build_firmware(folder / "work", "qemu", folder / "model.sqz", folder / "golden.bin").elf


def copy_project(folder: Path) -> Path:
    """A clone with nothing but what the firmware needs: esp32_pio, the model and its golden pictures."""
    project = folder / "esp32_pio"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns(".pio", "__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")
    for source, target in (
        (small_model().sqz, "models/model.sqz"),
        (small_model().golden, "build/tflm/golden.bin"),
    ):
        (folder / target).parent.mkdir(parents=True)
        shutil.copyfile(source, folder / target)
    return project


def pio(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`pio` with these arguments in `project`, as by hand or in an IDE. There is no network.

    All calls go to a port at which nobody listens.
    """
    return subprocess.run(
        [sys.executable, "-m", "platformio", *arguments],
        cwd=project,
        env=os.environ
        | {"PLATFORMIO_SETTING_ENABLE_TELEMETRY": "no", "PLATFORMIO_DISABLE_UPGRADE_CHECK": "true"}
        | dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), "http://127.0.0.1:9"),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
