"""Weights that training starts with: those of ImageNet, random ones, or those of an earlier training."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tf_keras

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.rules import IMAGENET, IMAGENET_WIDTH, RANDOM
from squeezenet_lib.paths import TRAINED, WEIGHTS
from squeezenet_lib.starts import imagenet_start
from squeezenet_lib.starts.weight_file import WEIGHT_FILE, read_weights
from squeezenet_lib.training.network import convolutions, load_model


@dataclass(frozen=True)
class Start:
    """What a training starts from. name: as train.init_from has it, or random where nothing of what it names
    fits. said: in words.
    """

    name: str
    said: str


def initialise(
    model: tf_keras.Model, init_from: str | None, images: npt.NDArray[np.uint8], standardised: bool
) -> Start:
    """Give `model` the weights that train.init_from names: imagenet, a .keras file in weights/, or random
    ones, which it has.

    images: the training pictures, uint8 (N, H, W, C), and whether they are standardised: imagenet_start.py
    looks at some of them. What does not fit keeps its random weights: the last convolution when the classes
    differ, the first of a .keras file for other channels, all of them where ImageNet's are of another width.
    Raises UserError when a file is missing, damaged or fits less than half of the convolutions.
    """
    if init_from is None or init_from == RANDOM:
        return Start(RANDOM, "random weights")
    if init_from == IMAGENET and not imagenet_start.fits(model):
        return Start(
            RANDOM, f"random weights in all layers: {IMAGENET} has those of width {IMAGENET_WIDTH} only"
        )
    if init_from == IMAGENET:
        weights = read_weights(TRAINED / WEIGHT_FILE)
        fresh = imagenet_start.start_from(model, weights, images, standardised)
    else:
        fresh = take_layers(model, WEIGHTS / init_from)
    return Start(
        init_from, f"{init_from}'s weights" + (f", random ones in {', '.join(fresh)}" if fresh else "")
    )


def take_layers(model: tf_keras.Model, path: Path) -> list[str]:
    """Give `model` the weights of the .keras file, layer by layer, where names and shapes agree.

    Returns the names of the convolutions that keep their random weights. Raises UserError as `initialise`.
    """
    if not path.is_file():
        raise UserError(
            f"{path} is missing; put the .keras file of an earlier training there, or set train.init_from to "
            f"{IMAGENET} or {RANDOM}."
        )
    earlier = {layer.name: layer.get_weights() for layer in load_model(path).layers}
    fits = {
        layer.name: [w.shape for w in layer.get_weights()] == [w.shape for w in earlier.get(layer.name, [])]
        for layer in model.layers
    }
    names = [layer.name for layer in convolutions(model)]
    fresh = [name for name in names if not fits[name]]
    if len(fresh) * 2 > len(names):
        raise UserError(
            f"{path} fits {len(names) - len(fresh)} of {len(names)} convolutions only; set model.width to "
            "that of the earlier training, or train.init_from to other weights."
        )
    for layer in model.layers:
        if layer.weights and fits[layer.name]:
            layer.set_weights(earlier[layer.name])
    return fresh
