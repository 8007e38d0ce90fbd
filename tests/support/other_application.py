"""The board's code with a program of tests/c in the place of the application."""

from collections.abc import Collection
from pathlib import Path

from squeezenet_lib.firmware.build import build_firmware
from squeezenet_lib.params.sections import PioParams
from tests.support.small_firmware import ROOT, copy_project, small_model


def build_application(
    folder: Path,
    environment: str,
    program: str,
    kept: Collection[str] = (),
    settings: PioParams | None = None,
) -> Path:
    """The ELF of tests/c/`program`, built in `folder`. kept: files of the application that it needs."""
    project = copy_project(folder)
    for source in (project / "src").iterdir():
        if source.name not in kept:
            source.unlink()
    (project / "src" / program).write_text((ROOT / "tests/c" / program).read_text())
    model = small_model()
    return build_firmware(folder / "w", environment, model.sqz, model.golden, settings, project).elf
