"""Random changes of training pictures that leave their class as it is."""

import numpy as np
import numpy.typing as npt

from squeezenet_lib.dataset import network_input
from squeezenet_lib.params import AugmentParams


def augment(
    images: npt.NDArray[np.uint8], params: AugmentParams, random: np.random.Generator
) -> npt.NDArray[np.float32]:
    """A changed copy of a batch, uint8 (N, H, W, C) -> what the float network sees, float32, same shape.

    In this order, each picture drawing for itself: quarter turns, left-right flip, shift by up to `shift`
    pixels both ways (border pixels repeated), contrast about mid-grey and brightness, clipped to the input's
    range.
    """
    turned = [_turn(image, params, random) for image in images]
    values = network_input(np.stack(turned))
    shape = (len(values), 1, 1, 1)
    gain = 1 + random.uniform(-params.contrast, params.contrast, shape)
    offset = random.uniform(-params.brightness, params.brightness, shape)
    changed: npt.NDArray[np.float32] = values * gain.astype(np.float32) + offset.astype(np.float32)
    return np.clip(changed, np.float32(-1), np.float32(127 / 128))


def _turn(
    image: npt.NDArray[np.uint8], params: AugmentParams, random: np.random.Generator
) -> npt.NDArray[np.uint8]:
    size, shift = image.shape[0], params.shift
    quarters, flip = int(random.integers(4)), bool(random.integers(2))
    down, right = random.integers(-shift, shift, 2, endpoint=True)
    if params.rotate:
        image = np.rot90(image, quarters)
    if params.flip and flip:
        image = image[:, ::-1]
    rows = np.clip(np.arange(size) - down, 0, size - 1)
    columns = np.clip(np.arange(size) - right, 0, size - 1)
    moved: npt.NDArray[np.uint8] = image[rows][:, columns]
    return moved
