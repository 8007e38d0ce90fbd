"""The commands of `device` that are about the board's own camera."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_type_hints

from tqdm import tqdm

from squeezenet_lib.device.collection import FASTER, Wish, class_folder
from squeezenet_lib.device.collection import collect as collect_pictures
from squeezenet_lib.device.frames import AUTO, WHITE_BALANCES, CameraSettings, orientation
from squeezenet_lib.device.hello import Hello, Model, usable_model
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.device.protocol import Photograph
from squeezenet_lib.images import Pixels, require_picture, to_network_input
from squeezenet_lib.params.board import CameraParams
from squeezenet_lib.params.rules import checked
from squeezenet_lib.ranking import in_json, in_words, rank

_PREVIEW = 48  # characters


def take(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """The board's camera takes a picture: its classes and what it took."""
    print(_line(_model_for_pictures(hello), link.take(), options.json))
    return 0


def watch(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """One picture of the board's camera after the other, a line each, until Ctrl-C."""
    model = _model_for_pictures(hello)
    try:
        while True:
            photograph = link.take()
            print(_event(model, photograph) if options.json else _line(model, photograph, False), flush=True)
    except KeyboardInterrupt:  # the way to end it, no failure
        return 0


def repeat(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """Let the board take picture after picture on its own, for its display, or end that."""
    on = options.switch == "on"
    if on and hello.model is not None:
        require_picture(hello.model.channels)
    link.repeat(on)
    return 0


def collect(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """Pictures to train on from the board's camera, a folder for each class."""
    wish = Wish(options.folder, options.class_name, options.count, options.every, options.button)
    folder = class_folder(wish)
    if not options.fast_baud and link.baud < FASTER and not link.set_baud(FASTER):
        print(f"{FASTER} bits in a second do not get through: it stays at {link.baud}", file=sys.stderr)
    if options.button:
        print("the board's button takes a picture; Ctrl-C ends", file=sys.stderr)
    with tqdm(total=wish.count, unit="picture", disable=None) as bar:

        def show(path: Path, pixels: Pixels, held: int) -> None:
            shown = f"{preview(pixels)}\n{path}" if sys.stdout.isatty() else str(path)
            bar.write(shown)  # above the bar, not behind it
            sys.stdout.flush()
            bar.update(held - bar.n)

        taken = collect_pictures(link, hello, wish, show)
    print(f"{taken} pictures of {wish.class_name} taken into {folder}")
    return 0


def camera(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """How the board's camera is set, or shall be until the next reset; the lines that keep it so."""
    before = link.camera()
    told = {**before.params, **_asked(options)}
    exposure = told["exposure"]
    wanted = CameraSettings(
        orientation(told["flip"], told["mirror"], told["rotate"]),
        told["warmup_frames"],
        AUTO if exposure == "auto" else exposure,
        WHITE_BALANCES.index(told["white_balance"]),
    )
    settings = link.camera(wanted) if wanted != before else before
    print("pio:\n  camera:")
    for key, value in settings.params.items():
        print(f"    {key}: {str(value).lower()}")
    return 0


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    """The options that were given, as pio.camera of params.yaml has them. Raises UserError for what may not
    stand there.
    """
    hints = get_type_hints(CameraParams, include_extras=True)
    given = {key: getattr(options, key) for key in hints if getattr(options, key) is not None}
    for key in given.keys() & {"flip", "mirror"}:
        given[key] = given[key] == "on"
    return {key: checked(value, hints[key], f"--{key.replace('_', '-')}") for key, value in given.items()}


def preview(pixels: Pixels) -> str:
    """uint8 (h, w, 1 or 3) in characters of two halves, 48 wide, for a terminal that knows colours."""
    height, width, channels = pixels.shape
    rows = 2 * max(1, round(_PREVIEW * height / width / 2))
    small = to_network_input(pixels, (rows, _PREVIEW, channels), False).repeat(4 - channels, axis=2)[..., :3]
    lines = []
    for upper, lower in zip(small[::2].tolist(), small[1::2].tolist(), strict=True):
        halves = (
            f"\x1b[38;2;{above[0]};{above[1]};{above[2]};48;2;{below[0]};{below[1]};{below[2]}m\u2580"
            for above, below in zip(upper, lower, strict=True)
        )
        lines.append("".join(halves) + "\x1b[0m")
    return "\n".join(lines)


def _model_for_pictures(hello: Hello) -> Model:
    """Raises UserError when the board has no model, or one whose input no camera can give."""
    model = usable_model(hello)
    require_picture(model.channels)
    return model


def _event(model: Model, photograph: Photograph) -> str:
    """A result as JSON, for programs: when it came, the likeliest class and its value, what was decided
    (null: unknown), and the milliseconds from the camera's start to the scores.
    """
    result = photograph.result
    answer = result.class_index if model.decision else None
    ranking = rank(model.class_names, result.scores, model.probabilities, answer)
    name, value = ranking.places[0]
    microseconds = photograph.capture_us + photograph.prepare_us + result.microseconds
    event = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "class": name,
        "score": value,
        "decision": ranking.answer,
        "milliseconds": microseconds / 1000,
    }
    return json.dumps(event, ensure_ascii=False)


def _line(model: Model, photograph: Photograph, as_json: bool) -> str:
    """What a picture shows, and the times of camera, preparation and inference."""
    result = photograph.result
    answer = result.class_index if model.decision else None
    ranking = rank(model.class_names, result.scores, model.probabilities, answer)
    times = {
        "capture_us": photograph.capture_us,
        "prepare_us": photograph.prepare_us,
        "microseconds": result.microseconds,
    }
    if as_json:
        document = {**in_json(ranking), **times, "cycles": result.cycles}
        return json.dumps(document, ensure_ascii=False)
    capture, prepare, inference = (f"{microseconds / 1000:.1f} ms" for microseconds in times.values())
    return f"{in_words(ranking)} (camera {capture}, preparation {prepare}, inference {inference})"
