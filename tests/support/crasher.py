"""The board's code with tests/c/crash.c in the place of the application, and what it said."""

from pathlib import Path

from elftools.elf.elffile import ELFFile

from squeezenet_lib.firmware.build import build_firmware
from tests.support.small_firmware import ROOT, copy_project, small_model


def build_crasher(folder: Path, environment: str) -> Path:
    """Its ELF."""
    project = copy_project(folder)
    for source in (project / "src").iterdir():
        source.unlink()
    (project / "src" / "crash.c").write_text((ROOT / "tests/c/crash.c").read_text())
    model = small_model()
    return build_firmware(folder / "w", environment, model.sqz, model.golden, project=project).elf


def function_at(elf: Path, address: int) -> str:
    """The function that this address lies in."""
    with elf.open("rb") as file:
        symbols = [
            (symbol["st_value"], symbol.name)
            for symbol in ELFFile(file).get_section_by_name(".symtab").iter_symbols()
            if symbol["st_info"]["type"] == "STT_FUNC" and symbol["st_value"] <= address
        ]
    return max(symbols)[1]


def lines_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]
