"""Models that are not the page's own, in the board's memory: what the page makes of them."""

import base64
import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By

from squeezenet_lib.images import Shape, load_picture
from squeezenet_lib.sqz.container import read_sqz, write_sqz
from squeezenet_lib.sqz.decision import Decision, Statistic
from squeezenet_lib.tflite.reference import predict_reference
from tests.support.one_layer_model import CLASSES, one_layer_model
from tests.support.page_board import choose, connect, emulated_chip, shown_scores, table, text_of
from tests.support.site_server import Device, SiteServer


@pytest.fixture(scope="module")
def emulated() -> Iterator[Device]:
    with emulated_chip() as device:
        yield device


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.fromarray(np.random.default_rng(2).integers(0, 256, (50, 60, 3), np.uint8)).save(path)
    return path


@pytest.mark.parametrize(
    "rule",
    [
        (Decision(4, -128), CLASSES[4]),  # which is answered whatever it scores
        (Decision(None, 0, Statistic.SCORE, 127), "unknown"),
    ],
)
def test_the_board_s_answer_may_be_another_than_the_highest_or_none(
    chrome: webdriver.Chrome,
    site: SiteServer,
    emulated: Device,
    tmp_path: Path,
    picture: Path,
    rule: tuple[Decision, str],
) -> None:
    decision, answer = rule
    connect(chrome, site, emulated)
    program = read_sqz(one_layer_model((24, 40, 3), True, softmax=True).sqz)
    header = dataclasses.replace(program.header, decision=decision)
    (tmp_path / "deciding.sqz").write_bytes(write_sqz(dataclasses.replace(program, header=header))[0])
    assert choose(chrome, "model-file", tmp_path / "deciding.sqz") == "Done."
    said = choose(chrome, "picture", picture)
    scores = shown_scores(chrome)
    assert max(scores) < 127
    score = max(scores) if answer == "unknown" else scores[4]
    assert said == f"{answer}, {100 * (score + 128) / 256:.1f} %."
    assert text_of(chrome, "best") == answer


def load(chrome: webdriver.Chrome, folder: Path, shape: Shape, softmax: bool) -> bytes:
    """The .tflite of the model that answers now."""
    model = one_layer_model(shape, True, softmax)
    (folder / "other.sqz").write_bytes(model.sqz)
    assert choose(chrome, "model-file", folder / "other.sqz") == "Done."
    return model.tflite


@pytest.mark.parametrize("softmax", [True, False])
def test_inputs_need_not_be_square_and_scores_no_probabilities(
    chrome: webdriver.Chrome,
    site: SiteServer,
    emulated: Device,
    tmp_path: Path,
    picture: Path,
    softmax: bool,
) -> None:
    shape = (24, 40, 3)
    connect(chrome, site, emulated)
    tflite = load(chrome, tmp_path, shape, softmax)
    assert table(chrome, "hello")["Pictures"] == "40 × 24, colour"
    said = choose(chrome, "picture", picture)
    network_input = load_picture(picture, shape, standardise=True)
    (expected,) = predict_reference(tflite, network_input[np.newaxis])
    assert shown_scores(chrome) == expected.tolist()
    drawn = chrome.execute_script("return document.getElementById('input').toDataURL()")
    seen = Image.open(io.BytesIO(base64.b64decode(drawn.partition(",")[2]))).convert("RGB")
    assert np.array_equal(np.asarray(seen), network_input)
    best = int(expected.argmax())
    score = int(expected[best])
    told = f"{100 * (score + 128) / 256:.1f} %" if softmax else f"score {score}"
    assert said == f"{CLASSES[best]}, {told}."
    first = chrome.find_element(By.CSS_SELECTOR, "#scores tr")
    assert first.text == f"{CLASSES[best]} {told}"
    assert len(chrome.find_elements(By.CSS_SELECTOR, "#scores .bar")) == (len(CLASSES) if softmax else 0)
    caption = chrome.find_element(By.ID, "scores-caption").get_property("textContent")
    assert caption == f"{'Probability' if softmax else 'Score'} of each class"


@pytest.mark.parametrize("channels", [2, 4])
def test_a_model_that_takes_no_pictures_is_named(
    chrome: webdriver.Chrome, site: SiteServer, emulated: Device, tmp_path: Path, picture: Path, channels: int
) -> None:
    connect(chrome, site, emulated)
    load(chrome, tmp_path, (16, 16, channels), softmax=True)
    assert table(chrome, "hello")["Pictures"] == f"16 × 16, {channels} channels"
    assert choose(chrome, "picture", picture) == (
        f"The board's model takes {channels} channels, and a picture has 1 (grey) or 3 (colour)."
    )
    assert text_of(chrome, "tools-answer") == "other.sqz answers until the board restarts."
