"""Cameras that are not upright, and files of what they saw: images.py makes of them what the chip does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from squeezenet_lib.device.collection import save
from squeezenet_lib.device.frames import (
    AUTO,
    WHITE_BALANCES,
    CameraPicture,
    CameraSettings,
    camera_settings,
    orientation,
    piece,
    request,
)
from squeezenet_lib.device.hello import read_hello
from squeezenet_lib.device.protocol import (
    ANSWER,
    CAMERA,
    ERROR,
    FRAME,
    HELLO,
    TAKE,
    Reason,
    frame,
    link_error,
    photograph,
)
from squeezenet_lib.frame_pixels import FrameFormat, upright
from squeezenet_lib.images import load_picture
from squeezenet_lib.sqz.host_runtime import HostRuntime
from tests.support.builder_modules import builder_module
from tests.support.camera_desk import Desk, camera_desk
from tests.support.host_frame import Frame, by_images, on_chip, packed
from tests.support.one_layer_model import one_layer_model

FRAMES = [250, pytest.param(1000, marks=pytest.mark.full)]  # of each format
MODEL = one_layer_model((24, 40, 1), False)


def random_frame(random: np.random.Generator, kind: FrameFormat, turned: int) -> Frame:
    width, height = int(random.integers(1, 30)) * 2, int(random.integers(1, 60))
    rows = random.integers(0, 256, (height, width, kind.pixel_bytes), np.uint8)
    return packed(rows, kind, int(random.integers(0, 5)), turned)


@pytest.mark.parametrize("frames", FRAMES)
@pytest.mark.parametrize("kind", FrameFormat)
def test_a_file_of_what_the_camera_saw_is_the_chip_s_network_input(
    kind: FrameFormat, frames: int, tmp_path: Path
) -> None:
    """Every orientation; inputs that are smaller and larger than the frame, of one channel and of three."""
    random = np.random.default_rng(kind)
    path = tmp_path / "picture.png"
    for index in range(frames):
        seen = random_frame(random, kind, index % 8)
        shape = (*random.integers(1, 50, 2).tolist(), 1 if random.integers(2) else 3)
        row = seen.width * kind.pixel_bytes
        data = b"".join(seen.data[y * seen.stride :][:row] for y in range(seen.height))
        picture = CameraPicture(data, seen.width, seen.height, kind, seen.orientation, 0)
        save(path, picture.pixels(shape[2]), "")
        standardise = bool(random.integers(2))
        expected = on_chip(seen, shape, standardise)
        assert np.array_equal(load_picture(path, shape, standardise), expected), (index, shape)
        assert np.array_equal(by_images(seen, shape, standardise), expected)


@pytest.mark.parametrize(
    ("flip", "mirror", "degrees", "seen"),
    [
        (False, False, 0, ["ab", "cd", "ef"]),
        (True, False, 0, ["ef", "cd", "ab"]),
        (False, True, 0, ["ba", "dc", "fe"]),
        (False, False, 90, ["eca", "fdb"]),
        (False, False, 180, ["fe", "dc", "ba"]),
        (False, False, 270, ["bdf", "ace"]),
        (False, True, 90, ["fdb", "eca"]),
        (True, False, 270, ["fdb", "eca"]),
        (True, True, 180, ["ab", "cd", "ef"]),
    ],
)
def test_first_mirrored_and_flipped_then_turned_clockwise(
    flip: bool, mirror: bool, degrees: int, seen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.frombuffer(b"abcdef", np.uint8).reshape(3, 2, 1)
    turned = orientation(flip, mirror, degrees)
    assert [bytes(row[:, 0]).decode() for row in upright(pixels, turned)] == seen
    builder = builder_module("camera", monkeypatch)
    assert builder.orientation(flip, mirror, degrees) == turned
    told = CameraSettings(turned, 5, AUTO, 0).params
    assert orientation(bool(told["flip"]), bool(told["mirror"]), int(told["rotate"])) == turned


# --- over the line ---


@pytest.fixture
def desk() -> Iterator[Desk]:
    with camera_desk(MODEL.sqz, MODEL.golden) as desk:
        yield desk


def told(desk: Desk, payload: bytes = b"") -> CameraSettings:
    (answer,) = desk.say(frame(CAMERA, payload)).frames
    assert answer.kind == CAMERA + ANSWER
    return camera_settings(answer.payload)


def test_the_camera_does_what_the_image_says_until_it_is_told_otherwise(desk: Desk) -> None:
    assert told(desk) == CameraSettings(0, 5, AUTO, 0)
    (said,) = desk.say(frame(HELLO)).frames
    words = "flip=no mirror=no rotate=0 warmup_frames=5 exposure=auto white_balance=auto"
    assert read_hello(said.payload).fields["camera_settings"] == words
    wanted = CameraSettings(orientation(True, False, 270), 9, 300, WHITE_BALANCES.index("office"))
    assert told(desk, wanted.payload) == wanted == told(desk)
    (said,) = desk.say(frame(HELLO)).frames
    words = "flip=no mirror=yes rotate=90 warmup_frames=9 exposure=300 white_balance=office"
    assert read_hello(said.payload).fields["camera_settings"] == words


@pytest.mark.parametrize(
    "payload",
    [bytes([8, 5, 0, 0, 0]), bytes([0, 51, 0, 0, 0]), bytes([0, 5, 0xB1, 4, 0]), bytes([0, 5, 0, 0, 5])],
)
def test_what_no_camera_does_is_refused(desk: Desk, payload: bytes) -> None:
    (answer,) = desk.say(frame(CAMERA, payload)).frames
    assert answer.kind == ERROR
    assert link_error(answer.payload).reason == Reason.VALUE
    assert told(desk) == CameraSettings(0, 5, AUTO, 0)


def test_settings_of_another_length_are_refused(desk: Desk) -> None:
    (answer,) = desk.say(frame(CAMERA, bytes(4))).frames
    assert link_error(answer.payload).reason == Reason.LENGTH


@pytest.mark.parametrize("turned", range(8))
def test_pictures_are_classified_and_given_as_they_are_upright(desk: Desk, turned: int) -> None:
    rows = np.random.default_rng(4).integers(0, 256, (61, 82, 1), np.uint8)
    desk.see(packed(rows, FrameFormat.GREY))
    told(desk, CameraSettings(turned, 5, AUTO, 0).payload)
    (answer,) = desk.say(frame(TAKE)).frames
    image = by_images(packed(rows, FrameFormat.GREY, 0, turned), (24, 40, 1), False)
    (expected,) = HostRuntime(MODEL.sqz).run(image[np.newaxis]).tolist()
    assert photograph(answer.payload).result.scores == tuple(expected)
    (answer,) = desk.say(frame(FRAME, request(1, 0, 0))).frames
    assert piece(answer.payload).orientation == turned


# --- in the image ---


def option(**changes: str) -> Any:
    settings = {"flip": "no", "mirror": "no", "rotate": "0", "warmup_frames": "5"}
    settings |= {"exposure": "auto", "white_balance": "auto"} | changes
    text = " ".join(f"{key}={value}" for key, value in settings.items())
    return lambda name: text


def test_platformio_s_configuration_becomes_the_image_s_words(monkeypatch: pytest.MonkeyPatch) -> None:
    builder = builder_module("camera", monkeypatch)
    assert builder.read(option()) == builder.Camera(0, 5, AUTO, 0)
    wanted = {
        "flip": "yes",
        "rotate": "90",
        "exposure": "1200",
        "white_balance": "home",
        "warmup_frames": "0",
    }
    assert builder.read(option(**wanted)) == builder.Camera(6, 0, 1200, 4)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("flip", "on"),
        ("rotate", "45"),
        ("warmup_frames", "51"),
        ("exposure", "-1"),
        ("white_balance", "snow"),
    ],
)
def test_settings_that_no_camera_has_are_refused(
    key: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    builder = builder_module("camera", monkeypatch)
    with pytest.raises(builder.BuildError, match=rf"has {key}={value}; it has to be one of"):
        builder.read(option(**{key: value}))


def test_missing_and_unknown_settings_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    builder = builder_module("camera", monkeypatch)
    with pytest.raises(builder.BuildError, match=r"has flip=None"):
        builder.read(lambda name: "")
    with pytest.raises(builder.BuildError, match=r"has the settings flip, mirror, "):
        builder.read(option(zoom="2"))
