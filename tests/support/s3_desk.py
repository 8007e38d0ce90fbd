"""labwired's ESP32-S3 with its real boot ROM, started from the reset vector with an image in its flash."""

import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import labwired
import yaml

CHIP = Path(labwired.__file__).parent / "configs/chips/esp32s3.yaml"
RESET_STATE, FLASH_BYTES = 0x60008038, 4 << 20
RESET_VECTOR, UNUSED = 0x40000400, 0x3FC88000
BUTTON = {"id": "boot_button", "kind": "button", "peripheral": "gpio", "pin": 0} | {
    "signal": "input",
    "active_high": False,
}


def _starter() -> bytes:
    """An ELF file for a Xtensa core with nothing to run but the ROM, from its reset vector on."""
    identity = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")
    header = struct.pack("<HHIIIIIHHHHHH", 2, 94, 1, RESET_VECTOR, 52, 0, 0, 52, 32, 1, 40, 0, 0)
    segment = struct.pack("<IIIIIIII", 1, 84, UNUSED, UNUSED, 4, 4, 7, 4)
    return identity + header + segment + bytes(4)


@contextmanager
def s3_desk(
    image: Path, reset: int | None = None, kept: dict[int, int] | None = None
) -> Iterator[labwired.Sim]:
    """The chip as it comes out of a reset, `image` at 0x0 of its flash. reset: the reason. kept: values of
    registers that outlived it.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "flash.bin").write_bytes(image.read_bytes().ljust(FLASH_BYTES, b"\xff"))
        (folder / "starter.elf").write_bytes(_starter())
        (folder / "system.yaml").write_text(
            yaml.safe_dump({"name": "desk", "chip": str(CHIP), "external_devices": [], "board_io": [BUTTON]}),
            encoding="utf-8",
        )
        settings = {"LABWIRED_ESP32S3_FLASH": str(folder / "flash.bin"), "LABWIRED_ESP32S3_MMU_XIP": "1"}
        with mock.patch.dict(os.environ, settings):
            chip = labwired.Sim(str(folder / "starter.elf"), system=str(folder / "system.yaml"))
        with chip:
            for address, value in (kept or {}).items():
                chip.write_u32(address, value)
            if reset is not None:
                chip.write_u32(RESET_STATE, reset)
            yield chip
