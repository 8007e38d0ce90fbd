"""The ESP32-C3's image: esptool reads it, the mocked bootloader gets it at 0x0, another chip is refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import copy_products
from squeezenet_lib.firmware.flash import flash
from tests.support.mock_bootloader import burn, mock_bootloader
from tests.support.small_firmware import firmware, small_model

WINDOW = 0x3C000000
SPI_BOOT_CRYPT_CNT, SECURE_BOOT_EN = 0x60008834, 0x60008838


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """build/firmware of a pipeline."""
    folder = tmp_path_factory.mktemp("pipeline") / "build/firmware"
    copy_products(firmware("esp32c3"), folder)
    return folder


def test_esptool_accepts_the_image(products: Path) -> None:
    command = [sys.executable, "-m", "esptool", "--chip", "esp32c3", "image-info"]
    said = subprocess.run(
        [*command, str(products / "firmware.bin")], check=True, capture_output=True, text=True
    ).stdout
    assert "ESP32-C3 Image Header" in said
    assert "Flash freq: 40m" in said
    assert "Flash mode: DIO" in said
    assert "(valid)" in said.split("Checksum:")[1].splitlines()[0]


def test_flash_offset_is_window_address(products: Path) -> None:
    image = (products / "merged.bin").read_bytes()
    assert image == (products / "firmware.bin").read_bytes(), "it lies at 0x0"
    offset = image.index(small_model().sqz.read_bytes())
    elf = firmware("esp32c3").elf
    listing = subprocess.run(
        ["riscv64-unknown-elf-nm", str(elf)], check=True, capture_output=True, text=True
    ).stdout
    (address,) = (int(line.split()[0], 16) for line in listing.splitlines() if line.endswith(" image_model"))
    assert address == WINDOW + offset


def test_the_bootloader_gets_it(products: Path) -> None:
    with mock_bootloader("esp32c3") as (port, chip_flash):
        flash(products, port)
        image = (products / "firmware.bin").read_bytes()
        assert bytes(chip_flash.data)[: len(image)] == image


def test_a_classic_esp32_is_refused_in_one_sentence(products: Path) -> None:
    with mock_bootloader("esp32") as (port, chip_flash):
        with pytest.raises(UserError, match=r"This chip is ESP32, not ESP32-C3") as refusal:
            flash(products, port)
        assert "\n" not in str(refusal.value)
        assert set(chip_flash.data) == {0xFF}


@pytest.mark.parametrize(
    ("guard", "register", "value"),
    [
        ("flash encryption", SPI_BOOT_CRYPT_CNT, 0b001 << 18),
        ("flash encryption", SPI_BOOT_CRYPT_CNT, 0b111 << 18),
        ("secure boot", SECURE_BOOT_EN, 1 << 20),
    ],
)
def test_a_chip_that_would_not_start_the_image_is_left_alone(
    products: Path, monkeypatch: pytest.MonkeyPatch, guard: str, register: int, value: int
) -> None:
    burn(monkeypatch, register, value, "esp32c3")
    with mock_bootloader("esp32c3") as (port, chip_flash):
        with pytest.raises(UserError, match=rf"turn on {guard}: .*nothing was written"):
            flash(products, port)
        assert set(chip_flash.data) == {0xFF}
