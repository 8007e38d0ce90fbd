"""Pictures of the display as text: 64 lines of 128 characters, `#` for a lit pixel, `.` for a dark one."""

from squeezenet_lib.paths import ROOT

WIDTH, PAGES = 128, 8
FOLDER = ROOT / "tests" / "screens"


def art(pixels: bytes) -> str:
    """The display's memory, 8 pages of 128 columns whose lowest bit is the upper pixel, as text."""
    assert len(pixels) == PAGES * WIDTH
    rows = (
        "".join(".#"[pixels[y // 8 * WIDTH + x] >> y % 8 & 1] for x in range(WIDTH)) for y in range(8 * PAGES)
    )
    return "\n".join(rows) + "\n"


def expected(name: str) -> str:
    """The picture in tests/screens that somebody has looked at."""
    return (FOLDER / f"{name}.txt").read_text(encoding="ascii")
