"""The image as the ROM and the firmware will see it in flash, checked before anybody flashes it."""

import struct
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from build_error import BuildError
from sizes import Sizes

HEADER_BYTES = 24
CHECKSUM_SEED = 0xEF


@dataclass(frozen=True)
class Place:
    """offset: of the image in flash. window: the address at which the chip sees flash from its beginning."""

    offset: int
    window: int


def check(image: Path, sizes: Sizes, place: Place) -> None:
    """Raise BuildError unless the RAM part has the right checksum and the flash part lies where it is mapped.

    The firmware maps flash one to one (offset X at window + X), so the flash segment's place in the image has
    to be its link address. esptool hides that segment from the ROM behind a padding segment.
    """
    content = image.read_bytes()
    if content[0] != 0xE9:
        raise BuildError(
            f"{image} does not start like an ESP32 image; this is a fault of the build, please report it"
        )
    position = HEADER_BYTES
    checksum = CHECKSUM_SEED
    for _ in range(content[1]):
        _, length = struct.unpack_from("<II", content, position)
        position += 8
        checksum = reduce(lambda a, b: a ^ b, content[position : position + length], checksum)
        position += length
    position = (position + 16) // 16 * 16
    _, padding = struct.unpack_from("<II", content, position)
    position += 8 + padding
    address, length = struct.unpack_from("<II", content, position)
    position += 8
    mapped = place.window + place.offset + position
    stored = content[(position - 16 - padding) - 1]
    if stored != checksum or address != sizes.drom_address or length < sizes.drom or mapped != address:
        raise BuildError(
            f"{image} has its flash part at {place.offset + position:#x} (seen at {mapped:#x}) but the code "
            f"is linked for {sizes.drom_address:#x}; this is a fault of the build, please report it"
        )
