"""Write the image of the last build to a board: `make flash PORT=/dev/ttyUSB0`.

    python -m squeezenet_lib.flash --port /dev/ttyUSB0

The same as the command that the pio-build stage prints, and as `pio run -t upload` in esp32_pio, which builds.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from serial.tools import list_ports

from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware import flash_arguments

IMAGE = Path("build/firmware/firmware.bin")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 once the flash holds the image."""
    parser = argparse.ArgumentParser(
        prog="python -m squeezenet_lib.flash", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--port", default="", help="serial port of the board")
    port = parser.parse_args(arguments).port
    try:
        flash(IMAGE, port)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def flash(image: Path, port: str) -> None:
    """Write `image` to the ESP32 on `port`. Raises UserError: no port, no image, or esptool says why not."""
    if not port:
        found = _ports() or "none: plug it in"
        raise UserError(f"name the board's serial port: make flash PORT=...; this machine has {found}")
    if not image.is_file():
        raise UserError(f"{image} does not exist; run `dvc repro` to build the firmware")
    if subprocess.run([sys.executable, *flash_arguments(image, port)], check=False).returncode != 0:
        raise UserError(
            f"esptool did not write {image} to {port}, for the reason above; when it cannot connect, hold "
            "the board's BOOT button down until it does"
        )


def _ports() -> str:
    """Serial ports, those on USB first, with what they are."""
    ports = sorted(list_ports.comports(), key=lambda port: (port.vid is None, port.device))
    return ", ".join(f"{port.device} ({port.description})" for port in ports)


if __name__ == "__main__":
    sys.exit(main())
