"""The cores that code is made for, by the name that a board's JSON has in `build.core`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Core:
    """prefix: of the compiler's programs. package: Debian's, with the compiler. flags: of every source.
    defines: for the assembler sources. runtime: files of platform/runtime for what the core cannot do.
    """

    prefix: str
    package: str
    flags: tuple[str, ...]
    defines: tuple[str, ...]
    runtime: tuple[str, ...]


_XTENSA = ("xtensa-lx106-elf-", "gcc-xtensa-lx106", ("-mlongcalls",))
CORES = {
    "lx6": Core(*_XTENSA, defines=(), runtime=("memory.c", "division.S")),
    # what the compiler is made for, and no more than it has
    "lx106": Core(*_XTENSA, defines=("CORE_LX106",), runtime=("memory.c", "division_software.c")),
}
