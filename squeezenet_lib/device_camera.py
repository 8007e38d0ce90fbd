"""The commands of `device` that are about the board's own camera."""

from __future__ import annotations

import argparse
import json

from squeezenet_lib.board_link import BoardLink
from squeezenet_lib.board_report import Hello, Model, usable_model
from squeezenet_lib.ranking import in_words, rank
from squeezenet_lib.serial_protocol import Photograph


def take(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """The board's camera takes a picture: its classes and what it took."""
    print(_line(usable_model(hello), link.take(), options.json))
    return 0


def watch(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """One picture of the board's camera after the other, a line each, until Ctrl-C."""
    model = usable_model(hello)
    try:
        while True:
            print(_line(model, link.take(), options.json), flush=True)
    except KeyboardInterrupt:  # the way to end it, no failure
        return 0


def repeat(link: BoardLink, hello: Hello, options: argparse.Namespace) -> int:
    """Let the board take picture after picture on its own, for its display, or end that."""
    link.repeat(options.switch == "on")
    return 0


def _line(model: Model, photograph: Photograph, as_json: bool) -> str:
    """What a picture shows, and the times of camera, preparation and inference."""
    result = photograph.result
    ranked = rank(model.class_names, result.scores)
    times = {
        "capture_us": photograph.capture_us,
        "prepare_us": photograph.prepare_us,
        "microseconds": result.microseconds,
    }
    if as_json:
        document = {"probabilities": dict(ranked), **times, "cycles": result.cycles}
        return json.dumps(document, ensure_ascii=False)
    capture, prepare, inference = (f"{microseconds / 1000:.1f} ms" for microseconds in times.values())
    return f"{in_words(ranked)} (camera {capture}, preparation {prepare}, inference {inference})"
