"""The page talks to the firmware on an emulated chip, and to boards that misbehave."""

import base64
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By

from squeezenet_lib.compiler.planner import plan
from squeezenet_lib.device.protocol import ANSWER, ERROR, HELLO, Frame, Reason, frame
from squeezenet_lib.images import load_picture
from squeezenet_lib.sqz.container import write_sqz
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.reference import predict_reference
from tests.support.browser import hasten, open_page, wait
from tests.support.page_board import (
    choose,
    connect,
    emulated_chip,
    imitation,
    press,
    shown_scores,
    status,
    table,
    text_of,
)
from tests.support.site_server import Device, SiteServer
from tests.support.small_firmware import CLASSES, FAST_SERIAL, small_model
from tests.support.small_site import WRONG


@pytest.fixture(scope="module")
def emulated() -> Iterator[Device]:
    with emulated_chip() as device:
        yield device


def test_hello_is_shown_as_a_table_and_the_boot_text_beside_it(
    chrome: webdriver.Chrome, site: SiteServer, emulated: Device
) -> None:
    said = connect(chrome, site, emulated)
    assert said.startswith("Connected to squeezenet-esp32 ") and said.endswith("It is ready for a picture.")
    assert table(chrome, "hello") == {
        "Firmware": "squeezenet-esp32 0.2.0",
        "Board": "qemu, 40 MHz",
        "Cores at work": "1: the emulator has one",
        "Model": f"{small_model().sqz.stat().st_size:,} bytes, from flash",
        "Pictures": "32 × 32, grey",
        "Classes": ", ".join(CLASSES),
        "Self-test": "pass 1",
        "Last reset": "power-on",
        "Last crash": "none",
    }
    assert text_of(chrome, "advice") == ""
    chrome.find_element(By.CSS_SELECTOR, "#hello-card summary").click()
    everything = table(chrome, "hello-all")
    assert (everything["board"], everything["flash_golden"], everything["height"]) == ("qemu", "ok", "32")
    assert "boot step=golden" in text_of(chrome, "board-text")
    assert emulated.opened[-1] == FAST_SERIAL.baud_rate, "as params.yaml says"
    assert chrome.find_element(By.ID, "connect").text == "Disconnect"
    assert press(chrome, "connect") == "Disconnected."
    assert site.hung_up.is_set()


def test_a_picture_s_scores_are_the_reference_s_bit_for_bit(
    chrome: webdriver.Chrome, site: SiteServer, emulated: Device, tmp_path: Path
) -> None:
    random = np.random.default_rng(8)
    blots = np.kron(random.integers(0, 256, (5, 6, 4)), np.ones((20, 20, 1), int)).astype(np.uint8)
    blots[:, :, 3] = np.where(blots[:, :, 3] > 100, 255, 0)  # transparent here and there
    connect(chrome, site, emulated)
    for name, picture in {
        "rgba": blots,
        "rgb": blots[:, :, :3],
        "grey": small_model().images[4, :, :, 0],
    }.items():
        path = tmp_path / f"{name}.png"
        Image.fromarray(picture).save(path)
        said = choose(chrome, "picture", path)
        network_input = load_picture(path, (32, 32, 1), False)
        (expected,) = predict_reference(small_model().tflite, network_input[np.newaxis])
        assert shown_scores(chrome) == expected.tolist(), name
        best = int(expected.argmax())
        assert said == f"{CLASSES[best]}, {100 * (int(expected[best]) + 128) / 256:.1f} %."
        assert text_of(chrome, "best") == CLASSES[best]
        assert " ms, " in text_of(chrome, "time")
        drawn = chrome.execute_script("return document.getElementById('input').toDataURL()")
        seen = Image.open(io.BytesIO(base64.b64decode(drawn.partition(",")[2]))).convert("L")
        assert np.array_equal(np.asarray(seen), network_input[:, :, 0])


def test_a_test_picture_is_compared_with_what_the_reference_said(
    chrome: webdriver.Chrome, site: SiteServer, emulated: Device
) -> None:
    connect(chrome, site, emulated)
    wrong = chrome.find_elements(By.CSS_SELECTOR, ".sample")[-1]
    wrong.click()
    status(chrome)
    assert shown_scores(chrome) in small_model().expected[:WRONG].tolist()
    assert text_of(chrome, "verdict") == "Bit for bit the scores of TensorFlow Lite's reference kernels."


def test_a_file_that_is_no_picture_is_told(
    chrome: webdriver.Chrome, site: SiteServer, emulated: Device, tmp_path: Path
) -> None:
    connect(chrome, site, emulated)
    (tmp_path / "no.png").write_bytes(b"no picture")
    assert choose(chrome, "picture", tmp_path / "no.png").startswith("This file cannot be read as a picture.")


def test_self_test_and_bench(chrome: webdriver.Chrome, site: SiteServer, emulated: Device) -> None:
    connect(chrome, site, emulated)
    assert press(chrome, "golden") == "Done."
    told = "Passed: the scores of 1 golden pictures are the reference's, bit for bit."
    assert text_of(chrome, "tools-answer") == told
    chrome.find_element(By.CSS_SELECTOR, "#bench button").click()
    assert status(chrome) == "Done."
    assert text_of(chrome, "tools-answer").startswith("10 inferences: ")


