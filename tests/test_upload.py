"""`pio run -t upload` against a mock of the chip's ROM bootloader: the flash holds the image, at 0x1000."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from esp32_mock_bootloader import server

from tests.small_firmware import copy_project, pio

IMAGE_AT = 0x1000


@pytest.fixture
def bootloader() -> Iterator[tuple[str, server.FlashImage]]:
    """The port of a chip waiting for its image, and its flash."""
    server.reset_flash_image()
    flash = server.get_flash_image()
    port = server.PtyMasterTransport.create()
    stop = threading.Event()
    connection = server.BootloaderConnection(pty=port)
    chip = threading.Thread(
        target=server.handle_client, args=(connection, stop, "esp32"), kwargs={"flash": flash}, daemon=True
    )
    chip.start()
    yield port.client_path, flash
    stop.set()
    chip.join(timeout=10)


def test_upload_delivers_the_image(tmp_path: Path, bootloader: tuple[str, server.FlashImage]) -> None:
    port, flash = bootloader
    project = copy_project(tmp_path)
    done = pio(project, "run", "-t", "upload", "--upload-port", port)
    assert done.returncode == 0, done.stdout + done.stderr
    image = (project / ".pio/build/esp32/firmware.bin").read_bytes()
    assert bytes(flash.data[IMAGE_AT : IMAGE_AT + len(image)]) == image
    assert set(flash.data[:IMAGE_AT]) == {0xFF}, "something was written in front of the image"
