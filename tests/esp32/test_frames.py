"""Pictures of the camera as they are: LINK_FRAME of the application here, and of the emulated board."""

import struct
import zlib
from collections.abc import Iterator

import numpy as np
import pytest

from squeezenet_lib.device.frames import AFTER_PRESS, AT_ONCE, CHUNK, Piece, piece, request
from squeezenet_lib.device.protocol import (
    ANSWER,
    ERROR,
    FRAME,
    REPEAT,
    TAKE,
    Frame,
    Reason,
    frame,
    link_error,
)
from squeezenet_lib.frame_pixels import FrameFormat
from tests.support.camera_desk import Desk, camera_desk
from tests.support.host_frame import Frame as CameraFrame
from tests.support.host_frame import packed
from tests.support.one_layer_model import one_layer_model

MODEL = one_layer_model((32, 32, 1), False)


def random_frame(kind: FrameFormat, width: int, height: int, seed: int = 1, padding: int = 0) -> CameraFrame:
    shape = (height, width, kind.pixel_bytes)
    return packed(np.random.default_rng((seed, kind, width)).integers(0, 256, shape, np.uint8), kind, padding)


def rows_of(seen: CameraFrame) -> bytes:
    row = seen.width * seen.kind.pixel_bytes
    return b"".join(seen.data[y * seen.stride :][:row] for y in range(seen.height))


@pytest.fixture
def desk() -> Iterator[Desk]:
    with camera_desk(MODEL.sqz, MODEL.golden) as desk:
        yield desk


def asked(desk: Desk, picture: int, offset: int = 0, trigger: int = AT_ONCE) -> Frame:
    (answer,) = desk.say(frame(FRAME, request(picture, offset, trigger))).frames
    return answer


def got(answer: Frame) -> Piece:
    assert answer.kind == FRAME + ANSWER
    return piece(answer.payload)


def refusal(answer: Frame) -> tuple[Reason, str]:
    assert answer.kind == ERROR
    error = link_error(answer.payload)
    return Reason(error.reason), error.text


@pytest.mark.parametrize("padding", [0, 7])
@pytest.mark.parametrize("kind", FrameFormat)
def test_the_rows_come_piece_by_piece_without_what_lies_between_them(
    desk: Desk, kind: FrameFormat, padding: int
) -> None:
    seen = random_frame(kind, 82, 61, padding=padding)
    desk.see(seen)
    data, rows = b"", rows_of(seen)
    while len(data) < len(rows):
        part = got(asked(desk, 7, len(data)))
        assert (part.picture, part.offset, part.total) == (7, len(data), len(rows))
        assert (part.crc32, part.width, part.height, part.kind) == (zlib.crc32(rows), 82, 61, kind)
        assert len(part.data) == min(CHUNK, len(rows) - len(data))
        assert part.capture_us >= 50_000
        data += part.data
    assert data == rows
    assert desk.pictures() == (1, 0)


def test_any_piece_may_be_asked_for_again(desk: Desk) -> None:
    seen = random_frame(FrameFormat.YUV422, 80, 60)
    desk.see(seen)
    got(asked(desk, 9))
    desk.see(random_frame(FrameFormat.YUV422, 80, 60, seed=2))
    for offset in (0, 4096, 0, 9599, 5):
        assert got(asked(desk, 9, offset)).data == rows_of(seen)[offset : offset + CHUNK]
    assert desk.pictures() == (1, 0)


@pytest.mark.parametrize("by", ["take", "repeat", "button", "another"])
def test_the_next_picture_ends_that_one_is_held(desk: Desk, by: str) -> None:
    desk.see(random_frame(FrameFormat.GREY, 80, 60))
    got(asked(desk, 9))
    if by == "take":
        desk.say(frame(TAKE))
    elif by == "repeat":
        desk.say(frame(REPEAT, b"\1"), silent_ms=500)
        desk.say(frame(REPEAT, b"\0"))
    elif by == "button":
        desk.press()
    else:
        got(asked(desk, 10))
    why = (Reason.ORDER, "a piece is missing before this one: the picture is not held any more")
    assert refusal(asked(desk, 9, 1000)) == why
    assert got(asked(desk, 9)).total == 4800, "from the beginning it is another picture"


def test_what_cannot_be_is_refused(desk: Desk) -> None:
    desk.see(random_frame(FrameFormat.GREY, 80, 60))
    for number, offset, count, trigger in ((0, 0, 9, 0), (1, 0, 0, 0), (1, 0, 4097, 0), (1, 0, 9, 2)):
        payload = struct.pack("<IIHB", number, offset, count, trigger)
        (answer,) = desk.say(frame(FRAME, payload)).frames
        assert refusal(answer)[0] == Reason.VALUE
    (answer,) = desk.say(frame(FRAME, bytes(10))).frames
    assert refusal(answer)[0] == Reason.LENGTH
    assert desk.pictures() == (0, 0)
    got(asked(desk, 1))
    assert refusal(asked(desk, 1, 4800))[0] == Reason.VALUE


def test_a_camera_that_fails_and_a_frame_that_is_none_are_named(desk: Desk) -> None:
    desk.fail("out of film")
    assert refusal(asked(desk, 1)) == (Reason.NO_CAMERA, "the camera gives no picture: out of film")
    desk.see(CameraFrame(bytes(100), 20, 20, 20, FrameFormat.GREY))
    assert refusal(asked(desk, 1)) == (Reason.NO_CAMERA, "the camera gives no picture: frame cut short")
    desk.see(random_frame(FrameFormat.GREY, 80, 60))
    assert got(asked(desk, 1)).total == 4800


def test_a_press_that_the_host_waits_for_is_the_host_s(desk: Desk) -> None:
    desk.see(random_frame(FrameFormat.GREY, 80, 60))
    assert got(asked(desk, 1, trigger=AFTER_PRESS)).total == 0
    assert desk.press() == ""
    assert desk.pictures() == (0, 0)
    assert got(asked(desk, 1, trigger=AFTER_PRESS)).total == 4800
    assert got(asked(desk, 1, 100, trigger=AFTER_PRESS)).offset == 100
    assert got(asked(desk, 2, trigger=AFTER_PRESS)).total == 0, "one press, one picture"
    assert desk.pictures() == (1, 0)


def test_a_press_that_nobody_waits_for_any_more_is_the_board_s_own(desk: Desk) -> None:
    desk.see(random_frame(FrameFormat.GREY, 80, 60))
    got(asked(desk, 1, trigger=AFTER_PRESS))
    desk.say(silent_ms=2500)
    assert desk.press().startswith("button camera class=")
    assert got(asked(desk, 1, trigger=AFTER_PRESS)).total == 0
