"""Which class and split a file belongs to: the layouts of the table in docs/own-pictures.md, and others."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from squeezenet_lib.errors import UserError
from squeezenet_lib.layouts.layout import Layout, arrange, left_out
from squeezenet_lib.layouts.leftovers import LeftOut
from squeezenet_lib.params.sections import ArchiveLimits
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sources.archive import open_archive
from squeezenet_lib.sources.collection import Collection
from squeezenet_lib.sources.folder import open_folder
from tests.support.archive_builder import pack
from tests.support.picture_layouts import LAYOUTS, PictureLayout

NAMES = st.sampled_from(
    ["a", "b b", "ä", "train", "Validation", "test", ".c", "Thumbs.db", "@eaDir", "images", "1.png"]
)
PATHS = st.lists(st.tuples(st.lists(NAMES, min_size=1, max_size=4).map("/".join), st.sampled_from(["", "/"])))


def layout_of(*paths: str) -> Layout:
    return arrange(paths, "here", lambda _: {})


def labels(*paths: str) -> list[tuple[str, str, str]]:
    return [(file.member, file.class_name, file.split) for file in layout_of(*paths).files]


def refusal(*paths: str) -> str:
    with pytest.raises(UserError) as error:
        layout_of(*paths)
    assert "\n" not in str(error.value)
    return str(error.value)


def opened(layout: PictureLayout, folder: Path, source: str) -> Collection:
    """The layout, built: each picture's content is its path."""
    files = {path: path.encode() if content is None else content for path, content in layout.files.items()}
    if source != "folder":
        archive = pack(folder / "x", files, source)
        return open_archive(str(archive), None, ArchiveLimits(10**6, 10**6, 1000), folder / "cache")
    for path, content in files.items():
        (folder / "x" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "x" / path).write_bytes(content)
    return open_folder(folder / "x")


@pytest.mark.parametrize("source", ["folder", "zip", "tar.gz"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_each_layout_is_read_as_meant_or_refused_with_what_was_seen(
    tmp_path: Path, layout: PictureLayout, source: str
) -> None:
    if layout.refusal:
        with pytest.raises(
            UserError, match=re.escape(str(tmp_path / "x")) + ".*" + re.escape(layout.refusal)
        ):
            opened(layout, tmp_path, source)
        return
    collection = opened(layout, tmp_path, source)
    found: dict[tuple[str, str], list[str]] = {}
    for picture in collection.pictures:
        found.setdefault((picture.class_name, picture.split), []).append(picture.content.decode())
        assert picture.content.decode().endswith(picture.member)
    assert found == layout.taken
    taken = {path for paths in layout.taken.values() for path in paths}
    named = [one.name for one in collection.left_out]
    for path in layout.files.keys() - taken:
        assert any(path.startswith(name) for name in named), path


def test_the_table_in_the_document_has_these_layouts_and_no_others() -> None:
    document = (ROOT / "docs" / "own-pictures.md").read_text(encoding="utf-8")
    table = document.split("| layout or export tool |")[1].split("\n\n")[0]
    rows = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]
    assert rows == [layout.name for layout in LAYOUTS]


def test_folders_are_classes_in_sorted_order_whatever_the_order_of_paths() -> None:
    paths = ["dog/b.png", "cat/deep/c.png", "dog/a.png", "big cat/1.png", "Ärger/ß.png"]
    assert layout_of(*paths).classes == ["big cat", "cat", "dog", "Ärger"]
    assert labels(*paths) == labels(*reversed(paths))
    assert labels(*paths)[1:4] == [
        ("cat/deep/c.png", "cat", ""),
        ("dog/a.png", "dog", ""),
        ("dog/b.png", "dog", ""),
    ]


def test_files_are_sorted_folder_by_folder() -> None:
    assert labels("a/x y/1", "a/x/1", "a/x", "b/1") == [
        ("a/x", "a", ""),
        ("a/x/1", "a", ""),
        ("a/x y/1", "a", ""),
        ("b/1", "b", ""),
    ]


@pytest.mark.parametrize("around", ["", "outer/", "outer/more/"])
@pytest.mark.parametrize("inside", ["", "images/", "data/images/"])
def test_folders_may_stand_around_everything_and_around_the_classes_of_a_split(
    around: str, inside: str
) -> None:
    paths = [f"{around}{split}/{inside}{name}/1" for split in ("Train", "Test") for name in ("a", "b")]
    assert labels(*paths) == [
        (f"{split}/{inside}{name}/1", name, split.lower())
        for split in ("Test", "Train")
        for name in ("a", "b")
    ]


def test_a_split_with_one_class_whose_pictures_lie_deeper_is_no_wrapper() -> None:
    assert labels("train/a/1", "train/b/1", "val/a/deep/2")[2] == ("val/a/deep/2", "a", "val")


def test_a_copy_is_named_as_a_whole_and_other_pictures_of_equal_folders_are_refused() -> None:
    flowers = ["f/rose/1", "f/iris/1", "f/f/rose/1", "f/f/iris/1"]
    assert layout_of(*flowers).left_out == [LeftOut("f/f/", "a copy of what lies beside it")]
    assert "here/f/f has folders called like those beside it (iris, rose) but not the same" in refusal(
        *flowers, "f/f/rose/2"
    )


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (["valid", "invalid"], ["invalid", "valid"]),
        (["freight train", "express train"], ["express train", "freight train"]),
        (["crash test", "normal"], ["crash test", "normal"]),
        (["test tube", "beaker"], ["beaker", "test tube"]),
        (["with_mask", "without_mask"], ["with_mask", "without_mask"]),
        (["original", "fake"], ["fake", "original"]),
        (["0", "1"], ["0", "1"]),
    ],
)
def test_classes_may_have_words_of_splits_in_their_names(names: list[str], classes: list[str]) -> None:
    assert layout_of(*(f"{name}/1.png" for name in names)).classes == classes


