"""`device info`, `device classify PICTURE...` and so on: each command with its options.

Without --port the only USB serial port is taken; with --simulate the firmware runs in an emulator instead.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import get_args

from squeezenet_lib.cli.command_line import positive, seconds
from squeezenet_lib.device.exchange import PATIENCE
from squeezenet_lib.device.protocol import BENCH_LIMIT
from squeezenet_lib.params.board import WhiteBalance
from squeezenet_lib.paths import GOLDEN, PROCESSED, SQZ_MODEL, TFLITE_MODEL

REPORT = Path("board-report.txt")

COMMANDS = {
    "info": "all that the board says about itself, and what to do about it",
    "classify": "the classes of each picture with their probabilities, likeliest first",
    "evaluate": "the test split on the board, held against the reference",
    "take": "the board's camera takes a picture: its classes and what it took",
    "watch": "one picture of the board's camera after the other, a line each, until Ctrl-C",
    "repeat": "let the board take picture after picture on its own, for its display, or end that",
    "collect": "pictures to train on from the board's camera, a folder for each class",
    "camera": "how the board's camera is set, or shall be until the next reset; the lines that keep it so",
    "load": "another model, until the next reset",
    "golden": "the board's self-test: pictures in its flash whose scores are known",
    "bench": "the time that inferences take on the board itself",
    "report": "a file to attach to an issue: settings, what the board prints at its start, what it answers",
}
ANSWER_IN_JSON = ("info", "classify", "take", "watch", "bench")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that name the board are everywhere the same."""
    board = argparse.ArgumentParser(add_help=False)
    which = board.add_mutually_exclusive_group()
    which.add_argument("--port", help="serial port (default: the only USB serial port)")
    which.add_argument("--simulate", action="store_true", help="run the firmware in an emulator instead")
    board.add_argument(
        "--baud", type=positive, help="speed of the firmware's serial port (default: params.yaml's)"
    )
    board.add_argument(
        "--model", type=Path, default=SQZ_MODEL, help="of --simulate and evaluate (%(default)s)"
    )
    board.add_argument(
        "--golden", type=Path, default=GOLDEN, help="golden pictures of --simulate (%(default)s)"
    )
    board.add_argument(
        "--camera", type=Path, metavar="FOLDER", help="of --simulate: pictures that its camera sees (none)"
    )
    board.add_argument(
        "--timeout",
        type=seconds,
        default=PATIENCE,
        metavar="SECONDS",
        help="give up when the board is silent so long; what it needs for its work is added (%(default)g)",
    )
    faster = argparse.ArgumentParser(add_help=False)
    faster.add_argument(
        "--fast-baud", type=positive, metavar="BAUD", help="speed to change to, such as 921600"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    parsers = {
        name: commands.add_parser(
            name, parents=[board] if name == "report" else [board, faster], help=about, description=about
        )
        for name, about in COMMANDS.items()
    }
    for name in ANSWER_IN_JSON:
        parsers[name].add_argument("--json", action="store_true", help="print JSON")
    parsers["classify"].add_argument("pictures", nargs="+", type=Path, metavar="PICTURE")
    parsers["repeat"].add_argument("switch", choices=("on", "off"))
    camera = parsers["camera"]
    for side in ("flip", "mirror"):
        camera.add_argument(f"--{side}", choices=("on", "off"))
    camera.add_argument("--rotate", type=_number, metavar="DEGREES", help="clockwise: 0, 90, 180 or 270")
    camera.add_argument("--warmup-frames", type=_number, metavar="N", help="dropped before the first")
    camera.add_argument("--exposure", type=_number, metavar="LINES", help="of the sensor's, or auto")
    camera.add_argument("--white-balance", choices=get_args(WhiteBalance))
    collected = parsers["collect"]
    collected.add_argument("--class", dest="class_name", required=True, metavar="NAME", help="what they show")
    collected.add_argument(
        "--count", type=positive, default=100, help="pictures that the class shall have (%(default)s)"
    )
    when = collected.add_mutually_exclusive_group()
    when.add_argument("--every", type=duration, metavar="SECONDS", help="from one picture to the next")
    when.add_argument("--button", action="store_true", help="a press of the board's button takes one")
    collected.add_argument("folder", type=Path, metavar="FOLDER", help="gets a folder of the class's name")
    parsers["evaluate"].add_argument(
        "--pictures", type=positive, metavar="N", help="so many, evenly spread (default: all)"
    )
    parsers["evaluate"].add_argument(
        "--tflite", type=Path, default=TFLITE_MODEL, help="the reference (%(default)s)"
    )
    parsers["evaluate"].add_argument(
        "--data", type=Path, default=PROCESSED, help="folder of the test split (%(default)s)"
    )
    parsers["load"].add_argument("sqz", type=Path, metavar="MODEL.sqz")
    parsers["bench"].add_argument(
        "count", type=_inferences, metavar="N", help=f"inferences, 1 to {BENCH_LIMIT}"
    )
    parsers["report"].add_argument(
        "--output", type=Path, default=REPORT, metavar="FILE", help="(%(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    from squeezenet_lib.cli.device_commands import run_device

    return run_device(options)


def duration(text: str) -> float:
    """Seconds, with an s behind them or not."""
    return seconds(text.removesuffix("s"))


def _number(text: str) -> int | str:
    """A whole number, or what it is instead: rules.py says what may stand there."""
    return int(text) if text.isascii() and text.isdecimal() else text


def _inferences(text: str) -> int:
    number = positive(text)
    if number > BENCH_LIMIT:
        raise argparse.ArgumentTypeError(f"{text} is more than {BENCH_LIMIT}")
    return number
