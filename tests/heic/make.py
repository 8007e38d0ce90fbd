"""How the .heic files beside this were made: `python tests/heic/make.py`, with pillow-heif 1.4.0 (libheif
1.23.0, x265 4.2), an encoder that the project does not need. Four quarters of plain colours, 64 x 48.
"""

from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image

HERE = Path(__file__).parent
QUALITY = 90
ORIENTATION, QUARTER_CLOCKWISE = 0x0112, 6


def main() -> None:
    pillow_heif.register_heif_opener()
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:24, :32], pixels[:24, 32:] = (200, 40, 40), (40, 200, 40)
    pixels[24:, :32], pixels[24:, 32:] = (40, 40, 200), (230, 230, 230)
    quarters = Image.fromarray(pixels)
    quarters.save(HERE / "plain.heic", quality=QUALITY)
    quarters.convert("L").save(HERE / "grey.heic", quality=QUALITY)

    # As phones do it: the orientation is in the EXIF data and, as irot, in the container.
    exif = Image.Exif()
    exif[ORIENTATION] = QUARTER_CLOCKWISE
    quarters.save(HERE / "turned.heic", quality=QUALITY, exif=exif.tobytes())

    opacity = np.full((48, 64), 255, np.uint8)
    opacity[:, :32] = 0
    clear = quarters.convert("RGBA")
    clear.putalpha(Image.fromarray(opacity))
    clear.save(HERE / "clear.heic", quality=QUALITY)

    wide = np.zeros((48, 64, 3), np.uint16)
    wide[:, 32:], wide[24:, :32] = 65535, 30000
    ten_bits = pillow_heif.from_bytes("RGB;16", (64, 48), wide.tobytes())
    ten_bits.save(HERE / "ten_bits.heic", quality=QUALITY)


if __name__ == "__main__":
    main()
