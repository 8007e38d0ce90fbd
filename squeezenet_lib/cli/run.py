"""`run MODEL.sqz IMAGES.npy -o SCORES.npy [--emulate esp32]`.

IMAGES.npy holds (N, H, W, C): uint8 pictures, or int8 values as the .tflite's input tensor takes them
(pixel - 128); either as the network takes them, standardised where the model says so. SCORES.npy becomes
int8 (N, classes), as the .tflite's output tensor gives them. With --emulate the firmware is built around the
model, its scores have to be those of this machine, and one line of JSON says what a picture costs.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from squeezenet_lib.cli.command_line import program
from squeezenet_lib.dataset.arrays import load_array
from squeezenet_lib.device.emulator import EmulatedRun, run_pictures
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import EMULATED, build_firmware
from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.tflite.tflm_sources import GoldenVectors, golden_binary

CHIPS = ("esp32", "esp32c3", "esp32s3", "qemu")  # the last: the first's old name
Images = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.int8]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL.sqz")
    parser.add_argument("images", type=Path, metavar="IMAGES.npy")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="SCORES.npy")
    parser.add_argument("--emulate", choices=CHIPS, help="run on the emulated chip, too, and count")


def run(options: argparse.Namespace) -> None:
    """Run one file, and say where the scores are or what a picture costs."""
    model, source, target = options.model, options.images, options.output
    if not model.is_file():
        raise UserError(f"{model} does not exist or is no file: make it with `{program()} compile`")
    if target.is_dir() or target.resolve() in (model.resolve(), source.resolve()):
        raise UserError(f"the output {target} is a folder or one of the inputs: name another .npy file")
    try:
        sqz, images = model.read_bytes(), load_images(source)
        scores, line = _scores(model, sqz, source, images, options.emulate)
        with replace_when_done(target) as temporary, temporary.open("wb") as file:
            np.save(file, scores)
    except OSError as error:
        raise UserError(f"{error.filename or target} cannot be read or written: {error.strerror}") from None
    print(line or f"{target}: scores of {len(scores)} pictures for {scores.shape[1]} classes")


def load_images(path: Path) -> Images:
    """Pictures (N, H, W, C) of a .npy file as uint8; int8 values become pixels by adding 128.

    Raises UserError for a file that is missing, is no .npy or holds anything else.
    """
    if not path.is_file():
        raise UserError(f"{path} does not exist or is no file: save pictures there with numpy.save")
    try:
        images = load_array(path)
    except ValueError as error:
        raise UserError(f"{path} is no readable .npy file ({error}): save pictures with numpy.save") from None
    if images.dtype not in (np.uint8, np.int8) or images.ndim != 4 or len(images) == 0:
        raise UserError(
            f"{path} holds {images.dtype} {images.shape}; pictures are uint8 or int8 "
            "(count, height, width, channels)"
        )
    if images.dtype == np.int8:
        images = images.view(np.uint8) ^ np.uint8(0x80)
    return np.ascontiguousarray(images)


def emulate(sqz: bytes, images: Images, scores: Scores, chip: str = "esp32") -> EmulatedRun:
    """The firmware around `sqz` classifies `images` (N, H, W, C) in QEMU.

    scores: of the runtime on this machine, (N, classes). Raises UserError when the emulated chip gives
    others, when the model does not fit the chip, or when a tool is missing.
    """
    environment = EMULATED.get(chip, chip)
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        model, golden = Path(folder) / "model.sqz", Path(folder) / "golden.bin"
        model.write_bytes(sqz)
        golden.write_bytes(golden_binary(GoldenVectors(images[:1], scores[:1])))
        done = run_pictures(build_firmware(Path(folder) / "work", environment, model, golden).elf, images)
    differing = np.flatnonzero((done.scores != scores).any(axis=1))
    if differing.size > 0:
        raise UserError(
            f"the emulated chip and the runtime on this machine disagree on {differing.size} of "
            f"{len(images)} pictures, first on number {differing[0]}: please report it"
        )
    return done


def _scores(
    model: Path, sqz: bytes, source: Path, images: Images, emulated: str | None
) -> tuple[Scores, str]:
    """Scores (N, classes) and, for the emulated chip, its line of JSON."""
    try:
        runtime = HostRuntime(sqz)
    except UserError as error:
        raise UserError(f"{model}: {error}") from None
    shape = runtime.header.shape
    if images.shape[1:] != shape:
        raise UserError(f"{source} holds pictures of {images.shape[1:]}, and {model} takes {shape}")
    scores = runtime.run(images)
    if emulated is None:
        return scores, ""
    chip = emulate(sqz, images, scores, emulated)
    figures = {
        "instructions": round(sum(chip.instructions) / len(images)),
        "arena_bytes": chip.arena_bytes,
        "stack_bytes": chip.stack_bytes,
        "pictures": len(images),
    }
    return chip.scores, json.dumps(figures)
