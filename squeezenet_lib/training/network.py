"""SqueezeNet 1.1 (Iandola et al. 2016, arXiv:1602.07360, release 1.1) as a flat functional Keras model."""

import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tf_keras

from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import add_member, replace_when_done, zipped_bytes
from squeezenet_lib.training.architecture import CONV1_FILTERS, FIRE_FILTERS, POOL_AFTER, check_size, scaled

NORM = "_norm"  # ends the name of a convolution's batch normalisation

Tensor = Any


def build_squeezenet(size: int, channels: int, classes: int, width: float, dropout: float) -> tf_keras.Model:
    """A new network: float32 (N, size, size, channels) in -1..1 -> float32 (N, classes), softmax scores.

    Every convolution but the last is three layers, convolution without bias, batch normalisation and ReLU:
    the normalisation folds into an int8 convolution, and quantization-aware training keeps zeros only when
    the layer before a concatenation is an activation of its own. No layer is a model, as the optimization
    tools require.
    `width` multiplies the number of filters (at least 1 is left). Weights are drawn from the global seed.
    Raises ValueError for a size below 29.
    """
    check_size(size)
    layers = tf_keras.layers
    picture = layers.Input((size, size, channels), name="picture")
    x = _convolution(picture, "conv1", scaled(CONV1_FILTERS, width), kernel=3, stride=2)
    x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    for index, (squeeze, expand) in enumerate(FIRE_FILTERS, start=2):
        x = _fire(x, f"fire{index}", scaled(squeeze, width), scaled(expand, width))
        if index in POOL_AFTER:
            x = layers.MaxPooling2D(3, 2, name=f"pool{index}")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Conv2D(classes, 1, kernel_initializer="he_uniform", name="conv10")(x)
    x = layers.GlobalAveragePooling2D(name="logits")(x)
    scores = layers.Softmax(name="scores")(x)
    return tf_keras.Model(picture, scores, name="squeezenet")


def synchronised_copy(model: tf_keras.Model) -> tf_keras.Model:
    """A copy whose batch normalisation sees the pictures of all replicas; made in a strategy's scope."""

    def clone(layer: tf_keras.layers.Layer) -> tf_keras.layers.Layer:
        settings = layer.get_config()
        if isinstance(layer, tf_keras.layers.BatchNormalization):
            settings["synchronized"] = True
        return layer.__class__.from_config(settings)

    copy = tf_keras.models.clone_model(model, clone_function=clone)
    copy.set_weights(model.get_weights())
    return copy


def folded_float32_bytes(model: tf_keras.Model) -> int:
    """Size of the network in float32 with batch normalisation folded: 4 bytes a weight, 4 a filter's bias."""
    kernels = [layer.kernel.shape for layer in convolutions(model)]
    return sum(4 * (shape.num_elements() + shape[-1]) for shape in kernels)


def filter_gains(model: tf_keras.Model) -> dict[str, npt.NDArray[np.float32]]:
    """What batch normalisation multiplies each convolution's filters by, float32 (filters,); 1 without it."""
    gains = {layer.name: np.ones(layer.filters, np.float32) for layer in convolutions(model)}
    for layer in model.layers:
        if isinstance(layer, tf_keras.layers.BatchNormalization):
            deviation = np.sqrt(layer.moving_variance.numpy() + layer.epsilon)
            gains[layer.name.removesuffix(NORM)] = (layer.gamma.numpy() / deviation).astype(np.float32)
    return gains


def zip_bytes(model: tf_keras.Model) -> int:
    """Size of a .zip of kernels and biases, float32, batch normalisation folded in.

    Zeros and repeated values make it smaller.
    """
    gains = filter_gains(model)
    members = {}
    for layer in convolutions(model):
        kernel = layer.kernel.numpy() * gains[layer.name]
        bias = _bias(model, layer, gains)
        members[layer.name] = kernel.astype("<f4").tobytes() + bias.astype("<f4").tobytes()
    return zipped_bytes(members)


def check_layer_names(model: tf_keras.Model, names: Iterable[str], key: str) -> None:
    """Raise UserError when `names`, given in params.yaml as `key`, are not all names of convolutions."""
    known = [layer.name for layer in convolutions(model)]
    for name in names:
        if name not in known:
            raise UserError(f"params.yaml: {key}.{name} is no layer; the layers are {', '.join(known)}.")


def convolutions(model: tf_keras.Model) -> list[tf_keras.layers.Conv2D]:
    """The convolutions of `model` in the order of its layers."""
    return [layer for layer in model.layers if isinstance(layer, tf_keras.layers.Conv2D)]


def save_model(model: tf_keras.Model, path: Path) -> None:
    """Write a .keras file whose bytes depend on the model only: Keras dates the members and its metadata."""
    with replace_when_done(path) as temporary:
        dated = temporary.with_suffix(".keras")
        try:
            model.save(dated)
            members = _members(dated)
        finally:
            dated.unlink(missing_ok=True)
        with zipfile.ZipFile(temporary, "w") as archive:
            for name, content in members:
                add_member(archive, name, content, zipfile.ZIP_STORED)


def load_model(path: Path) -> tf_keras.Model:
    """Read a .keras file, without its optimizer. Raises UserError when it is missing or damaged."""
    if not path.is_file():
        raise UserError(f"{path} is missing; run `dvc repro`.")
    try:
        return tf_keras.models.load_model(path, compile=False)
    # Keras, HDF5 and TensorFlow meet damaged bytes with whatever exception their parsing runs into.
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(
            f"{path} is no readable Keras model ({reason}); make it again, the pipeline's own by `dvc repro`."
        ) from error


def _members(path: Path) -> list[tuple[str, bytes]]:
    """The members of a .keras file in order, the date of saving replaced."""
    members = []
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "metadata.json":
                metadata = json.loads(content) | {"date_saved": "1980-01-01@00:00:00"}
                content = json.dumps(metadata).encode()
            members.append((name, content))
    return members


def _bias(
    model: tf_keras.Model, layer: tf_keras.layers.Conv2D, gains: dict[str, npt.NDArray[np.float32]]
) -> npt.NDArray[np.float32]:
    """Its own, or what batch normalisation adds, float32 (filters,)."""
    bias: npt.NDArray[np.float32]
    if layer.use_bias:
        bias = layer.bias.numpy()
    else:
        norm = model.get_layer(f"{layer.name}{NORM}")
        bias = norm.beta.numpy() - gains[layer.name] * norm.moving_mean.numpy()
    return bias


def _convolution(x: Tensor, name: str, filters: int, kernel: int, stride: int = 1) -> Tensor:
    layers = tf_keras.layers
    x = layers.Conv2D(
        filters,
        kernel,
        stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_uniform",
        name=name,
    )(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}{NORM}")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _fire(x: Tensor, name: str, squeeze: int, expand: int) -> Tensor:
    x = _convolution(x, f"{name}_squeeze", squeeze, kernel=1)
    narrow = _convolution(x, f"{name}_expand1x1", expand, kernel=1)
    wide = _convolution(x, f"{name}_expand3x3", expand, kernel=3)
    return tf_keras.layers.Concatenate(name=f"{name}_concat")([narrow, wide])
