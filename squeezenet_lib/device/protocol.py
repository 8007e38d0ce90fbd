"""The serial link's frames and answers, seen from the host. No input or output happens here.

esp32_pio/lib/link/src/link.h describes what goes over the line; this module is its twin. hello.py reads
what a board says about itself, exchange.py holds the conversation.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

from squeezenet_lib.errors import UserError
from squeezenet_lib.ranking import UNKNOWN

VERSION = 1
HELLO, CLASSIFY, GOLDEN, BENCH, LOAD, BAUD, TAKE, REPEAT, FRAME, CAMERA = range(1, 11)
ANSWER = 0x80  # added to the request's kind
ERROR = 0xFF
CHUNK = 1024  # bytes of a .sqz in one LOAD
BENCH_LIMIT = 1000  # inferences

_HEADER = struct.Struct("<BBHI")
_CRC = struct.Struct("<I")
_RESULT = struct.Struct("<HHIII")
_GOLDEN = struct.Struct("<BxH")
_BENCH = struct.Struct("<HHIIQ")
_HELD = struct.Struct("<I")
_TIMES = struct.Struct("<II")
_ERROR = struct.Struct("<Bb")
_BLOCK = 254  # COBS: bytes after the largest code, which stands for no 0x00
_UNKNOWN = 0xFFFF  # as a result's class
_LONGEST_PIECE = 1 << 18  # bytes without a 0x00 between them that are held: no frame is as long


class Reason(IntEnum):
    """Why a request was not done."""

    DAMAGED = 1
    TIMEOUT = 2
    FOREIGN = 3
    TYPE = 4
    LENGTH = 5
    VALUE = 6
    NO_MODEL = 7
    REFUSED = 8
    MEMORY = 9
    ORDER = 10
    FAILED = 11
    SAFE = 12
    NO_CAMERA = 13


@dataclass(frozen=True)
class Frame:
    """A frame whose CRC-32 was right; its version may be another than VERSION."""

    kind: int
    sequence: int
    payload: bytes = b""
    version: int = VERSION


@dataclass(frozen=True)
class Head:
    """What a frame's first bytes say, before anything proves them. length: of the payload, bytes."""

    version: int
    kind: int
    sequence: int
    length: int


@dataclass(frozen=True)
class Result:
    """One classified picture: int8 scores, which hello tells the meaning of; cycles: CPU.

    class_index: the answer, a class or UNKNOWN.
    """

    class_index: int
    scores: tuple[int, ...]
    microseconds: int
    cycles: int
    model_crc32: int


@dataclass(frozen=True)
class Photograph:
    """What the board's camera saw: its class, and the microseconds before inference."""

    capture_us: int
    prepare_us: int
    result: Result


@dataclass(frozen=True)
class Golden:
    """The self-test: whether all pictures gave their scores, how many there are, why it failed."""

    passed: bool
    pictures: int
    why: str


@dataclass(frozen=True)
class Bench:
    """Cycles of `count` inferences: the least, the most and the sum of them."""

    count: int
    cycles_per_microsecond: int
    least: int
    most: int
    total: int


@dataclass(frozen=True)
class LinkError:
    """A request that was not done. reason: a Reason, or a number that this version does not know."""

    reason: int
    detail: int
    text: str

    @property
    def name(self) -> str:
        return Reason(self.reason).name if self.reason in tuple(Reason) else f"reason {self.reason}"


def cobs_encode(data: bytes) -> bytes:
    """`data` without 0x00, by Consistent Overhead Byte Stuffing (Cheshire and Baker, 1999)."""
    stuffed = bytearray()
    for run in data.split(b"\0"):
        for at in range(0, len(run) + 1, _BLOCK):
            block = run[at : at + _BLOCK]
            stuffed.append(len(block) + 1)
            stuffed += block
    if run and len(run) % _BLOCK == 0:  # at the end, a full block needs no empty one after it
        stuffed.pop()
    return bytes(stuffed)


def cobs_decode(stuffed: bytes) -> bytes:
    """What cobs_encode was given. Raises ValueError for a block that is cut short and for a 0x00."""
    data = bytearray()
    at = 0
    while at < len(stuffed):
        code = stuffed[at]
        block = stuffed[at + 1 : at + code]
        if code == 0 or len(block) < code - 1 or 0 in block:
            raise ValueError("the bytes are not COBS")
        data += block
        at += code
        if code <= _BLOCK and at < len(stuffed):
            data.append(0)
    return bytes(data)


