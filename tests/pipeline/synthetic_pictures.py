"""A folder of pictures of two classes that a small network can tell apart, made by code."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

CLASSES = ("grain", "waves")


def write_pictures(folder: Path, per_class: int, seed: int = 0) -> None:
    """Write `per_class` pictures a class, JPEG and PNG by turns, of several sizes."""
    random = np.random.default_rng(seed)
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
        for index in range(per_class):
            suffix = "jpg" if index % 2 else "png"
            Image.fromarray(_picture(name, random)).save(folder / name / f"{index:03d}.{suffix}")


def _picture(name: str, random: np.random.Generator) -> npt.NDArray[np.uint8]:
    """uint8 (height, width, 3), sides of 36 to 63: blocks of two pixels at random, or a wide wave."""
    height, width = random.integers(36, 64, 2)
    if name == "grain":
        shape = random.choice([-1.0, 1.0], (height // 2 + 1, width // 2 + 1)).repeat(2, 0).repeat(2, 1)
        shape = shape[:height, :width]
    else:
        y, x = np.mgrid[:height, :width]
        angle = random.uniform(0, np.pi)
        shape = np.sin((x * np.cos(angle) + y * np.sin(angle)) * random.uniform(0.1, 0.2))
    colour = random.uniform(40, 100, 3)
    pixels = 128 + shape[..., np.newaxis] * colour + random.normal(0, 8, (height, width, 3))
    return pixels.clip(0, 255).astype(np.uint8)
