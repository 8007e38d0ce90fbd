"""Pictures to train on, taken by the board's own camera: a folder of PNG files for a class.

A file holds the pixels that lib/frame sees on the chip (frame_pixels.py), so that images.py makes of it the
network input that the chip makes of the frame, bit for bit, for models of as many channels as the one that
the board had. Its text chunk `squeezenet-esp32` says in JSON how the frame came.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from squeezenet_lib.device.frames import CameraPicture, CameraSettings
from squeezenet_lib.device.hello import Hello
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.errors import UserError
from squeezenet_lib.images import Pixels
from squeezenet_lib.outputs import replace_when_done

NOTE = "squeezenet-esp32"  # the text chunk
FASTER = 921_600  # bits in a second, tried where the line is slower
_OWN = re.compile(r"(\d{4,})\.png")
_LOOK_EVERY = 0.1  # seconds: whether the button has been pressed
_NO_NAME = re.compile(r'[/\\:*?"<>|\x00-\x1f]|^\.|^$')


@dataclass(frozen=True)
class Wish:
    """What is to be collected. count: pictures that the class's folder shall have, those of earlier times
    included. every: seconds from one to the next; None: as fast as they come. button: a press takes one.
    """

    folder: Path
    class_name: str
    count: int
    every: float | None = None
    button: bool = False


def collect(
    link: BoardLink,
    hello: Hello,
    wish: Wish,
    show: Callable[[Path, Pixels, int], None] = lambda path, pixels, held: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Take pictures until the class has as many as wished; how many that were.

    show: is told of each: its file, its pixels, how many there are. Raises UserError for a name that is no
    folder's, for times shorter than a picture takes over the line, and when the board fails; whatever was
    finished stays.
    """
    folder = class_folder(wish)
    numbers = _numbers(folder)
    channels = hello.model.channels if hello.model is not None else 3
    settings = link.camera()
    taken, next_number, due = 0, max(numbers, default=0) + 1, clock()
    while len(numbers) + taken < wish.count:
        try:
            picture, seconds = _next_picture(link, wish, clock, sleep)
        except UserError as error:
            raise UserError(
                f"{error} ({len(numbers) + taken} of {wish.count} pictures are in {folder}; the same command "
                "goes on from there)"
            ) from error
        pixels = picture.pixels(channels)
        path = folder / f"{next_number:04}.png"
        save(path, pixels, about(picture, hello, settings))
        taken, next_number = taken + 1, next_number + 1
        show(path, pixels, len(numbers) + taken)
        if wish.every is not None:
            if taken == 1:
                _require_time(wish.every, seconds, link.baud)
            due = max(due + wish.every, clock())
            if len(numbers) + taken < wish.count:
                sleep(max(0.0, due - clock()))
    return taken


def class_folder(wish: Wish) -> Path:
    """Where the pictures go. Raises UserError for a name that no folder can have everywhere."""
    if _NO_NAME.search(wish.class_name):
        raise UserError(
            f"--class {wish.class_name!r} cannot be a folder's name: leave out / \\ : * ? \" < > | and a dot "
            "in front"
        )
    return wish.folder / wish.class_name


def save(path: Path, pixels: Pixels, note: str) -> None:
    """Write uint8 (h, w, 1 or 3) as a PNG that appears whole or not at all."""
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text(NOTE, note)
    with replace_when_done(path) as temporary:
        picture = Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels))
        picture.save(temporary, "png", pnginfo=chunks)


def about(picture: CameraPicture, hello: Hello, settings: CameraSettings) -> str:
    """How the frame came, as JSON: format, size, camera and what it did, firmware."""
    told = {
        "format": picture.kind.name.lower(),
        "width": picture.width,
        "height": picture.height,
        "camera": hello.fields.get("camera", "unknown"),
        "settings": settings.params,
        "board": hello.board,
        "firmware": hello.fields.get("version", "unknown"),
    }
    return json.dumps(told, ensure_ascii=True)


def _next_picture(
    link: BoardLink, wish: Wish, clock: Callable[[], float], sleep: Callable[[float], None]
) -> tuple[CameraPicture, float]:
    """The next picture, and the seconds that it took over the line."""
    while True:
        begin = clock()
        picture = link.picture(wish.button)
        if picture is not None:
            return picture, max(0.0, clock() - begin - 1e-6 * picture.capture_us)
        sleep(_LOOK_EVERY)


def _numbers(folder: Path) -> list[int]:
    """Of the pictures that were collected before."""
    found = (_OWN.fullmatch(path.name) for path in folder.glob("*.png"))
    return sorted(int(match[1]) for match in found if match)


def _require_time(every: float, seconds: float, baud: int) -> None:
    if every < seconds:
        least = -(-seconds // 0.1) / 10
        raise UserError(
            f"a picture takes {seconds:.1f} s to come over the line at {baud} bits in a second, and --every "
            f"is {every:g} s: name {least:.1f} or more, or leave --every out (the picture is kept)"
        )
