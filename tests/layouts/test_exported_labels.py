"""Labels that exports write into a file or into the pictures' names."""

import json
from collections.abc import Collection
from typing import Any

import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.layouts.layout import Layout, arrange


def entry(path: str, label: Any, category: str = "training") -> dict[str, Any]:
    return {"path": path, "name": path, "category": category, "label": label}


def arranged(files: dict[str, Any]) -> Layout:
    """files: contents by path, what is no text as JSON."""

    def read(paths: Collection[str]) -> dict[str, bytes]:
        assert all(path.endswith("info.labels") for path in paths)
        return {path: json.dumps(files[path]).encode() for path in paths}

    return arrange(list(files), "here", read)


CAT, DOG = ({"type": "label", "label": name} for name in ("cat", "dog"))


@pytest.mark.parametrize("at", ["", "training/"])
@pytest.mark.parametrize("prefix", ["", "training/"])
def test_a_path_counts_from_the_list_or_from_its_split(at: str, prefix: str) -> None:
    labels = {"version": 1, "files": [entry(f"{prefix}a.jpg", CAT), entry(f"{prefix}b.jpg", DOG)]}
    found = arranged({"training/a.jpg": "", "training/b.jpg": "", f"{at}info.labels": labels})
    assert [(file.path, file.class_name, file.split) for file in found.files] == [
        ("training/a.jpg", "cat", "train"),
        ("training/b.jpg", "dog", "train"),
    ]
    assert [one.name for one in found.left_out] == [f"{at}info.labels"]


def test_two_lists_that_agree_are_one() -> None:
    files = [entry("training/a.jpg", CAT), entry("training/b.jpg", DOG)]
    lists = {"info.labels": {"files": files}, "training/info.labels": {"files": files[:1]}}
    assert len(arranged({"training/a.jpg": "", "training/b.jpg": "", **lists}).files) == 2
    lists["training/info.labels"] = {"files": [entry("a.jpg", DOG)]}
    with pytest.raises(
        UserError, match=r"gives training/a\.jpg another label than another list; export again\."
    ):
        arranged({"training/a.jpg": "", "training/b.jpg": "", **lists})


def test_what_is_listed_but_not_there_and_what_has_no_label_is_not_taken() -> None:
    files = [
        entry("a.jpg", CAT),
        entry("b.jpg", DOG),
        entry("gone.jpg", DOG),
        entry("c.jpg", {"type": "unlabeled"}),
    ]
    found = arranged(
        {f"training/{name}.jpg": "" for name in "abc"} | {"training/info.labels": {"files": files}}
    )
    assert [file.member for file in found.files] == ["training/a.jpg", "training/b.jpg"]
    assert "training/c.jpg" in [one.name for one in found.left_out]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "here/info.labels is damaged or not of Edge Impulse; export again."),
        ({"files": [3]}, "here/info.labels is damaged or not of Edge Impulse; export again."),
        ({"files": [{"path": "a.jpg"}]}, "here/info.labels is damaged or not of Edge Impulse; export again."),
        (
            {"files": []},
            "here is an export of Edge Impulse in which no file has a label; label the files there",
        ),
        (
            {"files": [entry("a.jpg", {"type": "multi-label", "labels": []})]},
            "here/info.labels gives a.jpg several labels; this network takes one for each picture.",
        ),
        ({"files": [entry("a.jpg", CAT)]}, "here has only the class cat; a classifier needs two"),
    ],
)
def test_lists_that_cannot_be_used_are_explained(content: Any, words: str) -> None:
    with pytest.raises(UserError) as error:
        arranged({"training/a.jpg": "", "info.labels": content})
    assert str(error.value).startswith(words)


def test_a_project_of_teachable_machine_is_labelled_by_names_whatever_stands_around_it() -> None:
    for outer in ("", "my project/"):
        names = [f"{outer}{name}" for name in ("a-!-b-!-0.jpg", "Class 2-!-10.jpg", "manifest.json")]
        found = arranged(dict.fromkeys(names, ""))
        assert [(file.path, file.class_name) for file in found.files] == [
            (names[1], "Class 2"),
            (names[0], "a-!-b"),
        ]
