"""The page's tab "Take pictures": the emulated board's camera, pictures kept, a zip for download.archive."""

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from squeezenet_lib.device.collection import FASTER
from squeezenet_lib.device.emulated_board import Sight
from squeezenet_lib.device.frames import AUTO, CameraSettings
from squeezenet_lib.device.protocol import Frame, frame
from squeezenet_lib.frame_pixels import FrameFormat, frame_pixels, upright
from squeezenet_lib.images import decode, load_picture
from tests.support.browser import open_page, wait
from tests.support.fake_board import FakeBoard
from tests.support.page_board import emulated_chip, imitation, text_of
from tests.support.site_server import Device, SiteServer, serve_site
from tests.support.small_site import small_site

# What the camera sees, one after the other and again. The small model is grey.
SLOW = 115_200  # bits in a second
KINDS = (FrameFormat.GREY, FrameFormat.RGB565, FrameFormat.YUV422, FrameFormat.BGR888)
SIGHTS = [
    Sight(
        np.random.default_rng(index).integers(0, 256, 80 * 60 * kind.pixel_bytes, np.uint8).tobytes(),
        80,
        60,
        kind,
    )
    for index, kind in enumerate(KINDS)
]


def seen(index: int) -> np.ndarray:
    sight = SIGHTS[index % len(SIGHTS)]
    stride = sight.width * sight.kind.pixel_bytes
    return frame_pixels(sight.rows, sight.width, sight.height, stride, sight.kind, 1)


@pytest.fixture(scope="module")
def camera() -> Iterator[Device]:
    with emulated_chip(SIGHTS) as device:
        yield device


def said(chrome: webdriver.Chrome) -> str:
    panel = chrome.find_element(By.ID, "collect-panel")
    wait(chrome, lambda: panel.get_attribute("aria-busy") is None)
    return text_of(chrome, "collect-status")


def reach(chrome: webdriver.Chrome, selector: str) -> WebElement:
    """In the middle of the window, not behind the tabs."""
    found = chrome.find_element(By.CSS_SELECTOR, selector)
    chrome.execute_script("arguments[0].scrollIntoView({ block: 'center' })", found)
    return found


def press(chrome: webdriver.Chrome, button: str) -> str:
    reach(chrome, f"#{button}").click()
    return said(chrome)


def turn(chrome: webdriver.Chrome, degrees: int) -> None:
    """And mirror, or no more."""
    reach(chrome, "#camera-mirror").click()
    Select(reach(chrome, "#camera-rotate")).select_by_value(str(degrees))


def begin(chrome: webdriver.Chrome, site: SiteServer, device: Device) -> str:
    site.device = device
    open_page(chrome, f"{site.address}/#collect")
    return press(chrome, "collect-connect")


def counts(chrome: webdriver.Chrome) -> list[str]:
    """In one go: the page makes the list anew with each picture."""
    texts = "return [...document.querySelectorAll('#collect-counts li')].map((item) => item.textContent)"
    found: list[str] = chrome.execute_script(texts)
    return found


def name_class(chrome: webdriver.Chrome, name: str) -> None:
    field = chrome.find_element(By.ID, "collect-class")
    field.clear()
    field.send_keys(name)


def downloaded(chrome: webdriver.Chrome, folder: Path) -> Path:
    chrome.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    press(chrome, "collect-zip")
    wait(chrome, (folder / "pictures.zip").is_file)
    return folder / "pictures.zip"


