"""Caffe's .caffemodel files: the arrays of each layer, out of plain protocol buffers.

Fields are numbered as in Caffe's caffe.proto; the wire format is that of
https://protobuf.dev/programming-guides/encoding.
"""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5  # wire types
MOST_BITS = 64  # of a varint
LAYERS = 100  # NetParameter.layer
NAME, BLOBS = 1, 7  # LayerParameter
DATA, SHAPE = 5, 7  # BlobProto
DIMENSIONS = 1  # BlobShape.dim


def read_caffemodel(content: bytes) -> dict[str, list[Floats]]:
    """Each layer's arrays by its name; layers without any are left out. A convolution has its kernel, float32
    (filters, input channels, height, width), and its bias, float32 (filters,).

    Raises ValueError that says what is wrong when the bytes are something else.
    """
    layers = {}
    for number, layer in _fields(memoryview(content)):
        if number == LAYERS and isinstance(layer, memoryview):
            name, blobs = _layer(layer)
            if blobs:
                layers[name] = blobs
    return layers


def _layer(message: memoryview) -> tuple[str, list[Floats]]:
    name, blobs = "", []
    for number, value in _fields(message):
        if isinstance(value, memoryview):
            if number == NAME:
                name = bytes(value).decode("utf-8", "replace")
            elif number == BLOBS:
                blobs.append(_blob(value))
    return name, blobs


def _blob(message: memoryview) -> Floats:
    data = b""
    shape: tuple[int, ...] = ()
    for number, value in _fields(message):
        if isinstance(value, memoryview):
            if number == DATA:
                data += value  # packed, in one piece or several
            elif number == SHAPE:
                shape = tuple(_dimensions(value))
    if len(data) != 4 * math.prod(shape):
        raise ValueError(f"an array of {len(data)} bytes has the shape {shape}")
    return np.frombuffer(data, "<f4").astype(np.float32).reshape(shape)


def _dimensions(message: memoryview) -> Iterator[int]:
    for number, value in _fields(message):
        if number == DIMENSIONS and isinstance(value, memoryview):
            position = 0
            while position < len(value):
                dimension, position = _varint(value, position)
                yield dimension


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field: a varint's, or the bytes of any other."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        kind = key & 7
        if kind == VARINT:
            value, position = _varint(message, position)
            yield key >> 3, value
            continue
        if kind == DELIMITED:
            length, position = _varint(message, position)
        elif kind in (FIXED32, FIXED64):
            length = 4 if kind == FIXED32 else 8
        else:
            raise ValueError(f"a field of the unknown kind {kind}")
        if length > len(message) - position:
            raise ValueError("a field goes beyond the end")
        yield key >> 3, message[position : position + length]
        position += length


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    """The number at `position`, seven bits a byte, the lowest first; and where it ends."""
    value = 0
    for shift in range(0, MOST_BITS, 7):
        if position >= len(message):
            raise ValueError("a number goes beyond the end")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ValueError(f"a number of more than {MOST_BITS} bits")
