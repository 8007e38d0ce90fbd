"""The names that an object file or a shared library lends to others."""

from pathlib import Path

from elftools.elf.elffile import ELFFile


def external_symbols(path: Path) -> set[str]:
    """Functions and data that are defined there, less what C++ defines in every object (weak)."""
    with path.open("rb") as file:
        elf = ELFFile(file)
        section = elf.get_section_by_name(".symtab") or elf.get_section_by_name(".dynsym")
        return {
            symbol.name
            for symbol in section.iter_symbols()
            if symbol["st_info"]["bind"] == "STB_GLOBAL" and symbol["st_shndx"] != "SHN_UNDEF"
        }
