"""What the web page tells: the pipeline's outputs as story.json, pictures, firmware and manifest.json.

site/src/story.ts is the twin of story.json.
"""

from __future__ import annotations

import csv
import json
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from squeezenet_lib.dataset.arrays import Split, load_classes, load_split
from squeezenet_lib.device.advice import RULES
from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import write_json
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import Params
from squeezenet_lib.paths import (
    DECISION,
    METRICS,
    PLOTS,
    PROCESSED,
    RAW,
    SQZ_MODEL,
    TFLITE_MODEL,
    TRAINED,
)
from squeezenet_lib.ranking import UNKNOWN
from squeezenet_lib.report.story import facts, load_metrics, steps
from squeezenet_lib.site.firmware import manifest, write_images
from squeezenet_lib.site.layers import layers_of
from squeezenet_lib.site.output import read_output
from squeezenet_lib.sqz.decision import Decision, as_json, decide
from squeezenet_lib.sqz.header import CRC_START, read_header
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.version import version

PROVENANCE = RAW / "provenance.json"
WEIGHTS_NOTICE = "weights-license.txt"

PACKAGES = ("tensorflow", "tf_keras", "numpy", "pillow", "dahuffman", "tflite-micro", "platformio", "esptool")
# Test pictures that are shown.
RIGHT, WRONG = 16, 8

Scores = npt.NDArray[np.int8]


def write_data(folder: Path, project: Path = Path(), chips: Sequence[str] = ()) -> None:
    """Write all that the page loads into the existing `folder`, from the outputs under `project`.

    chips: as of write_images. Raises UserError when an output is missing or does not fit the others.
    """
    params = load_params(project / "params.yaml")
    metrics = load_metrics(project / METRICS)
    tflite, sqz = (read_output(project / path) for path in (TFLITE_MODEL, SQZ_MODEL))
    classes, test = load_classes(project / PROCESSED), load_split(project / PROCESSED, "test")
    images = write_images(folder, project, params.pio, metrics["pio_build"]["image_sha256"], chips)
    header = read_header(sqz)
    if tuple(classes) != header.class_names:
        raise UserError(f"{SQZ_MODEL} has other classes than {PROCESSED}; run `make demo`.")
    scores = HostRuntime(sqz).run(test.images)
    answers = decide(header.decision, scores)
    right, wrong = _shown(test.labels, answers)
    story = {
        "version": version(),
        "input": {
            "height": header.height,
            "width": header.width,
            "channels": header.channels,
            "standardise": header.standardise,
        },
        "classes": classes,
        "path": [asdict(step) for step in steps(metrics)],
        "facts": facts(metrics),
        "pictures": len(test.labels),
        "instructions": metrics["emulate"]["instructions"],
        "arena_bytes": header.arena_bytes,
        "provenance": _provenance(project / PROVENANCE),
        "weights": _weights(folder, project / TRAINED),
        "decision": as_json(header.decision),
        "choice": _choice(project),
        **_answered(test.labels, answers, header.decision, header.classes),
        "right": save_samples(folder, test, scores, right),
        "wrong": save_samples(folder, test, scores, wrong),
        "layers": [asdict(layer) for layer in layers_of(tflite, sqz, params.huffman, test.images[0])],
        "params": _plain(params),
        "packages": {name: package_version(name) for name in PACKAGES},
        "model": {"bytes": len(sqz), "crc32": zlib.crc32(sqz[CRC_START:])},
        "firmware": [image.described for image in images],
        "baud": params.pio.baud_rate,
        "advice": [asdict(rule) for rule in RULES],
    }
    write_json(folder / "story.json", story)
    write_json(folder / "manifest.json", manifest(images))
    shutil.copyfile(project / SQZ_MODEL, folder / SQZ_MODEL.name)


def _provenance(path: Path) -> dict[str, str]:
    """Whose pictures these are: a page that shows them has to say so. Not where they lay on this machine."""
    content = json.loads(read_output(path))
    return {key: content[key] for key in ("licence", "citation")}


def _weights(folder: Path, trained: Path) -> dict[str, str] | None:
    """Whose weights training started from, None where from its own or random ones; their licence, which goes
    with what is made of them, is written into `folder`.
    """
    content = json.loads(read_output(trained / "provenance.json"))
    if not content:
        return None
    (folder / WEIGHTS_NOTICE).write_bytes(read_output(trained / "LICENSE.txt"))
    return {key: content[key] for key in ("licence", "citation")} | {"notice": WEIGHTS_NOTICE}


def _plain(params: Params) -> dict[str, Any]:
    """The params as JSON has them."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(params)))
    return plain


def _answered(
    labels: npt.NDArray[np.int64], answers: npt.NDArray[np.int64], decision: Decision | None, classes: int
) -> dict[str, list[Any] | None]:
    """Pictures by true class and answer; and how many of each class got none, where there may be such."""
    counts = np.zeros((classes, classes + 1), np.int64)  # the last column: UNKNOWN
    np.add.at(counts, (labels, answers), 1)
    unknown = counts[:, UNKNOWN].tolist() if decision and decision.rejects else None
    return {"confusion": counts[:, :-1].tolist(), "unknown": unknown}


def _choice(project: Path) -> dict[str, Any] | None:
    """The decide stage's curves of one class; None where they were not made."""
    tables = {
        split: project / f"{PLOTS}/decide/precision_recall_{split}.csv" for split in ("validation", "test")
    }
    if not all(path.is_file() for path in (*tables.values(), project / DECISION)):
        return None
    rows = {
        split: [
            {key: float(value) for key, value in row.items()}
            for row in csv.DictReader(read_output(path).decode().splitlines())
        ]
        for split, path in tables.items()
    }
    return {"class": json.loads(read_output(project / DECISION))["curve_of"], **rows}


def _shown(labels: npt.NDArray[np.int64], answers: npt.NDArray[np.int64]) -> tuple[list[int], list[int]]:
    """Indices of pictures that are classified right and not, each spread evenly over the true classes."""
    hits = answers == labels
    by_class = np.argsort(labels, kind="stable")
    return _spread(by_class[hits[by_class]], RIGHT), _spread(by_class[~hits[by_class]], WRONG)


def _spread(indices: npt.NDArray[np.int64], most: int) -> list[int]:
    count = min(most, len(indices))
    return [int(index) for index in indices[np.linspace(0, len(indices) - 1, count).astype(np.int64)]]


def save_samples(folder: Path, test: Split, scores: Scores, indices: list[int]) -> list[dict[str, Any]]:
    """Finished network inputs as PNG, and what the model says of them."""
    samples = []
    (folder / "pictures").mkdir(exist_ok=True)
    for index in indices:
        name = f"pictures/{index}.png"
        pixels = np.asarray(test.images[index])
        Image.fromarray(pixels.squeeze(axis=2) if pixels.shape[2] == 1 else pixels).save(folder / name)
        samples.append({"picture": name, "label": int(test.labels[index]), "scores": scores[index].tolist()})
    return samples
