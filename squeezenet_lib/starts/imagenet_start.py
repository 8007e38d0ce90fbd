"""A start from SqueezeNet 1.1 as it was trained on ImageNet, which had no batch normalisation.

The network here has one behind each convolution. It is set so that it computes what the trained network does,
up to one positive factor t for each layer, and so that training meets it in good order: kernels of He's size,
outputs of about unit variance, and moving statistics that are those of the pictures at hand, without which
training's first batch would undo the trained biases.

With the trained kernel k and bias b, y = k * x is what the trained network's convolution gives. Here inputs
are x / t_in and the kernel is s k, so that the convolution gives (s / t_in) y. Batch normalisation with

    mean = s / t_in mean(y)                 variance = (s / t_in)^2 var(y)
    gamma = sqrt(variance + epsilon) t_in / (s t_out)         beta = (mean(y) + b) / t_out

gives (y + b) / t_out; ReLU and max pooling let a positive factor through.
"""

import math
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras

from squeezenet_lib.dataset.arrays import network_input
from squeezenet_lib.starts.weight_file import Convolution, kernel_shapes
from squeezenet_lib.training.network import NORM, convolutions

# What was taken from the pixels (0..255, R, G, B) when the weights were trained.
MEAN = np.array([123, 117, 104], np.float32)
# The network sees (v - 128) / 128. With standardised pictures that is (p - mean) / (2.5 deviation + 6.375),
# and photographs deviate by about 55: one unit is so many of the pixel's.
STANDARDISED_UNIT = 145.0
PLAIN_UNIT = PLAIN_ZERO = 128.0
PICTURES = 400  # to measure on
BATCH = 32
LAST = "conv10"  # of ImageNet's classes

Doubles = npt.NDArray[np.float64]


def fits(model: tf_keras.Model) -> bool:
    """Whether all convolutions but the last have the shapes that were trained (those of width 1.0): a part of
    the features is no good without the rest.
    """
    shapes = {name: list(shape) for name, shape in kernel_shapes().items() if name != LAST}
    shapes["conv1"][2] = model.input_shape[-1]
    return shapes == {
        layer.name: list(layer.kernel.shape) for layer in convolutions(model) if layer.name != LAST
    }


def start_from(
    model: tf_keras.Model,
    weights: Mapping[str, Convolution],
    images: npt.NDArray[np.uint8],
    standardised: bool,
) -> list[str]:
    """Set all convolutions of a `model` that fits, but the last, and their batch normalisation, as above.

    images: finished training pictures, uint8 (N, H, W, C) with 1 or 3 channels; PICTURES of them, evenly
    spaced, are measured on. A grey picture is to the trained network what the same grey in R, G and B is.
    Returns the names of the convolutions that keep the weights they have.
    """
    weights = dict(weights)
    weights["conv1"] = first_convolution(weights["conv1"], images.shape[-1], standardised)
    layers = [layer for layer in convolutions(model) if layer.name != LAST]
    for layer in layers:
        _set_plain(model, layer, weights[layer.name])
    moments = _moments(model, layers, images[_evenly_spaced(len(images))])
    scales = output_scales({name: variance for name, (_, variance) in moments.items()})
    for layer in layers:
        name = layer.name
        _set_scaled(model, layer, weights[name], moments[name], (incoming_scale(name, scales), scales[name]))
    return [LAST]


def first_convolution(trained: Convolution, channels: int, standardised: bool) -> Convolution:
    """conv1 for what this network sees instead of R, G, B from 0 to 255 less MEAN.

    The picture's own brightness and contrast, which standardising takes away, are replaced by common ones.
    """
    kernel, bias = trained
    if standardised:
        kernel = kernel * np.float32(STANDARDISED_UNIT)
    else:
        bias = bias + kernel.sum((0, 1)).T @ (np.float32(PLAIN_ZERO) - MEAN)
        kernel = kernel * np.float32(PLAIN_UNIT)
    if channels == 1:
        kernel = kernel.sum(2, keepdims=True)
    return Convolution(kernel, bias)


