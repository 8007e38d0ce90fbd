"""What a network input is: the one definition that the host and the chip share.

A picture becomes uint8 (size, size, channels) in five steps. All arithmetic after decoding is on integers, so
that a C twin gives the same bytes; `//` is division rounded towards minus infinity.

1. Decode with Pillow: the first frame, turned upright by its EXIF orientation. 16-bit samples keep their
   upper byte, palettes are looked up, transparent pixels are laid over white, other models become RGB. A
   picture of more than 89,478,485 pixels, which Pillow takes for a decompression bomb, is unreadable.
2. Grey (one channel): (77 R + 150 G + 29 B + 128) // 256. A grey picture for three channels is repeated.
3. Centre crop: the side is s = min(h, w); the first row is (h - s) // 2, the first column (w - s) // 2.
4. Resize s to n = size.
   Shrinking is area averaging: input pixel k covers [k n, (k + 1) n) and output pixel i covers
   [i s, (i + 1) s) on a common axis; v = (sum of pixel x overlap_y x overlap_x + s^2 // 2) // s^2.
   Enlarging is bilinear with pixel centres aligned and 8-bit fractions: output pixel i lies at
   c = max(0, (2 i + 1) s - n) x 128 // n; k = c // 256, f = c % 256, the neighbour is min(k + 1, s - 1);
   v = (sum of the four pixels x (256 - f or f) over both axes + 32768) // 65536.
5. Standardise, when asked, over all m = n n channels samples p of the picture, with S = sum p, Q = sum p^2,
   R = floor(sqrt(m Q - S^2)) (m times the standard deviation):
   v = 128 + (2048 (m p - S) + D) // (2 D) with D = 20 R + 51 m, clipped to 0..255.
   That is 128 + 128 (p - mean) / (2.5 deviation + 6.375) rounded: the network sees (v - 128) / 128, contrast
   and brightness evened out; the constant keeps a plain picture's noise small. m Q fits 64 bits.
"""

import io
import math
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from squeezenet_lib.errors import UserError

Pixels = npt.NDArray[np.uint8]

GREY_WEIGHTS = (77, 150, 29)
# Sums of larger pictures are taken in bands of columns, for working memory of some tens of MB.
SAMPLES_PER_BAND = 1 << 21


class UnreadablePictureError(UserError):
    """The bytes are not a picture that Pillow can decode."""


def load_picture(source: Path | bytes | BinaryIO, size: int, channels: int, standardise: bool) -> Pixels:
    """Decode a picture and make it a network input, uint8 (size, size, channels), channels 1 or 3.

    `source` is a path, the bytes of a file or a binary stream. Raises UnreadablePictureError (a UserError)
    when it is missing, damaged, empty, too large (step 1) or of a kind without 8- or 16-bit samples.
    """
    return to_network_input(decode(source), size, channels, standardise)


def to_network_input(pixels: Pixels, size: int, channels: int, standardise: bool) -> Pixels:
    """Steps 2 to 5 for decoded pixels, uint8 (h, w, 1 or 3) -> uint8 (size, size, channels)."""
    if channels == 1 and pixels.shape[2] == 3:
        pixels = to_grey(pixels)
    pixels = resize(centre_crop(pixels), size)
    if channels == 3 and pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return even_out(pixels) if standardise else pixels


def decode(source: Path | bytes | BinaryIO) -> Pixels:
    """Step 1: uint8 (h, w, 1) of a grey picture, else uint8 (h, w, 3)."""
    name = str(source) if isinstance(source, Path) else "the picture"
    try:
        with (
            warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning),
            Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as picture,
        ):
            picture.load()
            ImageOps.exif_transpose(picture, in_place=True)
            pixels = _samples(picture)
    # Pillow's decoders meet damaged bytes with whatever exception their parsing runs into.
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnreadablePictureError(f"{name} cannot be read as a picture ({reason}).") from error
    return np.ascontiguousarray(pixels)


def to_grey(pixels: Pixels) -> Pixels:
    """Step 2: uint8 (h, w, 3) -> uint8 (h, w, 1)."""
    sums = np.full(pixels.shape[:2], 128, np.uint16)  # at most 255 x 256 + 128: fits
    for channel, weight in enumerate(GREY_WEIGHTS):
        sums += pixels[:, :, channel] * np.uint16(weight)
    return (sums >> 8).astype(np.uint8)[:, :, np.newaxis]


