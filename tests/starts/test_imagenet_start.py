"""A start from trained weights computes what they were trained to, for every shape of pictures."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest
import tf_keras

from squeezenet_lib.dataset.arrays import network_input
from squeezenet_lib.images import even_out
from squeezenet_lib.starts import imagenet_start
from squeezenet_lib.starts.imagenet_start import MEAN, first_convolution, fits, start_from
from squeezenet_lib.starts.weight_file import Convolution
from squeezenet_lib.training.network import NORM, build_squeezenet, convolutions
from tests.support.trained_weights import random_weights

WEIGHTS = random_weights(3)


def pictures(size: int, channels: int, standardise: bool, count: int = 12) -> npt.NDArray[np.uint8]:
    """Blots of several brightnesses."""
    random = np.random.default_rng(size + channels)
    coarse = random.integers(0, 256, (count, size // 4 + 1, size // 4 + 1, channels), np.uint8)
    images = coarse.repeat(4, 1).repeat(4, 2)[:, :size, :size]
    return np.stack([even_out(image) for image in images]) if standardise else images


def network(size: int, channels: int, width: float = 1.0) -> tf_keras.Model:
    tf_keras.utils.set_random_seed(1)
    return build_squeezenet(size, channels, 2, width, dropout=0.2)


def features(model: tf_keras.Model, images: npt.NDArray[np.uint8], training: bool = False) -> npt.NDArray:
    last = tf_keras.Model(model.input, model.get_layer("dropout").input)
    return last(network_input(images), training=training).numpy()


def with_biases(size: int, channels: int, weights: Mapping[str, Convolution]) -> tf_keras.Model:
    """The same layers as trained: convolution + bias."""
    model = network(size, channels)
    for layer in convolutions(model)[:-1]:
        kernel, bias = weights[layer.name]
        layer.set_weights([kernel])
        norm = model.get_layer(f"{layer.name}{NORM}")
        ones = np.ones_like(bias)
        norm.set_weights([ones, bias, 0 * ones, ones - np.float32(norm.epsilon)])
    return model


@pytest.mark.parametrize(
    ("size", "channels", "standardise"),
    [
        (29, 1, True),
        (48, 3, False),
        pytest.param(32, 3, True, marks=pytest.mark.full),
        pytest.param(33, 1, False, marks=pytest.mark.full),
    ],
)
def test_features_are_the_trained_network_s_up_to_one_factor(
    size: int, channels: int, standardise: bool
) -> None:
    images = pictures(size, channels, standardise)
    model = network(size, channels)
    assert start_from(model, WEIGHTS, images, standardise) == ["conv10"]
    first = first_convolution(WEIGHTS["conv1"], channels, standardise)
    wanted = features(with_biases(size, channels, WEIGHTS | {"conv1": first}), images)
    found = features(model, images)
    factor = float((wanted * found).sum() / (found * found).sum())
    assert factor > 0 and wanted.max() > 0
    assert np.abs(factor * found - wanted).max() < 1e-4 * wanted.max()


def test_standardised_pictures_are_seen_as_photographs_of_common_contrast() -> None:
    kernel, bias = first_convolution(WEIGHTS["conv1"], 1, standardised=True)
    seen = np.tensordot(np.full((3, 3, 1), 0.4, np.float32), kernel, 3) + bias
    grey = np.full((3, 3, 3), 0.4 * imagenet_start.STANDARDISED_UNIT) + MEAN
    trained = np.tensordot(grey - MEAN, WEIGHTS["conv1"].kernel, 3) + WEIGHTS["conv1"].bias
    assert np.abs(seen - trained).max() < 1e-4 * np.abs(trained).max()


@pytest.mark.parametrize("channels", [1, 3])
def test_plain_pictures_are_seen_with_the_brightness_that_they_have(channels: int) -> None:
    """conv1 gives for (v - 128) / 128 what the trained one gives for the pixels less the mean."""
    kernel, bias = first_convolution(WEIGHTS["conv1"], channels, standardised=False)
    assert kernel.shape == (3, 3, channels, 64)
    patch = pictures(32, channels, standardise=False)[0, 3:6, 3:6]
    seen = np.tensordot(network_input(patch), kernel, 3) + bias
    pixels = np.broadcast_to(patch, (3, 3, 3)) - MEAN
    trained = np.tensordot(pixels, WEIGHTS["conv1"].kernel, 3) + WEIGHTS["conv1"].bias
    assert np.abs(seen - trained).max() < 1e-4 * np.abs(trained).max()


def test_the_first_batch_meets_statistics_that_are_its_own() -> None:
    """In training, batch normalisation measures anew: the network is to stay what it was."""
    images = pictures(48, 1, standardise=True, count=24)
    model = network(48, 1)
    start_from(model, WEIGHTS, images, standardised=True)
    still, training = features(model, images), features(model, images, training=True)
    assert np.abs(still - training).max() < 0.01 * still.max()


def test_kernels_have_he_s_size_and_outputs_about_unit_variance() -> None:
    images = pictures(48, 1, standardise=True)
    model = network(48, 1)
    last_kernel = model.get_layer("conv10").get_weights()
    start_from(model, WEIGHTS, images, standardised=True)
    for layer in convolutions(model)[:-1]:
        kernel = layer.kernel.numpy()
        assert kernel.std() == pytest.approx(np.sqrt(2 / np.prod(kernel.shape[:3])), rel=1e-4)
        norm = model.get_layer(f"{layer.name}{NORM}")
        moving = norm.moving_variance.numpy()
        variance = (norm.gamma.numpy() ** 2 * moving / (moving + norm.epsilon)).mean()
        assert 0.2 < variance < 3, layer.name
    assert all(map(np.array_equal, last_kernel, model.get_layer("conv10").get_weights()))


def test_the_same_pictures_give_the_same_bytes() -> None:
    images = pictures(32, 1, standardise=True)
    one, other = network(32, 1), network(32, 1)
    for model in (one, other):
        start_from(model, WEIGHTS, images, standardised=True)
    assert all(map(np.array_equal, one.get_weights(), other.get_weights()))


def test_pictures_without_any_contrast_are_survived() -> None:
    model = network(32, 1)
    start_from(model, WEIGHTS, np.full((3, 32, 32, 1), 128, np.uint8), standardised=True)
    assert all(np.isfinite(array).all() for array in model.get_weights())


def test_some_400_pictures_from_all_over_are_enough() -> None:
    chosen = imagenet_start._evenly_spaced(2000)
    assert (len(chosen), chosen[0], chosen[-1]) == (400, 0, 1999)
    assert len(imagenet_start._evenly_spaced(7)) == 7


def test_networks_of_another_width_do_not_fit() -> None:
    assert fits(network(32, 1)) and fits(network(32, 3))
    assert not fits(network(32, 1, width=0.5))
    assert not fits(network(32, 1, width=1.01))
