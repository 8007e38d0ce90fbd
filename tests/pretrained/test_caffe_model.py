""".caffemodel files, written here by the rules of protocol buffers."""

import numpy as np
import pytest

from squeezenet_lib.pretrained.caffe_model import read_caffemodel
from tests.support.trained_weights import blob, delimited, fixed32, number, varint

KERNEL = np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2)
BIAS = np.array([0.5, -1.5], np.float32)


def layer(*blobs: bytes, name: bytes = b"conv1") -> bytes:
    return delimited(100, delimited(1, name) + b"".join(delimited(7, one) for one in blobs))


def test_arrays_are_read_by_layer_in_their_shapes() -> None:
    read = read_caffemodel(
        layer(name=b"data") + layer(blob(KERNEL), blob(BIAS)) + layer(blob(BIAS), name=b"x")
    )
    assert {name: [array.shape for array in arrays] for name, arrays in read.items()} == {
        "conv1": [(2, 3, 2, 2), (2,)],
        "x": [(2,)],
    }
    assert np.array_equal(read["conv1"][0], KERNEL) and np.array_equal(read["conv1"][1], BIAS)
    assert read["conv1"][0].dtype == np.float32


def test_fields_of_every_kind_that_are_not_wanted_are_passed_over() -> None:
    others = number(4, 1 << 63) + fixed32(3, 1.5) + varint(9 << 3 | 1) + bytes(8) + delimited(200, b"text")
    assert np.array_equal(read_caffemodel(others + layer(others + blob(BIAS)) + others)["conv1"][0], BIAS)


def test_packed_numbers_may_come_in_several_pieces() -> None:
    halves = [delimited(5, half.tobytes()) for half in np.split(BIAS, 2)]
    shape = delimited(7, delimited(1, varint(2)))
    assert np.array_equal(read_caffemodel(layer(halves[0] + shape + halves[1]))["conv1"][0], BIAS)


def test_lengths_of_more_than_seven_bits_are_read() -> None:
    long = np.arange(70_000, dtype=np.float32)
    assert np.array_equal(read_caffemodel(layer(blob(long)))["conv1"][0], long)


WHOLE = layer(blob(BIAS))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (WHOLE[:-1], "a field goes beyond the end"),
        (WHOLE + b"\x80", "a number goes beyond the end"),
        (WHOLE + b"\xff" * 11, "a number of more than 64 bits"),
        (WHOLE + varint(1 << 3 | 3), "a field of the unknown kind 3"),
        (layer(blob(BIAS)[:-1] + b"\x03"), r"an array of 8 bytes has the shape \(3,\)"),
        (layer(delimited(5, bytes(8))), r"an array of 8 bytes has the shape \(\)"),
    ],
)
def test_damage_is_named(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_caffemodel(content)
