"""Build the firmware with the model in it: an image that a classic ESP32 boots from flash 0x1000.

Reads:  models/model.sqz, build/tflm/golden.bin, pyproject.toml, esp32_pio/platformio.ini, esp32_pio/platform,
        esp32_pio/boards, esp32_pio/src, esp32_pio/lib
Writes: build/firmware (firmware.elf, firmware.bin, merged.bin, size.json, objects.json),
        metrics/pio_build.json
Params: pio_build
"""

import tempfile
from pathlib import Path

from squeezenet_lib.firmware import build_firmware, copy_products, flash_command
from squeezenet_lib.outputs import replace_when_done, write_json
from squeezenet_lib.params import load_params
from stages.stage import run

MODEL = Path("models/model.sqz")
GOLDEN = Path("build/tflm/golden.bin")
FIRMWARE = Path("build/firmware")
METRICS = Path("metrics/pio_build.json")


def main() -> None:
    """Build outside the project, keep the products, say how to flash them."""
    settings = load_params().pio_build
    with tempfile.TemporaryDirectory(prefix="pio-build-") as work:
        build = build_firmware(Path(work), "esp32", MODEL, GOLDEN, settings)
        with replace_when_done(FIRMWARE) as temporary:
            copy_products(build, temporary)
    sizes = build.sizes
    keys = ("flash_bytes", "iram_bytes", "dram_bytes", "text_bytes", "limits", "image_sha256")
    write_json(METRICS, {key: sizes[key] for key in keys})
    for key in ("flash_bytes", "iram_bytes", "dram_bytes", "arena_bytes"):
        print(f"{key}: {sizes[key]:,} of {sizes['limits'][key]:,}")
    print(f"flash it with: {flash_command(FIRMWARE / 'firmware.bin')}")


if __name__ == "__main__":
    run(main)
