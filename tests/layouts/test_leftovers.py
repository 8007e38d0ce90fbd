"""What others leave among pictures is known by name, and nothing else is."""

import pytest

from squeezenet_lib.layouts.leftovers import FILES, NAMES, why_left_out


@pytest.mark.parametrize("is_folder", [False, True])
def test_the_list_covers_itself(is_folder: bool) -> None:
    listed = NAMES if is_folder else {**NAMES, **FILES}
    for origin, patterns in listed.items():
        for pattern in patterns:
            name = pattern.replace("[0-9]", "0").replace("*", "x")
            why = why_left_out(name, is_folder)
            assert why is not None and why.startswith("left by "), name
            assert why == f"left by {origin}" or "*" in pattern, name


@pytest.mark.parametrize(
    ("name", "is_folder", "why"),
    [
        ("#recycle", True, "left by a NAS"),
        ("@eaDir", True, "left by a NAS"),
        ("Icon\r", False, "left by macOS"),
        ("._picture.jpg", False, "left by macOS"),
        ("THUMBS.DB", False, "left by Windows"),
        ("photo.jpg:Zone.Identifier", False, "left by Windows"),
        ("$Recycle.Bin", True, "left by Windows"),
        (".Trash-1000", True, "left by Linux"),
        (".ipynb_checkpoints", True, "left by a notebook or Python"),
        ("__pycache__", True, "left by a notebook or Python"),
        ("venv", True, "left by a notebook or Python"),
        ("pictures.egg-info", True, "left by a notebook or Python"),
        ("node_modules", True, "left by JavaScript's tools"),
        (".stversions", True, "left by a program that synchronizes"),
        ("IMG_0001.AAE", False, "left by a camera or photo program"),
        ("1.png~", False, "left by an editor"),
        ("1.jpg.crdownload", False, "left by an unfinished download"),
        (".whatever", True, "hidden"),
    ],
)
def test_who_left_it(name: str, is_folder: bool, why: str) -> None:
    assert why_left_out(name, is_folder) == why


@pytest.mark.parametrize(
    "name",
    [
        "cat",
        "thumbs",
        "thumbs up",
        "trash",
        "recycled",
        "trashbox",
        "icon",
        "sync",
        "cat~",
        "1.tmp",
        "CVS",
        "t.part",
        "build",
        "dist",
        "env",
        "target",
    ],
)
def test_folders_that_may_be_classes_are_kept(name: str) -> None:
    assert why_left_out(name, is_folder=True) is None


@pytest.mark.parametrize(
    "name", ["1.jpg", "IMG.JPEG", "no suffix", "a.webp", "folder.jpg", "icon.png", "data.json"]
)
def test_files_that_may_be_pictures_are_kept(name: str) -> None:
    assert why_left_out(name, is_folder=False) is None
