"""Exports that do not put each class into a folder.

Edge Impulse: folders training and testing with files in them, and in these, beside them or both, info.labels,
JSON whose `files` have `path`, `category` (the split) and `label`; see docs.edgeimpulse.com, Edge Impulse
labels. Teachable Machine: a project saved as a file, a zip named .tm, has manifest.json and pictures that are
called like their class, -!- and a number.
"""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from squeezenet_lib.dataset.names import composed, shown
from squeezenet_lib.errors import UserError
from squeezenet_lib.layouts.picture_tree import Folder, all_files, parts_of, picture_folders
from squeezenet_lib.layouts.split_names import split_of

LABELS = "info.labels"
MANIFEST = "manifest.json"
MARK = "-!-"


def exported_labels(
    top: Folder, where: str, read: Callable[[Collection[str]], Mapping[str, bytes]]
) -> dict[tuple[str, str], list[str]] | None:
    """The files of each class in each split (empty where there are none), None for other layouts.

    `read` gives the contents of files by path. Raises UserError when info.labels is damaged, gives a file
    several labels or contradicts another, and when it labels nothing.
    """
    inside = picture_folders(top)
    for folder in [top, *inside.values()] if len(inside) == 1 else [top]:
        if any(parts_of(path)[-1] == MANIFEST for path in folder.files):
            pictures = [path for path in folder.files if MARK in parts_of(path)[-1]]
            if pictures:
                return _gathered({path: ("", parts_of(path)[-1].rpartition(MARK)[0]) for path in pictures})
    lists = {
        path: folder
        for folder in (top, *top.folders.values())
        for path in folder.files
        if parts_of(path)[-1] == LABELS
    }
    if not lists:
        return None
    files = set(all_files(top))
    labels: dict[str, tuple[str, str]] = {}
    for path, content in read(list(lists)).items():
        name = f"{where}/{path.removeprefix(''.join(f'{part}/' for part in top.parts))}"
        for file, label in _listed(content, lists[path], files, name):
            if labels.setdefault(file, label) != label:
                raise UserError(f"{name} gives {shown(file)} another label than another list; export again.")
    if not labels:
        raise UserError(
            f"{where} is an export of Edge Impulse in which no file has a label; label the files there and "
            "export again (boxes around objects are no labels)."
        )
    return _gathered(labels)


def _listed(content: bytes, folder: Folder, files: set[str], name: str) -> list[tuple[str, tuple[str, str]]]:
    """The labelled files that are there, each with split and class."""
    try:
        entries = json.loads(content)["files"]
        return [
            (path, label)
            for entry in entries
            if (path := _found(entry, folder, files)) and (label := _label(entry, folder, name))
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"{name} is damaged or not of Edge Impulse; export again.") from None


def _found(entry: dict[str, Any], folder: Folder, files: set[str]) -> str | None:
    """The entry's path, which counts from where the list lies or from the split's folder."""
    outer = "".join(f"{part}/" for part in folder.parts)
    path = composed(entry["path"])
    places = [f"{outer}{path}", f"{outer}{entry['category']}/{path}", f"{outer}{parts_of(path)[-1]}"]
    return next((place for place in places if place in files), None)


def _label(entry: dict[str, Any], folder: Folder, name: str) -> tuple[str, str] | None:
    label = entry.get("label") or {}
    if label.get("type") == "multi-label":
        raise UserError(
            f"{name} gives {shown(entry['path'])} several labels; this network takes one for each picture."
        )
    text = label.get("label")
    if label.get("type") != "label" or not isinstance(text, str) or not text:
        return None
    return split_of(str(entry["category"])) or "", composed(text)


def _gathered(labels: Mapping[str, tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted(labels, key=parts_of):
        found.setdefault(labels[path], []).append(path)
    return found
