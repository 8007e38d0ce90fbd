"""The library's rooms: imports go down, along the arrows of one table, and never round."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from squeezenet_lib.paths import ROOT
from tests.support.house import ARROWS, MARK, all_below, below, picture

LIBRARY = ROOT / "squeezenet_lib"
HALL = "hall"
ENTRANCE = LIBRARY / "__main__.py"  # it leads to the command line, from outside
MOST_FILES = 14


def room_of(module: list[str]) -> str:
    """Of a dotted name's parts behind `squeezenet_lib`."""
    return module[0] if module and (LIBRARY / module[0]).is_dir() else HALL


def imported(path: Path) -> Iterator[str]:
    """Rooms that a module imports from, anywhere in its code."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            assert not name.startswith(("stages", "tests", "dvc.")), f"{path} imports {name}"
            if name.split(".")[0] == "squeezenet_lib":
                yield room_of(name.split(".")[1:])


def arrows() -> dict[str, set[str]]:
    """The rooms that each room imports."""
    found: dict[str, set[str]] = {HALL: set()}
    for path in LIBRARY.rglob("*.py"):
        room = room_of(list(path.relative_to(LIBRARY).parts[:-1]))
        if path != ENTRANCE:
            found.setdefault(room, set()).update(imported(path))
    return {room: rooms - {room} for room, rooms in found.items()}


def test_imports_follow_the_arrows_and_no_arrow_is_idle() -> None:
    found = arrows()
    assert found.pop(HALL) == set()
    assert {room: rooms - {HALL} for room, rooms in found.items()} == {room: below(room) for room in ARROWS}


def test_arrows_never_go_round() -> None:
    for room in ARROWS:
        assert room not in all_below(room)


def test_the_table_lists_upper_floors_first() -> None:
    order = list(ARROWS)
    assert all(order.index(room) < order.index(lower) for room in ARROWS for lower in below(room))


@pytest.mark.parametrize("room", ["", *ARROWS])
def test_a_room_is_small_enough_to_overlook(room: str) -> None:
    assert len(list((LIBRARY / room).glob("*.py"))) <= MOST_FILES


@pytest.mark.parametrize("room", ARROWS)
def test_a_rooms_init_says_what_it_is_for_and_does_nothing(room: str) -> None:
    module = ast.parse((LIBRARY / room / "__init__.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(module) and len(module.body) == 1


def test_contributing_shows_the_house() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"<!-- {MARK} -->\n{picture()}\n<!-- /{MARK} -->" in text
    for room in ARROWS:
        assert f"| {room}/ |" in text, f"CONTRIBUTING.md does not say what {room} is for"
