"""The header of a model file for the chip: of a .sqz, and of a .tfl, which holds a .tflite for TFLM.

`esp32_pio/lib/squeeze_rt/src/sqz_format.h` says what each field is.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from squeezenet_lib.errors import UserError
from squeezenet_lib.sqz.decision import RECORD, Decision, packed, unpacked
from squeezenet_lib.sqz.display_names import display_names, need_others
from squeezenet_lib.sqz.program import Header, OpKind

CRC_START = 16
FLAG_STANDARDISE = 1
FLAG_DISPLAY_NAMES = 4
FLAG_DECISION = 8
FLAG_LOGITS = 2  # of a .tfl: the scores are no probabilities; of a .sqz the last op says so

HEADER = struct.Struct("<4sHHII16sIIIHHHHHHII")
# The records behind a .sqz's header; container.py packs them.
TENSOR = struct.Struct("<III4H5B3x")
OP = struct.Struct("<15Bx6H6I")


@dataclass(frozen=True)
class Kind:
    """A kind of file: its first bytes, its format's number, its suffix, the stage that makes the pipeline's,
    the command, if any, that makes one of a model from elsewhere, and older formats that are read, too.
    """

    magic: bytes
    format: int
    suffix: str
    stage: str
    command: str = ""
    older: tuple[int, ...] = ()

    @property
    def remedy(self) -> str:
        """What to do about one that cannot be read."""
        other = f", or `{self.command}` to make one from elsewhere again" if self.command else ""
        return f"run `dvc repro {self.stage}` to make the pipeline's again{other}"


SQZ = Kind(b"SQZ1", 4, ".sqz", "huffman", "compile", (3,))
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
            _flags(kind, header),
        )

    return pack(zlib.crc32(rest, zlib.crc32(pack(0)[CRC_START:]))) + rest


def _flags(kind: Kind, header: Header) -> int:
    standardise = FLAG_STANDARDISE if header.standardise else 0
    display = FLAG_DISPLAY_NAMES if need_others(header.class_names) else 0
    decision = FLAG_DECISION if header.decision else 0
    logits = FLAG_LOGITS if kind == TFL and not header.probabilities else 0
    return standardise | display | decision | logits


def packed_decision(header: Header) -> bytes:
    """The record that stands right behind the ops; nothing where the highest score decides.

    Raises ValueError for one that a model of so many classes cannot have.
    """
    if header.decision and not header.decision.fits(header.classes):
        raise ValueError(f"{header.decision} is none of a model with {header.classes} classes")
    return packed(header.decision)


def packed_names(header: Header) -> bytes:
    """The class names, each with a NUL behind it."""
    return _packed(header.class_names)


def packed_display_names(header: Header) -> bytes:
    """Those for a display, likewise, behind a NUL of their own: they stand right in front of the class names,
    and who looks for one goes back from there. Nothing where all are ASCII.
    """
    if not need_others(header.class_names):
        return b""
    return b"\0" + _packed(display_names(header.class_names))


def _packed(names: Iterable[str]) -> bytes:
    return b"".join(name.encode() + b"\0" for name in names)


def read_header(data: bytes, kinds: tuple[Kind, ...] = (SQZ,)) -> Header:
    """The header of a file of one of `kinds` whose length and CRC-32 are right; else raises UserError."""
    found = [kind for kind in kinds if data[:4] == kind.magic]
    if len(data) < HEADER.size or not found:
        wanted = " or ".join(kind.suffix for kind in kinds)
        raise UserError(f"this is no {wanted} file, or it is cut short: {kinds[0].remedy}")
    (kind,) = found
    fields = HEADER.unpack_from(data)
    _, version, header_bytes, total_bytes, crc = fields[:5]
    if version not in (kind.format, *kind.older) or header_bytes != HEADER.size:
        raise UserError(
            f"the {kind.suffix} file has format {version}; this version reads format {kind.format}: "
            f"{kind.remedy}"
        )
    if total_bytes != len(data):
        raise UserError(
            f"the {kind.suffix} file has {len(data)} bytes where its header says {total_bytes}: {kind.remedy}"
        )
    if crc != zlib.crc32(data[CRC_START:]):
        raise UserError(f"the {kind.suffix} file is damaged (its CRC-32 differs): {kind.remedy}")
    arena, picture, scores, height, width, channels, classes = fields[6:13]
    names = data[fields[15] :].split(b"\0", classes)
    try:  # a name's end is a NUL: without it the last one would run to the end of the file
        class_names = tuple(name.decode() for name in names[:classes])
        producer = fields[5].rstrip(b"\0").decode()
    except UnicodeDecodeError:
        class_names = ()
    if len(names) <= classes or not class_names:
        raise UserError(f"the {kind.suffix} file names its classes in no readable way: {kind.remedy}")
    decision = _decision(data) if fields[16] & FLAG_DECISION else None
    if fields[16] & FLAG_DECISION and decision is None:
        raise UserError(f"the {kind.suffix} file decides in a way that no model can: {kind.remedy}")
    return Header(
        arena_bytes=arena,
        picture_offset=picture,
        scores_offset=scores,
        height=height,
        width=width,
        channels=channels,
        class_names=class_names,
        standardise=bool(fields[16] & FLAG_STANDARDISE),
        probabilities=_ends_in_softmax(data) if kind == SQZ else not fields[16] & FLAG_LOGITS,
        producer=producer,
        decision=decision,
        total_bytes=total_bytes,
    )


def _decision(data: bytes) -> Decision | None:
    """The record behind header, tensors and ops; None when it is cut short or out of range."""
    classes, tensors, ops = HEADER.unpack_from(data)[12:15]
    start = HEADER.size + tensors * TENSOR.size + ops * OP.size
    return unpacked(data[start : start + RECORD.size], classes)


def _ends_in_softmax(sqz: bytes) -> bool:
    """Whether that is the last op; the header of `sqz` is there."""
    tensors, ops = HEADER.unpack_from(sqz)[13:15]
    last = HEADER.size + tensors * TENSOR.size + (ops - 1) * OP.size
    return sqz[last : last + 1] == bytes([OpKind.SOFTMAX])
