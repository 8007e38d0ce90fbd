"""Pictures as a board's camera gives them, piece by piece: FRAME's answers, and what they make together."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from squeezenet_lib.device.protocol import unreadable
from squeezenet_lib.frame_pixels import FrameFormat, frame_pixels
from squeezenet_lib.images import Pixels

CHUNK = 4096  # bytes of a frame in one answer
AT_ONCE, AFTER_PRESS = range(2)

_ASKED = struct.Struct("<IIHB")
_HEAD = struct.Struct("<IIIIIHHBB")


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
        """uint8 (h, w, 1 or 3): what lib/frame makes a network input of 1 or 3 channels from."""
        return frame_pixels(
            self.data, self.width, self.height, self.width * self.kind.pixel_bytes, self.kind, channels
        )


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
