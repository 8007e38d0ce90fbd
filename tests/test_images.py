"""A network input, against a slow second implementation of the stated formulas."""

import io
import math
import struct
import tracemalloc
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from squeezenet_lib import images
from squeezenet_lib.errors import UserError
from squeezenet_lib.images import (
    Pixels,
    UnreadablePictureError,
    centre_crop,
    decode,
    even_out,
    load_picture,
    resize,
    to_grey,
    to_network_input,
)

sides = st.integers(1, 40)


def pictures(height: st.SearchStrategy[int], width: st.SearchStrategy[int]) -> st.SearchStrategy[Pixels]:
    shapes = st.tuples(height, width, st.sampled_from([1, 3]))
    return shapes.flatmap(lambda shape: arrays(np.uint8, shape))


squares = sides.flatmap(lambda side: pictures(st.just(side), st.just(side)))


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def png_by_hand(width: int, height: int, bits: int, colour: int, row: bytes) -> bytes:
    """A PNG file whose rows are all the same; colour is PNG's colour type. Pillow writes not all kinds."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    packer = zlib.compressobj()
    packed = b"".join([*(packer.compress(b"\0" + row) for _ in range(height)), packer.flush()])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def slow_shrink(column: list[list[int]], height: int, width: int) -> list[list[int]]:
    """Area averaging by exact rational arithmetic, rounded to the nearest, halves up."""
    rows, columns = len(column), len(column[0])
    down, across = Fraction(rows, height), Fraction(columns, width)

    def overlap(pixel: int, output: int, step: Fraction) -> Fraction:
        return max(Fraction(0), min(Fraction(pixel + 1), (output + 1) * step) - max(pixel, output * step))

    result = []
    for i in range(height):
        row = []
        for j in range(width):
            total = sum(
                (
                    column[y][x] * overlap(y, i, down) * overlap(x, j, across)
                    for y in range(rows)
                    for x in range(columns)
                ),
                Fraction(0),
            )
            row.append(math.floor(total / (down * across) + Fraction(1, 2)))
        result.append(row)
    return result


def slow_enlarge(column: list[list[int]], height: int, width: int) -> list[list[int]]:
    def taps(i: int, side: int, size: int) -> tuple[int, int, int]:
        c = max(0, (2 * i + 1) * side - size) * 128 // size
        return c // 256, min(c // 256 + 1, side - 1), c % 256

    result = []
    for i in range(height):
        y0, y1, fy = taps(i, len(column), height)
        row = []
        for j in range(width):
            x0, x1, fx = taps(j, len(column[0]), width)
            upper = column[y0][x0] * (256 - fx) + column[y0][x1] * fx
            lower = column[y1][x0] * (256 - fx) + column[y1][x1] * fx
            row.append((upper * (256 - fy) + lower * fy + 32768) // 65536)
        result.append(row)
    return result


inputs = st.one_of(st.integers(1, 20).map(lambda side: (side, side)), st.tuples(*[st.integers(1, 20)] * 2))


@settings(max_examples=60, deadline=None)
@given(pictures(st.integers(1, 14), st.integers(1, 14)), inputs)
def test_resizing_follows_the_formula(picture: Pixels, size: tuple[int, int]) -> None:
    pixels = centre_crop(picture, *size)
    rows, columns, channels = pixels.shape
    slow = slow_shrink if rows >= size[0] and columns >= size[1] else slow_enlarge
    expected = [slow(pixels[:, :, c].tolist(), *size) for c in range(channels)]
    assert np.array_equal(resize(pixels, *size), np.array(expected).transpose(1, 2, 0))


@settings(deadline=None)
@given(pictures(sides, sides))
def test_the_same_size_changes_nothing(pixels: Pixels) -> None:
    assert np.array_equal(resize(pixels, *pixels.shape[:2]), pixels)


@settings(deadline=None)
@given(st.integers(0, 255), sides, st.integers(1, 80))
def test_a_plain_picture_stays_plain(value: int, side: int, size: int) -> None:
    assert (resize(np.full((side, side, 1), value, np.uint8), size, size) == value).all()


def test_sums_of_a_large_white_picture_do_not_overflow() -> None:
    assert (resize(np.full((5000, 5000, 1), 255, np.uint8), 29, 29) == 255).all()


def test_a_large_picture_is_summed_in_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (50, 50, 3), np.uint8)
    whole = resize(pixels, 29, 31)
    for samples in (1, 200, 2000):
        monkeypatch.setattr(images, "SAMPLES_PER_BAND", samples)
        assert np.array_equal(resize(pixels, 29, 31), whole)


@settings(deadline=None)
@given(squares)
def test_standardising_follows_the_formula(pixels: Pixels) -> None:
    samples = [int(value) for value in pixels.ravel()]
    count, total = len(samples), sum(samples)
    deviation = math.isqrt(count * sum(value * value for value in samples) - total**2)
    divisor = 20 * deviation + 51 * count
    expected = [
        min(255, max(0, 128 + (2048 * (count * value - total) + divisor) // (2 * divisor)))
        for value in samples
    ]
    assert even_out(pixels).ravel().tolist() == expected


@settings(deadline=None)
@given(arrays(np.uint8, (32, 32, 1)))
def test_standardising_is_the_stated_real_function(pixels: Pixels) -> None:
    values = pixels / 127.5 - 1
    real = np.clip((values - values.mean()) / (2.5 * (values.std() + 0.02)), -1, 127 / 128)
    assert np.abs((even_out(pixels).astype(float) - 128) / 128 - real).max() <= 0.55 / 128


def test_a_plain_picture_standardises_to_zero() -> None:
    assert (even_out(np.full((29, 29, 3), 200, np.uint8)) == 128).all()


def test_standardising_a_large_colour_picture_does_not_overflow() -> None:
    pixels = np.zeros((512, 512, 3), np.uint8)
    pixels[256:] = 255
    evened = even_out(pixels)
    assert evened.min() == 78
    assert evened.max() == 178


@settings(deadline=None)
@given(arrays(np.uint8, (5, 7, 3)))
def test_grey_follows_the_formula(pixels: Pixels) -> None:
    red, green, blue = (pixels[:, :, c].astype(int) for c in range(3))
    assert np.array_equal(to_grey(pixels)[:, :, 0], (77 * red + 150 * green + 29 * blue + 128) // 256)


def test_grey_pictures_are_grey_already() -> None:
    values = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    assert np.array_equal(to_grey(np.repeat(values, 3, axis=2)), values)


@pytest.mark.parametrize(("height", "width"), [(4, 9), (9, 4), (5, 8), (6, 6), (1, 7)])
@pytest.mark.parametrize("size", [1, 29])
def test_the_crop_for_a_square_is_the_central_square(height: int, width: int, size: int) -> None:
    pixels = np.arange(height * width, dtype=np.uint8).reshape(height, width, 1)
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    assert np.array_equal(centre_crop(pixels, size, size), pixels[top : top + side, left : left + side])


@pytest.mark.parametrize(
    ("picture", "size", "rows", "columns"),
    [
        ((240, 320), (96, 128), slice(0, 240), slice(0, 320)),  # of its proportions: all of it
        ((240, 320), (128, 96), slice(0, 240), slice(70, 250)),
        ((320, 240), (96, 128), slice(70, 250), slice(0, 240)),
        ((100, 100), (64, 48), slice(0, 100), slice(12, 87)),
        ((100, 100), (48, 65), slice(13, 86), slice(0, 100)),  # 73.8 rows
        ((3, 100), (200, 1), slice(0, 3), slice(49, 50)),  # 0.015 columns: one
    ],
)
def test_the_crop_is_the_largest_central_part_of_the_inputs_proportions(
    picture: tuple[int, int], size: tuple[int, int], rows: slice, columns: slice
) -> None:
    pixels = np.arange(math.prod(picture)).reshape(*picture, 1).astype(np.uint8)
    assert np.array_equal(centre_crop(pixels, *size), pixels[rows, columns])


@pytest.mark.parametrize("shape", [(48, 64, 1), (64, 48, 3), (1, 30, 1)])
def test_an_input_need_not_be_square(shape: images.Shape) -> None:
    """A gradient stays one, from edge to edge of the crop."""
    across = np.broadcast_to(np.linspace(0, 255, 640).astype(np.uint8)[:, np.newaxis], (480, 640, 1))
    made = to_network_input(across, shape, standardise=False)
    assert made.shape == shape
    assert (made == made[:1, :, :1]).all()
    assert (np.diff(made[0, :, 0].astype(int)) > 0).all()


@pytest.mark.parametrize("channels", [0, 2, 4])
def test_other_channels_than_grey_and_colour_are_no_picture(channels: int) -> None:
    with pytest.raises(UserError, match=rf"has {channels} channels, and a picture has 1 \(grey\) or 3"):
        to_network_input(np.zeros((9, 9, 3), np.uint8), (9, 9, channels), standardise=False)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P", "RGBA", "LA", "CMYK", "I;16", "YCbCr"])
def test_every_mode_becomes_a_network_input(mode: str, channels: int) -> None:
    source = Image.linear_gradient("L").resize((50, 40))
    picture = Image.new("I;16", (50, 40), 1000) if mode == "I;16" else source.convert(mode)
    kind = {"CMYK": "TIFF", "YCbCr": "TIFF"}.get(mode, "PNG")
    result = load_picture(encoded(picture, kind), (32, 32, channels), standardise=False)
    assert result.shape == (32, 32, channels)
    assert result.dtype == np.uint8


def test_sixteen_bits_keep_their_upper_byte() -> None:
    values = np.array([[0, 255, 256, 65535]], np.uint16)
    assert decode(encoded(Image.fromarray(values)))[0, :, 0].tolist() == [0, 0, 1, 255]


@pytest.mark.parametrize(
    ("colour", "samples", "expected"),
    [(2, [0x12FF, 0xABFF, 0xFF00], [0x12, 0xAB, 0xFF]), (6, [0x12FF, 0xABFF, 0xFF00, 0], [255] * 3)],
)
def test_sixteen_bit_colour_keeps_its_upper_bytes(
    colour: int, samples: list[int], expected: list[int]
) -> None:
    picture = png_by_hand(2, 2, 16, colour, struct.pack(">HHHH"[: len(samples) + 1], *samples) * 2)
    assert decode(picture)[1, 1].tolist() == expected


def test_cmyk_becomes_rgb() -> None:
    picture = Image.new("CMYK", (8, 8), (255, 0, 0, 0))  # cyan ink
    assert decode(encoded(picture, "TIFF"))[0, 0].tolist() == [0, 255, 255]
    assert np.abs(decode(encoded(picture, "JPEG"))[0, 0].astype(int) - [0, 255, 255]).max() <= 2


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_a_moving_picture_the_first_frame_counts(kind: str) -> None:
    red, green, blue = (Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue"))
    options = {"lossless": True} if kind == "WEBP" else {}
    content = encoded(red, kind, save_all=True, append_images=[green, blue], **options)
    assert Image.open(io.BytesIO(content)).n_frames == 3
    assert (decode(content) == [255, 0, 0]).all()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 5000), (60_000, 1), (2, 3)])
def test_tiny_and_thin_pictures_are_cropped_and_enlarged(width: int, height: int) -> None:
    result = load_picture(encoded(Image.new("RGB", (width, height), (1, 2, 3))), (32, 32, 3), False)
    assert result.shape == (32, 32, 3)
    assert (result == [1, 2, 3]).all()


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (9_460, 9_460), (89_478_486, 1)])
def test_a_huge_picture_is_unreadable_and_is_not_unpacked(width: int, height: int) -> None:
    content = png_by_hand(width, height, 1, 0, bytes(-(-width // 8)))
    with pytest.raises(UnreadablePictureError, match=f"{width * height} pixels"):
        decode(content)


def test_a_picture_just_below_the_limit_is_read() -> None:
    content = png_by_hand(89_478_485, 1, 1, 0, bytes(-(-89_478_485 // 8)))
    assert (load_picture(content, (29, 29, 1), False) == 0).all()


def test_transparent_pixels_lie_on_white() -> None:
    rgba = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 0, 0, 128]]], np.uint8)
    assert decode(encoded(Image.fromarray(rgba)))[0].tolist() == [[10, 20, 30], [255] * 3, [127] * 3]


def test_a_large_transparent_picture_lies_on_white_and_takes_little_memory() -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (1500, 1501, 4)).astype(np.uint8)
    rgba[0, :256] = [[value, value, value, 255 - value] for value in range(256)]
    content = encoded(Image.fromarray(rgba), "TIFF")
    tracemalloc.start()
    try:
        decoded = decode(content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    wide = rgba.astype(np.int64)
    expected = (wide[:, :, :3] * wide[:, :, 3:] + 255 * (255 - wide[:, :, 3:]) + 127) // 255
    np.testing.assert_array_equal(decoded, expected)
    assert peak < decoded.nbytes + len(content) + 30_000_000


def test_palettes_are_looked_up() -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([1, 2, 3, 250, 251, 252])
    picture.putpixel((1, 0), 1)
    assert decode(encoded(picture))[0].tolist() == [[1, 2, 3], [250, 251, 252]]


def test_the_exif_orientation_is_obeyed() -> None:
    picture = Image.fromarray(np.array([[0, 255]], np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    assert decode(encoded(picture, exif=exif))[:, 0, 0].tolist() == [0, 255]


def test_colour_and_grey_sources_agree() -> None:
    values = np.random.default_rng(0).integers(0, 256, (40, 50, 1), np.uint8)
    colour = np.repeat(values, 3, axis=2)
    for channels in (1, 3):
        grey_input, colour_input = (to_network_input(p, (32, 32, channels), True) for p in (values, colour))
        assert np.array_equal(grey_input, colour_input)


def test_paths_bytes_and_streams_are_the_same(tmp_path: Path) -> None:
    content = encoded(Image.linear_gradient("L"))
    (tmp_path / "picture.png").write_bytes(content)
    from_bytes = load_picture(content, (32, 32, 1), True)
    assert np.array_equal(load_picture(tmp_path / "picture.png", (32, 32, 1), True), from_bytes)
    assert np.array_equal(load_picture(io.BytesIO(content), (32, 32, 1), True), from_bytes)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_are_unreadable_and_never_anything_else(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]))
    content = bytearray(encoded(Image.linear_gradient("L").resize((40, 40)), kind))
    del content[data.draw(st.integers(0, len(content))) :]
    for _ in range(data.draw(st.integers(0, 3))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert load_picture(bytes(content), (29, 29, 1), True).shape == (29, 29, 1)
    except UserError as error:
        assert isinstance(error, UnreadablePictureError)


@pytest.mark.parametrize("content", [b"", b"no picture", encoded(Image.new("L", (90, 90)), "JPEG")[:300]])
def test_empty_cut_and_other_files_are_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadablePictureError, match="cannot be read as a picture"):
        decode(content)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.jpg"
    path.write_text("no picture")
    for missing in (path, tmp_path / "nowhere.png"):
        with pytest.raises(UnreadablePictureError, match=missing.name):
            load_picture(missing, (32, 32, 1), True)


def test_floating_point_samples_are_refused() -> None:
    with pytest.raises(UnreadablePictureError, match="floating-point"):
        decode(encoded(Image.new("F", (4, 4), 0.5), "TIFF"))
