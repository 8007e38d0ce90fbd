"""Full int8: the conventions of input and output, and zeros that survive, after training and in training."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tf_keras

from squeezenet_lib.compression.fine_tuning import FineTuning
from squeezenet_lib.compression.quantization import (
    calibration_pictures,
    check_quantized,
    check_zeros,
    max_distinct_values,
    quantize_after_training,
    quantize_in_training,
    zero_share,
)
from squeezenet_lib.errors import UserError
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import ROOT
from squeezenet_lib.tflite.reference import predict_reference
from squeezenet_lib.training.checkpoint import Checkpoint
from squeezenet_lib.training.loop import Training
from squeezenet_lib.training.network import build_squeezenet, convolutions
from squeezenet_lib.training.prediction import predict
from squeezenet_lib.training.records import print_record
from tests.support.one_layer_model import one_layer_model
from tests.support.tflite_edits import Edit, edited
from tests.support.tiny_data import tiny_split

PARAMS = load_params(ROOT / "params.yaml")
TRAIN, VALIDATION = tiny_split(64, 0), tiny_split(32, 1)


@pytest.fixture(scope="module")
def sparse() -> tf_keras.Model:
    """An untrained network, 80 % zeros, with normalisation statistics of real pictures."""
    tf_keras.utils.set_random_seed(1)
    model = build_squeezenet(32, 1, 2, width=0.125, dropout=0.2)
    for layer in convolutions(model):
        kernel = layer.kernel.numpy()
        kernel[np.abs(kernel) < np.quantile(np.abs(kernel), 0.8)] = 0
        layer.kernel.assign(kernel)
    images = (TRAIN.images.astype(np.float32) - 128) / 128
    for _ in range(20):
        model(images, training=True)
    return model


@pytest.fixture(scope="module")
def after(sparse: tf_keras.Model) -> bytes:
    return quantize_after_training(sparse, calibration_pictures(TRAIN.images, 32, seed=1))


def test_calibration_shows_the_converter_the_whole_range() -> None:
    original = TRAIN.images.copy()
    drawn = calibration_pictures(TRAIN.images, 10, seed=1)
    assert drawn.shape == (10, 32, 32, 1)
    assert drawn[0].min() == 0
    assert drawn[0].max() == 255
    assert np.array_equal(TRAIN.images, original)
    assert np.array_equal(drawn, calibration_pictures(TRAIN.images, 10, seed=1))
    assert not np.array_equal(drawn, calibration_pictures(TRAIN.images, 10, seed=2))
    assert len(calibration_pictures(TRAIN.images, 1000, seed=1)) == 64


def test_the_network_keeps_the_conventions_and_its_zeros(sparse: tf_keras.Model, after: bytes) -> None:
    graph = check_quantized(after)
    assert (graph.input.scale, graph.input.zero_point) == (1 / 128, 0)
    assert (graph.output.scale, graph.output.zero_point) == (1 / 256, -128)
    kinds = {type(operator).__name__ for operator in graph.operators}
    assert kinds == {"Conv2D", "MaxPool2D", "Concatenation", "Mean", "Softmax"}
    check_zeros(sparse, graph)
    weights = np.concatenate([conv.weights.ravel() for conv in graph.convolutions])
    assert zero_share(graph) == np.mean(weights == 0)
    assert 0.79 < zero_share(graph) < 0.82
    assert max_distinct_values(graph) == max(len(set(c.weights.ravel().tolist())) for c in graph.convolutions)


def test_other_pixels_and_scores_than_the_pipelines_are_refused() -> None:
    check_quantized(one_layer_model(softmax=True).tflite)
    with pytest.raises(UserError, match=r"ends in 't2', not in a softmax"):
        check_quantized(one_layer_model(softmax=False).tflite)

    def shift(edit: Edit) -> None:
        edit.tensors[edit.subgraph.inputs[0]].quantization.zeroPoint = np.array([3])

    with pytest.raises(UserError, match=r"has scale 0\.0078125 and zero point 3 instead of 0\.0078125 and 0"):
        check_quantized(edited(one_layer_model(softmax=True).tflite, shift))


def test_int8_scores_are_near_the_float_ones(sparse: tf_keras.Model, after: bytes) -> None:
    expected = predict(sparse, VALIDATION.images)
    scores = (predict_reference(after, VALIDATION.images).astype(float) + 128) / 256
    assert np.abs(scores - expected).max() < 0.1
    assert np.abs(scores - expected).mean() < 0.03


def test_the_same_model_gives_the_same_bytes(sparse: tf_keras.Model, after: bytes) -> None:
    assert quantize_after_training(sparse, calibration_pictures(TRAIN.images, 32, seed=1)) == after


def test_lost_zeros_are_named(sparse: tf_keras.Model, after: bytes) -> None:
    emptier = tf_keras.models.clone_model(sparse)
    emptier.set_weights(sparse.get_weights())
    emptier.get_layer("fire5_squeeze").kernel.assign(np.zeros((1, 1, 32, 4), np.float32))
    with pytest.raises(UserError, match="lost zeros of fire5_squeeze: 128 before"):
        check_zeros(emptier, check_quantized(after))


def test_training_with_quantization_keeps_the_zeros_too(sparse: tf_keras.Model, tmp_path: Path) -> None:
    train = replace(PARAMS.train, batch_size=16)
    training = Training(TRAIN, VALIDATION, train, dropout=0.2, seed=1)
    tuning = FineTuning(training, sparse, replace(PARAMS.quantize, method="qat", epochs=2))
    converted = quantize_in_training(sparse, tuning, Checkpoint(tmp_path, "key"), print_record)
    graph = check_quantized(converted)
    assert len(graph.convolutions) == 26
    check_zeros(sparse, graph)
    assert zero_share(graph) > 0.79
    before = [conv.weights for conv in graph.convolutions]
    assert any(np.unique(w).size > 10 for w in before)
