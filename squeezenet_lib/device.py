"""Talk to a board: what it is, what it sees, how fast it is, whether it is right.

    python -m squeezenet_lib.device info
    python -m squeezenet_lib.device classify PICTURE...
    python -m squeezenet_lib.device evaluate [--pictures N]
    python -m squeezenet_lib.device take
    python -m squeezenet_lib.device watch
    python -m squeezenet_lib.device repeat on|off
    python -m squeezenet_lib.device load MODEL.sqz
    python -m squeezenet_lib.device golden
    python -m squeezenet_lib.device bench N

Without --port the only USB serial port is taken; with --simulate the firmware runs in an emulator instead.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tqdm import tqdm

from squeezenet_lib.board_link import BoardLink, Port
from squeezenet_lib.board_report import Hello, usable_model
from squeezenet_lib.device_camera import repeat, take, watch
from squeezenet_lib.device_evaluation import EMULATED, Files, evaluate
from squeezenet_lib.emulated_board import emulated_board
from squeezenet_lib.emulator import instructions
from squeezenet_lib.errors import UserError
from squeezenet_lib.images import load_picture
from squeezenet_lib.params import load_params
from squeezenet_lib.ranking import in_words, rank
from squeezenet_lib.serial_port import SerialPort, find_port
from squeezenet_lib.serial_protocol import BENCH_LIMIT

GOLDEN = Path("build/tflm/golden.bin")
INTERRUPTED = 130  # as a shell says it

Command = Callable[[BoardLink, Hello, argparse.Namespace], int]


@contextmanager
def open_board(options: argparse.Namespace) -> Iterator[tuple[BoardLink, Hello]]:
    """A conversation with the board, or the emulated one, that `options` name. Closed at the end."""
    with ExitStack() as stack:
        if options.simulate:
            port: Port = stack.enter_context(emulated_board(options.model, options.golden))
        else:
            name = options.port or find_port()
            port = SerialPort(name, options.baud or load_params().pio.baud_rate)
        link = BoardLink(port)
        stack.callback(link.close)
        hello = link.connect()
        if options.fast_baud and not link.set_baud(options.fast_baud):
            print(
                f"{options.fast_baud} bits in a second do not get through: it stays at {port.baud}",
                file=sys.stderr,
            )
        yield link, hello


def info(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """All that the board says about itself."""
    classes = hello.model.class_names if hello.model else ()
    if options.json:
        print(json.dumps({**hello.fields, "class_names": classes}, ensure_ascii=False))
        return 0
    width = max(map(len, hello.fields))
    for key, value in hello.fields.items():
        print(f"{key.replace('_', ' '):<{width}}  {value}")
    for number, name in enumerate(classes):
        print(f"{f'class {number}':<{width}}  {name}")
    return 0


def classify(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """The classes of each picture with their probabilities, likeliest first."""
    model = usable_model(hello)
    failures, documents = 0, []
    for picture in options.pictures:
        try:
            image = load_picture(picture, model.height, model.channels, model.standardise)
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            failures += 1
            continue
        result = link.classify(image)
        ranked = rank(model.class_names, result.scores)
        if options.json:
            cost = {"microseconds": result.microseconds, "cycles": result.cycles}
            documents.append({"picture": str(picture), "probabilities": dict(ranked), **cost})
        else:
            took = time_taken(hello, result.cycles, result.microseconds / 1000)
            print(f"{picture}: {in_words(ranked)} ({took})")
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
            f"the self-test failed after {result.pictures} pictures: {result.why}{said}; run `dvc repro` "
            "and flash the firmware again"
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


def parser() -> argparse.ArgumentParser:
    """One sub-command a function; the options that name the board are everywhere the same."""
    board = argparse.ArgumentParser(add_help=False)
    which = board.add_mutually_exclusive_group()
    which.add_argument("--port", help="serial port (default: the only USB serial port)")
    which.add_argument("--simulate", action="store_true", help="run the firmware in an emulator instead")
    board.add_argument(
        "--baud", type=_positive, help="speed of the firmware's serial port (default: params.yaml's)"
    )
    board.add_argument(
        "--fast-baud", type=_positive, metavar="BAUD", help="speed to change to, such as 921600"
    )
    board.add_argument(
        "--model", type=Path, default=Files.model, help="of --simulate and evaluate (%(default)s)"
    )
    board.add_argument(
        "--golden", type=Path, default=GOLDEN, help="golden pictures of --simulate (%(default)s)"
    )
    whole = argparse.ArgumentParser(
        prog="python -m squeezenet_lib.device", description=(__doc__ or "").split("\n")[0]
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Command, *, as_json: bool = False) -> argparse.ArgumentParser:
        one = commands.add_parser(name, parents=[board], help=run.__doc__, description=run.__doc__)
        one.set_defaults(run=run)
        if as_json:
            one.add_argument("--json", action="store_true", help="print JSON")
        return one

    command("info", info, as_json=True)
    command("classify", classify, as_json=True).add_argument(
        "pictures", nargs="+", type=Path, metavar="PICTURE"
    )
    command("take", take, as_json=True)
    command("watch", watch, as_json=True)
    command("repeat", repeat).add_argument("switch", choices=("on", "off"))
    evaluation = command("evaluate", run_evaluation)
    evaluation.add_argument(
        "--pictures", type=_positive, metavar="N", help="so many, evenly spread (default: all)"
    )
    evaluation.add_argument("--tflite", type=Path, default=Files.tflite, help="the reference (%(default)s)")
    evaluation.add_argument(
        "--data", type=Path, default=Files.data, help="folder of the test split (%(default)s)"
    )
    command("load", load).add_argument("sqz", type=Path, metavar="MODEL.sqz")
    command("golden", golden)
    command("bench", bench, as_json=True).add_argument(
        "count", type=_inferences, metavar="N", help=f"inferences, 1 to {BENCH_LIMIT}"
    )
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 when all went well, 1 after a failure, 130 after Ctrl-C."""
    options = parser().parse_args(arguments)
    try:
        with open_board(options) as (link, hello):
            return int(options.run(link, hello, options))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def _inferences(text: str) -> int:
    number = _positive(text)
    if number > BENCH_LIMIT:
        raise argparse.ArgumentTypeError(f"{text} is more than {BENCH_LIMIT}")
    return number


if __name__ == "__main__":
    sys.exit(main())
