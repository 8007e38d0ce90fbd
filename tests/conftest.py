"""What several modules of tests share."""

import os
import signal
from collections.abc import Iterator

import pytest
from selenium import webdriver

from tests.support.browser import browser, errors
from tests.support.made_once import folder_of_this_run
from tests.support.site_server import SiteServer, serve_site
from tests.support.small_site import small_site

# What takes longest begins first, so that no worker of pytest-xdist is left alone with it at the end. Only
# the last of these wait for what the first makes.
FIRST = (
    "tests/pipeline/test_pipeline.py",
    "tests/compression/",
    "tests/training/",
    "tests/bench/",
    "tests/stages/",
    "tests/pipeline/",
)


def pytest_configure() -> None:
    """Before there are workers, which find in their environment the folder, and that TensorFlow computes by
    one thread: tests run beside each other, and threads that wait for each other cost a core as well.
    """
    folder_of_this_run()
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each file stays together, in its order."""

    def rank(item: pytest.Item) -> int:
        return next((rank for rank, path in enumerate(FIRST) if item.nodeid.startswith(path)), len(FIRST))

    items.sort(key=rank)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C does what it does at a terminal, here and in what the test starts. What a shell starts in the
    background ignores it, and whatever that starts.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def chrome() -> Iterator[webdriver.Chrome]:
    """A browser whose pages find a serial port."""
    with browser() as driver:
        yield driver


@pytest.fixture
def site(chrome: webdriver.Chrome) -> Iterator[SiteServer]:
    """The small page, served; nothing is plugged in. The browser's console has to stay free of errors."""
    errors(chrome)
    with serve_site(small_site()) as server:
        yield server
        assert errors(chrome) == []
        chrome.get("about:blank")
