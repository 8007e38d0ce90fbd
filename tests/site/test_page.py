"""The built page in a browser: the model's story, tabs, accessibility, narrow windows."""

import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from squeezenet_lib.site.build import SITE
from tests.support.browser import browser, errors, open_page, resize
from tests.support.site_server import SiteServer, serve_site
from tests.support.small_firmware import CLASSES, small_model
from tests.support.small_site import NOTICE, WRONG, small_site

AXE = SITE / "node_modules/axe-core/axe.min.js"
TABS = ("model", "install", "board", "collect")
# What takes the keyboard's focus, in order, on each tab of the page without a board.
FOCUS = {
    "install": [
        "Skip to the content",
        "Install",
        "install-button",
        "Log",
        "firmware-esp32.bin",
        "firmware-esp32c3.bin",
        "firmware-esp32s3.bin",
        "model.sqz",
    ],
    "board": ["Skip to the content", "Talk to the board", "connect", "board-text", "Licences"],
    "collect": ["Skip to the content", "Take pictures", "collect-connect", "camera-lines", "Licences"],
}


def texts(chrome: webdriver.Chrome, selector: str) -> list[str]:
    return [found.text for found in chrome.find_elements(By.CSS_SELECTOR, selector)]


def test_the_path_tells_accuracy_and_bytes_of_each_step(chrome: webdriver.Chrome, site: SiteServer) -> None:
    resize(chrome, 1100, 900)
    open_page(chrome, site.address)
    rows = [" ".join(text.split()) for text in texts(chrome, ".path tbody tr")]
    assert rows == [
        "1 float32, from ImageNet 83.64 % 40,000 1.0 ×",
        "2 pruned (80 % zeros, zip) 83.18 % 9,000 4.4 ×",
        "3 int8 (.tflite, zip) 75.00 % 7,000 5.7 ×",
        "4 Huffman-coded (.sqz) 75.00 % 5,000 8.0 ×",
    ]
    assert texts(chrome, ".plot .point") == ["1", "2", "3", "4"]
    assert "8.0 ×" in texts(chrome, "#tiles strong")


def test_pictures_stand_under_right_and_wrong_with_class_and_probability(
    chrome: webdriver.Chrome, site: SiteServer
) -> None:
    open_page(chrome, site.address)
    assert texts(chrome, "#gallery h3") == ["Right", "Wrong"]
    model = small_model()
    assert len(chrome.find_elements(By.CSS_SELECTOR, ".card:not(.miss)")) == len(model.images) - WRONG
    missed = texts(chrome, ".card.miss figcaption")
    expected = []
    for scores in model.expected[:WRONG].tolist():
        best = scores.index(max(scores))
        expected.append(f"{CLASSES[best]} {100 * (scores[best] + 128) / 256:.1f} % is {CLASSES[1 - best]}")
    assert sorted(" ".join(text.split()) for text in missed) == sorted(expected)
    assert (
        texts(chrome, "#gallery .remark")[1] == "Licence of the pictures: CC BY 4.0. Somebody, Blots, 2026."
    )
    remark = chrome.find_elements(By.CSS_SELECTOR, "#gallery .remark")[2]
    assert remark.text == (
        "Training started from the weights of others; their licence: BSD. Others, Weights, 2016. Notice"
    )
    notice = remark.find_element(By.TAG_NAME, "a").get_attribute("href")
    assert urllib.request.urlopen(str(notice)).read().decode() == NOTICE
    widths = chrome.execute_script(
        "const pictures = [...document.querySelectorAll('.gallery img')];"
        "return Promise.all(pictures.map((picture) => picture.decode().then(() => picture.naturalWidth)));"
    )
    assert widths == [32] * len(model.images)


