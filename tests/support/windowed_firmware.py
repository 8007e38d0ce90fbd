"""The benchmark in the windowed ABI, ESP-IDF's, for an emulated core with register windows, and interrupts.

Debian's compiler writes assembly for that ABI; its assembler, made for the lx106, lacks a few instructions,
which tests/c/windowed/compiled.inc gives as macros. That folder also has what ESP-IDF would bring: entry,
exception vectors, and an interrupt.
"""

import functools
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from squeezenet_lib.firmware.build import PROJECT
from squeezenet_lib.paths import ROOT
from tests.support.made_once import made_once

# It has the LX6's windows, loops, minimum and maximum, and half of its registers: windows overflow sooner.
WINDOWED_CORE = "dc233c"

LIB = PROJECT / "lib"
RUNTIME = LIB / "squeeze_rt" / "src"
KERNELS = sorted(RUNTIME.glob("*_xtensa.S"))
PLATFORM = PROJECT / "platform" / "runtime"
WINDOWED = ROOT / "tests" / "c" / "windowed"

_COMPILER = "xtensa-lx106-elf-gcc"
_FOLDERS = (
    RUNTIME,
    LIB / "link/src",
    LIB / "frame/src",
    LIB / "board/include",
    LIB / "board/entry/xtensa",
    LIB / "board/qemu/xtensa",
    PROJECT / "src",
    WINDOWED,
)
_FLAGS = (
    *("-mabi=windowed", "-mlongcalls", "-O2", "-std=c11", "-ffreestanding", "-Wall", "-Wextra", "-Werror"),
    *("-ffunction-sections", "-fdata-sections", f"-I{PLATFORM / 'include'}"),
    "-fno-tree-loop-distribute-patterns",  # memcpy() must not become a call of itself
    *(f"-I{folder}" for folder in _FOLDERS),
)
_ARENA = '.section .arena, "aw", @nobits\n.balign 16\n.global image_arena\nimage_arena: .space 307200\n'


@functools.cache
def windowed_firmware() -> tuple[Path, Path]:
    """The benchmark's ELF with the LX6's own instructions, and that without.

    In both, sqz_run() is called from deep within calls and interrupted all the time.
    """
    return made_once("windowed-firmware", _build)


def _build(folder: Path) -> tuple[Path, Path]:
    arena = folder / "arena.S"
    arena.write_text(_ARENA)
    objects = {source: compile_windowed(folder, source) for source in (*_sources(), arena)}
    with_lx6 = _link(folder / "with_lx6.elf", objects.values())
    # In this ABI C is the same with and without.
    (folder / "portable").mkdir()
    for kernel in KERNELS:
        objects[kernel] = compile_windowed(folder / "portable", kernel, "-DSQZ_PORTABLE")
    return with_lx6, _link(folder / "portable.elf", objects.values())


def compile_windowed(folder: Path, source: Path, *flags: str) -> Path:
    """The object of a C or assembler source, in `folder`."""
    target = folder / f"{source.parent.parent.name}-{source.parent.name}-{source.name}.o"
    if source.suffix == ".c":
        assembly = target.with_suffix(".s")
        _run(*flags, "-S", source, "-o", assembly)
        source = assembly
    _run(
        *flags, "-x", "assembler-with-cpp", "-include", WINDOWED / "compiled.inc", "-c", source, "-o", target
    )
    return target


def _sources() -> Iterator[Path]:
    """C and assembler."""
    yield from (PROJECT / "bench/bench.c", PROJECT / "src/classify.c")
    yield from (PLATFORM / "memory.c", PLATFORM / "division_software.c")
    yield from (LIB / "board/entry/memory.c", LIB / "board/entry/stack.c")
    for folder in (RUNTIME, LIB / "board/portable", LIB / "board/qemu", WINDOWED):
        yield from sorted(path for path in folder.iterdir() if path.suffix in (".c", ".S"))


def _link(elf: Path, objects: Iterable[Path]) -> Path:
    scripts = PROJECT / "platform" / "ldscripts"
    # No libgcc: Debian's is for the call0 ABI.
    replaced = [f"-Wl,--wrap={name}" for name in ("sqz_run", "sqz_requantize_exactly")]
    _run(
        "-nostartfiles",
        "-nostdlib",
        "-Wl,--gc-sections",
        *replaced,
        f"-L{scripts}",
        "-T",
        "esp32.ld",
        *objects,
        "-o",
        elf,
    )
    return elf


def _run(*arguments: str | Path) -> None:
    subprocess.run([_COMPILER, *_FLAGS, *arguments], check=True)
