"""Boards for the page to talk to, and what a person does on it."""

import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By

from squeezenet_lib.device.emulated_board import FRAMES, Sight
from squeezenet_lib.device.emulator import qemu_command
from squeezenet_lib.device.protocol import Frame, Splitter
from tests.support.browser import open_page, wait
from tests.support.site_server import Device, SiteServer
from tests.support.small_firmware import firmware


@contextmanager
def emulated_chip(sights: Sequence[Sight] = ()) -> Iterator[Device]:
    """The firmware with the small model; its reset line works. sights: what its camera sees."""
    command = qemu_command(firmware("qemu").elf)
    chips: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory(prefix="page-board-") as desk:
        if sights:
            Path(desk, FRAMES).write_bytes(b"".join(sight.record for sight in sights))

        def boot() -> None:
            pipe = subprocess.PIPE
            chips.append(subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0, cwd=desk))
            device.sends, device.takes = chips[-1].stdout.fileno(), chips[-1].stdin.fileno()

        device = Device(-1, -1, restart=boot)
        boot()
        yield device
        for chip in chips:
            with chip:
                chip.kill()


@contextmanager
def imitation(answer: Callable[[Frame], bytes]) -> Iterator[Device]:
    """A board that does nothing but give `answer` to each frame."""
    (page_reads, board_sends), (board_reads, page_writes) = os.pipe(), os.pipe()

    def run() -> None:
        splitter = Splitter()
        while data := os.read(board_reads, 4096):
            for asked in splitter.feed(data):
                if isinstance(asked, Frame):
                    os.write(board_sends, answer(asked))

    thread = threading.Thread(target=run)
    thread.start()
    device = Device(page_reads, page_writes)
    try:
        yield device
    finally:
        device.unplug()
        os.close(page_writes)
        thread.join()
        for descriptor in (page_reads, board_sends, board_reads):
            os.close(descriptor)


def status(chrome: webdriver.Chrome) -> str:
    """What the page says once it does nothing any more."""
    panel = chrome.find_element(By.ID, "board-panel")
    wait(chrome, lambda: panel.get_attribute("aria-busy") is None)
    return chrome.find_element(By.ID, "board-status").text


def press(chrome: webdriver.Chrome, button: str) -> str:
    found = chrome.find_element(By.ID, button)
    chrome.execute_script("arguments[0].scrollIntoView({ block: 'center' })", found)  # not behind the tabs
    found.click()
    return status(chrome)


def connect(chrome: webdriver.Chrome, site: SiteServer, device: Device) -> str:
    site.device = device
    open_page(chrome, f"{site.address}/#board")
    return press(chrome, "connect")


def choose(chrome: webdriver.Chrome, field: str, path: Path) -> str:
    chrome.find_element(By.ID, field).send_keys(str(path))
    return status(chrome)


def shown_scores(chrome: webdriver.Chrome) -> list[int]:
    rows = chrome.find_elements(By.CSS_SELECTOR, "#scores tr")
    by_class = {int(row.get_attribute("data-class")): int(row.get_attribute("data-score")) for row in rows}
    return [by_class[index] for index in range(len(by_class))]


def text_of(chrome: webdriver.Chrome, element: str) -> str:
    return str(chrome.find_element(By.ID, element).get_property("textContent"))


def table(chrome: webdriver.Chrome, body: str) -> dict[str, str]:
    rows = chrome.find_elements(By.CSS_SELECTOR, f"#{body} tr")
    return dict([row.find_element(By.TAG_NAME, tag).text for tag in ("th", "td")] for row in rows)
