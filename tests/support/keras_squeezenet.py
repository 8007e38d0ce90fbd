"""SqueezeNets as tutorials have them, trained for a moment: batch normalisation behind ReLU, dense heads."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

CLASSES = 3


def trained(head: str, pictures: npt.NDArray[np.uint8]) -> Any:
    """A Keras model that scales its own pictures, trained on `pictures` (N, H, W, C), a class by turns.

    head: "average", "maximum" or "flattened", of which a dense layer makes probabilities.
    """
    import tf_keras

    layers = tf_keras.layers
    tf_keras.utils.set_random_seed(0)

    def normalised(x: Any, filters: int, kernel: int, strides: int = 1) -> Any:
        x = layers.Conv2D(filters, kernel, strides, padding="same", activation="relu")(x)
        return layers.BatchNormalization(momentum=0.5)(x)

    def fire(x: Any, squeeze: int, expand: int) -> Any:
        x = normalised(x, squeeze, 1)
        x = layers.Concatenate()([normalised(x, expand, 1), normalised(x, expand, 3)])
        return layers.BatchNormalization(momentum=0.5)(x)

    picture = layers.Input(pictures.shape[1:])
    x = layers.Rescaling(1 / 127.5, -1)(picture)
    x = layers.MaxPooling2D(3, 2)(normalised(x, 12, 3, 2))
    x = layers.MaxPooling2D(3, 2)(fire(x, 4, 8))
    x = fire(x, 6, 10)
    if head == "average":
        x = layers.GlobalAveragePooling2D()(x)
    elif head == "maximum":
        x = layers.GlobalMaxPooling2D()(x)
    else:
        x = layers.BatchNormalization(momentum=0.5)(layers.Dense(12, activation="relu")(layers.Flatten()(x)))
    model = tf_keras.Model(picture, layers.Dense(CLASSES, activation="softmax")(layers.Dropout(0.2)(x)))
    model.compile("adam", "sparse_categorical_crossentropy")
    labels = np.arange(len(pictures)) % CLASSES
    model.fit(pictures.astype(np.float32), labels, batch_size=8, epochs=2, verbose=0)
    return model
