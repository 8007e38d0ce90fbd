"""Run the firmware on an emulated chip and hold every answer against the reference.

All test pictures go through the runtime compiled for this machine, `emulate.pictures` of them through the
firmware in QEMU. The emulated firmware has the objects of src, lib/link and lib/squeeze_rt that the image for
the chip has (their hashes are compared); only the board differs.

Reads:  models/model.tflite, models/model.sqz, build/tflm/golden.bin, build/firmware, data/processed,
        pyproject.toml, esp32_pio/platformio.ini, esp32_pio/platform, esp32_pio/boards, esp32_pio/src,
        esp32_pio/lib
Writes: metrics/emulate.json
Params: emulate
"""

import json
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from squeezenet_lib.agreement import require_equal, spread
from squeezenet_lib.dataset import load_split
from squeezenet_lib.emulator import EmulatedRun, run_pictures
from squeezenet_lib.errors import UserError
from squeezenet_lib.evaluation import accuracy
from squeezenet_lib.firmware import build_firmware
from squeezenet_lib.host_runtime import HostRuntime
from squeezenet_lib.outputs import write_json
from squeezenet_lib.params import load_params
from squeezenet_lib.tflite_reference import predict_reference
from stages.stage import run

TFLITE = Path("models/model.tflite")
MODEL = Path("models/model.sqz")
GOLDEN = Path("build/tflm/golden.bin")
OBJECTS = Path("build/firmware/objects.json")
METRICS = Path("metrics/emulate.json")


def main() -> None:
    """Three ways to the same scores; any difference fails the stage."""
    params = load_params()
    test = load_split(Path("data/processed"), "test")
    try:
        tflite, sqz = TFLITE.read_bytes(), MODEL.read_bytes()
    except FileNotFoundError as error:
        raise UserError(f"{error.filename} is missing; run the stage that makes it first.") from None
    reference = predict_reference(tflite, test.images)
    require_equal("the runtime on this machine", HostRuntime(sqz).run(test.images), reference)
    count = min(params.emulate.pictures, len(test.images))
    chosen = spread(len(test.images), count)
    chip, objects = emulate(test.images[chosen])
    require_equal("the firmware on the emulated chip", chip.scores, reference[chosen])
    write_json(
        METRICS,
        {
            "pictures": len(reference),
            "emulated_pictures": count,
            "agreement": 1.0,  # anything else has raised
            "accuracy": accuracy(test.labels, reference),
            "instructions": round(sum(chip.instructions) / count),
            "arena_bytes": chip.arena_bytes,
            "stack_bytes": chip.stack_bytes,
            "identical_objects": objects,
        },
    )
    print(
        f"{len(reference)} pictures on this machine, {count} on the emulated chip: all as the reference says"
    )
    print(f"{round(sum(chip.instructions) / count):,} instructions per picture")


def emulate(images: npt.NDArray[np.uint8]) -> tuple[EmulatedRun, int]:
    """Classify `images` (N, H, W, C) in QEMU. Also the number of objects shared with the chip's firmware.

    Raises UserError when one of these objects differs from what is in build/firmware.
    """
    with tempfile.TemporaryDirectory(prefix="emulate-") as work:
        build = build_firmware(Path(work), "qemu", MODEL, GOLDEN)
        flashed = json.loads(OBJECTS.read_text(encoding="utf-8"))
        differing = [
            name
            for name in sorted({*flashed, *build.objects})
            if flashed.get(name) != build.objects.get(name)
        ]
        if differing or not flashed:
            raise UserError(
                f"{OBJECTS} lists other code than esp32_pio has ({', '.join(differing) or 'nothing'}); "
                "run the pio-build stage again"
            )
        return run_pictures(build.elf, images), len(flashed)


if __name__ == "__main__":
    run(main)
