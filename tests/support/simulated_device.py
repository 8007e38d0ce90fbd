"""`device ... --simulate` with the small model, its firmware built once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from squeezenet_lib.cli import device_commands
from squeezenet_lib.cli.command_line import main
from squeezenet_lib.device.emulated_board import EmulatedBoard
from tests.support.small_firmware import firmware


@contextmanager
def _boot(model: Path, golden: Path) -> Iterator[EmulatedBoard]:
    yield EmulatedBoard(firmware("qemu").elf)


def simulate(*arguments: str | Path) -> int:
    """The exit status."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device_commands, "emulated_board", _boot)
        return main(["device", *map(str, arguments), "--simulate"])
