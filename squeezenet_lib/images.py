"""What a network input is: the one definition that the host and the chip share.

A picture becomes uint8 (H, W, channels), channels 1 or 3, in five steps; the pipeline's inputs are square.
All arithmetic after decoding is on integers, so that a C twin gives the same bytes; `//` is division rounded
towards minus infinity.

1. Decode with Pillow: the first frame, turned upright by its EXIF orientation (of HEIF the main picture,
   which its decoder turns). 16-bit samples keep their upper byte, palettes are looked up, transparent pixels
   are laid over white, other models become RGB. A picture of more than 89,478,485 pixels, which Pillow takes
   for a decompression bomb, is unreadable.
2. Grey (one channel): (77 R + 150 G + 29 B + 128) // 256. A grey picture for three channels is repeated.
3. Centre crop of an h x w picture to the largest part of the input's proportions: where w H >= h W, all rows
   and max(1, h W // H) columns, else all columns and max(1, w H // W) rows; for a square that is side
   min(h, w). Of r x c, the first row is (h - r) // 2, the first column (w - c) // 2.
4. Resize r x c to H x W. Along an axis s pixels become n.
   Shrinking, where r >= H and c >= W, is area averaging: input pixel k covers [k n, (k + 1) n) and output
   pixel i covers [i s, (i + 1) s) on a common axis; v = (sum of pixel x overlap_y x overlap_x + r c // 2)
   // (r c).
   Else it is enlarging (step 3 sees to it that then r <= H and c <= W), bilinear with pixel centres aligned
   and 8-bit fractions: output pixel i lies at p = max(0, (2 i + 1) s - n) x 128 // n; k = p // 256,
   f = p % 256, the neighbour is min(k + 1, s - 1); v = (sum of the four pixels x (256 - f or f) over both
   axes + 32768) // 65536.
5. Standardise, when asked, over all m = H W channels samples p of the picture, with S = sum p, Q = sum p^2,
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
import pi_heif
from PIL import AvifImagePlugin, Image, ImageOps  # noqa: F401

from squeezenet_lib.errors import UserError

Pixels = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]
Shape = tuple[int, int, int]  # height, width, channels

GREY_WEIGHTS = (77, 150, 29)

# HEIC and HEIF, as phones take them. The import above has registered AVIF: files of both may begin alike, and
# AVIF's plugin passes on what is not its own.
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)

# Larger pictures are worked on in bands, for working memory of some tens of MB.
SAMPLES_PER_BAND = 1 << 21


class UnreadablePictureError(UserError):
    """The bytes are not a picture that Pillow can decode."""


def load_picture(source: Path | bytes | BinaryIO, shape: Shape, standardise: bool) -> Pixels:
    """Decode a picture and make it a network input, uint8 of `shape`: height, width, channels.

    `source` is a path, the bytes of a file or a binary stream. Raises UnreadablePictureError (a UserError)
    when it is missing, damaged, empty, too large (step 1) or of a kind without 8- or 16-bit samples.
    """
    return to_network_input(decode(source), shape, standardise)


def to_network_input(pixels: Pixels, shape: Shape, standardise: bool) -> Pixels:
    """Steps 2 to 5 for decoded pixels, uint8 (h, w, 1 or 3) -> uint8 of `shape`: height, width, channels.

    Raises UserError for other numbers of channels than 1 and 3.
    """
    height, width, channels = shape
    require_picture(channels)
    if channels == 1 and pixels.shape[2] == 3:
        pixels = to_grey(pixels)
    pixels = resize(centre_crop(pixels, height, width), height, width)
    if channels == 3 and pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return even_out(pixels) if standardise else pixels


def require_picture(channels: int) -> None:
    """Raise UserError when no picture is a network input of so many channels."""
    if not is_picture(channels):
        raise UserError(
            f"the model's input has {channels} channels, and a picture has 1 (grey) or 3 (colour): classify "
            "arrays with the command `run`"
        )


def is_picture(channels: int) -> bool:
    """Whether a network input of so many channels is a picture."""
    return channels in (1, 3)


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


def centre_crop(pixels: Pixels, height: int, width: int) -> Pixels:
    """Step 3: uint8 (h, w, C) -> uint8 (r, c, C), of the proportions of height x width."""
    rows, columns = pixels.shape[:2]
    if columns * height >= rows * width:
        columns = max(1, rows * width // height)
    else:
        rows = max(1, columns * height // width)
    top, left = (pixels.shape[0] - rows) // 2, (pixels.shape[1] - columns) // 2
    return pixels[top : top + rows, left : left + columns]


def resize(pixels: Pixels, height: int, width: int) -> Pixels:
    """Step 4: uint8 (r, c, C) -> uint8 (height, width, C)."""
    rows, columns = pixels.shape[:2]
    if (rows, columns) == (height, width):  # either formula changes nothing
        return pixels.copy()
    if rows < height or columns < width:
        return _enlarge(pixels, height, width)
    area = rows * columns
    bands = np.array_split(pixels, pixels.size // SAMPLES_PER_BAND + 1, axis=1)
    by_row = np.concatenate([_overlap_sums(band, height) for band in bands], axis=1)
    sums = _overlap_sums(by_row.swapaxes(0, 1), width).swapaxes(0, 1)
    means: Pixels = ((sums + area // 2) // area).astype(np.uint8)
    return means


def even_out(pixels: Pixels) -> Pixels:
    """Step 5: uint8 (H, W, C) -> uint8 (H, W, C)."""
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
        wide = np.asarray(picture)
        if wide.min() < 0 or wide.max() > 65535:
            raise ValueError("its samples do not fit 16 bits")
        return (wide >> 8).astype(np.uint8)[:, :, np.newaxis]
    if picture.mode == "F":
        raise ValueError("its samples are floating-point numbers")
    if picture.has_transparency_data:
        pixels = np.empty((picture.height, picture.width, 3), np.uint8)
        rows = SAMPLES_PER_BAND // (4 * picture.width) + 1
        for top in range(0, picture.height, rows):
            band = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
            pixels[top : top + rows] = _over_white(np.asarray(band.convert("RGBA")))
        return pixels
    if picture.mode in ("1", "L"):
        return np.asarray(picture.convert("L"))[:, :, np.newaxis]
    return np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))


def _over_white(rgba: Pixels) -> Pixels:
    """uint8 (h, w, 4) -> uint8 (h, w, 3)."""
    opacity = rgba[:, :, 3:].astype(np.uint16)
    # At most 255 x 255 + 127: 16 bits hold it.
    blended: Pixels = ((rgba[:, :, :3] * opacity + 255 * (255 - opacity) + 127) // 255).astype(np.uint8)
    return blended


def _overlap_sums(values: npt.NDArray[np.generic], size: int) -> Integers:
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
    integrals: Integers = size * before[whole].astype(np.int64) + cut * cut_pixel
    return integrals[1:] - integrals[:-1]


def _enlarge(pixels: Pixels, height: int, width: int) -> Pixels:
    upper, lower, down = _neighbours(pixels.shape[0], height)
    left, right, across = _neighbours(pixels.shape[1], width)
    wide: Integers = pixels.astype(np.int64)
    down, across = down[:, np.newaxis, np.newaxis], across[np.newaxis, :, np.newaxis]
    rows: Integers = wide[upper] * (256 - down) + wide[lower] * down
    blended: Integers = rows[:, left] * (256 - across) + rows[:, right] * across
    enlarged: Pixels = ((blended + 32768) >> 16).astype(np.uint8)
    return enlarged


def _neighbours(side: int, size: int) -> tuple[Integers, Integers, Integers]:
    """Of `size` outputs along an axis of `side` pixels: the two pixels of each, and the second's 256ths."""
    position = np.maximum(0, (2 * np.arange(size) + 1) * side - size) * 128 // size
    near = position >> 8
    return near, np.minimum(near + 1, side - 1), position & 255
