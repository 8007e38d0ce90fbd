"""Write the image of the last build to a board: `make flash PORT=/dev/ttyUSB0`.

    python -m squeezenet_lib.flash [--port /dev/ttyUSB0]

Without a port the only USB serial port is taken. The command that the pio-build stage prints does the
same; `pio run -t upload` in esp32_pio builds first.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware import flash_arguments
from squeezenet_lib.serial_port import find_port

IMAGE = Path("build/firmware/firmware.bin")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 once the flash holds the image."""
    parser = argparse.ArgumentParser(
        prog="python -m squeezenet_lib.flash", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--port", default="", help="serial port of the board")
    port = parser.parse_args(arguments).port
    try:
        flash(IMAGE, port or find_port("PORT="))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def flash(image: Path, port: str) -> None:
    """Write `image` to the ESP32 on `port`. Raises UserError: no image, or esptool says why not."""
    if not image.is_file():
        raise UserError(f"{image} does not exist; run `dvc repro` to build the firmware")
    if subprocess.run([sys.executable, *flash_arguments(image, port)], check=False).returncode != 0:
        raise UserError(
            f"esptool did not write {image} to {port}, for the reason above; when it cannot connect, hold "
            "the board's BOOT button down until it does"
        )


if __name__ == "__main__":
    sys.exit(main())