def test_the_confusion_matrix_counts_the_test_split(chrome: webdriver.Chrome, site: SiteServer) -> None:
    open_page(chrome, site.address)
    labels = small_model().expected.argmax(axis=1)
    truth = labels.copy()
    truth[:WRONG] = 1 - truth[:WRONG]
    cells = texts(chrome, ".confusion td:is(.right, .miss)")
    pairs = [(actual, predicted) for actual in (0, 1) for predicted in (0, 1)]
    expected = [int(((truth == actual) & (labels == predicted)).sum()) for actual, predicted in pairs]
    assert [0 if cell == "·" else int(cell) for cell in cells] == expected


def test_with_many_classes_the_most_frequent_mistakes_are_listed(
    chrome: webdriver.Chrome, tmp_path: Path
) -> None:
    shutil.copytree(small_site(), tmp_path / "site")
    story = json.loads((tmp_path / "site/story.json").read_text())
    story["classes"] = [f"class {index}" for index in range(30)]
    matrix = np.diag(np.full(30, 9))
    matrix[3, 7], matrix[8, 2] = 4, 6
    story["confusion"] = matrix.tolist()
    (tmp_path / "site/story.json").write_text(json.dumps(story))
    with serve_site(tmp_path / "site") as server:
        open_page(chrome, server.address)
        rows = texts(chrome, "#confusion tbody tr")
        chrome.get("about:blank")
    assert rows == ["class 8 class 2 6 of 15", "class 3 class 7 4 of 13"]


def test_what_is_decided_is_shown_and_what_else_may_be_chosen(
    chrome: webdriver.Chrome, tmp_path: Path
) -> None:
    shutil.copytree(small_site(), tmp_path / "site")
    story = json.loads((tmp_path / "site/story.json").read_text())
    story["decision"] = {"class": 1, "class_score": -128, "unknown": "none", "threshold": 0}
    validation = [(1.0, 0.3, 0.1), (0.96, 0.5, 0.2), (0.81, 0.7, 0.4), (0.4, 1.0, 0.9)]
    test = [(1.0, 0.35, 0.15), (0.9, 0.45, 0.25), (0.75, 0.65, 0.5), (0.2, 1.0, 0.95)]
    story["choice"] = {
        "class": story["classes"][1],
        **{
            split: [dict(zip(("recall", "precision", "probability"), row, strict=True)) for row in rows]
            for split, rows in (("validation", validation), ("test", test))
        },
    }
    (tmp_path / "site/story.json").write_text(json.dumps(story))
    with serve_site(tmp_path / "site") as server:
        open_page(chrome, server.address)
        rows = texts(chrome, "#choice tbody tr")
        named = texts(chrome, "#gallery .named")
        lines = len(chrome.find_elements(By.CSS_SELECTOR, "#choice polyline"))
        chrome.get("about:blank")
    assert rows == [
        "99 % or more 30.0 % 0.100 100.0 % 35.0 %",
        "95 % or more 50.0 % 0.200 90.0 % 45.0 %",
        "90 % or more 50.0 % 0.200 90.0 % 45.0 %",
        "80 % or more 70.0 % 0.400 75.0 % 65.0 %",
        "70 % or more 70.0 % 0.400 75.0 % 65.0 %",
        "50 % or more 70.0 % 0.400 75.0 % 65.0 %",
    ]
    assert lines == 2
    assert set(named) == {story["classes"][1]}  # which is answered from the least score on


def test_without_curves_there_is_nothing_to_choose(chrome: webdriver.Chrome, site: SiteServer) -> None:
    open_page(chrome, site.address)
    assert not chrome.find_element(By.ID, "choice-block").is_displayed()


