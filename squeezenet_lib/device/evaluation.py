"""The test split on a board: how good it is, how fast, and whether every score is the reference's."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from squeezenet_lib.dataset.arrays import load_split
from squeezenet_lib.decide import measures
from squeezenet_lib.device.emulator import instructions
from squeezenet_lib.device.hello import Hello, Model, usable_model
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.device.protocol import Result
from squeezenet_lib.errors import UserError
from squeezenet_lib.evaluation import accuracy, macro_f1
from squeezenet_lib.outputs import replace_when_done, write_json
from squeezenet_lib.paths import METRICS, PLOTS, PROCESSED, SQZ_MODEL, TFLITE_MODEL
from squeezenet_lib.sqz.header import CRC_START, SQZ, TFL, read_header
from squeezenet_lib.tflite.agreement import require_equal, spread
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.reference import predict_reference

EMULATED = "qemu"  # the name of a board whose time is not a chip's


@dataclass(frozen=True)
class Files:
    """What is read: the .sqz that the board must have, its .tflite, data/processed; and what is written."""

    model: Path = SQZ_MODEL
    tflite: Path = TFLITE_MODEL
    data: Path = PROCESSED
    metrics: Path = METRICS / "device.json"
    plot: Path = PLOTS / "device.csv"


def evaluate(link: BoardLink, hello: Hello, files: Files, count: int | None) -> str:
    """Let the board classify the test split, or `count` evenly spread pictures of it; returns a summary.

    Raises UserError when the board has another model, when a file is missing, and, after the metrics are
    written, when a score differs.
    """
    model = usable_model(hello)
    require_same_model(model, files.model)
    if not files.tflite.is_file():
        raise UserError(f"{files.tflite} is missing; run `dvc repro quantize` first")
    test = load_split(files.data, "test")
    if test.images.shape[1:] != model.shape:
        raise UserError(
            f"{files.data} holds pictures of {test.images.shape[1:]} and the model takes {model.shape}: "
            "run `dvc repro`"
        )
    chosen = spread(len(test.images), min(count or len(test.images), len(test.images)))
    labels = np.asarray(test.labels)[chosen]
    reference = _reference(files.tflite, test.images[chosen], model)
    results = [link.classify(np.asarray(test.images[i])) for i in tqdm(chosen, unit="picture", disable=None)]
    scores = np.array([result.scores for result in results], np.int8)
    figures = {
        "board": hello.board,
        "pictures": len(chosen),
        "agreement": float(np.mean((scores == reference).all(axis=1))),
        "accuracy": accuracy(labels, scores),
        "macro_f1": macro_f1(labels, scores),
        **_answered(model, labels, scores),
        **_cost(hello, results),
    }
    write_json(files.metrics, figures)
    _write_plot(files.plot, chosen, labels, results, _each(hello, results))
    require_equal(f"the board on {link.port_name}", scores, reference, chosen)
    lines = [f"{len(chosen)} pictures, all scores as TFLite's reference kernels give them"]
    lines += [f"{key.replace('_', ' ')}: {value}" for key, value in list(figures.items())[3:]]
    return "\n".join(lines)


def require_same_model(model: Model, path: Path) -> None:
    """Raise UserError when the board's model is not the .sqz or .tfl at `path`, or when that is none."""
    if not path.is_file():
        raise UserError(f"{path} does not exist: run `dvc repro huffman`, or name a .sqz with --model")
    sqz = path.read_bytes()
    try:
        read_header(sqz, (SQZ, TFL))
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    crc32 = zlib.crc32(sqz[CRC_START:])
    if model.crc32 != crc32:
        raise UserError(
            f"the board has another model (CRC-32 {model.crc32:#010x}) than {path} ({crc32:#010x}): load it "
            f"with `device load {path}`, or build and flash the firmware again"
        )


def _reference(path: Path, images: npt.NDArray[np.uint8], model: Model) -> npt.NDArray[np.int8]:
    """Scores (N, classes) by the .tflite at `path`. Raises UserError when it is damaged, and when it takes or
    gives other things than `model`.
    """
    content = path.read_bytes()
    try:
        read_graph(content)  # TFLite crashes at some damaged files, and those are refused here
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    try:
        scores = predict_reference(content, images)
    except (ValueError, RuntimeError):
        scores = None
    if scores is None or scores.shape[1] != len(model.class_names):
        raise UserError(
            f"{path} takes other pictures or has other classes than the board's model: name the .tflite that "
            "this was made from with --tflite"
        )
    return scores


def _each(hello: Hello, results: Sequence[Result]) -> tuple[str, list[float]]:
    """What each picture cost, and the name of that figure."""
    if hello.board == EMULATED:
        return "instructions", [instructions(result.cycles) for result in results]
    return "milliseconds", [result.microseconds / 1000 for result in results]


def _cost(hello: Hello, results: Sequence[Result]) -> dict[str, float]:
    name, each = _each(hello, results)
    if name == "instructions":
        return {name: round(float(np.mean(each)))}
    return {
        "latency_median_ms": round(float(np.median(each)), 3),
        "latency_p95_ms": round(float(np.percentile(each, 95)), 3),
    }


def _answered(
    model: Model, labels: npt.NDArray[np.int64], scores: npt.NDArray[np.int8]
) -> dict[str, float | None]:
    """Where the model's file says how it decides: the share of pictures that get a class, and of these the
    share that get the right one, null when there are none.
    """
    if model.decision is None:
        return {}
    measured = measures.figures(model.decision, labels, scores)
    return {"coverage": measured["coverage"], "accuracy_of_answers": measured["accuracy"]}


def _write_plot(
    path: Path,
    pictures: npt.NDArray[np.int64],
    labels: npt.NDArray[np.int64],
    results: Sequence[Result],
    each: tuple[str, list[float]],
) -> None:
    """One line a picture: its number in the test split, its class, the board's answer (-1: unknown), what it
    cost.
    """
    name, costs = each
    answers = [result.class_index for result in results]
    columns = zip(pictures.tolist(), labels.tolist(), answers, costs, strict=True)
    with replace_when_done(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["picture", "actual", "predicted", name])
        writer.writerows(columns)
