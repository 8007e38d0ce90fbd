"""A chip's registers as its drivers in esp32_pio/lib/board see them, and these drivers built here."""

import atexit
import ctypes
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from squeezenet_lib.paths import ROOT

BOARD = ROOT / "esp32_pio" / "lib" / "board"
MODEL = ROOT / "tests" / "c" / "register_model"
PORTABLE = ("chip_name.c", "print.c", "reset_name.c")
FLASH_END = {
    "esp32": 0x3F420000,
    "esp32c3": 0x3C020000,
    "esp32s3": 0x3C020000,
}  # where the image's constants end
SECOND_ENTRY = 0x40081234

ROM_ARGUMENTS = 6

# What functions of the drivers return.
RESULTS = {
    ctypes.c_bool: (
        *("clock_to_pll", "efuse_flash_pads", "efuse_single_core", "efuse_flash_supported", "flash_start"),
        *("flash_retry", "flash_cache_off", "uart_can_baud", "uart_set_baud", "uart_drain", "reset_by_power"),
        *(
            "crash_record_read",
            "button_held",
            "i2c_init",
            "ssd1306_show",
            "regi2c_write",
            "regi2c_write_mask",
        ),
    ),
    ctypes.c_char_p: (
        *("reset_cause", "reset_cause_second_core", "power_flash_supply", "power_brownout_on"),
        *("efuse_protection", "efuse_chip_name"),
    ),
    ctypes.c_uint32: (
        *("clock_crystal_mhz", "clock_peripheral_hz", "uart_read", "usb_read", "board_read"),
        *("efuse_package", "efuse_revision", "efuse_rated_mhz", "efuse_watchdog_delay"),
    ),
}

_READ = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_uint32)
_WRITE = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_uint32)
_CYCLES = ctypes.CFUNCTYPE(ctypes.c_uint32)
_PAUSE = ctypes.CFUNCTYPE(None)
_ROM = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_uint32, ctypes.POINTER(ctypes.c_uint32))


class Flash(ctypes.Structure):
    """board_flash of board.h."""

    _fields_ = (
        *((name, ctypes.c_char_p) for name in ("pins", "rom_routing", "routing", "supply")),
        *((name, ctypes.c_uint32) for name in ("id", "bytes", "image_bytes", "mhz", "dummy")),
        ("standard", ctypes.c_bool),
    )


class Chip(ctypes.Structure):
    """board_chip of board.h."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("revision", ctypes.c_uint32),
        ("rated_mhz", ctypes.c_uint32),
        *((name, ctypes.c_char_p) for name in ("second_core_reset", "brownout", "protection")),
    )


class Crash(ctypes.Structure):
    """board_crash of board.h."""

    _fields_ = tuple((name, ctypes.c_uint32) for name in ("vector", "cause", "pc", "address", "core"))

    def __iter__(self):
        return iter((self.vector, self.cause, self.pc, self.address, self.core))


class Report(ctypes.Structure):
    """board_report of board.h."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("failed_step", ctypes.c_char_p),
        ("reset_cause", ctypes.c_char_p),
        ("display", ctypes.c_char_p),
        ("camera", ctypes.c_char_p),
        ("camera_expected", ctypes.c_bool),
        ("memory", ctypes.c_char_p),
        ("chip", ctypes.POINTER(Chip)),
        ("flash", ctypes.POINTER(Flash)),
        ("crash", Crash),
        ("crashed", ctypes.c_bool),
        ("crystal_mhz", ctypes.c_uint32),
        ("cycles_per_microsecond", ctypes.c_uint32),
        ("cores", ctypes.c_uint32),
        ("one_core", ctypes.c_char_p),
    )


