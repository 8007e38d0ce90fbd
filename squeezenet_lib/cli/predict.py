"""`predict PICTURE... [--model models/model.sqz]`: a line for each picture, its path, then the classes with
their probabilities, likeliest first; or with their scores, where the model ends in logits. Where the model's
file says how it decides, the answer comes before them: a class, or unknown.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from squeezenet_lib.errors import UserError
from squeezenet_lib.paths import SQZ_MODEL

if TYPE_CHECKING:
    from squeezenet_lib.ranking import Ranking
    from squeezenet_lib.sqz.host_runtime import HostRuntime


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE")
    parser.add_argument("--model", type=Path, default=SQZ_MODEL, help="a .sqz file (%(default)s)")


def run(options: argparse.Namespace) -> int:
    """Exit status 0 when every picture was classified, else 1."""
    from squeezenet_lib.images import require_picture
    from squeezenet_lib.ranking import in_words
    from squeezenet_lib.sqz.host_runtime import HostRuntime

    if not options.model.is_file():
        raise UserError(
            f"{options.model} does not exist: run `dvc repro huffman` in the project's folder, or name a "
            ".sqz with --model"
        )
    runtime = HostRuntime(options.model.read_bytes())
    require_picture(runtime.header.channels)
    failures = 0
    for picture in options.pictures:
        try:
            print(f"{picture}: {in_words(predict(runtime, picture))}")
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            failures += 1
    return 1 if failures else 0


def predict(runtime: HostRuntime, picture: Path) -> Ranking:
    """What the model says of one picture.

    Raises UserError when the picture is missing or cannot be decoded.
    """
    from squeezenet_lib.images import load_picture
    from squeezenet_lib.ranking import rank

    header = runtime.header
    image = load_picture(picture, header.shape, header.standardise)
    scores = runtime.run(image[None])
    answer = int(runtime.decide(scores)[0]) if header.decision else None
    return rank(header.class_names, scores[0], header.probabilities, answer)
