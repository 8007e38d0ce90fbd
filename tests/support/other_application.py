"""The board's code with a program of tests/c in the place of the application."""

from collections.abc import Collection, Iterable
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
    edits: Iterable[tuple[str, str, str]] = (),
) -> Path:
    """The ELF of tests/c/`program`, built in `folder`. kept: files of the application that it needs.

    edits: of lib/board: a file, what stands in it once, and what shall stand there.
    """
    project = copy_project(folder)
    for name, old, new in edits:
        path = project / "lib" / "board" / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")
    for source in (project / "src").iterdir():
        if source.name not in kept:
            source.unlink()
    (project / "src" / program).write_text((ROOT / "tests/c" / program).read_text())
    model = small_model()
    return build_firmware(folder / "w", environment, model.sqz, model.golden, settings, project).elf
