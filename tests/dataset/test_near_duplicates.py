"""Pictures that were saved anew or made smaller are known again; pictures that look alike are told apart."""

import io

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from squeezenet_lib.dataset.appearance import APPEARANCE, Appearances, appearance
from squeezenet_lib.dataset.near_duplicates import find_near_duplicates
from squeezenet_lib.images import decode

RESAMPLING = Image.Resampling


def scene(seed: int, width: int = 240, height: int = 180) -> Image.Image:
    """Soft spots of colour with a few hard shapes, such as a photograph has."""
    random = np.random.default_rng(seed)
    small = Image.fromarray(random.integers(0, 256, (9, 12, 3), np.uint8))
    picture = small.resize((width, height), RESAMPLING.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for _ in range(6):
        x, y, size = random.integers(0, 160, 3).tolist()
        draw.ellipse((x, y, x + size // 3, y + size // 4), tuple(random.integers(0, 256, 3).tolist()))
    return picture


def saved(picture: Image.Image, kind: str, **options: int) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return Image.open(io.BytesIO(buffer.getvalue()))


def smaller(picture: Image.Image, side: int, by: RESAMPLING = RESAMPLING.LANCZOS) -> Image.Image:
    scale = side / max(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    return saved(picture.resize(size, by), "JPEG", quality=80)


def seen(*pictures: Image.Image | npt.NDArray[np.uint8]) -> Appearances:
    files = []
    for picture in pictures:
        buffer = io.BytesIO()
        one = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        one.save(buffer, "PNG")
        files.append(appearance(decode(buffer.getvalue())))
    return np.concatenate(files)


def copies(*pictures: Image.Image | npt.NDArray[np.uint8]) -> dict[int, int]:
    count = len(pictures)
    return find_near_duplicates(seen(*pictures), range(count), ["cat"] * count, [""] * count).copy_of


@pytest.mark.parametrize("seed", range(6))
def test_other_bytes_of_equal_pixels_are_found(seed: int) -> None:
    original = scene(seed)
    for other in (
        *(saved(original, "JPEG", quality=quality) for quality in (50, 75, 90)),
        saved(original, "WEBP", quality=80),
        saved(original, "BMP"),
        *(smaller(original, side, by) for side in (160, 120) for by in (RESAMPLING.BICUBIC, RESAMPLING.BOX)),
    ):
        assert copies(original, other.convert("RGB")) == {1: 0}


def test_different_pictures_are_told_apart() -> None:
    assert copies(*(scene(seed) for seed in range(40))) == {}


def test_plain_pictures_are_equal_only_when_they_are() -> None:
    plain = [np.full((20, 30), value, np.uint8) for value in (0, 100, 102, 255)]
    assert copies(*plain) == {}
    assert copies(*plain, np.full((40, 60), 100, np.uint8)) == {1: 4}


def plain(colour: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", (40, 30), colour)


def test_plain_pictures_of_different_colours_are_told_apart_however_bright_they_are() -> None:
    equally_bright = [(120, 100, 100), (100, 104, 132), (106, 106, 106), (90, 113, 110)]
    assert len({plain(colour).convert("L").getpixel((0, 0)) for colour in equally_bright}) == 1
    assert copies(*map(plain, equally_bright)) == {}
    assert copies(plain((200, 40, 40)), plain((40, 40, 200)), plain((0, 0, 0))) == {}


@pytest.mark.parametrize("colour", [(200, 40, 40), (104, 108, 100), (13, 250, 3), (0, 0, 0)])
def test_a_plain_picture_in_other_bytes_is_found(colour: tuple[int, int, int]) -> None:
    original = plain(colour)
    for other in (*(saved(original, "JPEG", quality=q) for q in (50, 75, 90)), saved(original, "GIF")):
        assert copies(original, other.convert("RGB")) == {1: 0}


def test_what_is_in_one_place_only_tells_pictures_apart() -> None:
    """A print on a shirt, a mark on a part, a star in the dark."""
    shirt = scene(1)
    marked = shirt.copy()
    ImageDraw.Draw(marked).rectangle((100, 60, 118, 78), "white")
    sky, other_sky = np.zeros((300, 300), np.uint8), np.zeros((300, 300), np.uint8)
    sky[40:44, 50:54] = other_sky[200:204, 90:94] = 255
    assert copies(shirt, marked, sky, other_sky) == {}


def test_colours_proportions_and_brightness_tell_pictures_apart() -> None:
    original = scene(2)
    red, green, blue = original.split()
    others = [
        Image.merge("RGB", (blue, green, red)),
        original.resize((240, 200)),
        original.point(lambda value: value * 9 // 10),
        original.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        original.crop((12, 9, 228, 171)),
    ]
    assert copies(original, *others) == {}


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (7, 5), (2000, 65)])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_of_any_size_have_an_appearance(shape: tuple[int, int], channels: int) -> None:
    found = appearance(np.full((*shape, channels), 77, np.uint8))
    assert found.dtype == APPEARANCE
    assert found["grey"] == pytest.approx(77, abs=0.01)
    assert (found["colours"] == 77).all()


def test_the_test_splits_picture_stays_then_vals_then_the_largest_then_the_first() -> None:
    original = scene(3)
    pictures = seen(smaller(original, 120), original, smaller(original, 160), original.copy())
    for splits, stays in (
        (["", "", "", ""], 1),
        (["train", "train", "val", "train"], 2),
        (["test", "train", "val", "train"], 0),
    ):
        found = find_near_duplicates(pictures, range(4), ["cat"] * 4, splits)
        assert found.copy_of == {place: stays for place in range(4) if place != stays}
        assert found.contradictory == []
    found = find_near_duplicates(pictures, [0, 2, 3], ["cat"] * 4, [""] * 4)
    assert found.copy_of == {0: 3, 2: 3}


def test_alike_pictures_of_two_classes_are_all_left_out() -> None:
    pictures = seen(scene(4), smaller(scene(4), 120), scene(5))
    found = find_near_duplicates(pictures, range(3), ["cat", "dog", "dog"], ["", "test", ""])
    assert found.contradictory == [[0, 1]]
    assert found.copy_of == {}


def test_nothing_is_like_nothing() -> None:
    assert find_near_duplicates(np.zeros(0, APPEARANCE), [], [], []).copy_of == {}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.sampled_from(["", "train", "val", "test"]))))
def test_no_two_that_stay_are_alike(drawn: list[tuple[int, bool, str]]) -> None:
    made = {
        (seed, small): smaller(scene(seed), 120) if small else scene(seed)
        for seed in range(4)
        for small in (0, 1)
    }
    pictures = seen(*(made[seed, small] for seed, small, _ in drawn)) if drawn else np.zeros(0, APPEARANCE)
    found = find_near_duplicates(
        pictures, range(len(drawn)), ["cat"] * len(drawn), [split for *_, split in drawn]
    )
    stay = [seed for place, (seed, *_) in enumerate(drawn) if place not in found.copy_of]
    assert sorted(stay) == sorted({seed for seed, *_ in drawn})
    assert all(drawn[copy][0] == drawn[kept][0] for copy, kept in found.copy_of.items())
