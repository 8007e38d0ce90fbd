"""The rooms of squeezenet_lib: the one table of which may import which, and its picture.

    python -m tests.support.house CONTRIBUTING.md

Modules that lie in no room are the hall: all rooms may import them, and they import none.
"""

import sys
from pathlib import Path

from squeezenet_lib.report.marked_places import fill

ARROWS = {
    "site": "bench compiler dataset device firmware params report sqz tflite",
    "cli": "bench compiler dataset device firmware params sqz tflite",
    "bench": "compiler dataset device firmware params report sqz tflite training",
    "pretrained": "sources starts",
    "starts": "dataset params training",
    "device": "dataset decide firmware params sources sqz tflite",
    "compression": "coding dataset params report tflite training",
    "compiler": "coding sqz",
    "firmware": "params sqz",
    "decide": "params sqz",
    "sqz": "coding",
    "sources": "dataset layouts params",
    "layouts": "dataset",
    "training": "dataset params",
    "tflite": "",
    "coding": "",
    "dataset": "params",
    "report": "params",
    "params": "",
}
MARK = "house"


def below(room: str) -> set[str]:
    """Rooms that it may import."""
    return set(ARROWS[room].split())


def all_below(room: str) -> set[str]:
    """Rooms that can be reached from it. RecursionError when the arrows go round."""
    return below(room) | {lower for one in below(room) for lower in all_below(one)}


def drawn(room: str) -> set[str]:
    """Rooms to which the picture has an arrow: not those that another arrow leads to."""
    return below(room) - {lower for one in below(room) for lower in all_below(one)}


def picture() -> str:
    """As Mermaid, from the top floor down, the hall on the ground."""
    arrows = [f"  {room} --> {lower}" for room in ARROWS for lower in sorted(drawn(room))]
    grounded = [f"  {room} --> hall" for room in ARROWS if not below(room)]
    return "\n".join(["```mermaid", "flowchart TD", *arrows, *grounded, "```"])


if __name__ == "__main__":
    for document, text in fill({Path(sys.argv[1]): Path(sys.argv[1]).read_text()}, {MARK: picture()}).items():
        document.write_text(text)
