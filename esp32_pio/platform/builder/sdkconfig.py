"""ESP-IDF's configuration, as far as it follows from platformio.ini, and the partition table."""

import csv
from pathlib import Path

import inputs
from build_error import BuildError

MODES = ("dio", "dout")
FREQUENCIES = (40, 80)  # MHz at which flash and PSRAM can share their lines


def flash_options(board) -> str:
    """Lines of a file of defaults: size, mode and clock of the flash, and the PSRAM's clock with it."""
    megahertz = inputs.flash_mhz(board)
    mode = board.get("build.flash_mode")
    if megahertz not in FREQUENCIES or mode not in MODES:
        raise BuildError(
            f"the flash cannot run at {megahertz} MHz in mode {mode} beside PSRAM; "
            "set pio.flash_freq in params.yaml to 40m or 80m and pio.flash_mode to dio or dout"
        )
    names = (
        f"ESPTOOLPY_FLASHSIZE_{board.get('upload.flash_size')}",
        f"ESPTOOLPY_FLASHMODE_{mode.upper()}",
        f"ESPTOOLPY_FLASHFREQ_{megahertz}M",
        f"SPIRAM_SPEED_{megahertz}M",
    )
    return "".join(f"CONFIG_{name}=y\n" for name in names)


def write(build: Path, defaults: tuple[Path, ...], flash: str) -> None:
    """Write `flash` as the last of the files of defaults. When one of them has other content than at the last
    build, the configuration made from them is removed: ESP-IDF takes defaults only where there is none.
    """
    build.mkdir(parents=True, exist_ok=True)
    defaults[-1].write_text(flash, encoding="utf-8")
    content = "".join(path.read_text(encoding="utf-8") for path in defaults)
    seen = build / "sdkconfig.seen"
    if not seen.is_file() or seen.read_text(encoding="utf-8") != content:
        (build / "sdkconfig").unlink(missing_ok=True)
        seen.write_text(content, encoding="utf-8")


def factory_bytes(table: Path, flash_bytes: int) -> int:
    """Size of the partition `factory`, in which the image has to fit. Raises BuildError."""
    rows = csv.reader(line for line in table.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    for name, _, _, offset, size, *_ in ([cell.strip() for cell in row] for row in rows if row):
        if name == "factory":
            if int(offset, 0) + int(size, 0) > flash_bytes:
                raise BuildError(
                    f"the partition table {table} does not fit a flash of {flash_bytes:,} bytes; "
                    "raise pio.flash_size in params.yaml or make `factory` smaller"
                )
            return int(size, 0)
    raise BuildError(f"the partition table {table} has no partition named factory; the image goes there")
