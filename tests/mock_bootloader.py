"""A chip in its ROM's bootloader, mocked, at the end of a serial line."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from esp32_mock_bootloader import server


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
