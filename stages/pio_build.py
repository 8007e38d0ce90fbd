"""Build the firmware with the model in it: what the chip's flash gets.

Envs esp32, esp32c3 and esp32s3 are bare-metal images that the ROM boots, built offline. Env esp32cam stands
on ESP-IDF, with a bootloader and a partition table; merged.bin is the whole flash. Its engine tflm takes the
.tflite that tflm-export packed.

Reads:  models/model.sqz or build/tflm/model.tfl, build/tflm/golden.bin, pyproject.toml,
        esp32_pio
Writes: build/firmware (firmware.elf, firmware.bin, merged.bin, size.json; bare metal: objects.json; env
        esp32cam: bootloader.bin, partitions.bin), metrics/pio_build.json
Params: pio
"""

import tempfile
from pathlib import Path
from typing import Any

from squeezenet_lib.firmware.build import build_firmware, copy_products, require_output_class
from squeezenet_lib.firmware.camera import build_camera_firmware, copy_camera_products
from squeezenet_lib.firmware.product import flash_command
from squeezenet_lib.outputs import replace_when_done, write_json
from squeezenet_lib.params.board import PioParams
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import FIRMWARE, GOLDEN, METRICS, SQZ_MODEL, TFLM_EXPORT
from stages.stage import run

ENGINES = {"squeeze_rt": SQZ_MODEL, "tflm": TFLM_EXPORT / "model.tfl"}


def main() -> None:
    """Build outside the project, keep the products, say how to flash them."""
    sizes = build(load_params().pio)
    keys = ("flash_bytes", "iram_bytes", "dram_bytes", "text_bytes", "limits", "image_sha256")
    write_json(METRICS / "pio_build.json", {key: sizes[key] for key in keys})
    for key, limit in sizes["limits"].items():
        if sizes[key] is not None:
            print(f"{key}: {sizes[key]:,} of {limit:,}")
    print(f"flash it with: {flash_command(FIRMWARE)}")


def build(settings: PioParams) -> dict[str, Any]:
    """Write build/firmware; returns what the build occupies."""
    model = ENGINES[settings.engine]
    if model.is_file():  # else the build says what is missing
        require_output_class(model, settings.output)
    with tempfile.TemporaryDirectory(prefix="pio-build-") as work:
        if settings.env == "esp32cam":
            camera = build_camera_firmware(Path(work), model, GOLDEN, settings)
            with replace_when_done(FIRMWARE) as temporary:
                copy_camera_products(camera, temporary)
            return camera.sizes
        bare = build_firmware(Path(work), settings.env, model, GOLDEN, settings)
        with replace_when_done(FIRMWARE) as temporary:
            copy_products(bare, temporary)
        return bare.sizes


if __name__ == "__main__":
    run(main)
