"""`python -m squeezenet_lib.device ... --simulate` with the small model, its firmware built once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from squeezenet_lib import device
from squeezenet_lib.emulated_board import EmulatedBoard
from tests.small_firmware import firmware


@contextmanager
def _boot(model: Path, golden: Path) -> Iterator[EmulatedBoard]:
    yield EmulatedBoard(firmware("qemu").elf)


def simulate(*arguments: str | Path) -> int:
    """The exit status."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(device, "emulated_board", _boot)
        return device.main([*map(str, arguments), "--simulate"])
