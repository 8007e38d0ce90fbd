"""The board's code with tests/c/crash.c in the place of the application, and what it said."""

from collections.abc import Iterable
from pathlib import Path

from elftools.elf.elffile import ELFFile

from tests.support.other_application import build_application


def build_crasher(folder: Path, environment: str, edits: Iterable[tuple[str, str, str]] = ()) -> Path:
    """Its ELF. edits: of the board's code."""
    return build_application(folder, environment, "crash.c", edits=edits)


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
