"""The ESP32's registers as its drivers (esp32_pio/lib/board/esp32) see them, and these drivers built here."""

import ctypes
import functools
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOARD = ROOT / "esp32_pio" / "lib" / "board"
DRIVERS = BOARD / "esp32"
MODEL = ROOT / "tests" / "c" / "register_model"
SOURCES = (
    "watchdogs.c",
    "clock.c",
    "flash_map.c",
    "uart.c",
    "reset.c",
    "crash_record.c",
    "button.c",
    "i2c.c",
    "ssd1306.c",
)

_READ = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_uint32)
_WRITE = ctypes.CFUNCTYPE(None, ctypes.c_uint32, ctypes.c_uint32)
_CYCLES = ctypes.CFUNCTYPE(ctypes.c_uint32)


class Registers:
    """Memory that remembers every write. `on_read` gives the value of a register that changes by itself.

    The cycle counter advances by `step` whenever it is read.
    """

    def __init__(self, step: int = 100) -> None:
        self.values: dict[int, int] = {}
        self.writes: list[tuple[int, int]] = []
        self.on_read: dict[int, Callable[[], int]] = {}
        self.on_write: dict[int, Callable[[int], None]] = {}
        self.cycles = 0
        self.step = step
        library = _library()
        # ctypes does not keep callbacks alive: this object does.
        self._callbacks = (_READ(self._read), _WRITE(self._write), _CYCLES(self._count))
        for name, callback in zip(
            ("model_read", "model_write", "model_cycles"), self._callbacks, strict=True
        ):
            address = ctypes.cast(callback, ctypes.c_void_p).value
            ctypes.c_void_p.in_dll(library, name).value = address
        self.drivers = library

    def written(self, *addresses: int) -> list[tuple[int, int]]:
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

    def _count(self) -> int:
        self.cycles = (self.cycles + self.step) & 0xFFFFFFFF
        return self.cycles


@functools.cache
def _library() -> ctypes.CDLL:
    """The drivers' own sources, with the model's registers.h found before theirs."""
    with tempfile.TemporaryDirectory(prefix="drivers-") as folder:
        library = Path(folder, "drivers.so")
        command = ["cc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"]
        command += [f"-I{MODEL}", f"-I{BOARD / 'include'}"]
        command += ["-o", str(library), str(MODEL / "model.c"), *(str(DRIVERS / name) for name in SOURCES)]
        subprocess.run(command, check=True)
        loaded = ctypes.CDLL(str(library))
    for name in (
        "clock_to_240_mhz",
        "flash_map",
        "uart_can_baud",
        "uart_set_baud",
        "uart_drain",
        "reset_by_power",
        "crash_record_read",
        "button_held",
        "i2c_init",
        "ssd1306_show",
    ):
        getattr(loaded, name).restype = ctypes.c_bool
    loaded.reset_cause.restype = ctypes.c_char_p
    for name in ("clock_crystal_mhz", "clock_peripheral_hz", "uart_read"):
        getattr(loaded, name).restype = ctypes.c_uint32
    return loaded
