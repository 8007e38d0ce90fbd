"""The header of a model file for the chip: of a .sqz, and of a .tfl, which holds a .tflite for TFLM.

`esp32_pio/lib/squeeze_rt/src/sqz_format.h` says what each field is.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from squeezenet_lib.errors import UserError
from squeezenet_lib.program import Header

CRC_START = 16
FLAG_STANDARDISE = 1

HEADER = struct.Struct("<4sHHII16sIIIHHHHHHII")


@dataclass(frozen=True)
class Kind:
    """A kind of file: its first bytes, its format's number, its suffix and the stage that makes it."""

    magic: bytes
    format: int
    suffix: str
    stage: str


SQZ = Kind(b"SQZ1", 3, ".sqz", "huffman")
TFL = Kind(b"TFL1", 1, ".tfl", "tflm-export")


def with_header(kind: Kind, header: Header, tensors: int, ops: int, names: int, rest: bytes) -> bytes:
    """The whole file: header and `rest`. names: where the class names begin, from the file's start."""

    def pack(crc: int) -> bytes:
        return HEADER.pack(
            kind.magic,
            kind.format,
            HEADER.size,
            HEADER.size + len(rest),
            crc,
            header.producer.encode()[:15],
            header.arena_bytes,
            header.picture_offset,
            header.scores_offset,
            header.height,
            header.width,
            header.channels,
            header.classes,
            tensors,
            ops,
            names,
            FLAG_STANDARDISE if header.standardise else 0,
        )

    return pack(zlib.crc32(rest, zlib.crc32(pack(0)[CRC_START:]))) + rest


def packed_names(header: Header) -> bytes:
    """The class names, each with a NUL behind it."""
    return b"".join(name.encode() + b"\0" for name in header.class_names)


def read_header(data: bytes, kinds: tuple[Kind, ...] = (SQZ,)) -> Header:
    """The header of a file of one of `kinds` whose length and CRC-32 are right; else raises UserError."""
    found = [kind for kind in kinds if data[:4] == kind.magic]
    if len(data) < HEADER.size or not found:
        wanted = " or ".join(kind.suffix for kind in kinds)
        raise UserError(
            f"this is no {wanted} file, or it is cut short: run `dvc repro {kinds[0].stage}` to make it again"
        )
    (kind,) = found
    fields = HEADER.unpack_from(data)
    _, version, header_bytes, total_bytes, crc = fields[:5]
    if (version, header_bytes) != (kind.format, HEADER.size):
        raise UserError(
            f"the {kind.suffix} file has format {version}; this version reads format {kind.format}"
        )
    if total_bytes != len(data):
        raise UserError(f"the {kind.suffix} file has {len(data)} bytes where its header says {total_bytes}")
    if crc != zlib.crc32(data[CRC_START:]):
        raise UserError(
            f"the {kind.suffix} file is damaged (its CRC-32 differs): run `dvc repro {kind.stage}` to make "
            "it again"
        )
    arena, picture, scores, height, width, channels, classes = fields[6:13]
    names = data[fields[15] :].split(b"\0", classes)[:classes]
    return Header(
        arena_bytes=arena,
        picture_offset=picture,
        scores_offset=scores,
        height=height,
        width=width,
        channels=channels,
        class_names=tuple(name.decode() for name in names),
        standardise=bool(fields[16] & FLAG_STANDARDISE),
        producer=fields[5].rstrip(b"\0").decode(),
        total_bytes=total_bytes,
    )
