"""Batch normalisation's statistics, taken anew."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import tf_keras

from squeezenet_lib.dataset.arrays import Split, network_input
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import AugmentParams
from squeezenet_lib.paths import ROOT
from squeezenet_lib.training.loop import Training, make_deterministic
from squeezenet_lib.training.normalisation import renew_statistics
from tests.support.tiny_data import tiny_split

PARAMS = load_params(ROOT / "params.yaml").train
AS_THEY_ARE = AugmentParams(
    rotate=False, flip=False, shift=0, zoom=0.0, contrast=0.0, brightness=0.0, erase=0.0
)
TRAIN = tiny_split(24, seed=1)


def two_layers() -> tf_keras.Model:
    make_deterministic(1)
    layers = tf_keras.layers
    picture = layers.Input((32, 32, 1))
    features = layers.BatchNormalization(name="first")(layers.Conv2D(3, 5, 4, name="conv")(picture))
    features = layers.BatchNormalization(name="second")(layers.Conv2D(2, 3)(layers.ReLU()(features)))
    return tf_keras.Model(picture, layers.Softmax()(layers.GlobalAveragePooling2D()(features)))


def training(batch_size: int, augment: AugmentParams = AS_THEY_ARE, split: Split = TRAIN) -> Training:
    params = replace(PARAMS, batch_size=batch_size, augment=augment)
    return Training(split, split, params, dropout=0.2, seed=1)


def statistics(model: tf_keras.Model) -> dict[str, npt.NDArray[np.float32]]:
    norms = ("first", "second")
    return {name: np.stack(model.get_layer(name).get_weights()[2:]) for name in norms}


def test_they_are_those_of_the_pictures() -> None:
    model = two_layers()
    renew_statistics(model, training(batch_size=24))

    kernel, bias = (weights.astype(np.float64) for weights in model.get_layer("conv").get_weights())
    pictures = network_input(TRAIN.images).astype(np.float64)
    patches = np.lib.stride_tricks.sliding_window_view(pictures, (5, 5), (1, 2))[:, ::4, ::4, 0]
    outputs = np.einsum("nyxhw,hwf->nyxf", patches, kernel[:, :, 0]) + bias
    expected = np.stack([outputs.mean((0, 1, 2)), outputs.var((0, 1, 2))])
    np.testing.assert_allclose(statistics(model)["first"], expected, rtol=1e-4, atol=1e-6)


def test_the_second_layer_s_are_of_pictures_normalised_by_the_first_s() -> None:
    """All in one batch: then the batch's own statistics, with which they were taken, are the new ones."""
    model = two_layers()
    renew_statistics(model, training(batch_size=24))
    inner = tf_keras.Model(model.input, model.get_layer("second").input)
    values = inner(network_input(TRAIN.images), training=False).numpy().astype(np.float64)
    expected = np.stack([values.mean((0, 1, 2)), values.var((0, 1, 2))])
    np.testing.assert_allclose(statistics(model)["second"], expected, rtol=1e-3, atol=1e-5)


def test_nothing_else_changes_and_what_was_there_before_does_not_count() -> None:
    model, other = two_layers(), two_layers()
    for name in ("first", "second"):
        gamma, beta, mean, variance = other.get_layer(name).get_weights()
        other.get_layer(name).set_weights([gamma, beta, mean + 7, variance * 5])
    before = [weights.numpy() for weights in model.trainable_weights]
    for each in (model, other):
        renew_statistics(each, training(batch_size=8, augment=PARAMS.augment))
    for weights, earlier in zip(model.trainable_weights, before, strict=True):
        assert np.array_equal(weights.numpy(), earlier)
    for name, values in statistics(model).items():
        assert np.array_equal(values, statistics(other)[name])


def test_fewer_pictures_than_a_batch_are_one_batch() -> None:
    model, other = two_layers(), two_layers()
    renew_statistics(model, training(batch_size=24))
    renew_statistics(other, training(batch_size=100))
    for name, values in statistics(model).items():
        assert np.array_equal(values, statistics(other)[name])
