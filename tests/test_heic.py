"""HEIC and HEIF pictures, as phones take them, in every place where a picture is read."""

import io
import random
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.cli.command_line import main
from squeezenet_lib.dataset.decoding import decode_pictures
from squeezenet_lib.errors import UserError
from squeezenet_lib.images import UnreadablePictureError, decode, load_picture
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import ROOT
from tests.support.small_firmware import small_model

PICTURES = ROOT / "tests/heic"
PLAIN = (PICTURES / "plain.heic").read_bytes()
RED, GREEN, BLUE, PALE = (200, 40, 40), (40, 200, 40), (40, 40, 200), (230, 230, 230)
WHITE = (255, 255, 255)
LOSS = 3  # of 255: the pictures are not stored without loss


def corners(content: bytes) -> list[list[int]]:
    """Upper left, upper right, lower left, lower right; each well within its quarter."""
    pixels = decode(content)
    return [pixels[y, x].tolist() for y in (8, -8) for x in (8, -8)]


@pytest.mark.parametrize(
    ("name", "shape", "expected"),
    [
        ("plain", (48, 64, 3), [RED, GREEN, BLUE, PALE]),
        # a quarter clockwise, and that once, although EXIF data and container both ask for it
        ("turned", (64, 48, 3), [BLUE, RED, PALE, GREEN]),
        ("clear", (48, 64, 3), [WHITE, GREEN, WHITE, PALE]),
        ("grey", (48, 64, 1), [(88,), (134,), (58,), (230,)]),
        ("ten_bits", (48, 64, 3), [(0,) * 3, WHITE, (117,) * 3, WHITE]),
    ],
)
def test_heic_is_read(name: str, shape: tuple[int, int, int], expected: list[tuple[int, ...]]) -> None:
    content = (PICTURES / f"{name}.heic").read_bytes()
    assert decode(content).shape == shape
    for found, wanted in zip(corners(content), expected, strict=True):
        assert np.abs(np.subtract(found, wanted)).max() <= LOSS


def test_a_brand_that_heif_and_avif_share_is_read_as_what_it_is() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), RED).save(buffer, "AVIF", quality=90)
    for content in (PLAIN, buffer.getvalue()):
        assert content[4:8] == b"ftyp"
        shared = content[:8] + b"mif1" + content[12:]
        assert np.array_equal(decode(shared), decode(content))


def declared_size(width: int, height: int) -> bytes:
    """The plain picture with another size in its container (ispe), not in its coded frame; not cropped."""
    at = PLAIN.index(b"ispe") + 8
    assert struct.unpack_from(">II", PLAIN, at) == (64, 64)  # coded in blocks of 64
    return (PLAIN[:at] + struct.pack(">II", width, height) + PLAIN[at + 8 :]).replace(b"clap", b"free")


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (9_460, 9_460)])
def test_a_huge_picture_is_unreadable(width: int, height: int) -> None:
    with pytest.raises(UnreadablePictureError, match=r"pixels|limit"):
        decode(declared_size(width, height))


@pytest.mark.parametrize("length", [20, 200, 400, len(PLAIN) - 40])
def test_a_picture_that_is_cut_off_is_unreadable(length: int) -> None:
    with pytest.raises(UnreadablePictureError, match="cannot be read as a picture"):
        decode(PLAIN[:length])


def test_damaged_pictures_are_left_out_even_when_the_decoder_crashes(tmp_path: Path) -> None:
    draw = random.Random(3)
    crashing = bytearray((PICTURES / "turned.heic").read_bytes())
    crashing[178], crashing[257] = 250, 91  # its EXIF data are longer than any memory: pi-heif 1.4.0 crashes
    contents = {"0.heic": PLAIN, "crashing.heic": bytes(crashing)}
    for number in range(1, 60):
        damaged = bytearray(PLAIN)
        for _ in range(draw.randint(1, 4)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        contents[f"{number}.heic"] = bytes(damaged)
    contents["60.heic"] = PLAIN
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    params = replace(load_params(ROOT / "params.yaml").preprocess, size=32, channels=3)
    decoded = decode_pictures(tmp_path / "pictures.zip", list(contents), tmp_path / "inputs", params, 2)
    whole = load_picture(PLAIN, (32, 32, 3), params.standardise)
    assert np.array_equal(decoded.inputs[0], whole) and np.array_equal(decoded.inputs[-1], whole)
    unreadable = [number for number, digest in enumerate(decoded.digests) if digest is None]
    assert 1 in unreadable and 10 < len(unreadable) < 60


def test_predict_takes_heic_and_says_which_one_is_damaged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cut.heic").write_bytes(PLAIN[:400])
    pictures = [str(PICTURES / "plain.heic"), str(tmp_path / "cut.heic")]
    assert main(["predict", *pictures, "--model", str(small_model().sqz)]) == 1
    said = capsys.readouterr()
    assert said.out.startswith(f"{pictures[0]}: ")
    assert said.err.startswith(f"error: {pictures[1]} cannot be read as a picture")


def test_a_missing_heic_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere\.heic"):
        decode(tmp_path / "nowhere.heic")
