"""The page asks the board's own camera."""

from pathlib import Path

import numpy as np
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By

from squeezenet_lib.device.protocol import Frame, frame
from tests.support.fake_board import CLASSES, FakeBoard, expected_scores
from tests.support.page_board import choose, connect, emulated_chip, imitation, press, shown_scores, text_of
from tests.support.site_server import SiteServer


def test_a_picture_of_the_board_s_camera(chrome: webdriver.Chrome, site: SiteServer, tmp_path: Path) -> None:
    board = FakeBoard(height=4, width=4)
    board.scenes = [bytes(range(16)), bytes(16)]
    wanted = [expected_scores(board.image, scene) for scene in board.scenes]

    def answer(asked: Frame) -> bytes:
        board.receive(frame(asked.kind, asked.payload, asked.sequence))
        return b"".join(data for _, data in (board.line.pop(0) for _ in range(len(board.line))))

    with imitation(answer) as device:
        connect(chrome, site, device)
        for name in ("black.png", "again.png"):
            Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / name)
        choose(chrome, "picture", tmp_path / "black.png")
        assert chrome.find_element(By.ID, "seen").is_displayed()
        for scores in wanted:
            best = CLASSES[scores.index(max(scores))]
            assert press(chrome, "take").startswith(f"{best}, ")
            assert shown_scores(chrome) == list(scores)
            assert text_of(chrome, "time").endswith(" cycles, camera 312.4 ms, preparation 5.1 ms")
            assert not chrome.find_element(By.ID, "seen").is_displayed(), "another picture"
        assert press(chrome, "take") == "The board says: why it was not done."
        choose(chrome, "picture", tmp_path / "again.png")
        assert chrome.find_element(By.ID, "seen").is_displayed()


def test_a_board_without_a_camera_is_not_asked_for_pictures(
    chrome: webdriver.Chrome, site: SiteServer
) -> None:
    with emulated_chip() as emulated:
        connect(chrome, site, emulated)
        assert not chrome.find_element(By.ID, "take").is_displayed()
        assert press(chrome, "connect") == "Disconnected."
