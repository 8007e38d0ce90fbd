"""`device ... --simulate` with the small model, its firmware built once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from squeezenet_lib.cli import device_commands
from squeezenet_lib.cli.command_line import main
from squeezenet_lib.device.emulated_board import EmulatedBoard, sights_of
from squeezenet_lib.sqz.header import read_header
from tests.support.small_firmware import firmware, small_model


@contextmanager
def _boot(env: str, model: Path, golden: Path, camera: Path | None) -> Iterator[EmulatedBoard]:
    sights = sights_of(camera, read_header(small_model().sqz.read_bytes()).shape) if camera else []
    yield EmulatedBoard(firmware("qemu").elf, sights=sights)


def simulate(*arguments: str | Path) -> int:
    """The exit status."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device_commands, "emulated_board", _boot)
        return main(["device", *map(str, arguments), "--simulate"])
