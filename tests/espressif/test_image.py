"""Images of an ESP32-C3 and an ESP32-S3.

esptool reads them, the mocked bootloader gets them at 0x0, another chip is refused.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import copy_products
from squeezenet_lib.firmware.flash import flash
from tests.support.mock_bootloader import burn, mock_bootloader
from tests.support.small_firmware import firmware, small_model
from tests.support.usb_chips import C3, S3, Chip

WINDOW = 0x3C000000
COMPILERS = {C3: "riscv64-unknown-elf-nm", S3: "xtensa-lx106-elf-nm"}
FAMILIES = {C3: "ESP32-C3", S3: "ESP32-S3"}


@pytest.fixture(scope="module", params=[C3, S3], ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Chip:
    return request.param


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory, kind: Chip) -> Path:
    """build/firmware of a pipeline."""
    folder = tmp_path_factory.mktemp("pipeline") / "build/firmware"
    copy_products(firmware(kind.name), folder)
    return folder


def test_esptool_accepts_the_image(products: Path, kind: Chip) -> None:
    command = [sys.executable, "-m", "esptool", "--chip", kind.name, "image-info"]
    said = subprocess.run(
        [*command, str(products / "firmware.bin")], check=True, capture_output=True, text=True
    ).stdout
    assert f"{FAMILIES[kind]} Image Header" in said
    assert "Flash freq: 40m" in said
    assert "Flash mode: DIO" in said
    assert "(valid)" in said.split("Checksum:")[1].splitlines()[0]


def test_flash_offset_is_window_address(products: Path, kind: Chip) -> None:
    image = (products / "merged.bin").read_bytes()
    assert image == (products / "firmware.bin").read_bytes(), "it lies at 0x0"
    offset = image.index(small_model().sqz.read_bytes())
    elf = firmware(kind.name).elf
    listing = subprocess.run([COMPILERS[kind], str(elf)], check=True, capture_output=True, text=True).stdout
    (address,) = (int(line.split()[0], 16) for line in listing.splitlines() if line.endswith(" image_model"))
    assert address == WINDOW + offset


def test_the_bootloader_gets_it(products: Path, kind: Chip) -> None:
    with mock_bootloader(kind.name) as (port, chip_flash):
        flash(products, port)
        image = (products / "firmware.bin").read_bytes()
        assert bytes(chip_flash.data)[: len(image)] == image


def test_a_classic_esp32_is_refused_in_one_sentence(products: Path, kind: Chip) -> None:
    with mock_bootloader("esp32") as (port, chip_flash):
        with pytest.raises(UserError, match=rf"This chip is ESP32, not {FAMILIES[kind]}") as refusal:
            flash(products, port)
        assert "\n" not in str(refusal.value)
        assert set(chip_flash.data) == {0xFF}


@pytest.mark.parametrize(
    ("guard", "offset", "value"),
    [
        ("flash encryption", 0x34, 0b001 << 18),
        ("flash encryption", 0x34, 0b111 << 18),
        ("secure boot", 0x38, 1 << 20),
    ],
)
def test_a_chip_that_would_not_start_the_image_is_left_alone(
    products: Path, kind: Chip, monkeypatch: pytest.MonkeyPatch, guard: str, offset: int, value: int
) -> None:
    burn(monkeypatch, kind.efuses(offset), value, kind.name)
    with mock_bootloader(kind.name) as (port, chip_flash):
        with pytest.raises(UserError, match=rf"turn on {guard}: .*nothing was written"):
            flash(products, port)
        assert set(chip_flash.data) == {0xFF}


def test_an_s3_with_octal_flash_is_left_alone(
    products: Path, kind: Chip, monkeypatch: pytest.MonkeyPatch
) -> None:
    burn(monkeypatch, kind.efuses(0x3C), 1 << 9, kind.name)
    with mock_bootloader(kind.name) as (port, chip_flash):
        if kind is C3:  # it has something else there
            flash(products, port)
            return
        with pytest.raises(UserError, match=r"has octal flash, .*does not support, so nothing was written"):
            flash(products, port)
        assert set(chip_flash.data) == {0xFF}
