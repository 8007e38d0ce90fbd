"""Probabilities that are as often right as they say: one temperature for all logits, fitted on validation.

Guo et al. 2017, On Calibration of Modern Neural Networks, arXiv:1706.04599. Its inverse is the softmax's
beta, which the kernels multiply into the scale of the logits: it costs nothing on the chip, and which class
scores highest does not depend on it.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import numpy.typing as npt

from squeezenet_lib.dataset.arrays import Split
from squeezenet_lib.evaluation import Labels, expected_calibration_error, reliability
from squeezenet_lib.graph import Softmax
from squeezenet_lib.outputs import write_table
from squeezenet_lib.tflite.file import with_softmax_beta
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.reference import predict_reference
from squeezenet_lib.tflite.writer import write_graph

LEAST, MOST = 0.25, 4.0  # beta; few pictures that are all right would have it endless
_HALVINGS = 30
_WAYS_BACK = 10
Scores = npt.NDArray[np.int8]


def fit_temperature(model: bytes, validation: Split) -> tuple[bytes, float]:
    """The .tflite, which ends in a softmax, with its temperature: the one with the least cross-entropy on the
    validation split.

    A score is a multiple of 1/256: where a high temperature would make two of a picture equal and so change
    its answer, one nearer to 1 is taken. All but four bytes of the model stay.
    """
    labels, images = validation.labels, validation.images
    beta = fitted_beta(_logits(model, images), labels)
    answers = predict_reference(model, images).argmax(axis=1)
    for way in range(_WAYS_BACK):
        nearer = round(beta + (1.0 - beta) * way / _WAYS_BACK, 4)
        calibrated = with_softmax_beta(model, nearer)
        if np.array_equal(predict_reference(calibrated, images).argmax(axis=1), answers):
            return calibrated, 1.0 / nearer
    return model, 1.0


def fitted_beta(logits: npt.NDArray[np.float64], labels: Labels) -> float:
    """The factor, within LEAST and MOST, for logits (N, classes) with the least cross-entropy.

    That is convex in the factor; its slope is the mean of expected less true logit.
    """
    low, high = LEAST, MOST
    true = logits[np.arange(len(labels)), labels]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        powers = np.exp(middle * (logits - logits.max(axis=1, keepdims=True)))
        expected = (powers * logits).sum(axis=1) / powers.sum(axis=1)
        if np.mean(expected - true) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def record_calibration(folder: Path, labels: Labels, before: Scores, after: Scores) -> dict[str, float]:
    """Write reliability_before.csv and reliability_after.csv; the expected calibration errors, shares of 1.

    before, after: int8 scores (N, classes) that are probabilities.
    """
    errors = {}
    for key, scores in (("before", before), ("after", after)):
        probabilities = (scores.astype(np.float64) + 128) / 256
        write_table(folder / f"reliability_{key}.csv", reliability(labels, probabilities))
        errors[f"calibration_error_{key}"] = expected_calibration_error(labels, probabilities)
    return errors


def _logits(model: bytes, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """What goes into the softmax at the end of `model`, (N, classes), in units of 1."""
    graph = read_graph(model)
    softmax = graph.operators[-1]
    assert isinstance(softmax, Softmax)
    headless = dataclasses.replace(graph, output=softmax.input, operators=graph.operators[:-1])
    values = predict_reference(write_graph(headless), images).astype(np.float64)
    return (values - softmax.input.zero_point) * softmax.input.scale * softmax.beta
