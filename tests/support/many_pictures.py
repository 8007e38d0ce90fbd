"""Many colour pictures in a folder, for measuring: python -m tests.support.many_pictures FOLDER COUNT

They are JPEG files of 150x150 pixels in six classes of equal size, the same for the same COUNT; as
`download.folder` they are a data set of the size of Intel's Image Classification.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from tests.support.random_pictures import random_pictures

CLASSES = 6
SIDE = 150
QUALITY = 90


def write_many_pictures(folder: Path, count: int) -> None:
    """Write `count` pictures into the sub-folders class0 to class5 of `folder`."""
    for class_number in range(CLASSES):
        (folder / f"class{class_number}").mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (picture,) = random_pictures(np.random.default_rng(number), 2, SIDE, SIDE, 3)[1:]
        path = folder / f"class{number % CLASSES}" / f"{number:05}.jpg"
        Image.fromarray(picture).save(path, quality=QUALITY)


if __name__ == "__main__":
    write_many_pictures(Path(sys.argv[1]), int(sys.argv[2]))
