"""Scores of a Keras network for finished network inputs."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras

from squeezenet_lib.dataset.arrays import network_input

# Pictures at once.
BATCH = 64

Floats = npt.NDArray[np.float32]


def predictor(model: tf_keras.Model) -> Callable[[npt.NDArray[np.uint8]], Floats]:
    """A function from finished network inputs, uint8 (N, H, W, C), to `model`'s scores, float32 (N, classes).

    It is compiled once and follows later changes of the weights.
    """
    signature = [tf.TensorSpec(model.input_shape, tf.float32)]
    run = tf.function(lambda batch: model(batch, training=False), input_signature=signature)

    def predict_all(images: npt.NDArray[np.uint8]) -> Floats:
        scores: list[Floats] = [
            run(tf.constant(network_input(images[start : start + BATCH]))).numpy()
            for start in range(0, len(images), BATCH)
        ]
        return np.concatenate(scores)

    return predict_all


def predict(model: tf_keras.Model, images: npt.NDArray[np.uint8]) -> Floats:
    """Scores of finished network inputs, uint8 (N, H, W, C) -> float32 (N, classes)."""
    return predictor(model)(images)
