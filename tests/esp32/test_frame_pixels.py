"""What a pixel of each format is: stated values, Pillow's JPEG colours, and frames that are none."""

import io

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.frame_pixels import FrameFormat, frame_pixels
from squeezenet_lib.images import to_grey
from tests.support.random_pictures import random_pictures


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (FrameFormat.GREY, "00 7f ff", [[0], [127], [255]]),
        (FrameFormat.RGB888, "010203 040506", [[1, 2, 3], [4, 5, 6]]),
        (FrameFormat.BGR888, "010203 040506", [[3, 2, 1], [6, 5, 4]]),
        (FrameFormat.RGB565, "f800 07e0 001f", [[255, 0, 0], [0, 255, 0], [0, 0, 255]]),
        (FrameFormat.RGB565, "0000 ffff 8410", [[0] * 3, [255] * 3, [132, 130, 132]]),
        # JPEG's primaries: grey, then red beside a darker red, blue, green
        (FrameFormat.YUV422, "00808080 ff808080", [[0] * 3, [128] * 3, [255] * 3, [128] * 3]),
        (FrameFormat.YUV422, "4c55 3cff", [[254, 0, 0], [238, 0, 0]]),
        (FrameFormat.YUV422, "1dff1d6b", [[0, 0, 254]] * 2),
        (FrameFormat.YUV422, "962c9615", [[0, 255, 1]] * 2),
    ],
)
def test_pixels_are_what_frame_h_says(kind: FrameFormat, data: str, expected: list[list[int]]) -> None:
    frame = bytes.fromhex(data)
    pixels = frame_pixels(frame, len(expected), 1, len(frame), kind, 3)
    assert pixels.tolist() == [expected]


def test_for_one_channel_yuv422_is_its_y() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (4, 6, 2), np.uint8)
    pixels = frame_pixels(frame.tobytes(), 6, 4, 12, FrameFormat.YUV422, 1)
    assert np.array_equal(pixels, frame[:, :, :1])


def test_yuv_becomes_rgb_as_in_a_jpeg() -> None:
    """Pillow decodes a JPEG twice, to YCbCr and to RGB: what lies between is libjpeg's conversion."""
    buffer = io.BytesIO()
    blocks = np.random.default_rng(0).integers(0, 256, (50, 50, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    Image.fromarray(blocks, "YCbCr").save(buffer, "JPEG", quality=100, subsampling=0)
    decoder = Image.open(buffer)
    decoder.draft("YCbCr", decoder.size)
    y, u, v = (np.asarray(decoder)[:, :, c] for c in range(3))
    assert decoder.mode == "YCbCr"
    assert u.min() == v.min() == 0
    assert u.max() == v.max() == 255
    frame = np.stack([y, u, y, v], axis=2)  # each pixel twice
    pixels = frame_pixels(frame.tobytes(), 800, 400, 1600, FrameFormat.YUV422, 3)
    expected = np.asarray(Image.open(buffer)).repeat(2, axis=1)
    assert np.array_equal(pixels, expected)


def test_grey_of_yuv422_is_nearly_that_of_its_colours() -> None:
    """Both ways from YUV422 to grey see the same brightness: the range of Y is that of the colours."""
    y = random_pictures(np.random.default_rng(0), 2, 40, 40, 1)[1]
    frame = np.concatenate([y, np.full_like(y, 128)], axis=2)
    colours = frame_pixels(frame.tobytes(), 40, 40, 80, FrameFormat.YUV422, 3)
    assert np.array_equal(to_grey(colours), y)


def test_bytes_between_rows_are_passed_over() -> None:
    assert frame_pixels(b"\1\2\xff\3\4", 2, 2, 3, FrameFormat.GREY, 1)[:, :, 0].tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("size", "width", "height", "stride", "kind"),
    [
        (11, 4, 3, 4, FrameFormat.GREY),
        (12, 4, 3, 3, FrameFormat.GREY),
        (12, 0, 3, 4, FrameFormat.GREY),
        (12, 4, 0, 4, FrameFormat.GREY),
        (12, 3, 2, 6, FrameFormat.YUV422),
    ],
)
def test_frames_that_are_none_are_refused(
    size: int, width: int, height: int, stride: int, kind: FrameFormat
) -> None:
    with pytest.raises(ValueError, match=r"hold no frame|pairs of pixels"):
        frame_pixels(bytes(size), width, height, stride, kind, 1)
