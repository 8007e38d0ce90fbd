"""Run the firmware on an emulated chip and hold every answer against the reference.

All test pictures go through the runtime compiled for this machine, `emulate.pictures` of them through the
firmware in QEMU. The emulated firmware has the objects of src, lib/frame, lib/link and lib/squeeze_rt that
the image for the chip has (their hashes are compared); only the board differs. With env esp32cam another
compiler made the image, so none are compared: what is emulated are its sources, and for its engine tflm the
agreement is what the tflm-export stage measured.

Reads:  models/model.tflite, models/model.sqz, build/tflm/golden.bin, build/firmware, data/processed,
        pyproject.toml, esp32_pio/platformio.ini, esp32_pio/platform, esp32_pio/boards, esp32_pio/src,
        esp32_pio/lib
Writes: metrics/emulate.json
Params: emulate, pio.env
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from squeezenet_lib.dataset.arrays import load_split
from squeezenet_lib.device.emulator import EmulatedRun, run_pictures
from squeezenet_lib.errors import UserError
from squeezenet_lib.evaluation import accuracy
from squeezenet_lib.firmware.build import EMULATED, build_firmware
from squeezenet_lib.outputs import write_json
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import FIRMWARE, GOLDEN, METRICS, PROCESSED, SQZ_MODEL, TFLITE_MODEL
from squeezenet_lib.sqz.decision import decide
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.tflite.agreement import require_equal, spread
from squeezenet_lib.tflite.reference import predict_reference
from stages.stage import run

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

OBJECTS = FIRMWARE / "objects.json"


def main() -> None:
    """Three ways to the same scores; any difference fails the stage."""
    params = load_params()
    test = load_split(PROCESSED, "test")
    try:
        tflite, sqz = TFLITE_MODEL.read_bytes(), SQZ_MODEL.read_bytes()
    except FileNotFoundError as error:
        raise UserError(f"{error.filename} is missing; run `dvc repro`.") from None
    reference = predict_reference(tflite, test.images)
    runtime = HostRuntime(sqz)
    require_equal("the runtime on this machine", runtime.run(test.images), reference)
    count = min(params.emulate.pictures, len(test.images))
    chosen = spread(len(test.images), count)
    chip, objects = emulate(test.images[chosen], params.pio.env)
    require_equal("the firmware on the emulated chip", chip.scores, reference[chosen])
    require_equal_answers(chip, runtime)
    write_json(
        METRICS / "emulate.json",
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


def require_equal_answers(chip: EmulatedRun, runtime: HostRuntime) -> None:
    """Raise UserError where chip, the runtime on this machine and Python make something else of scores."""
    here = decide(runtime.header.decision, chip.scores)
    if (here != chip.answers).any() or (here != runtime.decide(chip.scores)).any():
        raise UserError("chip and host answer the same scores otherwise: please report this model")


def emulate(images: npt.NDArray[np.uint8], environment: str) -> tuple[EmulatedRun, int]:
    """Classify `images` (N, H, W, C) in QEMU, on the core of the env's chip. Also the number of objects that
    are shared with the chip's firmware.

    Raises UserError when one of these objects differs from what is in build/firmware.
    """
    with tempfile.TemporaryDirectory(prefix="emulate-") as work:
        build = build_firmware(Path(work), EMULATED[environment], SQZ_MODEL, GOLDEN)
        if environment == "esp32cam":
            return run_pictures(build.elf, images), 0
        flashed = json.loads(OBJECTS.read_text(encoding="utf-8"))
        differing = [
            name
            for name in sorted({*flashed, *build.objects})
            if flashed.get(name) != build.objects.get(name)
        ]
        if differing or not flashed:
            raise UserError(
                f"{OBJECTS} lists other code than esp32_pio has ({', '.join(differing) or 'nothing'}); "
                "run `dvc repro --force --single-item pio-build`, then `dvc repro`"
            )
        return run_pictures(build.elf, images), len(flashed)


if __name__ == "__main__":
    run(main)
