"""A network of as few layers as can be trained: tracing the graph is what takes time in a test."""

import tf_keras


def few_layers(dropout: float = 0.0) -> tf_keras.Model:
    """Of pictures of 32 x 32 grey pixels and two classes."""
    layers = tf_keras.layers
    picture = layers.Input((32, 32, 1))
    features = layers.Conv2D(8, 5, 4, activation="relu")(picture)
    features = layers.Dropout(dropout, name="dropout")(layers.BatchNormalization()(features))
    logits = layers.Dense(2, name="logits")(layers.GlobalAveragePooling2D()(features))
    return tf_keras.Model(picture, layers.Softmax()(logits))
