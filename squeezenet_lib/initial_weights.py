"""Weights that training starts with: random ones, or those of an earlier training."""

from pathlib import Path

import tf_keras

from squeezenet_lib.errors import UserError
from squeezenet_lib.model import convolutions, load_model

# The file that stands for random weights: a stage can depend on a file that exists.
RANDOM = Path("weights/he_uniform")


def initialise(model: tf_keras.Model, path: Path) -> list[str]:
    """Give `model` the weights of the .keras file, layer by layer, where names and shapes agree.

    Returns the names of the convolutions that keep their random weights: the last one when the classes
    differ, the first for other channels. Nothing happens for RANDOM. Raises UserError when the file is
    missing, damaged or fits less than half of the convolutions.
    """
    if path == RANDOM:
        return []
    if path.suffix != ".keras":
        raise UserError(
            f"train.init_from is {path}; it has to be {RANDOM} or a .keras file of an earlier training."
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
