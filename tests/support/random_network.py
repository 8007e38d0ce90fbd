"""Full-int8 SqueezeNets with random weights, for tests that need a model but no training."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.support.made_once import made_once


@dataclass(frozen=True)
class RandomNetwork:
    """tflite: the model. images: uint8 (N, size, size, channels) to run it on."""

    tflite: bytes
    images: npt.NDArray[np.uint8]


@functools.cache
def random_network(
    size: int = 32,
    channels: int = 1,
    classes: int = 2,
    width: float = 0.125,
    sparsity: float = 0.8,
    seed: int = 0,
) -> RandomNetwork:
    """A converted network; `sparsity` of its weights are zero, and so is one whole filter in eight."""
    shape = (size, channels, classes, width, sparsity, seed)
    return made_once("network-" + "-".join(map(str, shape)), lambda _: _make(*shape))


def _make(size: int, channels: int, classes: int, width: float, sparsity: float, seed: int) -> RandomNetwork:
    import tf_keras

    from squeezenet_lib.compression.quantization import quantize_after_training
    from squeezenet_lib.training.network import build_squeezenet

    tf_keras.utils.set_random_seed(seed)
    random = np.random.default_rng(seed)
    model = build_squeezenet(size, channels, classes, width, dropout=0.0)
    for layer in model.layers:
        layer.set_weights([_disturbed(random, value, sparsity) for value in layer.get_weights()])
    blots = np.kron(
        random.integers(0, 256, (12, 4, 4, channels)), np.ones((1, -(-size // 4), -(-size // 4), 1))
    )
    noise = random.integers(-40, 41, (12, size, size, channels))
    images = np.clip(blots[:, :size, :size] + noise, 0, 255).astype(np.uint8)
    images[:, 0, 0], images[:, -1, -1] = 0, 255
    for layer in model.layers:  # take the pictures' statistics over, so that no layer saturates or dies
        if isinstance(layer, tf_keras.layers.BatchNormalization):
            layer.momentum = 0.0
    model((images.astype(np.float32) - 128) / 128, training=True)

    return RandomNetwork(quantize_after_training(model, images), images)


def _disturbed(
    random: np.random.Generator, value: npt.NDArray[np.float32], sparsity: float
) -> npt.NDArray[np.float32]:
    """Kernels made sparse, filters of zeros among them; the vectors of batch normalisation made uneven."""
    if value.ndim < 4:
        return (value + random.uniform(-0.3, 0.3, value.shape)).astype(np.float32)
    kept = random.random(value.shape) >= sparsity
    if value.shape[-1] >= 8:
        kept[..., ::8] = False
    return (value * kept).astype(np.float32)
