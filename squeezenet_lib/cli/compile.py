"""`compile MODEL.tflite -o MODEL.sqz [--classes NAMES] [--standardise] [--arena-limit BYTES]
[--cores 1|2]`.

NAMES is a text file with one class name a line, or the names themselves, separated by commas. For the
pipeline's own models/model.tflite names, decision, standardisation and limits are the pipeline's unless
given; for others the classes are called 0, 1, 2 and so on, and pictures are taken as they are. A model that
the runtime cannot run is refused with the operator and the tensor named, one that does not fit with the
numbers; an earlier output then stays as it was.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from squeezenet_lib.cli.command_line import positive
from squeezenet_lib.errors import UserError
from squeezenet_lib.paths import DECISION, PROCESSED, TFLITE_MODEL

if TYPE_CHECKING:
    from squeezenet_lib.compiler.compile import Compiled
    from squeezenet_lib.graph import Graph, Tensor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL.tflite")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="MODEL.sqz")
    parser.add_argument("--classes", metavar="NAMES", help="a text file, or names separated by commas")
    parser.add_argument(
        "--standardise",
        action=argparse.BooleanOptionalAction,
        help="pictures are standardised one by one before they are network inputs, as "
        "preprocess.standardise of params.yaml does",
    )
    parser.add_argument(
        "--arena-limit",
        type=positive,
        metavar="BYTES",
        help="the memory that the chip has for it (default: what the firmware offers)",
    )
    parser.add_argument(
        "--cores",
        type=int,
        choices=(1, 2),
        help="2: each core of an ESP32 or ESP32-S3 can take half of every layer; the file runs on one, too "
        "(default: 1)",
    )


def run(options: argparse.Namespace) -> None:
    """Compile one file, and say what it costs."""
    source, target = options.model, options.output
    if not source.is_file():
        raise UserError(f"{source} does not exist or is no file: name a .tflite")
    if target.is_dir() or target.resolve() == source.resolve():
        raise UserError(f"the output {target} is a folder or the model itself: name a .sqz file")
    choices = pipeline_choices() if source.resolve() == TFLITE_MODEL.resolve() else {}
    if options.classes is not None:
        choices["class_names"] = class_names_of(options.classes)
    for name in ("standardise", "arena_limit", "cores"):
        if getattr(options, name) is not None:
            choices[name] = getattr(options, name)
    try:
        model = source.read_bytes()
        graph, compiled = _compile(source, model, choices)
        _write(target, compiled.sqz)
    except OSError as error:
        raise UserError(f"{error.filename or target} cannot be read or written: {error.strerror}") from None
    for line in _report(target, len(model), graph, compiled):
        print(line)
    _warn(compiled.program.header.channels)


def pipeline_choices() -> dict[str, Any]:
    """What the huffman stage compiles the pipeline's own model with. Raises UserError."""
    from squeezenet_lib.dataset.arrays import load_classes
    from squeezenet_lib.params.file import load_params
    from squeezenet_lib.sqz.decision import read_decision

    params, classes = load_params(), tuple(load_classes(PROCESSED))
    return {
        "class_names": classes,
        "decision": read_decision(DECISION, len(classes)),
        "standardise": params.preprocess.standardise,
        "arena_limit": params.huffman.arena_limit,
        "max_code_length": params.huffman.max_code_length,
        "cores": params.huffman.cores,
    }


def class_names_of(argument: str) -> tuple[str, ...]:
    """Names from a text file (UTF-8, one a line, empty lines left out), or from a list with commas.

    Raises UserError for a file that cannot be read or has none, and for names that are empty, unprintable or
    given twice.
    """
    path = Path(argument)
    if path.is_file():
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(
                f"the class names in {path} cannot be read ({error}): save them as UTF-8"
            ) from None
        names = [line.strip() for line in lines if line.strip()]
        if not names:
            raise UserError(f"{path} holds no class name: write one a line")
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


def _compile(source: Path, model: bytes, choices: dict[str, Any]) -> tuple[Graph, Compiled]:
    from squeezenet_lib.compiler.compile import compile_graph
    from squeezenet_lib.sqz.program import ModelFacts
    from squeezenet_lib.tflite.reader import read_graph

    try:
        graph = read_graph(model)
        keys = ("arena_limit", "max_code_length", "cores")
        limits = {key: choices.pop(key) for key in keys if key in choices}
        return graph, compile_graph(graph, ModelFacts(**choices), **limits)
    except UserError as error:
        raise UserError(f"{source}: {error}") from None


def _write(target: Path, sqz: bytes) -> None:
    from squeezenet_lib.outputs import replace_when_done

    with replace_when_done(target) as temporary:
        temporary.write_bytes(sqz)


def _report(target: Path, tflite_bytes: int, graph: Graph, compiled: Compiled) -> list[str]:
    from squeezenet_lib.sqz.display_names import in_words

    memory, header, size = compiled.memory, compiled.program.header, len(compiled.sqz)
    peak = ", ".join(f"{buffer.name} {buffer.size:,}" for buffer in memory.peak_buffers)
    standardised = "standardised" if header.standardise else "as they are"
    return [
        f"{target}: {size:,} bytes; the .tflite has {tflite_bytes:,}, its weights and biases in float32 "
        f"{graph.float32_bytes:,} ({graph.float32_bytes / size:.2f} times as many)",
        f"pictures: {header.height} x {header.width} x {header.channels}, {standardised}; "
        f"{header.classes} classes: {_shortened(header.class_names)}; "
        f"convolutions: {len(graph.convolutions)}{_shared(compiled)}",
        f"pixels 0 to 255 are {_real(graph.input, -128):g} to {_real(graph.input, 127):g} to the network; "
        f"its scores are {_meaning(graph)}",
        f"arena: {memory.arena_bytes:,} bytes, no less than {memory.lower_bound:,} with these buffers; the "
        f"peak is step {memory.peak_op}: {peak}",
        *filter(None, [in_words(header.class_names)]),
    ]


def _shared(compiled: Compiled) -> str:
    count = sum(op.is_beside for op in compiled.program.ops)
    return f", {count} of them shared by two cores" if count else ""


def _warn(channels: int) -> None:
    """Of what will not work with the file."""
    from squeezenet_lib.images import is_picture

    if not is_picture(channels):
        print(
            f"warning: a picture has 1 (grey) or 3 (colour) channels, and the model takes {channels}: `run` "
            "classifies arrays with it, `predict`, `device classify`, the page and a camera cannot",
            file=sys.stderr,
        )


def _real(tensor: Tensor, value: int) -> float:
    """What an int8 value stands for."""
    return tensor.scale * (value - tensor.zero_point)


def _meaning(graph: Graph) -> str:
    if graph.probabilities:
        return "probabilities"
    scale, zero_point = graph.output.scale, graph.output.zero_point
    sign = "-" if zero_point >= 0 else "+"
    return f"logits, no probabilities: {scale:g} x (score {sign} {abs(zero_point)})"


def _shortened(names: tuple[str, ...], most: int = 6) -> str:
    return ", ".join(names if len(names) <= most else (*names[: most - 1], "..."))
