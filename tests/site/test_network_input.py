"""site/src/network_input.ts makes the network inputs of images.py, bit for bit, from the same pixels."""

import json
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from squeezenet_lib.images import Shape, decode, even_out, to_network_input
from tests.support.page_module import bundle_module

# Reads cases as lines of JSON, pixels in base64, and answers each with a line.
RUNNER = """
import { readFileSync } from "node:fs";
import { overWhite, toNetworkInput } from "./network_input.mjs";
for (const line of readFileSync(0, "utf8").trimEnd().split("\\n")) {
  const { pixels, height, width, channels, shape } = JSON.parse(line);
  const samples = new Uint8Array(Buffer.from(pixels, "base64"));
  const picture = channels === 4
    ? overWhite(new Uint8ClampedArray(samples), height, width)
    : { samples, height, width, channels };
  console.log(Buffer.from(toNetworkInput(picture, shape)).toString("base64"));
}
"""
Pixels = npt.NDArray[np.uint8]
# Sizes of pictures: enlarged, kept, shrunk by whole and by other factors, upright, wide, thin.
PICTURES = [(1, 1), (7, 7), (48, 48), (96, 96), (97, 40), (40, 97), (193, 600), (501, 333), (1, 300)]
INPUTS = [
    (29, 29, 1),
    (48, 48, 1),
    (48, 48, 3),
    (96, 96, 1),
    (96, 96, 3),
    (150, 150, 3),
    (40, 64, 3),
    (96, 30, 1),
]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("node")
    bundle_module("network_input.ts", folder)
    (folder / "run.mjs").write_text(RUNNER)
    return folder / "run.mjs"


def case(pixels: Pixels, wished: Shape, standardise: bool) -> dict[str, Any]:
    shape = dict(zip(("height", "width", "channels"), wished, strict=True))
    return {
        "pixels": pixels,
        **dict(zip(("height", "width", "channels"), pixels.shape, strict=True)),
        "shape": {**shape, "standardise": standardise},
    }


def wished(one: dict[str, Any]) -> Shape:
    shape = one["shape"]
    return shape["height"], shape["width"], shape["channels"]


def run(runner: Path, cases: list[dict[str, Any]]) -> list[Pixels]:
    lines = [json.dumps(one | {"pixels": b64encode(one["pixels"].tobytes()).decode()}) for one in cases]
    done = subprocess.run(
        ["node", runner], input="\n".join(lines), capture_output=True, text=True, check=True
    )
    inputs = []
    for one, line in zip(cases, done.stdout.split(), strict=True):
        inputs.append(np.frombuffer(b64decode(line), np.uint8).reshape(wished(one)))
    return inputs


def test_random_pictures_of_all_sizes_and_shapes(runner: Path) -> None:
    random = np.random.default_rng(3)
    cases = [
        case(random.integers(0, 256, (height, width, samples), np.uint8), shape, standardise)
        for height, width in PICTURES
        for shape in INPUTS
        for samples in (1, 3)
        for standardise in (False, True)
    ]
    for one, made in zip(cases, run(runner, cases), strict=True):
        expected = to_network_input(one["pixels"], wished(one), one["shape"]["standardise"])
        assert np.array_equal(made, expected), one | {"pixels": ""}


def test_standardising_is_exact_where_contrast_is_none_little_or_all(runner: Path) -> None:
    random = np.random.default_rng(4)
    ranges = [(0, 0), (255, 255), (128, 128), (0, 1), (127, 129), (250, 255), (0, 255)]
    cases = [
        case(random.integers(low, high + 1, (size, size, 3), np.uint8), (size, size, 3), True)
        for low, high in ranges
        for size in (29, 150, 320)  # 320 x 320 x 3: the largest sums that any chip's arena allows for
    ]
    half = np.zeros((320, 320, 3), np.uint8)
    half[:160] = 255
    cases.append(case(half, (320, 320, 3), True))
    for one, made in zip(cases, run(runner, cases), strict=True):
        assert np.array_equal(made, even_out(one["pixels"]))


def test_transparency_is_laid_over_white_as_pillow_s_pictures_are(runner: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    rgba = random.integers(0, 256, (256, 61, 4), np.uint8)
    rgba[:, :, 3] = np.arange(256)[:, np.newaxis]  # every opacity
    Image.fromarray(rgba).save(tmp_path / "picture.png")
    (made,) = run(runner, [case(rgba, (61, 61, 3), False)])
    assert np.array_equal(made, to_network_input(decode(tmp_path / "picture.png"), (61, 61, 3), False))


def test_a_photograph_s_size_keeps_its_sums_exact(runner: Path) -> None:
    white = np.full((1500, 2001, 3), 255, np.uint8)
    white[::7, ::5] = 254
    (made,) = run(runner, [case(white, (96, 96, 3), False)])
    assert np.array_equal(made, to_network_input(white, (96, 96, 3), False))
