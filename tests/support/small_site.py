"""The web page around the small model of small_firmware, built once for all tests."""

import functools
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from squeezenet_lib.dataset.arrays import Split, save_split
from squeezenet_lib.firmware.build import copy_products
from squeezenet_lib.site.build import bundle
from squeezenet_lib.site.data import write_data
from tests.support.made_once import made_once
from tests.support.small_firmware import CLASSES, FAST_SERIAL, ROOT, firmware, small_model

CHIPS = ("esp32", "esp32c3", "esp32s3")
WRONG = 3  # pictures whose label is not what the model says
METRICS: dict[str, dict[str, Any]] = {
    "train": {"accuracy": 0.8364, "start": "imagenet"},
    "prune": {"accuracy": 0.8318, "sparsity": 0.8, "zip_bytes": 9_000},
    "quantize": {"accuracy": 0.75, "tflite_zip_bytes": 7_000},
    "huffman": {
        "float32_bytes": 40_000,
        "sqz_bytes": 5_000,
        "bits_per_weight": 2.2346,
        "entropy_bits_per_weight": 2.1,
    },
    "tflm_export": {"tflm_arena_bytes": 10_604},
    "pio_build": {"flash_bytes": 60_000, "iram_bytes": 20_000, "dram_bytes": 30_000},
    "emulate": {"arena_bytes": 4_000, "pictures": 12, "emulated_pictures": 3, "instructions": 1_234_567},
}

WEIGHTS = {"source": "somewhere", "licence": "BSD", "citation": "Others, Weights, 2016."}
NOTICE = "Redistribution is permitted.\n"
PROVENANCE = {"source": "/home/somebody", "licence": "CC BY 4.0", "citation": "Somebody, Blots, 2026."}


def make_project(folder: Path) -> None:
    """What `make demo` leaves, with the small model and its pictures as the test split."""
    model, build = small_model(), firmware("esp32")
    labels = model.expected.argmax(axis=1)
    labels[:WRONG] = 1 - labels[:WRONG]
    for name in ("models", "build/tflm", "data/processed", "metrics"):
        (folder / name).mkdir(parents=True)
    (folder / "models/model.tflite").write_bytes(model.tflite)
    shutil.copyfile(model.sqz, folder / "models/model.sqz")
    shutil.copyfile(model.golden, folder / "build/tflm/golden.bin")
    copy_products(build, folder / "build/firmware")
    save_split(
        folder / "data/processed", "test", Split(model.images, labels, np.eye(2, dtype=np.float32)[labels])
    )
    (folder / "data/processed/classes.json").write_text(json.dumps(CLASSES))
    (folder / "data/raw").mkdir()
    (folder / "data/raw/provenance.json").write_text(json.dumps(PROVENANCE))
    (folder / "models/imagenet").mkdir()
    (folder / "models/imagenet/provenance.json").write_text(json.dumps(WEIGHTS))
    (folder / "models/imagenet/LICENSE.txt").write_text(NOTICE)
    params = (ROOT / "params.yaml").read_text(encoding="utf-8")
    fast = re.sub(r"baud_rate: \d+", f"baud_rate: {FAST_SERIAL.baud_rate}", params)
    (folder / "params.yaml").write_text(fast, encoding="utf-8")
    digest = {"image_sha256": hashlib.sha256(build.image.read_bytes()).hexdigest()}
    for stage, values in METRICS.items():
        content = values | (digest if stage == "pio_build" else {})
        (folder / f"metrics/{stage}.json").write_text(json.dumps(content))


@functools.cache
def small_site() -> Path:
    """The built page; it installs images of all CHIPS."""
    return made_once("small-site", _build)


def _build(folder: Path) -> Path:
    make_project(folder / "project")
    site = folder / "site"
    site.mkdir()
    write_data(site, folder / "project", CHIPS)
    bundle(site)
    return site