class Registers:
    """Memory that remembers every write. `on_read` gives the value of a register that changes by itself.

    The cycle counter advances by `step` whenever it is read. `on_pause` is called where the driver waits for
    the pointer of a FIFO. A call of the ROM is remembered as a write of its arguments, a tuple, to the
    function; `on_rom` does what the function would. Each has drivers of its own, whose variables are as after
    a reset.
    """

    def __init__(self, step: int = 100, chip: str = "esp32") -> None:
        self.values: dict[int, int] = {}
        self.writes: list[tuple[int, Any]] = []
        self.on_read: dict[int, Callable[[], int]] = {}
        self.on_write: dict[int, Callable[[int], None]] = {}
        self.on_pause: Callable[[], None] = lambda: None
        self.on_rom: dict[int, Callable[..., None]] = {}
        self.cycles = 0
        self.step = step
        library = _load(chip)
        # ctypes does not keep callbacks alive: this object does.
        self._callbacks = (
            _READ(self._read),
            _WRITE(self._write),
            _CYCLES(self._count),
            _PAUSE(self._pause),
            _ROM(self._rom),
        )
        for name, callback in zip(("read", "write", "cycles", "pause", "rom"), self._callbacks, strict=True):
            address = ctypes.cast(callback, ctypes.c_void_p).value
            ctypes.c_void_p.in_dll(library, f"model_{name}").value = address
        self.drivers = library

    def written(self, *addresses: int) -> list[tuple[int, Any]]:
        """The writes to these addresses, in order."""
        return [write for write in self.writes if write[0] in addresses]

    def _read(self, address: int) -> int:
        if address in self.on_read:
            self.values[address] = self.on_read[address]()
        return self.values.get(address, 0)

    def _write(self, address: int, value: int) -> None:
        self.values[address] = value
        self.writes.append((address, value))
        if address in self.on_write:
            self.on_write[address](value)

    def _pause(self) -> None:
        self.on_pause()

    def _rom(self, function: int, arguments: Any) -> int:
        given = tuple(arguments[:ROM_ARGUMENTS])
        self.writes.append((function, given))
        if function in self.on_rom:
            self.on_rom[function](*given)
        return 0

    def _count(self) -> int:
        self.cycles = (self.cycles + self.step) & 0xFFFFFFFF
        return self.cycles


@functools.cache
def _folder() -> Path:
    folder = tempfile.mkdtemp(prefix="drivers-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@functools.cache
def _library(chip: str) -> Path:
    """The drivers' own sources, with the model's registers.h found before theirs."""
    library = _folder() / f"{chip}.so"
    command = ["cc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"]
    shared = [] if chip == "esp32" else sorted((BOARD / "espressif").glob("*.c"))
    command += [f"-I{MODEL}", f"-I{BOARD / 'espressif'}", f"-I{BOARD / chip}"]
    command += [f"-I{BOARD / 'include'}", f"-I{BOARD.parent / 'frame/src'}"]
    command += [f"-I{BOARD}", f"-Wl,--defsym=_flash_end={FLASH_END[chip]:#x}"]
    command += [f"-Wl,--defsym=second_entry={SECOND_ENTRY:#x}", "-pthread"]
    sources = [*sorted((BOARD / chip).glob("*.c")), *shared, MODEL / "image.c", MODEL / "model.c"]
    two = (BOARD / chip / "second_start.c").is_file()
    sources += (
        [MODEL / "second_core.c", BOARD / "two_cores/second_core.c"] if two else [BOARD / "entry/one_core.c"]
    )
    sources += [*(BOARD / "portable" / name for name in PORTABLE), BOARD / "ssd1306" / "ssd1306.c"]
    subprocess.run([*command, "-o", str(library), *map(str, sources)], check=True)
    return library


def _load(chip: str) -> ctypes.CDLL:
    """A copy under another name is another library, with variables of its own."""
    own = Path(tempfile.mkdtemp(dir=_folder()), "drivers.so")
    shutil.copyfile(_library(chip), own)
    loaded = ctypes.CDLL(str(own))
    own.unlink()
    loaded.board_init.restype = ctypes.POINTER(Report)
    for kind, names in RESULTS.items():
        for name in names:
            if hasattr(loaded, name):  # of this chip's drivers
                getattr(loaded, name).restype = kind
    return loaded
