"""Run a .sqz model on pictures: with the runtime compiled for this machine, or on the emulated chip.

    python -m squeezenet_lib.run MODEL.sqz IMAGES.npy -o SCORES.npy [--emulate qemu]

IMAGES.npy holds (N, H, W, C): uint8 pictures, or int8 values as the .tflite's input tensor takes them
(pixel - 128). SCORES.npy becomes int8 (N, classes), as the .tflite's output tensor gives them. With --emulate
the firmware is built around the model, its scores have to be those of this machine, and one line of JSON says
what a picture costs.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from squeezenet_lib.emulator import EmulatedRun, run_pictures
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware import build_firmware
from squeezenet_lib.host_runtime import HostRuntime
from squeezenet_lib.outputs import replace_when_done

Images = npt.NDArray[np.uint8]
Scores = npt.NDArray[np.int8]


def load_images(path: Path) -> Images:
    """Pictures (N, H, W, C) of a .npy file as uint8; int8 values become pixels by adding 128.

    Raises UserError for a file that is missing, is no .npy or holds anything else.
    """
    if not path.is_file():
        raise UserError(f"{path} does not exist or is no file: save pictures there with numpy.save")
    try:
        images = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError, SyntaxError) as error:
        raise UserError(f"{path} is no readable .npy file ({error}): save pictures with numpy.save") from None
    if not isinstance(images, np.ndarray):  # an .npz
        raise UserError(f"{path} holds several arrays: save one array of pictures with numpy.save")
    if images.dtype not in (np.uint8, np.int8) or images.ndim != 4 or len(images) == 0:
        raise UserError(
            f"{path} holds {images.dtype} {images.shape}; pictures are uint8 or int8 "
            "(count, height, width, channels)"
        )
    if images.dtype == np.int8:
        images = images.view(np.uint8) ^ np.uint8(0x80)
    return np.ascontiguousarray(images)


def emulate(sqz: bytes, images: Images, scores: Scores) -> EmulatedRun:
    """The firmware around `sqz` classifies `images` (N, H, W, C) in QEMU.

    scores: of the runtime on this machine, (N, classes). Raises UserError when the emulated chip gives
    others, when the model does not fit the chip, or when a tool is missing.
    """
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        model, golden = Path(folder) / "model.sqz", Path(folder) / "golden.bin"
        model.write_bytes(sqz)
        golden.write_bytes(_golden(images[0], scores[0]))
        done = run_pictures(build_firmware(Path(folder) / "work", "qemu", model, golden).elf, images)
    differing = np.flatnonzero((done.scores != scores).any(axis=1))
    if differing.size > 0:
        raise UserError(
            f"the emulated chip and the runtime on this machine disagree on {differing.size} of "
            f"{len(images)} pictures, first on number {differing[0]}: please report it"
        )
    return done


def _golden(picture: Images, scores: Scores) -> bytes:
    """golden.bin with one picture: the firmware tests itself with it when it starts."""
    return struct.pack("<4sIII", b"SQGV", 1, picture.size, scores.size) + picture.tobytes() + scores.tobytes()


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 when the scores were written, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m squeezenet_lib.run", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("model", type=Path, metavar="MODEL.sqz")
    parser.add_argument("images", type=Path, metavar="IMAGES.npy")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="SCORES.npy")
    parser.add_argument("--emulate", choices=["qemu"], help="run on the emulated chip, too, and count")
    options = parser.parse_args(arguments)
    try:
        _run_file(options.model, options.images, options.output, options.emulate is not None)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _run_file(model: Path, source: Path, target: Path, emulated: bool) -> None:
    if not model.is_file():
        raise UserError(
            f"{model} does not exist or is no file: make it with python -m squeezenet_lib.compile"
        )
    if target.is_dir() or target.resolve() in (model.resolve(), source.resolve()):
        raise UserError(f"the output {target} is a folder or one of the inputs: name another .npy file")
    try:
        sqz, images = model.read_bytes(), load_images(source)
        scores, line = _scores(model, sqz, source, images, emulated)
        with replace_when_done(target) as temporary, temporary.open("wb") as file:
            np.save(file, scores)
    except OSError as error:
        raise UserError(f"{error.filename or target} cannot be read or written: {error.strerror}") from None
    print(line or f"{target}: scores of {len(scores)} pictures for {scores.shape[1]} classes")


def _scores(model: Path, sqz: bytes, source: Path, images: Images, emulated: bool) -> tuple[Scores, str]:
    """Scores (N, classes) and, for the emulated chip, its line of JSON."""
    try:
        runtime = HostRuntime(sqz)
    except UserError as error:
        raise UserError(f"{model}: {error}") from None
    header = runtime.header
    shape = (header.height, header.width, header.channels)
    if images.shape[1:] != shape:
        raise UserError(f"{source} holds pictures of {images.shape[1:]}, and {model} takes {shape}")
    scores = runtime.run(images)
    if not emulated:
        return scores, ""
    chip = emulate(sqz, images, scores)
    figures = {
        "instructions": round(sum(chip.instructions) / len(images)),
        "arena_bytes": chip.arena_bytes,
        "stack_bytes": chip.stack_bytes,
        "pictures": len(images),
    }
    return chip.scores, json.dumps(figures)


if __name__ == "__main__":
    sys.exit(main())