def test_pictures_of_two_classes_become_a_zip_for_the_archive(
    chrome: webdriver.Chrome, site: SiteServer, camera: Device, tmp_path: Path
) -> None:
    assert begin(chrome, site, camera).endswith("It is ready for a picture.")
    assert not chrome.find_element(By.ID, "collect-zip").is_enabled()
    assert press(chrome, "collect-take").startswith("Name the class first")
    name_class(chrome, "Käse")
    assert press(chrome, "collect-take") == "One picture of Käse taken."
    assert press(chrome, "collect-take") == "One picture of Käse taken."
    name_class(chrome, "empty")
    chrome.find_element(By.ID, "collect-take").send_keys(Keys.ENTER)
    assert said(chrome) == "One picture of empty taken."
    assert counts(chrome) == ["Käse: 2", "empty: 1"]
    with zipfile.ZipFile(downloaded(chrome, tmp_path)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["Käse/0001.png", "Käse/0002.png", "empty/0001.png"]
        for index, name in enumerate(archive.namelist()):
            path = tmp_path / f"{index}.png"
            path.write_bytes(archive.read(name))
            assert np.array_equal(decode(path), seen(index)), name
            with Image.open(path) as picture:
                note = json.loads(picture.text["squeezenet-esp32"])  # type: ignore[attr-defined]
            assert (note["format"], note["camera"]) == (KINDS[index].name.lower(), "folder")


def test_as_long_as_the_button_is_held(chrome: webdriver.Chrome, site: SiteServer, camera: Device) -> None:
    begin(chrome, site, camera)
    name_class(chrome, "many")
    ActionChains(chrome).click_and_hold(reach(chrome, "#collect-take")).perform()
    wait(chrome, lambda: counts(chrome) not in ([], ["many: 1"], ["many: 2"]))
    ActionChains(chrome).release().perform()
    assert said(chrome).endswith(" pictures of many taken.")
    (now,) = counts(chrome)
    assert int(now.removeprefix("many: ")) >= 3


def test_the_preview_is_the_network_input_and_turns_with_the_camera(
    chrome: webdriver.Chrome, site: SiteServer, camera: Device, tmp_path: Path
) -> None:
    begin(chrome, site, camera)
    turn(chrome, 90)
    chrome.find_element(By.ID, "camera-exposure").send_keys("300")
    assert press(chrome, "camera-set") == "The camera is set so until the board's next reset."
    lines = "mirror: true\n    rotate: 90\n    warmup_frames: 5\n    exposure: 300\n    white_balance: auto"
    assert text_of(chrome, "camera-lines") == f"pio:\n  camera:\n    flip: false\n    {lines}"
    shown = bytes(
        chrome.execute_script(
            "const canvas = document.getElementById('collect-input');"
            "const { data } = canvas.getContext('2d').getImageData(0, 0, 32, 32);"
            "return [...data].filter((_, i) => i % 4 === 0)"
        )
    )
    possible = set()
    for index in range(len(SIGHTS)):
        path = tmp_path / "upright.png"
        turned = upright(seen(index), 1 | 4)
        Image.fromarray(np.ascontiguousarray(turned[:, :, 0] if turned.shape[2] == 1 else turned)).save(path)
        possible.add(load_picture(path, (32, 32, 1), False).tobytes())
    assert shown in possible
    turn(chrome, 0)
    assert press(chrome, "camera-set").startswith("The camera is set")


# --- the line's speed ---


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[SiteServer]:
    """The page of a firmware whose line is slow."""
    folder = tmp_path / "site"
    shutil.copytree(small_site(), folder)
    story = json.loads((folder / "story.json").read_text())
    (folder / "story.json").write_text(json.dumps(story | {"baud": SLOW}))
    with serve_site(folder) as server:
        yield server


def test_the_speed_is_raised_for_pictures_and_set_back(chrome: webdriver.Chrome, slow: SiteServer) -> None:
    with emulated_chip(SIGHTS) as device:
        begin(chrome, slow, device)
        name_class(chrome, "quick")
        assert press(chrome, "collect-take") == "One picture of quick taken."
        assert device.opened == [SLOW, FASTER, SLOW]
        chrome.execute_script("document.getElementById('connect').click()")
        wait(chrome, lambda: text_of(chrome, "collect-status") == "Disconnected.")
        press(chrome, "collect-connect")
        assert f"baud{SLOW}" in text_of(chrome, "hello-all"), "the chip has gone back, too"


def test_a_line_that_does_not_bear_it_stays_as_it_is_and_a_restart_loses_no_settings(
    chrome: webdriver.Chrome, slow: SiteServer
) -> None:
    """It is tried once."""
    board = FakeBoard(height=4, width=4)
    board.frames = [(5, 4, 0, bytes(range(20)))] * 2
    board.camera = wanted = CameraSettings(3, 5, 300, 1).payload

    def answer(asked: Frame) -> bytes:
        speed = device.opened[-1]
        if speed != FASTER and board.baud == FASTER:
            board.silence(2)
            board.camera = CameraSettings(0, 5, AUTO, 0).payload
        if FASTER in (speed, board.baud):
            return b""
        board.receive(frame(asked.kind, asked.payload, asked.sequence))
        return b"".join(data for _, data in (board.line.pop(0) for _ in range(len(board.line))))

    with imitation(answer) as device:
        begin(chrome, slow, device)
        name_class(chrome, "slow")
        for _ in range(2):
            assert press(chrome, "collect-take") == "One picture of slow taken."
        assert device.opened == [SLOW, FASTER, SLOW]
        assert (board.camera, board.speeds) == (wanted, [FASTER])


def test_a_board_without_a_camera_says_so(chrome: webdriver.Chrome, site: SiteServer) -> None:
    with emulated_chip() as device:
        begin(chrome, site, device)
        assert chrome.find_element(By.ID, "collect-none").is_displayed()
        assert not chrome.find_element(By.ID, "collect-look").is_enabled()
        chrome.execute_script("document.getElementById('connect').click()")  # on the other tab
        wait(chrome, lambda: text_of(chrome, "collect-status") == "Disconnected.")
        assert chrome.find_element(By.ID, "collect-connect").is_displayed()


def test_older_firmware_is_named(chrome: webdriver.Chrome, site: SiteServer) -> None:
    board = FakeBoard(height=4, width=4)
    board.old = True

    def answer(asked: Frame) -> bytes:
        board.receive(frame(asked.kind, asked.payload, asked.sequence))
        return b"".join(data for _, data in (board.line.pop(0) for _ in range(len(board.line))))

    with imitation(answer) as device:
        begin(chrome, site, device)
        assert press(chrome, "collect-look") == (
            "The board says: why it was not done. Install this page's firmware."
        )
