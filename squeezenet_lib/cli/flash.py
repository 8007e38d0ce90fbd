"""`flash [--port /dev/ttyUSB0]`, and `make flash PORT=/dev/ttyUSB0`.

Without a port the only USB serial port is taken. The command that the pio-build stage prints does the same;
`pio run -t upload` in esp32_pio builds first.
"""

import argparse

from squeezenet_lib.cli.command_line import seconds
from squeezenet_lib.device.exchange import PATIENCE
from squeezenet_lib.paths import FIRMWARE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", default="", help="serial port of the board (default: the only USB one)")
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=PATIENCE,
        metavar="SECONDS",
        help="give up when the chip cannot be reached for so long (%(default)g)",
    )


def run(options: argparse.Namespace) -> None:
    from squeezenet_lib.device.serial_port import find_port
    from squeezenet_lib.firmware.flash import flash

    port = options.port or find_port("--port, or `make flash` with PORT=")
    flash(FIRMWARE, port, options.timeout)
