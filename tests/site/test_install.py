"""The page's Install part, against a mock of the chip's ROM bootloader behind a fake serial port."""

import contextlib
import hashlib
import json
import os
import threading
import tty
from collections.abc import Iterator

import pytest
from esp32_mock_bootloader import server
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.support.browser import hasten, open_page, wait
from tests.support.mock_bootloader import GUARDS, HARMLESS, burn, mock_bootloader
from tests.support.site_server import Device, SiteServer
from tests.support.small_firmware import firmware
from tests.support.small_site import CHIPS, small_site

IMAGE_AT = 0x1000  # where the ROM of a classic ESP32 looks for it


@contextlib.contextmanager
def bootloader(chip: str = "esp32") -> Iterator[tuple[Device, server.FlashImage]]:
    """A chip in its ROM's bootloader behind the page's serial port, and its flash."""
    with mock_bootloader(chip) as (port, flash):
        line = os.open(port, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(line)
        device = Device(line, line)
        try:
            yield device, flash
        finally:
            device.unplug()
            os.close(line)


def install(chrome: webdriver.Chrome, site: SiteServer) -> str:
    """Open the page, press the button, wait for the end, return what the page says then."""
    open_page(chrome, f"{site.address}/#install")
    return press(chrome)


def press(chrome: webdriver.Chrome) -> str:
    button = chrome.find_element(By.ID, "install-button")
    button.click()
    wait(chrome, button.is_enabled)
    return chrome.find_element(By.ID, "install-status").text


def test_the_image_is_written_to_its_place_verified_and_started(
    chrome: webdriver.Chrome, site: SiteServer
) -> None:
    with bootloader() as (site.device, flash):
        assert install(chrome, site) == "Done: written, verified and restarted. Now talk to the board."
        image = firmware("esp32").image.read_bytes()
        assert bytes(flash.data[IMAGE_AT : IMAGE_AT + len(image)]) == image
        assert set(flash.data[:IMAGE_AT]) == {0xFF}, "something was written in front of the image"
        log = chrome.find_element(By.ID, "install-log").get_property("textContent")
        assert "Hash of data verified" in str(log)
        assert chrome.find_element(By.ID, "install-progress").get_property("value") == 1
        assert chrome.find_element(By.ID, "install-share").text == "100 %"
        reset, run = site.device.signals[-2:]
        assert reset == {"dataTerminalReady": False, "requestToSend": True}
        assert run == {"dataTerminalReady": False, "requestToSend": False}
        assert site.hung_up.is_set(), "the port was not closed"


@pytest.mark.parametrize("chip", ["esp32c3", "esp32s3"])
def test_each_chip_gets_its_own_image(chrome: webdriver.Chrome, site: SiteServer, chip: str) -> None:
    with bootloader(chip) as (site.device, flash):
        assert install(chrome, site).startswith("Done: ")
        image = firmware(chip).image.read_bytes()
        assert bytes(flash.data[: len(image)]) == image


def test_another_chip_is_named_and_left_alone(chrome: webdriver.Chrome, site: SiteServer) -> None:
    with bootloader("esp32c6") as (site.device, flash):
        said = install(chrome, site)
        assert said.startswith("This board has an ESP32-C6")
        assert said.endswith(
            "the firmware is for the classic ESP32 or the ESP32-C3 or the ESP32-S3 only. Nothing was written."
        )
        assert set(flash.data) == {0xFF}


def test_octal_flash_is_named_and_left_alone(
    chrome: webdriver.Chrome, site: SiteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    burn(monkeypatch, 0x6000703C, 1 << 9, "esp32s3")
    with bootloader("esp32s3") as (site.device, flash):
        assert install(chrome, site) == (
            "This board has octal flash, which is not supported. Use another board. Nothing was written."
        )
        assert set(flash.data) == {0xFF}


@pytest.mark.parametrize(("guard", "register", "value"), GUARDS)
def test_a_chip_that_would_not_start_the_firmware_is_left_alone(
    chrome: webdriver.Chrome,
    site: SiteServer,
    monkeypatch: pytest.MonkeyPatch,
    guard: str,
    register: int,
    value: int,
) -> None:
    burn(monkeypatch, register, value)
    with bootloader() as (site.device, flash):
        said = install(chrome, site)
        assert said.startswith(f"This chip's eFuses turn on {guard}: ")
        assert said.endswith("Use another board. Nothing was written.")
        assert set(flash.data) == {0xFF}


def test_efuses_that_guard_nothing_do_not_matter(
    chrome: webdriver.Chrome, site: SiteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for register, value in HARMLESS.items():
        burn(monkeypatch, register, value)
    with bootloader() as (site.device, _):
        assert install(chrome, site).startswith("Done: ")


def test_a_busy_port_and_a_closed_dialog_are_told(chrome: webdriver.Chrome, site: SiteServer) -> None:
    site.device = Device(-1, -1, busy=True)
    said = install(chrome, site)
    assert said.startswith("The port cannot be opened. Close whatever else uses it") and "dialout" in said
    chrome.execute_script("globalThis.refusePort = true")
    assert press(chrome).startswith("No port was chosen.")


def test_a_board_that_is_silent_gets_the_advice_to_hold_boot(
    chrome: webdriver.Chrome, site: SiteServer
) -> None:
    silent, ours = os.pipe()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    site.device = Device(silent, nowhere)
    try:
        open_page(chrome, f"{site.address}/#install")
        hasten(chrome)
        said = press(chrome)
    finally:
        site.device.unplug()
        for descriptor in (silent, ours, nowhere):
            os.close(descriptor)
    assert said.startswith("The board does not answer. Hold its BOOT button, press Install again")
    assert site.hung_up.is_set(), "the port was not closed"


def test_a_board_that_chatters_is_given_up(chrome: webdriver.Chrome, site: SiteServer) -> None:
    """With packets in the form of the bootloader's, which answer nothing."""
    sends, ours = os.pipe()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    site.device = Device(sends, nowhere)
    over = threading.Event()

    def chatter() -> None:
        while not over.wait(0.02):
            os.write(ours, b"\xc0" + b"x" * 1000)

    thread = threading.Thread(target=chatter)
    thread.start()
    try:
        open_page(chrome, f"{site.address}/#install")
        hasten(chrome, 5)
        said = press(chrome)
    finally:
        over.set()
        thread.join()
        site.device.unplug()
        for descriptor in (sends, ours, nowhere):
            os.close(descriptor)
    assert said.startswith("The board does not answer. Hold its BOOT button, press Install again")
    assert site.hung_up.is_set(), "the port was not closed"


def test_the_page_says_for_which_chip_and_how_without_it(chrome: webdriver.Chrome, site: SiteServer) -> None:
    open_page(chrome, f"{site.address}/#install")
    command = chrome.find_element(By.ID, "firmware-command")
    wait(chrome, lambda: command.text)
    assert command.text == (
        "python -m esptool --chip esp32 \\\n  --port PORT write-flash 0x1000 firmware-esp32.bin\n\n"
        "python -m esptool --chip esp32c3 \\\n  --port PORT write-flash 0x0 firmware-esp32c3.bin\n\n"
        "python -m esptool --chip esp32s3 \\\n  --port PORT write-flash 0x0 firmware-esp32s3.bin"
    )
    assert chrome.find_element(By.ID, "firmware-chips").text == "classic ESP32 or ESP32-C3 or ESP32-S3"
    described = chrome.find_element(By.ID, "firmware").text
    for env in CHIPS:
        image = firmware(env).image.read_bytes()
        assert f"firmware-{env}.bin, {len(image):,} bytes" in described.replace("\u202f", ",")
        assert hashlib.sha256(image).hexdigest() in described


def test_the_manifest_is_one_that_web_installers_read() -> None:
    manifest = json.loads((small_site() / "manifest.json").read_text())
    assert manifest["name"] == "squeezenet-esp32" and manifest["version"]
    assert manifest["builds"] == [
        {"chipFamily": "ESP32", "parts": [{"path": "firmware-esp32.bin", "offset": IMAGE_AT}]},
        {"chipFamily": "ESP32-C3", "parts": [{"path": "firmware-esp32c3.bin", "offset": 0}]},
        {"chipFamily": "ESP32-S3", "parts": [{"path": "firmware-esp32s3.bin", "offset": 0}]},
    ]
