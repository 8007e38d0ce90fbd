"""A temperature for the probabilities: fitted on validation, four bytes of the model, the same arithmetic."""

from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.compression.temperature import (
    LEAST,
    MOST,
    fit_temperature,
    fitted_beta,
    record_calibration,
)
from squeezenet_lib.dataset.arrays import Split
from squeezenet_lib.errors import UserError
from squeezenet_lib.evaluation import cross_entropy
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.tflite.file import with_softmax_beta
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.reference import predict_reference
from squeezenet_lib.tflite.tflm import arena_bytes, predict_tflm
from tests.support.one_layer_model import one_layer_model
from tests.support.random_network import random_network

SHAPE = (16, 16, 1)
MODELS = {
    "as the converter writes it": (random_network().tflite, random_network().images),
    "as the project writes it": (
        one_layer_model(SHAPE, softmax=True).tflite,
        np.random.default_rng(2).integers(0, 256, (40, *SHAPE), np.uint8),
    ),
}


def true_to(beta: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits of 4 classes, and classes drawn with the probabilities that softmax(beta x logits) gives."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2, (4000, 4))
    shares = np.exp(beta * logits)
    ends = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
    return logits, (random.random((4000, 1)) > ends).sum(axis=1)


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_the_factor_that_the_classes_were_drawn_with_is_found(beta: float) -> None:
    logits, labels = true_to(beta)
    found = fitted_beta(logits, labels)
    assert found == pytest.approx(beta, rel=0.06)
    targets = np.eye(4, dtype=np.float32)[labels]

    def loss(factor: float) -> float:
        powers = np.exp(factor * logits)
        return cross_entropy(targets, powers / powers.sum(axis=1, keepdims=True))

    assert loss(found) < min(loss(0.97 * found), loss(1.03 * found))


def test_pictures_that_are_all_right_or_all_wrong_have_the_bounds() -> None:
    logits = np.array([[3.0, 0.0], [0.0, 2.0]])
    assert fitted_beta(logits, np.array([0, 1])) == pytest.approx(MOST)
    assert fitted_beta(logits, np.array([1, 0])) == pytest.approx(LEAST)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("beta", [0.4, 1.7])
def test_four_bytes_change_and_all_kernels_agree_bit_for_bit(name: str, beta: float) -> None:
    model, images = MODELS[name]
    changed = with_softmax_beta(model, beta)
    differing = [i for i, (a, b) in enumerate(zip(model, changed, strict=True)) if a != b]
    assert differing and differing[-1] - differing[0] < 4
    scores = predict_reference(changed, images)
    assert (scores != predict_reference(model, images)).any()
    assert np.array_equal(predict_tflm(changed, images, arena_bytes(changed)), scores)
    assert np.array_equal(HostRuntime(compile_graph(read_graph(changed)).sqz).run(images), scores)


def test_a_model_without_a_softmax_is_refused() -> None:
    with pytest.raises(UserError, match="does not end in a softmax"):
        with_softmax_beta(one_layer_model(SHAPE).tflite, 1.0)


@pytest.mark.parametrize("name", MODELS)
def test_answers_stay_and_the_cross_entropy_gets_less(name: str) -> None:
    model, images = MODELS[name]
    before = predict_reference(model, images)
    classes = before.shape[1]
    labels = np.where(np.arange(len(images)) % 2, before.argmax(axis=1), 0).astype(np.int64)
    targets = np.eye(classes, dtype=np.float32)[labels]
    changed, temperature = fit_temperature(model, Split(images, labels, targets))
    after = predict_reference(changed, images)
    assert temperature != 1.0
    assert np.array_equal(after.argmax(axis=1), before.argmax(axis=1))
    losses = [cross_entropy(targets, (scores.astype(float) + 128) / 256) for scores in (before, after)]
    assert losses[1] < losses[0]


def test_errors_and_tables_say_what_was_gained(tmp_path: Path) -> None:
    """Ten pictures that are right eight times of ten, first with a probability of 0.95, then with 0.8."""
    labels = np.array([0] * 8 + [1] * 2)
    bold, modest = (np.tile(np.array([s, -s], np.int8), (10, 1)) for s in (115, 77))
    errors = record_calibration(tmp_path, labels, bold, modest)
    assert errors["calibration_error_before"] == pytest.approx(243 / 256 - 0.8)
    assert errors["calibration_error_after"] == pytest.approx(abs(205 / 256 - 0.8))
    assert (tmp_path / "reliability_before.csv").read_text() == (
        "probability,accuracy,pictures\n0.94921875,0.8,10\n"
    )
    assert (tmp_path / "reliability_after.csv").is_file()
