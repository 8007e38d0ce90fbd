"""site/src/picture.ts gets the pixels that images.py gets, of files that define them exactly."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms
from selenium import webdriver

from squeezenet_lib.images import decode
from tests.support.page_module import bundle_module
from tests.support.site_server import serve_site

DECODE = """
const [name, done] = arguments;
(async () => {
  const { decodePicture } = await import("/picture.mjs");
  const { height, width, samples } = await decodePicture(await (await fetch(name)).blob());
  done([height, width, [...samples]]);
})().catch((error) => done(String(error)));
"""
ORIENTATION = 0x112
random = np.random.default_rng(9)
BLOTS = np.kron(random.integers(0, 256, (5, 8, 3)), np.ones((8, 8, 1), int)).astype(np.uint8)
PICTURE = Image.fromarray(BLOTS)


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return exif


def every_opacity() -> Image.Image:
    rgba = random.integers(0, 256, (256, 40, 4), np.uint8)
    rgba[:, :, 3] = np.arange(256)[:, np.newaxis]
    return Image.fromarray(rgba)


def wide_gamut() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


KINDS: dict[str, Callable[[Path], None]] = {
    "rgb.png": PICTURE.save,
    "grey.png": PICTURE.convert("L").save,
    "palette.png": PICTURE.convert("P").save,
    "black-and-white.png": PICTURE.convert("1").save,
    "transparent.png": every_opacity().save,
    "turned.png": lambda path: PICTURE.save(path, exif=turned()),
    "profile.png": lambda path: PICTURE.save(path, icc_profile=wide_gamut()),
    "16 bits.png": Image.fromarray(np.arange(0, 65533, 13, np.uint16).reshape(71, 71)).save,
    "windows.bmp": PICTURE.save,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    bundle_module("picture.ts", folder)
    (folder / "index.html").write_text("<!doctype html><title>Pictures</title>")
    for name, save in KINDS.items():
        save(folder / name)
    return folder


def pixels(chrome: webdriver.Chrome, folder: Path, name: str) -> npt.NDArray[np.uint8]:
    with serve_site(folder) as server:
        chrome.get(server.address)
        height, width, samples = chrome.execute_async_script(DECODE, name)
        chrome.get("about:blank")
    return np.array(samples, np.uint8).reshape(height, width, 3)


@pytest.mark.parametrize("name", KINDS)
def test_pixels_are_pillow_s(chrome: webdriver.Chrome, folder: Path, name: str) -> None:
    expected = decode(folder / name)
    if expected.shape[2] == 1:
        expected = np.repeat(expected, 3, axis=2)
    assert np.array_equal(pixels(chrome, folder, name), expected)
