"""The small network with other classes and scores, and files that are no good."""

import functools
import struct
import zlib
from dataclasses import replace

from squeezenet_lib.sqz.container import read_sqz, write_sqz
from squeezenet_lib.sqz.header import CRC_START
from squeezenet_lib.sqz.program import OpKind
from tests.support.small_firmware import small_model

OTHER_CLASSES = ("sound", "to be thrown away")
_FORMAT_AT, _CRC_AT, _ARENA_AT = 4, 12, 32


@functools.cache
def other_model() -> bytes:
    """A .sqz whose last layer prefers the other class a little more."""
    program = read_sqz(small_model().sqz.read_bytes())
    last = max(number for number, op in enumerate(program.ops) if op.kind == OpKind.CONV2D)
    filters = program.ops[last].filters
    assert filters is not None
    bias = filters.bias.copy()
    bias[0] += abs(int(bias[0])) // 4 + 50
    ops = list(program.ops)
    ops[last] = replace(ops[last], filters=replace(filters, bias=bias))
    header = replace(program.header, class_names=OTHER_CLASSES)
    sqz, _ = write_sqz(replace(program, header=header, ops=tuple(ops)), 15)
    return sqz


def other_format() -> bytes:
    """Of a version to come."""
    sqz = bytearray(other_model())
    sqz[_FORMAT_AT] += 1
    return bytes(sqz)


def flipped_byte() -> bytes:
    sqz = bytearray(other_model())
    sqz[len(sqz) // 2] ^= 0x10
    return bytes(sqz)


def too_large_arena() -> bytes:
    """More than any board has; its CRC-32 is right."""
    sqz = bytearray(other_model())
    struct.pack_into("<I", sqz, _ARENA_AT, 1 << 20)
    struct.pack_into("<I", sqz, _CRC_AT, zlib.crc32(sqz[CRC_START:]))
    return bytes(sqz)
