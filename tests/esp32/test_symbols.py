"""What a library of the firmware lends to others has the library's name in front.

The same program holds ESP-IDF, TFLM and a camera's driver, whose names nobody here chooses.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.camera_board import STUBS, write_headers
from tests.support.object_symbols import external_symbols
from tests.support.small_firmware import PROJECT

LIB = PROJECT / "lib"
# tflm_rt stands in for squeeze_rt: squeeze_rt.h's functions are its own, too.
PREFIXES = {"squeeze_rt": ("sqz_",), "link": ("link_",), "frame": ("frame_",), "tflm_rt": ("tfl_", "sqz_")}
INCLUDES = [f"-I{LIB / name}" for name in ("squeeze_rt/src", "link/src", "frame/src", "board/include")]
HERE = ["gcc", "-std=gnu11", *INCLUDES]
XTENSA = ("xtensa-lx106-elf-gcc", "-std=gnu11", "-mlongcalls", "-ffreestanding", *INCLUDES)
RISCV = (
    "riscv64-unknown-elf-gcc",
    "-std=gnu11",
    "-march=rv32imc",
    "-mabi=ilp32",
    "-ffreestanding",
    *INCLUDES,
)


def for_chip(compiler: Iterable[str], core: str, chip: str) -> list[str]:
    """The compiler with the folders that the board's JSON of the chip includes, and the emulator's."""
    folders = (f"entry/{core}", "espressif", chip, f"{chip}/access", f"qemu/{core}")
    runtime = PROJECT / "platform/runtime/include"
    return [*compiler, f"-I{runtime}", *(f"-I{LIB / 'board' / name}" for name in folders)]


CHIP = for_chip(XTENSA, "xtensa", "esp32")
SHARED_BY_KERNELS = set((LIB / "squeeze_rt" / "src").glob("write_sums_*.S"))
FOR_KERNELS = {"sqz_start_window", "sqz_bits_left"}  # in C, where there is assembler
# board.h, and crash_record.h, which each board has to keep.
OF_EACH_BOARD = ("board_", "crash_record_")
# These the linker script, ESP-IDF and ESP-IDF's linker call by name.
ENTRIES = {"_start", "app_main", "__wrap_esp_panic_handler"}


def symbols(folder: Path, compiler: list[str], sources: Iterable[Path]) -> dict[Path, set[str]]:
    """External names by source, compiled one by one."""
    found = {}
    for source in sources:
        target = folder / "object.o"
        subprocess.run([*compiler, "-c", source, "-o", target], check=True)
        found[source] = external_symbols(target)
    return found


def sources(folder: Path, *suffixes: str) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix in suffixes)


@pytest.mark.parametrize("library", PREFIXES)
def test_names_that_a_library_lends_begin_with_its_own(library: str, tmp_path: Path) -> None:
    found = symbols(tmp_path, HERE, sources(LIB / library / "src", ".c"))
    names = set().union(*found.values())
    assert names
    assert {name for name in names if not name.startswith(PREFIXES[library])} == set()


@pytest.mark.parametrize("compiler", [CHIP, for_chip(RISCV, "riscv", "esp32c3")], ids=["xtensa", "riscv"])
def test_assembler_defines_what_its_twins_in_c_do(compiler: list[str], tmp_path: Path) -> None:
    """And nothing else, but for what kernels share: the runtime lends the same here and on the chip."""
    folder = LIB / "squeeze_rt" / "src"
    here = symbols(tmp_path, HERE, sources(folder, ".c"))
    chip = symbols(tmp_path, compiler, sources(folder, ".c", ".S"))
    assert len(chip) > len(here)
    defined = [name for path, names in chip.items() for name in names if path not in SHARED_BY_KERNELS]
    assert len(defined) == len(set(defined))
    assert set(defined) - FOR_KERNELS == set().union(*here.values())


def foreign(found: dict[Path, set[str]]) -> set[str]:
    """Names that are neither those of each board nor begin as their file's does."""
    return {
        f"{source.parent.name}/{source.name}: {name}"
        for source, names in found.items()
        for name in names - ENTRIES
        if not name.startswith((*OF_EACH_BOARD, source.stem.split("_")[0]))
    }


@pytest.mark.parametrize(
    ("compiler", "core", "chip", "shared"),
    [
        (XTENSA, "xtensa", "esp32", ()),
        (RISCV, "riscv", "esp32c3", ("espressif",)),
        (XTENSA, "xtensa", "esp32s3", ("espressif",)),
    ],
)
def test_names_of_the_board_are_the_board_s_or_the_driver_s(
    tmp_path: Path, compiler: tuple[str, ...], core: str, chip: str, shared: tuple[str, ...]
) -> None:
    folders = ("entry", f"entry/{core}", chip, *shared, "portable", "qemu", "ssd1306", "two_cores")
    command = for_chip(compiler, core, chip)
    found = symbols(
        tmp_path, command, (path for name in folders for path in sources(LIB / "board" / name, ".c", ".S"))
    )
    assert foreign(found) == set()


def test_names_of_the_camera_board_are_the_board_s_or_the_driver_s(tmp_path: Path) -> None:
    write_headers(tmp_path)
    compiler = [*HERE, f"-I{STUBS}", f"-I{tmp_path}"]
    assert foreign(symbols(tmp_path, compiler, sources(LIB / "board" / "espidf", ".c"))) == set()
