"""Batch normalisation's statistics taken anew: of a network that is not the one whose training left them."""

import numpy as np
import tensorflow as tf
import tf_keras

from squeezenet_lib.training.input_pipeline import Material, batches
from squeezenet_lib.training.loop import Training


def renew_statistics(model: tf_keras.Model, training: Training) -> None:
    """Set each layer's mean and variance to their means over one epoch of training pictures, changed as in
    training; every batch is normalised by its own statistics (as in Nagel et al. 2022, arXiv:2203.11086).
    The rest of `model` stays. The outcome depends on the arguments only.
    """
    split, params = training.train, training.params
    norms = [layer for layer in model.layers if isinstance(layer, tf_keras.layers.BatchNormalization)]
    inputs = tf_keras.Model(model.input, [norm.input for norm in norms])

    @tf.function  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def moments(images: tf.Tensor) -> list[tuple[tf.Tensor, tf.Tensor]]:
        return [tf.nn.moments(values, [0, 1, 2]) for values in inputs(images, training=True)]

    batch = min(params.batch_size, len(split.labels))
    random = np.random.default_rng([training.seed, 0])  # epochs count from 1
    order = random.permutation(len(split.labels))
    material = Material(split.images, split.targets, np.ones(len(split.labels), np.float32))
    made = batches(material, order, batch, slice(0, batch), params.augment, random)
    seen = [moments(images) for images, _, _ in made]
    for index, norm in enumerate(norms):
        means, variances = zip(*(of_batch[index] for of_batch in seen), strict=True)
        norm.moving_mean.assign(tf.reduce_mean(tf.stack(means), 0))
        norm.moving_variance.assign(tf.reduce_mean(tf.stack(variances), 0))