def frame(kind: int, payload: bytes = b"", sequence: int = 1) -> bytes:
    """A frame as it goes over the line."""
    body = _HEADER.pack(VERSION, kind, sequence, len(payload)) + payload
    return b"\0" + cobs_encode(body + _CRC.pack(zlib.crc32(body))) + b"\0"


def _unframe(piece: bytes) -> Frame | None:
    """The frame that lay between two 0x00; None when it is none."""
    try:
        body = cobs_decode(piece)
    except ValueError:
        return None
    if len(body) < _HEADER.size + _CRC.size:
        return None
    proven, (crc,) = body[: -_CRC.size], _CRC.unpack(body[-_CRC.size :])
    version, kind, sequence, length = _HEADER.unpack_from(proven)
    payload = proven[_HEADER.size :]
    if zlib.crc32(proven) != crc or (version == VERSION and length != len(payload)):
        return None
    return Frame(kind, sequence, payload, version)


class Splitter:
    """Takes a stream of bytes apart, as they come: into frames and, between 0x00, text or noise."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Frame | str]:
        """What `data` completes, in order. Text is complete when a 0x00 follows."""
        *pieces, rest = data.split(b"\0")
        found: list[Frame | str] = []
        for piece in pieces:
            whole = bytes(self._held) + piece
            self._held.clear()
            if whole:
                found.append(_unframe(whole) or _text(whole))
        self._held += rest
        if len(self._held) > _LONGEST_PIECE:
            found.append(_text(bytes(self._held)))
            self._held.clear()
        return found

    @property
    def head(self) -> Head | None:
        """Of the frame that has begun, once that much of it has come. Text may look like one."""
        start, at = bytearray(), 0
        while at < len(self._held) and len(start) < _HEADER.size:
            code = self._held[at]
            block = self._held[at + 1 : at + code]
            start += block
            at += code
            if code <= _BLOCK and len(block) == code - 1:
                start.append(0)
        if len(start) < _HEADER.size:
            return None
        version, kind, sequence, length = _HEADER.unpack_from(start)
        return Head(version, kind, sequence, length)

    @property
    def rest(self) -> str:
        """What has come since the last 0x00: the start of a frame, or text."""
        return _text(bytes(self._held))


def split(stream: bytes) -> tuple[list[Frame], str]:
    """All frames of a stream, and all that is none, as text."""
    splitter = Splitter()
    found = splitter.feed(stream)
    text = "".join(item for item in found if isinstance(item, str)) + splitter.rest
    return [item for item in found if isinstance(item, Frame)], text


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


def result(payload: bytes) -> Result:
    """Read CLASSIFY's answer. Raises UserError when its parts contradict each other."""
    if len(payload) > _RESULT.size:
        answer, classes, microseconds, cycles, crc32 = _RESULT.unpack_from(payload)
        scores = struct.unpack(f"{len(payload) - _RESULT.size}b", payload[_RESULT.size :])
        if len(scores) == classes and (answer < classes or answer == _UNKNOWN):
            answer = UNKNOWN if answer == _UNKNOWN else answer
            return Result(answer, scores, microseconds, cycles, crc32)
    raise unreadable("a result")


def photograph(payload: bytes) -> Photograph:
    """Read TAKE's answer."""
    if len(payload) < _TIMES.size:
        raise unreadable("a picture's times")
    capture_us, prepare_us = _TIMES.unpack_from(payload)
    return Photograph(capture_us, prepare_us, result(payload[_TIMES.size :]))


def golden(payload: bytes) -> Golden:
    """Read GOLDEN's answer."""
    if len(payload) < _GOLDEN.size:
        raise unreadable("the self-test's result")
    passed, pictures = _GOLDEN.unpack_from(payload)
    return Golden(passed == 1, pictures, _text(payload[_GOLDEN.size :]))


def bench(payload: bytes) -> Bench:
    """Read BENCH's answer."""
    if len(payload) != _BENCH.size:
        raise unreadable("a benchmark's result")
    return Bench(*_BENCH.unpack(payload))


def held_bytes(payload: bytes) -> int:
    """Read LOAD's answer: how many bytes of the model the board has."""
    if len(payload) != _HELD.size:
        raise unreadable("how much of the model it has")
    return int(_HELD.unpack(payload)[0])


def link_error(payload: bytes) -> LinkError:
    """Read ERROR."""
    if len(payload) < _ERROR.size:
        raise unreadable("an error")
    reason, detail = _ERROR.unpack_from(payload)
    return LinkError(reason, detail, _text(payload[_ERROR.size :]))


def unreadable(what: str) -> UserError:
    """An answer whose CRC-32 is right and whose content is not."""
    return UserError(f"the board answers in a way that this version cannot read: {what}; flash its firmware")
