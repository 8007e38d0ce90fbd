"""Pictures with something to see at every scale: blots of uneven brightness and contrast, with noise."""

import numpy as np
import numpy.typing as npt


def random_pictures(
    random: np.random.Generator, count: int, height: int, width: int, channels: int
) -> npt.NDArray[np.uint8]:
    """uint8 (count, height, width, channels). The first one holds 0 and 255 only."""
    contrast, brightness = (
        random.random((count, 1, 1, channels)),
        random.integers(0, 128, (count, 1, 1, channels)),
    )
    blots = random.integers(0, 256, (count, 4, 4, channels)) * contrast + brightness
    stretched = np.kron(blots, np.ones((1, -(-height // 4), -(-width // 4), 1)))[:, :height, :width]
    noise = random.integers(-20, 21, (count, height, width, channels))
    pictures = np.clip(stretched + noise, 0, 255).astype(np.uint8)
    pictures[0] = random.choice(np.array([0, 255], np.uint8), (height, width, channels))
    return pictures
