"""What a pixel of a camera's frame is: the twin of esp32_pio/lib/frame, to be read beside its frame.h.

images.to_network_input() of these pixels is what the chip makes of the frame, bit for bit. Pictures to train
on can be made of frames as the chip had them.
"""

import enum

import numpy as np

from squeezenet_lib.images import Pixels

MIRROR, FLIP, TURN = 1, 2, 4  # frame.h's orientations are sums of these


class FrameFormat(enum.IntEnum):
    """frame.h's frame_format; the comments say the bytes."""

    GREY = 0  # Y
    YUV422 = 1  # Y0 U Y1 V: two pixels
    RGB565 = 2  # rrrrrggg gggbbbbb
    RGB888 = 3  # R G B
    BGR888 = 4  # B G R

    @property
    def pixel_bytes(self) -> int:
        return (1, 2, 2, 3, 3)[self]


def frame_pixels(
    frame: bytes, width: int, height: int, stride: int, kind: FrameFormat, channels: int
) -> Pixels:
    """Decode a frame, rows `stride` bytes apart, for a network input of 1 or 3 channels.

    uint8 (height, width, 1) where the frame holds grey, which YUV422 does when one channel is wished; else
    uint8 (height, width, 3). Raises ValueError when `frame` does not hold the rows or when YUV422 has an odd
    width.
    """
    row = width * kind.pixel_bytes
    if width < 1 or height < 1 or stride < row or len(frame) < (height - 1) * stride + row:
        raise ValueError(
            f"{len(frame)} bytes hold no frame of {width} x {height} as {kind.name} with stride {stride}"
        )
    if kind == FrameFormat.YUV422 and width % 2:
        raise ValueError(f"YUV422 has pairs of pixels, and a row of {width} has not")
    rows: Pixels = np.ndarray((height, row), np.uint8, frame, strides=(stride, 1))
    samples = rows.reshape(height, width, kind.pixel_bytes)
    match kind:
        case FrameFormat.GREY | FrameFormat.RGB888:
            return samples
        case FrameFormat.BGR888:
            return samples[:, :, ::-1]
        case FrameFormat.RGB565:
            return _rgb565(samples)
        case FrameFormat.YUV422:
            return samples[:, :, :1] if channels == 1 else _yuv422(samples)


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """uint8 (h, w, C) mirrored, then flipped, then turned by a quarter, clockwise, as the sum of MIRROR, FLIP
    and TURN says; turned it is (w, h, C).
    """
    if orientation & MIRROR:
        pixels = pixels[:, ::-1]
    if orientation & FLIP:
        pixels = pixels[::-1]
    return np.rot90(pixels, -1) if orientation & TURN else pixels


def _rgb565(samples: Pixels) -> Pixels:
    """uint8 (h, w, 2) -> uint8 (h, w, 3): bits are repeated, so that white is white."""
    word = samples[:, :, 0].astype(np.uint16) << 8 | samples[:, :, 1]
    red, green, blue = word >> 11, word >> 5 & 63, word & 31
    planes = (red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2)
    return np.stack(planes, axis=2).astype(np.uint8)


def _yuv422(samples: Pixels) -> Pixels:
    """uint8 (h, w, 2) -> uint8 (h, w, 3): BT.601 over the full range, in the integers of libjpeg."""
    y = samples[:, :, 0].astype(np.int32)
    u, v = (np.repeat(samples[:, i::2, 1].astype(np.int32) - 128, 2, axis=1) for i in range(2))
    planes = (
        y + ((91881 * v + 32768) >> 16),
        y + ((-22554 * u - 46802 * v + 32768) >> 16),
        y + ((116130 * u + 32768) >> 16),
    )
    return np.stack(planes, axis=2).clip(0, 255).astype(np.uint8)
