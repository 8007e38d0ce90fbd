"""The firmware's serial protocol, seen from the host: frames to the chip, lines of text from it.

The protocol is described where the chip implements it, in esp32_pio/src/application.h.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

PICTURE, INFO, SELFTEST = b"P", b"I", b"T"

_RESULT = re.compile(r"^result class=(\d+) name=(.*) scores=(\S+) us=(\d+) cycles=(\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """One answer: scores are int8 values, probability = (score + 128) / 256; cycles are CPU cycles."""

    class_index: int
    class_name: str
    scores: tuple[int, ...]
    microseconds: int
    cycles: int


def frame(kind: bytes, payload: bytes = b"") -> bytes:
    """A frame of `kind` (PICTURE, INFO or SELFTEST) as it goes over the line."""
    body = kind + b"\0" + struct.pack("<I", len(payload)) + payload
    return b"SQ" + body + struct.pack("<I", zlib.crc32(body))


def results(text: str) -> Iterator[Result]:
    """The result lines of what a chip printed, in order."""
    for found in _RESULT.finditer(text):
        scores = tuple(int(score) for score in found[3].split(","))
        yield Result(int(found[1]), found[2], scores, int(found[4]), int(found[5]))


def last_field(text: str, line: str, key: str) -> str | None:
    """The value of ` key=` in the last line of `text` that starts with `line` and has that key.

    Values end at a blank: not for class names.
    """
    found = re.findall(rf"^{line}(?: .*)? {key}=(\S+)", text, re.MULTILINE)
    return found[-1] if found else None