def test_each_step_of_the_program_has_bytes_memory_and_instructions(
    chrome: webdriver.Chrome, site: SiteServer
) -> None:
    resize(chrome, 1100, 900)
    open_page(chrome, site.address)
    rows = texts(chrome, ".layers tbody tr")
    story = json.loads((small_site() / "story.json").read_text())
    assert len(rows) == len(story["layers"]) == 29
    conv1 = story["layers"][1]
    assert rows[1].split("\n")[0].startswith("conv1 7 × 7 × 8") and f"{conv1['instructions']:,}" in rows[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tab", TABS)
def test_axe_finds_nothing(chrome: webdriver.Chrome, site: SiteServer, tab: str, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    open_page(chrome, f"{site.address}/#{tab}")
    chrome.execute_script("for (const d of document.querySelectorAll('details')) d.open = true")
    chrome.execute_script(AXE.read_text())
    report: dict[str, Any] = chrome.execute_async_script(
        "const done = arguments[arguments.length - 1]; axe.run(document).then(done)"
    )
    found = [(rule["id"], node["html"]) for rule in report["violations"] for node in rule["nodes"]]
    assert found == []
    assert len(report["passes"]) > 15, "axe looked at little"
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.mark.parametrize("tab", TABS)
def test_nothing_is_wider_than_a_phone(chrome: webdriver.Chrome, site: SiteServer, tab: str) -> None:
    resize(chrome, 360, 740)
    open_page(chrome, f"{site.address}/#{tab}")
    assert chrome.execute_script("return document.documentElement.scrollWidth") == 360
    resize(chrome, 1100, 900)


def test_arrows_home_and_end_move_between_tabs_and_the_address_follows(
    chrome: webdriver.Chrome, site: SiteServer
) -> None:
    open_page(chrome, site.address)
    shown = (
        "return [...document.querySelectorAll('[role=tabpanel]')].filter((p) => !p.hidden).map((p) => p.id)"
    )
    chrome.execute_script("document.getElementById('tab-model').focus()")
    keys = [
        (Keys.ARROW_RIGHT, "install"),
        (Keys.ARROW_RIGHT, "board"),
        (Keys.ARROW_RIGHT, "collect"),
        (Keys.ARROW_RIGHT, "model"),
        (Keys.ARROW_LEFT, "collect"),
        (Keys.HOME, "model"),
        (Keys.END, "collect"),
    ]
    for key, tab in keys:
        ActionChains(chrome).send_keys(key).perform()
        assert chrome.execute_script(shown) == [f"{tab}-panel"]
        assert chrome.switch_to.active_element.get_attribute("id") == f"tab-{tab}"
        assert chrome.current_url.endswith(f"#{tab}")
        assert chrome.switch_to.active_element.get_attribute("aria-selected") == "true"


@pytest.mark.parametrize("tab", FOCUS)
def test_the_keyboard_reaches_everything(chrome: webdriver.Chrome, site: SiteServer, tab: str) -> None:
    open_page(chrome, f"{site.address}/#{tab}")
    reached = []
    for _ in range(12):
        ActionChains(chrome).send_keys(Keys.TAB).perform()
        focused = chrome.switch_to.active_element
        if focused.tag_name == "body":
            break
        reached.append(
            focused.get_attribute("id") if focused.get_attribute("id") in FOCUS[tab] else focused.text
        )
    assert [name for name in FOCUS[tab] if name not in reached] == []
    assert sorted(FOCUS[tab], key=reached.index) == FOCUS[tab]


def test_a_browser_without_webserial_is_told_what_to_use() -> None:
    with serve_site(small_site()) as server, browser(serial=False) as driver:
        open_page(driver, f"{server.address}/#install")
        said = driver.find_element(By.ID, "install-status").text
        assert "has no WebSerial" in said and "Chrome, Edge" in said and "command below" in said
        assert not driver.find_element(By.ID, "install-button").is_enabled()
        assert errors(driver) == []


def test_the_page_asks_for_nothing_but_its_own_files(chrome: webdriver.Chrome, site: SiteServer) -> None:
    open_page(chrome, site.address)
    entries = chrome.execute_script("return performance.getEntriesByType('resource').map((e) => e.name)")
    assert entries and all(name.startswith(site.address) for name in entries)
