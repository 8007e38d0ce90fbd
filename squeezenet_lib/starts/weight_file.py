"""Weights of a trained SqueezeNet 1.1, without batch normalisation, as arrays in a file; no TensorFlow."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.training.architecture import CONV1_FILTERS, FIRE_FILTERS

Floats = npt.NDArray[np.float32]

CLASSES = 1000  # of ImageNet
WEIGHT_FILE = "weights.npz"


class Convolution(NamedTuple):
    """kernel: float32 (height, width, input channels, filters). bias: float32 (filters,)."""

    kernel: Floats
    bias: Floats


def kernel_shapes() -> dict[str, tuple[int, int, int, int]]:
    """(height, width, input channels, filters) of the convolutions of SqueezeNet 1.1 on RGB pictures with
    1,000 classes, by the network's names, in its order.
    """
    shapes = {"conv1": (3, 3, 3, CONV1_FILTERS)}
    channels = CONV1_FILTERS
    for index, (squeeze, expand) in enumerate(FIRE_FILTERS, start=2):
        shapes[f"fire{index}_squeeze"] = (1, 1, channels, squeeze)
        shapes[f"fire{index}_expand1x1"] = (1, 1, squeeze, expand)
        shapes[f"fire{index}_expand3x3"] = (3, 3, squeeze, expand)
        channels = 2 * expand
    shapes["conv10"] = (1, 1, channels, CLASSES)
    return shapes


def check_weights(weights: Mapping[str, Convolution]) -> None:
    """Raise ValueError that says what is wrong unless these are the convolutions of `kernel_shapes`."""
    shapes = kernel_shapes()
    if weights.keys() != shapes.keys():
        other = ", ".join(sorted(weights.keys() ^ shapes.keys()))
        raise ValueError(f"it has other layers than SqueezeNet 1.1 ({other})")
    for name, shape in shapes.items():
        kernel, bias = weights[name]
        if kernel.shape != shape or bias.shape != shape[-1:]:
            raise ValueError(f"{name} has the shapes {kernel.shape} and {bias.shape}")
        if kernel.dtype != np.float32 or bias.dtype != np.float32:
            raise ValueError(f"{name} has other numbers than float32")
        if not (np.isfinite(kernel).all() and np.isfinite(bias).all()):
            raise ValueError(f"{name} has numbers that are not finite")


def write_weights(path: Path, weights: Mapping[str, Convolution]) -> None:
    """Write an .npz with `<layer>/kernel` and `<layer>/bias`, its bytes made of the weights alone."""
    named = {
        f"{name}/{part}": array
        for name, convolution in weights.items()
        for part, array in convolution._asdict().items()
    }
    with replace_when_done(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **named)  # numpy dates its members 1980


def read_weights(path: Path) -> dict[str, Convolution]:
    """What `write_weights` wrote. Raises UserError when the file is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            weights = {
                name: Convolution(file[f"{name}/kernel"], file[f"{name}/bias"]) for name in kernel_shapes()
            }
        check_weights(weights)
    except FileNotFoundError:
        raise UserError(f"{path} is missing; run `dvc repro weights`.") from None
    # numpy meets damaged bytes with whatever exception its parsing runs into
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"{path} cannot be read ({reason}); run `dvc repro --force weights`.") from error
    return weights