def centre_crop(pixels: Pixels) -> Pixels:
    """Step 3: uint8 (h, w, C) -> uint8 (s, s, C)."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return pixels[top : top + side, left : left + side]


def resize(pixels: Pixels, size: int) -> Pixels:
    """Step 4: uint8 (s, s, C) -> uint8 (size, size, C)."""
    side = pixels.shape[0]
    if size == side:  # either formula changes nothing
        return pixels.copy()
    if size > side:
        return _enlarge(pixels, size)
    area = side * side
    bands = np.array_split(pixels, pixels.size // SAMPLES_PER_BAND + 1, axis=1)
    by_row = np.concatenate([_overlap_sums(band, size) for band in bands], axis=1)
    sums = _overlap_sums(by_row.swapaxes(0, 1), size).swapaxes(0, 1)
    means: Pixels = ((sums + area // 2) // area).astype(np.uint8)
    return means


def even_out(pixels: Pixels) -> Pixels:
    """Step 5: uint8 (n, n, C) -> uint8 (n, n, C)."""
    values = np.arange(256, dtype=np.int64)
    histogram = np.bincount(pixels.ravel(), minlength=256)
    count, total = pixels.size, int(histogram @ values)
    deviation = math.isqrt(count * int(histogram @ (values * values)) - total * total)
    divisor = 20 * deviation + 51 * count
    table = 128 + (2048 * (count * values - total) + divisor) // (2 * divisor)
    evened: Pixels = np.clip(table, 0, 255).astype(np.uint8)[pixels]
    return evened


def _samples(picture: Image.Image) -> Pixels:
    if picture.mode in ("I", "I;16", "I;16B", "I;16L", "I;16N"):
        wide = np.asarray(picture).astype(np.int64)
        if wide.min() < 0 or wide.max() > 65535:
            raise ValueError("its samples do not fit 16 bits")
        return (wide >> 8).astype(np.uint8)[:, :, np.newaxis]
    if picture.mode == "F":
        raise ValueError("its samples are floating-point numbers")
    if picture.has_transparency_data:
        rgba = np.asarray(picture.convert("RGBA")).astype(np.uint32)
        opacity = rgba[:, :, 3:]
        blended = (rgba[:, :, :3] * opacity + 255 * (255 - opacity) + 127) // 255
        return blended.astype(np.uint8)
    if picture.mode in ("1", "L"):
        return np.asarray(picture.convert("L"))[:, :, np.newaxis]
    return np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))


def _overlap_sums(values: npt.NDArray[np.generic], size: int) -> npt.NDArray[np.int64]:
    """Sums over the first axis, (s, ...) -> int64 (size, ...), of value x overlap (step 4).

    The integral from 0 to an output's border b = i s is size x (the pixels wholly before it) + (b % size) x
    (the pixel that it cuts); an output is the difference of two such integrals.
    """
    side = values.shape[0]
    # 32 bits hold a column of bytes and halve the memory that a large photograph takes
    before = np.zeros((side + 1, *values.shape[1:]), np.uint32 if values.dtype == np.uint8 else np.int64)
    np.cumsum(values, axis=0, dtype=before.dtype, out=before[1:])
    borders = np.arange(size + 1) * side
    whole, cut = borders // size, borders % size
    cut_pixel = values[np.minimum(whole, side - 1)].astype(np.int64)
    cut = cut.reshape(-1, *[1] * (values.ndim - 1))
    integrals: npt.NDArray[np.int64] = size * before[whole].astype(np.int64) + cut * cut_pixel
    return integrals[1:] - integrals[:-1]


def _enlarge(pixels: Pixels, size: int) -> Pixels:
    side = pixels.shape[0]
    position = np.maximum(0, (2 * np.arange(size) + 1) * side - size) * 128 // size
    near, fraction = position >> 8, (position & 255).astype(np.uint32)
    far = np.minimum(near + 1, side - 1)
    wide = pixels.astype(np.uint32)
    down = fraction[:, np.newaxis, np.newaxis]
    rows = wide[near] * (256 - down) + wide[far] * down
    across = fraction[np.newaxis, :, np.newaxis]
    blended = rows[:, near] * (256 - across) + rows[:, far] * across
    enlarged: Pixels = ((blended + 32768) >> 16).astype(np.uint8)
    return enlarged