def test_a_class_called_valid_may_have_splits_in_it() -> None:
    paths = [f"{name}/{split}/1" for name in ("cat", "valid") for split in ("train", "test")]
    assert {(file.class_name, file.split) for file in layout_of(*paths).files} == {
        (name, split) for name in ("cat", "valid") for split in ("train", "test")
    }


def test_folders_in_a_class_are_no_splits_beside_others() -> None:
    assert labels("vehicle/train/1", "vehicle/bus/1", "animal/cat/1")[1:] == [
        ("vehicle/bus/1", "vehicle", ""),
        ("vehicle/train/1", "vehicle", ""),
    ]


@pytest.mark.parametrize(
    ("paths", "sentence"),
    [
        (
            ["only/1.png"],
            "here has only the class only; a classifier needs two sub-folders of pictures or more.",
        ),
        ([], "here has no class; a classifier needs two sub-folders of pictures or more."),
        (["a/.hidden", "b/1"], "here/a has no pictures; add some or remove the folder."),
        (["a/", "b/1"], "here/a has no pictures; add some or remove the folder."),
        (
            ["train/a/1", "train/b/1", "val/b/"],
            "here/val/b has no pictures; add some or remove the folder.",
        ),
        (
            ["train/a/1", "train/b/1", "test/c/1"],
            "here/test/c is a class that here/train lacks; add it there.",
        ),
        (
            ["train/a/1", "train/b/1", "test/A/1"],
            "here/test/A is a class that here/train lacks; rename one of them: there it is 'a'.",
        ),
        (
            ["x/a/test/1", "x/b/test/1"],
            "here/x/a has test, which reads as a split, and no train; rename the one to train with to train.",
        ),
        (["a\n/1", "b/1"], r"here has the class a\n, whose name has control characters; rename it."),
        (
            ["rps/a/1", "rps/b/1", "rps-test-set/a/1", "rps-test-set/b/1"],
            "here has rps-test-set, which reads as a split, beside rps, and no train; put the classes into a "
            "folder train beside it, or rename rps-test-set if it is a class.",
        ),
        (
            ["cat_train/1", "cat_test/1", "dog_train/1", "dog_test/1"],
            "here has cat_test and dog_test, which both read as test; join them or rename one.",
        ),
    ],
)
def test_what_cannot_be_used_is_explained(paths: list[str], sentence: str) -> None:
    assert refusal(*paths) == sentence


def test_files_outside_class_folders_are_left_out_by_name() -> None:
    paths = ["train/a/1", "train/b/1", "train/notes.txt", "readme.md", "test/", "test/a/", "test/a/2"]
    assert [one.name for one in layout_of(*paths).left_out] == ["readme.md", "train/notes.txt"]


def test_what_others_left_is_named_once_with_who_left_it() -> None:
    noise = ["a/.hidden", ".git/x/y", "b/Thumbs.db", "b/@eaDir/1.png/thumb.jpg", "b/@eaDir/2.png/thumb.jpg"]
    found = layout_of("a/1", "b/1", *noise)
    assert [file.path for file in found.files] == ["a/1", "b/1"]
    assert found.left_out == [
        LeftOut(".git/", "left by git or DVC"),
        LeftOut("a/.hidden", "hidden"),
        LeftOut("b/@eaDir/", "left by a NAS"),
        LeftOut("b/Thumbs.db", "left by Windows"),
    ]


@given(PATHS)
def test_every_file_is_labelled_or_left_out(drawn: list[tuple[str, str]]) -> None:
    paths = [path + end for path, end in drawn]
    try:
        found = layout_of(*paths)
    except UserError as error:
        assert "\n" not in str(error)
        return
    labelled = [file.path for file in found.files]
    assert len(found.classes) >= 2
    assert {file.class_name for file in found.files} == set(found.classes)
    assert all(f"/{file.class_name}/" in f"/{file.path}" for file in found.files)
    named = [one.name for one in found.left_out]
    for path in paths:
        if not path.endswith("/"):
            out = [name for name in named if path == name or (name.endswith("/") and path.startswith(name))]
            assert (path in labelled) == (out == []), path


def test_without_a_layout_all_that_is_not_taken_is_left_out() -> None:
    assert left_out(["a/1", "a/2", "b/.3"], {"a/1"}) == [
        LeftOut("a/2", "of no class"),
        LeftOut("b/.3", "hidden"),
    ]
