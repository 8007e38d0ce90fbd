"""site/src/camera_frames.ts makes the pixels of frame_pixels.py of a frame, and a chip's network inputs."""

import json
import subprocess
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from squeezenet_lib.device.frames import AUTO, CameraSettings, camera_settings
from squeezenet_lib.frame_pixels import FrameFormat, frame_pixels, upright
from tests.support.host_frame import on_chip, packed
from tests.support.page_module import bundle_module

FRAMES = 1000  # of each format
# Reads cases as lines of JSON, bytes in base64, and answers each with a line.
RUNNER = """
import { readFileSync } from "node:fs";
import { FORMATS, framePixels, paramsLines, readSettings, writeSettings } from "./camera_frames.mjs";
import { toNetworkInput } from "./network_input.mjs";
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
for (const line of readFileSync(0, "utf8").trimEnd().split("\\n")) {
  const { frame, settings, shape } = JSON.parse(line);
  if (settings !== undefined) {
    const read = readSettings(bytes(settings));
    const written = Buffer.from(writeSettings(read)).toString("base64");
    console.log(JSON.stringify([written, read, paramsLines(read)]));
  } else {
    const pixels = framePixels({ ...frame, rows: bytes(frame.rows) }, shape.channels);
    const { samples, height, width, channels } = pixels;
    const both = [samples, toNetworkInput(pixels, shape)];
    const texts = both.map((made) => Buffer.from(made).toString("base64"));
    console.log(JSON.stringify([height, width, channels, ...texts, FORMATS[frame.format].name]));
  }
}
"""


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("node")
    for name in ("camera_frames.ts", "network_input.ts"):
        bundle_module(name, folder)
    (folder / "run.mjs").write_text(RUNNER)
    return folder / "run.mjs"


def answers(runner: Path, cases: list[dict[str, Any]]) -> list[Any]:
    text = "\n".join(json.dumps(case) for case in cases)
    done = subprocess.run(["node", runner], input=text, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("kind", FrameFormat)
def test_pixels_and_network_inputs_are_those_of_python_and_the_chip(runner: Path, kind: FrameFormat) -> None:
    random = np.random.default_rng(kind)
    cases, expected = [], []
    for index in range(FRAMES):
        width, height, turned = 2 * int(random.integers(1, 20)), int(random.integers(1, 40)), index % 8
        rows = random.integers(0, 256, (height, width, kind.pixel_bytes), np.uint8)
        shape = (*random.integers(1, 40, 2).tolist(), 1 if random.integers(2) else 3)
        wished = dict(zip(("height", "width", "channels"), shape, strict=True))
        frame = {"width": width, "height": height, "format": int(kind), "orientation": turned}
        frame["rows"] = b64encode(rows.tobytes()).decode()
        cases.append({"frame": frame, "shape": {**wished, "standardise": bool(index % 2)}})
        stride = width * kind.pixel_bytes
        pixels = upright(frame_pixels(rows.tobytes(), width, height, stride, kind, shape[2]), turned)
        made = on_chip(packed(rows, kind, 0, turned), shape, bool(index % 2))
        expected.append((pixels, made))
    for found, (pixels, made) in zip(answers(runner, cases), expected, strict=True):
        assert (tuple(found[:3]), found[5]) == (pixels.shape, kind.name.lower())
        assert b64decode(found[3]) == pixels.tobytes()
        assert b64decode(found[4]) == made.tobytes()


def test_settings_of_the_camera_are_those_of_python(runner: Path) -> None:
    wanted = [
        CameraSettings(turned, 50 - turned, (AUTO, 0, 1200)[turned % 3], turned % 5) for turned in range(8)
    ]
    payloads = [settings.payload for settings in wanted]
    found = answers(runner, [{"settings": b64encode(payload).decode()} for payload in payloads])
    for payload, (written, read, shown) in zip(payloads, found, strict=True):
        assert b64decode(written) == payload
        told = camera_settings(payload).params
        assert read == told
        listed = [f"    {key}: {str(value).lower()}" for key, value in told.items()]
        assert shown == "\n".join(["pio:", "  camera:", *listed])
