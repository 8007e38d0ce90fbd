"""Pictures as a board's camera gives them, piece by piece: FRAME's answers, and what they make together."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import get_args

from squeezenet_lib.device.protocol import unreadable
from squeezenet_lib.frame_pixels import FLIP, MIRROR, TURN, FrameFormat, frame_pixels, upright
from squeezenet_lib.images import Pixels
from squeezenet_lib.params.board import WhiteBalance

CHUNK = 4096  # bytes of a frame in one answer
AT_ONCE, AFTER_PRESS = range(2)

AUTO = 0xFFFF  # of exposure
WHITE_BALANCES: tuple[str, ...] = get_args(WhiteBalance)

_SETTINGS = struct.Struct("<BBHB")
_ASKED = struct.Struct("<IIHB")
_HEAD = struct.Struct("<IIIIIHHBB")


@dataclass(frozen=True)
class CameraSettings:
    """What a camera does: frame.h's orientation, frames that are dropped before the first picture, lines of
    the sensor's or AUTO, place in WHITE_BALANCES.
    """

    orientation: int
    warmup_frames: int
    exposure: int
    white_balance: int

    @property
    def payload(self) -> bytes:
        """Of CAMERA."""
        return _SETTINGS.pack(self.orientation, self.warmup_frames, self.exposure, self.white_balance)

    @property
    def params(self) -> dict[str, bool | int | str]:
        """As params.yaml has them in pio.camera: a flip and a mirror together are half a turn."""
        sides = self.orientation & (FLIP | MIRROR)
        half = sides == FLIP | MIRROR
        return {
            "flip": sides == FLIP,
            "mirror": sides == MIRROR,
            "rotate": (90 if self.orientation & TURN else 0) + (180 if half else 0),
            "warmup_frames": self.warmup_frames,
            "exposure": "auto" if self.exposure == AUTO else self.exposure,
            "white_balance": WHITE_BALANCES[self.white_balance],
        }


def camera_settings(payload: bytes) -> CameraSettings:
    """Read CAMERA's answer."""
    if len(payload) == _SETTINGS.size:
        found = CameraSettings(*_SETTINGS.unpack(payload))
        if found.white_balance < len(WHITE_BALANCES):
            return found
    raise unreadable("what the camera does")


def orientation(flip: bool, mirror: bool, degrees: int) -> int:
    """Mirrored and flipped, then turned clockwise by 0, 90, 180 or 270 degrees: half a turn is both again."""
    sides = (MIRROR if mirror else 0) | (FLIP if flip else 0)
    return (sides ^ (MIRROR | FLIP) if degrees >= 180 else sides) | (TURN if degrees % 180 else 0)


@dataclass(frozen=True)
class Piece:
    """One answer. total: bytes of the whole frame, 0 while a press of the button is waited for.

    crc32: of them all.
    """

    picture: int
    offset: int
    total: int
    crc32: int
    capture_us: int
    width: int
    height: int
    kind: int
    orientation: int
    data: bytes

    def belongs_to(self, other: Piece) -> bool:
        """Whether both are of one picture, as far as their heads tell."""
        return (self.picture, self.total, self.crc32) == (other.picture, other.total, other.crc32)


@dataclass(frozen=True)
class CameraPicture:
    """A whole frame, proven by its CRC-32: rows one behind the other. capture_us: that the camera took."""

    data: bytes
    width: int
    height: int
    kind: FrameFormat
    orientation: int
    capture_us: int

    def pixels(self, channels: int) -> Pixels:
        """uint8 (h, w, 1 or 3), upright: what lib/frame makes a network input of 1 or 3 channels from."""
        stride = self.width * self.kind.pixel_bytes
        pixels = frame_pixels(self.data, self.width, self.height, stride, self.kind, channels)
        return upright(pixels, self.orientation)


def request(picture: int, offset: int, trigger: int) -> bytes:
    """FRAME's payload."""
    return _ASKED.pack(picture, offset, CHUNK, trigger)


def piece(payload: bytes) -> Piece:
    """Read FRAME's answer. Raises UserError when its parts contradict each other."""
    if len(payload) >= _HEAD.size:
        picture, offset, total, crc32, capture_us, width, height, kind, orientation = _HEAD.unpack_from(
            payload
        )
        data = payload[_HEAD.size :]
        found = Piece(picture, offset, total, crc32, capture_us, width, height, kind, orientation, data)
        if found.offset + len(found.data) <= found.total and bool(found.data) == bool(found.total):
            return found
    raise unreadable("a piece of a picture")


def whole(data: bytes, head: Piece) -> CameraPicture | None:
    """The picture of all pieces; None when they are not those that the board's CRC-32 is of.

    Raises UserError for a format that this version does not know, and for a size that is not the format's.
    """
    if zlib.crc32(data) != head.crc32:
        return None
    kinds = {int(kind): kind for kind in FrameFormat}
    kind = kinds.get(head.kind)
    if kind is None or head.total != head.width * head.height * kind.pixel_bytes or head.total == 0:
        raise unreadable(f"a picture of format {head.kind}, {head.width} x {head.height}, {head.total} bytes")
    return CameraPicture(data, head.width, head.height, kind, head.orientation, head.capture_us)
