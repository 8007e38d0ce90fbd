"""Classify pictures on this machine, with the model and the runtime of the chip.

    python -m squeezenet_lib.predict PICTURE... [--model models/model.sqz]

Prints one line for each picture: its path, then the classes with their probabilities, likeliest first.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from squeezenet_lib.errors import UserError
from squeezenet_lib.host_runtime import HostRuntime
from squeezenet_lib.images import load_picture
from squeezenet_lib.ranking import in_words, rank

MODEL = Path("models/model.sqz")


def predict(runtime: HostRuntime, picture: Path) -> list[tuple[str, float]]:
    """(class name, probability) of one picture, likeliest first.

    Raises UserError when the picture is missing or cannot be decoded.
    """
    header = runtime.header
    image = load_picture(picture, header.height, header.channels, header.standardise)
    (scores,) = runtime.run(image[np.newaxis])
    return rank(header.class_names, scores)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 when every picture was classified, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m squeezenet_lib.predict", description=__doc__.split("\n")[0]
    )
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE")
    parser.add_argument("--model", type=Path, default=MODEL, help=f"a .sqz file (default: {MODEL})")
    options = parser.parse_args(arguments)
    failures = 0
    try:
        if not options.model.is_file():
            raise UserError(
                f"{options.model} does not exist: run `dvc repro huffman`, or name a .sqz with --model"
            )
        runtime = HostRuntime(options.model.read_bytes())
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for picture in options.pictures:
        try:
            ranked = predict(runtime, picture)
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            failures += 1
            continue
        print(f"{picture}: {in_words(ranked)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