def test_another_model_goes_into_ram_and_answers(
    chrome: webdriver.Chrome, site: SiteServer, emulated: Device, tmp_path: Path
) -> None:
    model = small_model()
    program, _ = plan(read_graph(model.tflite), ("one", "two"), False, "1.2.3")
    (tmp_path / "other.sqz").write_bytes(write_sqz(program, 15)[0])
    connect(chrome, site, emulated)
    assert choose(chrome, "model-file", tmp_path / "other.sqz") == "Done."
    assert text_of(chrome, "tools-answer") == "other.sqz answers until the board restarts."
    assert "one, two" in text_of(chrome, "hello")
    chrome.find_elements(By.CSS_SELECTOR, ".sample")[0].click()
    assert status(chrome)[:3] in ("one", "two")
    assert text_of(chrome, "verdict") == "The board runs another model than the one this page tells of."
    (tmp_path / "junk.sqz").write_bytes(bytes(3000))
    assert choose(chrome, "model-file", tmp_path / "junk.sqz").startswith(
        "The board says: the model was refused"
    )
    assert press(chrome, "restart").endswith("It is ready for a picture.")
    assert ", ".join(CLASSES) in text_of(chrome, "hello")


def test_damage_on_the_line_is_overcome_by_asking_again(
    chrome: webdriver.Chrome, site: SiteServer, emulated: Device
) -> None:
    connect(chrome, site, emulated)
    hurt = []

    def damage(data: bytes) -> bytes:
        if len(hurt) == 2:
            return data
        hurt.append(len(data))
        middle = len(data) // 2
        return data[:middle] + bytes([data[middle] ^ 0x10 or 1]) + data[middle + 1 :]

    emulated.damage = damage
    try:
        chrome.find_elements(By.CSS_SELECTOR, ".sample")[0].click()
        status(chrome)
    finally:
        emulated.damage = bytes
    assert len(hurt) == 2
    assert text_of(chrome, "verdict") == "Bit for bit the scores of TensorFlow Lite's reference kernels."


def test_what_a_chip_tells_about_itself_is_shown_with_advice(
    chrome: webdriver.Chrome, site: SiteServer
) -> None:
    chip = b"chip=ESP32-D0WD-V3\nrevision=v3.1\nprotection=none\nbrownout=on\n"
    flash = b"flash_size=4MB\nflash_freq=20\nflash_dummy=1\nflash_timing=other: the standard one misread\n"
    hello = b"board=esp32\nname=x\nreset=brownout\n" + chip + flash
    with imitation(lambda asked: frame(HELLO + ANSWER, hello, asked.sequence)) as device:
        connect(chrome, site, device)
        shown = table(chrome, "hello")
        assert shown["Chip"] == "ESP32-D0WD-V3, revision v3.1"
        assert shown["Flash"] == "4MB, 20 MHz, timing other: the standard one misread"
        assert (shown["Protection"], shown["Brownout detector"]) == ("none", "on")
        sentences = [said.text for said in chrome.find_elements(By.CSS_SELECTOR, "#advice p")]
        assert len(sentences) == 2
        assert "(20 MHz, 1 extra cycles)" in sentences[0] and "brownout" in sentences[1]


@pytest.mark.parametrize("at_work", [False, True])
def test_an_unplugged_board_is_told(chrome: webdriver.Chrome, site: SiteServer, at_work: bool) -> None:
    hello = b"board=esp32\nname=x\nheight=32\nwidth=32\nchannels=1\nstandardise=0\n"

    asked_to_work = threading.Event()

    def answer(asked: Frame) -> bytes:
        if asked.kind == HELLO:
            return frame(HELLO + ANSWER, hello, asked.sequence)
        asked_to_work.set()
        return b""

    with imitation(answer) as device:
        assert connect(chrome, site, device).startswith("Connected to x")
        if at_work:
            chrome.find_elements(By.CSS_SELECTOR, ".sample")[0].click()
            assert asked_to_work.wait(10)
        device.gone.set()
        said = chrome.find_element(By.ID, "board-status")
        wait(chrome, lambda: said.text == "The board was unplugged.")
        assert not chrome.find_element(By.ID, "restart").is_enabled()
        assert chrome.find_element(By.ID, "connect").text == "Connect"
        assert status(chrome) == "The board was unplugged."


def test_safe_mode_is_told_with_its_reason(chrome: webdriver.Chrome, site: SiteServer) -> None:
    hello = b"board=esp32\nname=x\nmode=safe\ncrash=IllegalInstruction cause=0\n"
    with imitation(lambda asked: frame(HELLO + ANSWER, hello, asked.sequence)) as device:
        said = connect(chrome, site, device)
        assert said == ("The board crashed and waits in safe mode (IllegalInstruction cause=0). Restart it.")
        assert not chrome.find_element(By.ID, "golden").is_enabled()
        assert not chrome.find_element(By.ID, "picture").is_enabled()
        assert chrome.find_element(By.ID, "restart").is_enabled()


def test_firmware_of_another_kind_is_told(chrome: webdriver.Chrome, site: SiteServer) -> None:
    payload = bytes([Reason.FOREIGN, 0]) + b"another version of the protocol"
    with imitation(lambda asked: frame(ERROR, payload, asked.sequence)) as device:
        said = connect(chrome, site, device)
        assert said == "The board says: another version of the protocol. Install this page's firmware."
        assert site.hung_up.is_set()


def test_a_silent_board_is_told(chrome: webdriver.Chrome, site: SiteServer) -> None:
    with imitation(lambda asked: b"") as site.device:
        open_page(chrome, f"{site.address}/#board")
        hasten(chrome)
        said = press(chrome, "connect")
    assert said.startswith("The board did not answer within 10 s. Restart it")
