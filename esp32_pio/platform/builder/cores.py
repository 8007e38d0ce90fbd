"""The cores that code is made for, by the name that a board's JSON has in `build.core`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Core:
    """prefix: of the compiler's programs. package: Debian's, with the compiler. machine: flags that name the
    core to compiler, assembler and linker. flags: others of the compiler. defines: for the sources. runtime:
    files of platform/runtime for what the core cannot do.
    """

    prefix: str
    package: str
    machine: tuple[str, ...]
    flags: tuple[str, ...]
    defines: tuple[str, ...]
    runtime: tuple[str, ...]


_XTENSA = ("xtensa-lx106-elf-", "gcc-xtensa-lx106", (), ("-mlongcalls",))
# No gp: the entry would have to set it before anything else. libgcc is chosen by the architecture's name, so
# the sources that touch control registers ask for Zicsr themselves.
_RISCV = (
    "riscv64-unknown-elf-",
    "gcc-riscv64-unknown-elf",
    ("-march=rv32imc", "-mabi=ilp32"),
    ("-msmall-data-limit=0",),
)
_LX6 = Core(*_XTENSA, defines=(), runtime=("memory.c", "division.S"))
CORES = {
    "lx6": _LX6,
    "lx7": _LX6,  # and more, vector instructions among it, which nothing here uses
    # what the compiler is made for, and no more than it has
    "lx106": Core(*_XTENSA, defines=("CORE_LX106",), runtime=("memory.c", "division_software.c")),
    "rv32imc": Core(*_RISCV, defines=(), runtime=("memory.c",)),
}
