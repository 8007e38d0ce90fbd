"""One command line for all: which commands there are, how one is called, and how it ends.

A command is a module of this room. `add_arguments` tells an argparse parser what it takes, `run` does it and
returns the exit status, None for 0. Modules are imported when their command is called, and what takes long to
import when it runs: `--help` is there at once.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from squeezenet_lib.errors import in_words

INSTALLED = "squeezenet-esp32"  # as setup puts it into the environment
FAILED = 1
INTERRUPTED, UNREAD = 130, 141  # as a shell says it of SIGINT and SIGPIPE
DAY = 86_400  # seconds

COMMANDS = {
    "predict": "classify pictures on this machine, with the model and the runtime of the chip",
    "compile": "compile a full-int8 .tflite, made here or elsewhere, into the .sqz that the chip runs",
    "run": "run a .sqz on pictures in a .npy: on this machine, or on the emulated chip",
    "flash": "write the image of the last build to a board",
    "device": "talk to a board: what it is, what it sees, how fast it is, whether it is right",
    "bench": "count the instructions of random models in an emulator, beside TensorFlow Lite Micro's",
    "bench-train": "time training with the input pipeline, beside a loop over batches already in RAM",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name. Exit status 0 when all went well, 1 after a UserError and 130
    after Ctrl-C, each with one line on stderr, 141 when nobody reads what it prints; argparse ends by
    SystemExit 2 for a wrong call.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] not in COMMANDS:
        whole = _whole_parser()
        whole.parse_args(words)  # --help, or what is wrong
        whole.error("the first word has to be the command")
    name = words[0]
    try:
        module = _module(name)
        parser = argparse.ArgumentParser(prog=f"{program()} {name}", description=_sentence(COMMANDS[name]))
        module.add_arguments(parser)
        options = parser.parse_args(words[1:])
        status = int(module.run(options) or 0)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except Exception as error:
        known = in_words(error)
        if known is None:
            raise
        print(f"error: {known}", file=sys.stderr)
        return FAILED


def program() -> str:
    """How this program was called, for messages that name a command."""
    return INSTALLED if Path(sys.argv[0]).name == INSTALLED else "python -m squeezenet_lib"


def positive(text: str) -> int:
    """An argument that is a whole number from 1 on."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no whole number") from None
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def seconds(text: str) -> float:
    """An argument that is a time of more than nothing and less than a day."""
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds") from None
    if not 0 < number < DAY:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and {DAY} seconds")
    return number


def _whole_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program(), description="SqueezeNet on your own images, small enough for an ESP32."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, about in COMMANDS.items():
        commands.add_parser(name, help=about)
    return parser


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"squeezenet_lib.cli.{name.replace('-', '_')}")


def _sentence(about: str) -> str:
    return f"{about[0].upper()}{about[1:]}."
