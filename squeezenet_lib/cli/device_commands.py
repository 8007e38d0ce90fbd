"""What the commands of `device` do with a board that answers."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from tqdm import tqdm

from squeezenet_lib.cli.device_camera import camera, collect, repeat, take, watch
from squeezenet_lib.device.advice import advice
from squeezenet_lib.device.emulated_board import emulated_board
from squeezenet_lib.device.emulator import instructions
from squeezenet_lib.device.evaluation import EMULATED, Files, evaluate
from squeezenet_lib.device.exchange import Port
from squeezenet_lib.device.hello import Hello, usable_model
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.device.report import report, said_by
from squeezenet_lib.device.serial_port import SerialPort, find_port
from squeezenet_lib.errors import UserError
from squeezenet_lib.images import load_picture, require_picture
from squeezenet_lib.params.file import load_params
from squeezenet_lib.ranking import in_json, in_words, rank

Handler = Callable[[BoardLink, Hello, argparse.Namespace], int]


def run_device(options: argparse.Namespace) -> int:
    """Do what `options` name; the exit status."""
    if options.command == "report":
        with open_port(options) as port, closing(port):
            return report(port, options.output, options.timeout)
    return converse(HANDLERS[options.command], options)


@contextmanager
def open_port(options: argparse.Namespace) -> Iterator[Port]:
    """The board's port, or the emulated board's, that `options` name. The caller closes it."""
    if options.simulate:
        env = load_params().pio.env
        with emulated_board(env, options.model, options.golden, options.camera) as board:
            yield board
    elif options.camera:
        raise UserError("--camera is what the emulated board sees: name --simulate, too, or leave it out")
    else:
        name = options.port or find_port()
        yield SerialPort(name, options.baud or load_params().pio.baud_rate)


def converse(handle: Handler, options: argparse.Namespace) -> int:
    """Let `handle` talk to a board that answers; its exit status."""
    with open_port(options) as port, closing(BoardLink(port, patience=options.timeout)) as link:
        hello = link.connect()
        if options.fast_baud and not link.set_baud(options.fast_baud):
            print(
                f"{options.fast_baud} bits in a second do not get through: it stays at {port.baud}",
                file=sys.stderr,
            )
        return handle(link, hello, options)


def info(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """All that the board says about itself, and what to do about it."""
    if options.json:
        classes = hello.model.class_names if hello.model else ()
        told = {**hello.fields, "class_names": classes, "advice": advice(hello.fields)}
        print(json.dumps(told, ensure_ascii=False))
    else:
        print("\n".join(said_by(hello)))
    return 0


def classify(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """The classes of each picture with their probabilities, likeliest first."""
    model = usable_model(hello)
    require_picture(model.channels)
    failures, documents = 0, []
    for picture in options.pictures:
        try:
            image = load_picture(picture, model.shape, model.standardise)
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            failures += 1
            continue
        result = link.classify(image)
        answer = result.class_index if model.decision else None
        ranking = rank(model.class_names, result.scores, model.probabilities, answer)
        if options.json:
            cost = {"microseconds": result.microseconds, "cycles": result.cycles}
            documents.append({"picture": str(picture), **in_json(ranking), **cost})
        else:
            took = time_taken(hello, result.cycles, result.microseconds / 1000)
            print(f"{picture}: {in_words(ranking)} ({took})")
    if options.json:
        print(json.dumps(documents, ensure_ascii=False))
    return 1 if failures else 0


def time_taken(hello: Hello, cycles: float, milliseconds: float) -> str:
    """An emulator's time says nothing about a chip's; its instructions do."""
    if hello.board == EMULATED:
        return f"{instructions(round(cycles)):,} instructions"
    return f"{milliseconds:.1f} ms"


def run_evaluation(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """The test split on the board, held against the reference."""
    files = Files(model=options.model, tflite=options.tflite, data=options.data)
    print(evaluate(link, hello, files, options.pictures))
    print(f"written: {files.metrics}, {files.plot}")
    return 0


def load(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """Another model, until the next reset."""
    if not options.sqz.is_file():
        raise UserError(f"{options.sqz} does not exist or is no file: name a .sqz")
    sqz = options.sqz.read_bytes()
    with tqdm(total=len(sqz), unit="B", unit_scale=True, disable=None) as bar:

        def show(held: int) -> None:
            bar.update(held - bar.n)

        model = usable_model(link.load(sqz, show))
    print(
        f"{options.sqz} answers until the next reset: {model.bytes:,} bytes, "
        f"arena {model.arena_bytes:,} bytes, {model.height}x{model.width}x{model.channels}, "
        f"classes {', '.join(model.class_names)}"
    )
    return 0


def golden(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """The board's self-test: pictures in its flash whose scores are known."""
    result = link.golden()
    if not result.passed:
        details = [line for line in link.text.splitlines() if line.startswith("golden picture=")]
        said = f" ({details[-1]})" if details else ""
        raise UserError(
            f"the self-test failed after {result.pictures} pictures: {result.why}{said}; run `dvc repro`, "
            "then `make flash`"
        )
    print(f"passed: {result.pictures} pictures gave their known scores")
    return 0


def bench(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """The time that inferences take on the board itself."""
    result = link.bench(options.count)
    mean = result.total / result.count
    if options.json:
        print(
            json.dumps(
                {
                    "count": result.count,
                    "cycles_per_us": result.cycles_per_microsecond,
                    "least": result.least,
                    "mean": mean,
                    "most": result.most,
                }
            )
        )
        return 0
    least, average, most = (
        time_taken(hello, cycles, cycles / result.cycles_per_microsecond / 1000)
        for cycles in (result.least, mean, result.most)
    )
    print(f"{result.count} inferences: {average} on average, {least} at least, {most} at most")
    return 0


HANDLERS: dict[str, Handler] = {
    "info": info,
    "classify": classify,
    "evaluate": run_evaluation,
    "take": take,
    "watch": watch,
    "repeat": repeat,
    "camera": camera,
    "collect": collect,
    "load": load,
    "golden": golden,
    "bench": bench,
}
