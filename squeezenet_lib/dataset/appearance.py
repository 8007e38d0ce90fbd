"""What a picture looks like, in a kilobyte: enough to know it again, saved anew or made smaller."""

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

from squeezenet_lib.images import Pixels

SIDE = 16
# Larger pictures are averaged down to about this before anything else, for speed.
ENOUGH = 64
# hash: imagehash's difference hash, 64 bits. height, width: in pixels. grey: of the whole picture, whatever
# its proportions, 0 to 255. colours: the same, coarser.
APPEARANCE = np.dtype(
    [
        ("hash", "<u8"),
        ("height", "<f4"),
        ("width", "<f4"),
        ("grey", "<f4", (SIDE, SIDE)),
        ("colours", "u1", (4, 4, 3)),
    ]
)

Appearances = npt.NDArray[np.void]


def appearance(pixels: Pixels) -> Appearances:
    """Of decoded pixels, uint8 (h, w, 1 or 3): APPEARANCE (1,)."""
    height, width, channels = pixels.shape
    picture = Image.fromarray(pixels if channels == 3 else pixels[:, :, 0])
    factor = max(1, min(height, width) // ENOUGH)
    small = picture.reduce(factor)
    whole = (0.0, 0.0, width / factor, height / factor)  # the last row and column may be of fewer pixels
    bits = imagehash.dhash(small).hash
    seen = np.zeros(1, APPEARANCE)
    seen["hash"] = np.packbits(bits).view("<u8")
    seen["height"], seen["width"] = height, width
    grey = small.convert("L").convert("F")  # as a float: rounding hides what tells dark pictures apart
    seen["grey"] = grey.resize((SIDE, SIDE), Image.Resampling.BILINEAR, whole)
    seen["colours"] = small.convert("RGB").resize((4, 4), Image.Resampling.BILINEAR, whole)
    return seen
