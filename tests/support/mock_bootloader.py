"""A chip in its ROM's bootloader, mocked, at the end of a serial line."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from esp32_mock_bootloader import registers, server

# eFuses of a classic ESP32: what guards its flash, its register and what is burnt there.
FLASH_CRYPT_CNT, ABS_DONE = 0x3FF5A000, 0x3FF5A018
GUARDS = [
    ("flash encryption", FLASH_CRYPT_CNT, 1 << 20),
    ("flash encryption", FLASH_CRYPT_CNT, 0b0010101 << 20),
    ("secure boot", ABS_DONE, 1 << 4),
    ("secure boot", ABS_DONE, 1 << 5),
]
HARMLESS = {FLASH_CRYPT_CNT: 0b0000011 << 20 | 0xF, ABS_DONE: 0xFFFFFFCF}  # switched off again, and all else


def burn(patch: pytest.MonkeyPatch, register: int, value: int, chip: str = "esp32") -> None:
    """Chips that are mocked from now on have these eFuses."""
    patch.setitem(registers.rom_profile(chip), register, value)


@contextmanager
def mock_bootloader(chip: str = "esp32") -> Iterator[tuple[str, server.FlashImage]]:
    """Its port and its flash, which is empty."""
    server.reset_flash_image()
    flash = server.get_flash_image()
    port = server.PtyMasterTransport.create()
    stop = threading.Event()
    connection = server.BootloaderConnection(pty=port)
    thread = threading.Thread(
        target=server.handle_client, args=(connection, stop, chip), kwargs={"flash": flash}, daemon=True
    )
    thread.start()
    try:
        yield port.client_path, flash
    finally:
        stop.set()
        thread.join(timeout=10)
