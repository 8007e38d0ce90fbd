"""What several modules of tests share because it takes seconds to start."""

from collections.abc import Iterator

import pytest
from selenium import webdriver

from tests.browser import browser, errors
from tests.site_server import SiteServer, serve_site
from tests.small_site import small_site


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
