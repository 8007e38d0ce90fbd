"""Chromium without a window, driven by selenium."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

FAKE_SERIAL = Path(__file__).parent / "fake_serial.js"
BROWSERS = ("chromium", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)
SECONDS = 60


@contextmanager
def browser(serial: bool = True) -> Iterator[webdriver.Chrome]:
    """A browser with a profile of its own. serial: pages find the fake serial port, else none at all."""
    program = next(found for name in BROWSERS if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = program
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
        script = FAKE_SERIAL.read_text() if serial else "delete Navigator.prototype.serial;"
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
        try:
            yield driver
        finally:
            driver.quit()


def resize(driver: webdriver.Chrome, width: int, height: int, scale: float = 1) -> None:
    """Show pages in `width` x `height` CSS pixels; a window could not be as narrow as a phone."""
    size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def open_page(driver: webdriver.Chrome, address: str) -> None:
    """Load the page and wait until it has drawn itself."""
    driver.get("about:blank")  # an address that differs in its fragment only would load nothing
    driver.get(address)
    wait(driver, lambda: driver.execute_script("return document.documentElement.dataset.ready"))


def wait(driver: webdriver.Chrome, condition: Callable[[], object]) -> None:
    """Until `condition` holds; it has a minute."""
    WebDriverWait(driver, SECONDS, poll_frequency=0.02).until(lambda _: condition())


def hasten(driver: webdriver.Chrome, times: int = 10) -> None:
    """Let the page's waits end so many times as soon as they would."""
    driver.execute_script(
        "const { setTimeout } = window, { now } = Date, start = now();"
        f"window.setTimeout = (what, after) => setTimeout(what, after / {times});"
        f"Date.now = () => start + {times} * (now() - start);"
    )


def errors(driver: webdriver.Chrome) -> list[str]:
    """What the browser's console has told since the last call, from warnings up."""
    log = driver.get_log("browser")
    return [entry["message"] for entry in log if entry["level"] in ("WARNING", "SEVERE")]