def output_scales(variances: Mapping[str, Doubles]) -> dict[str, float]:
    """t_out of each convolution, from the variance of its outputs by filter: both expand layers of a module
    share one, for what follows sees them side by side.
    """
    scales = {}
    for name in variances:
        module, _, part = name.partition("_")
        shared = [f"{module}_expand1x1", f"{module}_expand3x3"] if part.startswith("expand") else [name]
        mean = float(np.concatenate([variances[one] for one in shared]).mean())
        scales[name] = math.sqrt(mean) or 1.0  # 0: of pictures without any contrast
    return scales


def incoming_scale(name: str, scales: Mapping[str, float]) -> float:
    """t_in: the t_out of what the convolution sees; 1 of the picture itself."""
    if name == "conv1":
        return 1.0
    module, _, part = name.partition("_")
    if part != "squeeze":
        return scales[f"{module}_squeeze"]
    number = int(module.removeprefix("fire"))
    return scales[f"fire{number - 1}_expand3x3" if number > 2 else "conv1"]


def _evenly_spaced(count: int) -> npt.NDArray[np.int64]:
    return np.linspace(0, count - 1, min(count, PICTURES)).astype(np.int64)


def _set_plain(model: tf_keras.Model, layer: tf_keras.layers.Conv2D, trained: Convolution) -> None:
    """As trained: batch normalisation adds the bias and does nothing else."""
    norm = model.get_layer(f"{layer.name}{NORM}")
    ones, zeros = np.ones_like(trained.bias), np.zeros_like(trained.bias)
    layer.set_weights([trained.kernel])
    norm.set_weights([ones, trained.bias, zeros, ones - np.float32(norm.epsilon)])


def _set_scaled(
    model: tf_keras.Model,
    layer: tf_keras.layers.Conv2D,
    trained: Convolution,
    moments: tuple[Doubles, Doubles],
    scales: tuple[float, float],
) -> None:
    """As the module says. moments: mean(y) and var(y). scales: t_in and t_out."""
    norm = model.get_layer(f"{layer.name}{NORM}")
    (mean, variance), (incoming, outgoing) = moments, scales
    inputs = np.prod(trained.kernel.shape[:3])
    s = np.sqrt(2 / inputs) / float(trained.kernel.std())  # He et al. 2015, arXiv:1502.01852
    ratio = s / incoming
    gamma = np.sqrt(variance * ratio**2 + norm.epsilon) / (ratio * outgoing)
    beta = (mean + trained.bias) / outgoing
    layer.set_weights([(trained.kernel * s).astype(np.float32)])
    norm.set_weights([array.astype(np.float32) for array in (gamma, beta, ratio * mean, ratio**2 * variance)])


def _moments(
    model: tf_keras.Model, layers: list[tf_keras.layers.Conv2D], images: npt.NDArray[np.uint8]
) -> dict[str, tuple[Doubles, Doubles]]:
    """Mean and variance of each convolution's outputs over pictures and places, float64 (filters,)."""
    probe = tf_keras.Model(model.input, [layer.output for layer in layers])

    of_each_picture = tf.function(
        lambda batch: [tf.nn.moments(output, [1, 2]) for output in probe(batch, training=False)],
        input_signature=[tf.TensorSpec(model.input_shape, tf.float32)],
    )
    found: dict[str, tuple[list[Doubles], list[Doubles]]] = {layer.name: ([], []) for layer in layers}
    for batch in _batches(images):
        for layer, (mean, variance) in zip(layers, of_each_picture(tf.constant(batch)), strict=True):
            found[layer.name][0].append(mean.numpy().astype(np.float64))
            found[layer.name][1].append(variance.numpy().astype(np.float64))
    moments = {}
    for name, (means, variances) in found.items():
        mean = np.concatenate(means)
        within, between = np.concatenate(variances).mean(0), mean.var(0)
        moments[name] = (mean.mean(0), within + between)
    return moments


def _batches(images: npt.NDArray[np.uint8]) -> Iterator[npt.NDArray[np.float32]]:
    for start in range(0, len(images), BATCH):
        yield network_input(images[start : start + BATCH])
