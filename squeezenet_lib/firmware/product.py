"""The image of a finished build: for which chip, and where in its flash it goes."""

import json
from dataclasses import dataclass
from pathlib import Path

from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import SIZES


@dataclass(frozen=True)
class Product:
    """chip: as esptool names it. family: its name for people, as esptool-js and web installers have it, too.
    offset: where in flash the first byte of the file `image` goes.
    """

    chip: str
    family: str
    image: Path
    offset: int


def read_product(firmware: Path) -> Product:
    """What lies in the folder `firmware`, as its size.json says. Raises UserError when nothing was built."""
    try:
        content = json.loads((firmware / SIZES).read_text(encoding="utf-8"))
        image = firmware / content["image"]
        return Product(content["chip"], content["chip_family"], image, content["image_offset"])
    except (OSError, ValueError, KeyError):
        raise UserError(
            f"{firmware} holds no finished build; run `dvc repro` to build the firmware"
        ) from None


def flash_arguments(product: Product, port: str) -> list[str]:
    """What Python has to be called with to write the image to the board on `port`."""
    board = ["--chip", product.chip, "--port", port]
    return ["-m", "esptool", *board, "write-flash", f"{product.offset:#x}", str(product.image)]


def flash_command(firmware: Path) -> str:
    """The command that writes what is in `firmware` to a board; PORT stands for the serial port."""
    return " ".join(["python", *flash_arguments(read_product(firmware), "PORT")])
