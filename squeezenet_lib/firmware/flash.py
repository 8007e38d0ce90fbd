"""Writing the image of the last build to a board."""

import math
from pathlib import Path
from typing import Any

import esptool
from esptool.cmds import connect_esp, reset_chip

from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.product import flash_arguments, read_product
from squeezenet_lib.interrupts import OverdueError, limited

CONNECT_SECONDS = 10.0
_ATTEMPT_SECONDS = 1.4  # in which esptool resets the chip and asks it five times
_GRACE = 1.5  # times the limit: what esptool itself says of a chip that does not answer is worth it


def flash(firmware: Path, port: str, patience: float = CONNECT_SECONDS) -> None:
    """Write the image in the folder `firmware` to the board on `port`. patience: seconds to connect.

    Raises UserError: there is none, the chip would not start it, or esptool says why not.
    """
    product = read_product(firmware)
    arguments, image = flash_arguments(product, port), product.image
    if not image.is_file():
        raise UserError(f"{image} does not exist; run `dvc repro` to build the firmware")
    try:
        with limited(_GRACE * patience):  # other programs' bytes prolong what esptool counts in tries
            attempts = math.ceil(patience / _ATTEMPT_SECONDS)
            chip = connect_esp(port, chip=product.chip, connect_attempts=attempts)
        with chip:
            with limited(_GRACE * patience):
                _require_unprotected(chip, port)
                _require_quad_flash(chip, port)
            esptool.main(arguments[2:], chip)  # behind `-m esptool`
    except SystemExit:  # so its command line ends after Ctrl-C
        raise KeyboardInterrupt from None
    except (esptool.FatalError, OSError, StopIteration, OverdueError) as error:
        raise UserError(
            f"esptool did not write {image} to {port} ({' '.join(str(error).split())}); when it cannot "
            "connect, hold the board's BOOT button down until it does"
        ) from None


def _require_unprotected(chip: Any, port: str) -> None:
    """Raise UserError when the chip's eFuses keep this image from starting; the one it has starts again.

    ESP-IDF decides by the same bits: hal/esp32/efuse_hal.c and efuse_ll.h.
    """
    if chip.get_flash_encryption_enabled():
        guard = "flash encryption"
    elif _secure_boot(chip):
        guard = "secure boot"
    else:
        return
    reset_chip(chip, "hard-reset")
    raise UserError(
        f"eFuses of the chip on {port} turn on {guard}: it would not start this plain image, so nothing was "
        "written; use another board"
    )


def _require_quad_flash(chip: Any, port: str) -> None:
    """Raise UserError when an ESP32-S3 has flash of eight lines (eFuse FLASH_TYPE); the chip starts again."""
    if chip.CHIP_NAME != "ESP32-S3" or not chip.flash_type():
        return
    reset_chip(chip, "hard-reset")
    raise UserError(
        f"the chip on {port} has octal flash, which this firmware does not support, so nothing was written; "
        "use a board with quad flash"
    )


def _secure_boot(chip: Any) -> bool:
    """Either version of it: on a classic ESP32 esptool counts the second from revision 3 on only."""
    if chip.CHIP_NAME == "ESP32":
        either = chip.EFUSE_RD_ABS_DONE_0_MASK | chip.EFUSE_RD_ABS_DONE_1_MASK
        return bool(chip.read_reg(chip.EFUSE_RD_ABS_DONE_REG) & either)
    return bool(chip.get_secure_boot_enabled())
