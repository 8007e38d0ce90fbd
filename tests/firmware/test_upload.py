"""Every way to flash, against a mock of the chip's ROM bootloader: the flash holds the image, at 0x1000."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import esptool
import pytest
from esp32_mock_bootloader import server
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from squeezenet_lib.cli.command_line import main
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware import flash
from squeezenet_lib.firmware.build import copy_products
from squeezenet_lib.paths import FIRMWARE
from tests.support.fake_board import FakeBoard
from tests.support.mock_bootloader import GUARDS, HARMLESS, burn, mock_bootloader
from tests.support.pty_board import plugged_in
from tests.support.small_firmware import ROOT, copy_project, firmware, pio

IMAGE_AT = 0x1000


@pytest.fixture
def bootloader() -> Iterator[tuple[str, server.FlashImage]]:
    """The port of a chip waiting for its image, and its flash."""
    with mock_bootloader() as chip:
        yield chip


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """build/firmware of a pipeline."""
    folder = tmp_path_factory.mktemp("pipeline") / "build/firmware"
    copy_products(firmware("esp32"), folder)
    return folder


def check(content: bytes, image: bytes) -> None:
    assert content[IMAGE_AT : IMAGE_AT + len(image)] == image
    assert set(content[:IMAGE_AT]) == {0xFF}, "something was written in front of the image"


def test_upload_delivers_the_image(tmp_path: Path, bootloader: tuple[str, server.FlashImage]) -> None:
    port, chip_flash = bootloader
    project = copy_project(tmp_path)
    done = pio(project, "run", "-t", "upload", "--upload-port", port)
    assert done.returncode == 0, done.stdout + done.stderr
    check(bytes(chip_flash.data), (project / ".pio/build/esp32/firmware.bin").read_bytes())


def test_make_flash_delivers_the_image(
    products: Path, bootloader: tuple[str, server.FlashImage], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, chip_flash = bootloader
    monkeypatch.chdir(products.parent.parent)
    assert main(["flash", "--port", port]) == 0
    check(bytes(chip_flash.data), (products / "firmware.bin").read_bytes())


def test_the_merged_image_written_to_the_beginning_is_the_same(
    products: Path, bootloader: tuple[str, server.FlashImage]
) -> None:
    port, chip_flash = bootloader
    command = [sys.executable, "-m", "esptool", "--chip", "esp32", "--port", port]
    subprocess.run([*command, "write-flash", "0", str(products / "merged.bin")], check=True)
    check(bytes(chip_flash.data), (products / "firmware.bin").read_bytes())


def test_make_passes_the_port_on() -> None:
    said = subprocess.run(
        ["make", "-n", "flash", "PORT=/dev/ttyUSB7"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "python -m squeezenet_lib flash --port '/dev/ttyUSB7'" in said.stdout


def test_efuses_that_guard_nothing_do_not_matter(
    products: Path, bootloader: tuple[str, server.FlashImage], monkeypatch: pytest.MonkeyPatch
) -> None:
    for register, value in HARMLESS.items():
        burn(monkeypatch, register, value)
    flash.flash(products, bootloader[0])
    check(bytes(bootloader[1].data), (products / "firmware.bin").read_bytes())


# --- what can be put right ---


def test_without_a_port_the_only_usb_one_is_taken(
    products: Path, bootloader: tuple[str, server.FlashImage], monkeypatch: pytest.MonkeyPatch
) -> None:
    board = ListPortInfo(bootloader[0])
    board.vid = 0x10C4
    monkeypatch.setattr(list_ports, "comports", lambda: [board])
    monkeypatch.chdir(products.parent.parent)
    assert main(["flash"]) == 0
    check(bytes(bootloader[1].data), (products / "firmware.bin").read_bytes())


def test_without_a_port_those_found_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(list_ports, "comports", lambda: [ListPortInfo("/dev/ttyS0")])
    assert main(["flash"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(
        "error: no USB serial port was found, only /dev/ttyS0, which may be named with --port, "
        "or `make flash` with PORT=: "
    )


def test_without_a_build_it_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="build/firmware holds no finished build; run `dvc repro`"):
        flash.flash(FIRMWARE, "/dev/ttyUSB0")


def test_a_board_that_does_not_answer_is_named(products: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"did not write .*firmware\.bin to .*absent.* BOOT button"):
        flash.flash(products, str(tmp_path / "absent"))


def test_bytes_that_keep_esptool_busy_for_ever_do_not(
    products: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never_ends(*_: object, **__: object) -> None:
        while True:
            time.sleep(0.01)

    monkeypatch.setattr(flash, "connect_esp", never_ends)
    begin = time.monotonic()
    with pytest.raises(UserError, match=r"did not write .* to /dev/ttyUSB0 \(nothing came for 3 s\)"):
        flash.flash(products, "/dev/ttyUSB0", 2.0)
    assert 2 < time.monotonic() - begin < 6


def test_a_mute_port_is_given_up_in_about_the_time_asked_for(
    products: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(products.parent.parent)
    board = FakeBoard()
    board.deaf = True
    with plugged_in(board) as terminal:
        begin = time.monotonic()
        assert main(["flash", "--port", terminal.name, "--timeout", "2"]) == 1
        assert time.monotonic() - begin < 6
    assert "(Failed to connect to ESP32: No serial data received." in capsys.readouterr().err


@pytest.mark.parametrize(("guard", "register", "value"), GUARDS)
def test_a_chip_that_would_not_start_the_image_is_left_alone(
    products: Path,
    bootloader: tuple[str, server.FlashImage],
    monkeypatch: pytest.MonkeyPatch,
    guard: str,
    register: int,
    value: int,
) -> None:
    burn(monkeypatch, register, value)
    port, chip_flash = bootloader
    with pytest.raises(
        UserError, match=rf"chip on {port} turn on {guard}: .*nothing was written; use another"
    ):
        flash.flash(products, port)
    assert set(chip_flash.data) == {0xFF}


def test_ctrl_c_while_it_writes(
    products: Path,
    bootloader: tuple[str, server.FlashImage],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(esptool, "write_flash", interrupt)
    monkeypatch.chdir(products.parent.parent)
    assert main(["flash", "--port", bootloader[0]]) == 130
    assert capsys.readouterr().err.endswith("interrupted\n")
