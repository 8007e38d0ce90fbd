"""A picture of the built page for the README.

    python -m tests.support.screenshot build/site docs/page.png [--tab model] [--width 1100] [--height 860]
        [--dark]

Few colours, so that the file stays below 200 KB.
"""

import argparse
import base64
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from squeezenet_lib.outputs import replace_when_done
from tests.support.browser import browser, open_page, resize
from tests.support.site_server import serve_site

COLOURS = 128


def screenshot(
    site: Path, tab: str, width: int, height: int, dark: bool = False, whole: bool = False
) -> Image.Image:
    """The page, its first `height` pixels or all of it."""
    with serve_site(site) as server, browser() as driver:
        resize(driver, width, height)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
        open_page(driver, f"{server.address}/#{tab}")
        driver.execute_script(
            "window.scrollTo(0, 0); for (const img of document.images) img.loading = 'eager';"
            "return Promise.all([...document.images].map((img) => img.decode().catch(() => undefined)));"
        )
        content = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": whole})
        return Image.open(io.BytesIO(base64.b64decode(content["data"])))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.screenshot", description=__doc__.split("\n")[0]
    )
    parser.add_argument("site", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--tab", default="model", choices=["model", "install", "board"])
    parser.add_argument("--width", type=int, default=1100)
    parser.add_argument("--height", type=int, default=860)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--whole", action="store_true", help="all of the page, however high")
    options = parser.parse_args(arguments)
    picture = screenshot(
        options.site, options.tab, options.width, options.height, options.dark, options.whole
    )
    with replace_when_done(options.picture) as temporary:
        picture.convert("RGB").quantize(COLOURS).save(temporary, "PNG", optimize=True)


if __name__ == "__main__":
    sys.exit(main())
