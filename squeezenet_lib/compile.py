"""Compile a full-int8 .tflite, made here or elsewhere, into the .sqz file that the chip runs.

    python -m squeezenet_lib.compile MODEL.tflite -o MODEL.sqz [--classes NAMES] [--arena-limit BYTES]

NAMES is a text file with one class name a line, or the names themselves, separated by commas; without it the
classes are called 0, 1, 2 and so on. A model that the runtime cannot run is refused with the operator and the
tensor named, one that does not fit with the numbers; an earlier output then stays as it was.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from squeezenet_lib.container import write_sqz
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import Graph
from squeezenet_lib.memory_plan import MemoryPlan
from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.planner import ARENA_LIMIT, plan
from squeezenet_lib.tflite_graph import read_graph
from squeezenet_lib.version import version


@dataclass(frozen=True)
class Compiled:
    """sqz: the file's content. memory: where in the arena what lies, and when."""

    sqz: bytes
    graph: Graph
    memory: MemoryPlan


def compile_model(
    model: bytes, class_names: tuple[str, ...] | None = None, arena_limit: int = ARENA_LIMIT
) -> Compiled:
    """A .tflite as a .sqz. Without names the classes are numbered.

    Raises UserError for a model that the runtime cannot run or that needs more than `arena_limit` bytes, and
    for another number of names than classes.
    """
    graph = read_graph(model)
    names = class_names or tuple(str(number) for number in range(graph.output.shape[-1]))
    program, memory = plan(graph, names, standardise=False, producer=version(), arena_limit=arena_limit)
    sqz, _ = write_sqz(program)
    return Compiled(sqz, graph, memory)


def class_names_of(argument: str) -> tuple[str, ...]:
    """Names from a text file (UTF-8, one a line, empty lines left out), or from a list with commas.

    Raises UserError for a file that cannot be read, and for names that are empty, unprintable or given twice.
    """
    path = Path(argument)
    if path.is_file():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(
                f"the class names in {path} cannot be read ({error}): save them as UTF-8"
            ) from None
        names = [line.strip() for line in lines if line.strip()]
    elif "," in argument:
        names = [name.strip() for name in argument.split(",")]
    else:
        raise UserError(f"--classes {argument} is neither a file nor a list of names with commas")
    for name in names:
        if not name or not name.isprintable():
            raise UserError(f"the class name {name!r} of --classes is empty or cannot be printed")
        if names.count(name) > 1:
            raise UserError(f"the class name {name!r} of --classes is given {names.count(name)} times")
    return tuple(names)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 when the .sqz was written, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m squeezenet_lib.compile", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("model", type=Path, metavar="MODEL.tflite")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="MODEL.sqz")
    parser.add_argument("--classes", metavar="NAMES", help="a text file, or names separated by commas")
    parser.add_argument(
        "--arena-limit", type=int, default=ARENA_LIMIT, metavar="BYTES",
        help=f"the memory that the chip has for it (default: {ARENA_LIMIT})",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    try:
        _compile_file(options.model, options.output, options.classes, options.arena_limit)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _compile_file(source: Path, target: Path, classes: str | None, arena_limit: int) -> None:
    if not source.is_file():
        raise UserError(f"{source} does not exist or is no file: name a .tflite")
    if target.is_dir() or target.resolve() == source.resolve():
        raise UserError(f"the output {target} is a folder or the model itself: name a .sqz file")
    names = None if classes is None else class_names_of(classes)
    try:
        model = source.read_bytes()
        try:
            compiled = compile_model(model, names, arena_limit)
        except UserError as error:
            raise UserError(f"{source}: {error}") from None
        with replace_when_done(target) as temporary:
            temporary.write_bytes(compiled.sqz)
    except OSError as error:
        raise UserError(f"{error.filename or target} cannot be read or written: {error.strerror}") from None
    for line in _report(target, len(model), compiled, arena_limit):
        print(line)


def _report(target: Path, tflite_bytes: int, compiled: Compiled, arena_limit: int) -> list[str]:
    graph, memory, size = compiled.graph, compiled.memory, len(compiled.sqz)
    _, height, width, channels = graph.input.shape
    peak = ", ".join(f"{buffer.name} {buffer.size:,}" for buffer in memory.peak_buffers)
    return [
        f"{target}: {size:,} bytes; the .tflite has {tflite_bytes:,}, its weights and biases in float32 "
        f"{graph.float32_bytes:,} ({graph.float32_bytes / size:.2f} times as many)",
        f"picture: {height} x {width} x {channels}; classes: {graph.output.shape[-1]}; "
        f"convolutions: {len(graph.convolutions)}",
        f"arena: {memory.arena_bytes:,} of {arena_limit:,} bytes, no less than {memory.lower_bound:,} with "
        f"these buffers; the peak is step {memory.peak_op}: {peak}",
    ]


if __name__ == "__main__":
    sys.exit(main())
