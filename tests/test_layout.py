"""Which class and split a file belongs to, told by its path alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from squeezenet_lib.errors import UserError
from squeezenet_lib.sources.layout import arrange, left_out, wrapper

NAMES = st.sampled_from(["a", "b b", "ä", "train", "val", ".c", "Thumbs.db", "1.png"])
PATHS = st.lists(st.tuples(st.lists(NAMES, min_size=1, max_size=4).map("/".join), st.sampled_from(["", "/"])))


def labels(*paths: str) -> list[tuple[str, str, str]]:
    return [(file.path, file.class_name, file.split) for file in arrange(paths, "here").files]


def test_folders_are_classes_in_sorted_order_whatever_the_order_of_paths() -> None:
    paths = ["dog/b.png", "cat/deep/c.png", "dog/a.png", "big cat/1.png", "Ärger/ß.png"]
    assert arrange(paths, "here").classes == ["big cat", "cat", "dog", "Ärger"]
    assert labels(*paths) == labels(*reversed(paths))
    assert labels(*paths)[1:4] == [
        ("cat/deep/c.png", "cat", ""),
        ("dog/a.png", "dog", ""),
        ("dog/b.png", "dog", ""),
    ]


def test_files_are_sorted_folder_by_folder() -> None:
    assert [path for path, *_ in labels("a/x y/1", "a/x/1", "a/x", "b/1")] == [
        "a/x",
        "a/x/1",
        "a/x y/1",
        "b/1",
    ]


def test_a_folder_train_makes_ready_made_splits() -> None:
    paths = ["train/cat/1.png", "train/dog/1.png", "test/cat/1.png", "val/dog/2.png", "val/notes/"]
    assert labels(*paths[:4]) == [
        ("test/cat/1.png", "cat", "test"),
        ("train/cat/1.png", "cat", "train"),
        ("train/dog/1.png", "dog", "train"),
        ("val/dog/2.png", "dog", "val"),
    ]


def test_hidden_files_and_what_file_managers_leave_are_passed_over() -> None:
    noise = [
        "a/.hidden",
        ".git/x/y",
        "b/Thumbs.db",
        "b/deep/desktop.ini",
        "__MACOSX/a/1.png",
        "__MACOSX/a/._1",
    ]
    assert labels("a/1", "b/1", *noise) == labels("a/1", "b/1")
    assert left_out(["a/1", "b/1", *noise], {"a/1", "b/1"}) == []


@pytest.mark.parametrize(
    ("paths", "sentence"),
    [
        (
            ["only/1.png"],
            "here has only the class only; a classifier needs two sub-folders of pictures or more.",
        ),
        (["1.png"], "here has no class; a classifier needs two sub-folders of pictures or more."),
        ([], "here has no class; a classifier needs two sub-folders of pictures or more."),
        (
            ["train/a/1", "train/b/1", "other/c/1"],
            "here has a sub-folder train beside other; "
            "keep either train, val and test or one sub-folder per class.",
        ),
        (
            ["train/a/1", "train/b/1", "test/c/1"],
            "here/test/c is a class that here/train lacks; add it there.",
        ),
        (["a/.hidden", "b/1"], "here/a has no pictures; add some or remove the folder."),
        (["a/", "b/1"], "here/a has no pictures; add some or remove the folder."),
        (
            ["train/a/1", "train/b/1", "val/b/"],
            "here/val/b has no pictures; add some or remove the folder.",
        ),
    ],
)
def test_what_cannot_be_used_is_explained(paths: list[str], sentence: str) -> None:
    with pytest.raises(UserError) as error:
        arrange(paths, "here")
    assert str(error.value) == sentence


def test_files_outside_class_folders_are_left_out_by_name() -> None:
    paths = ["train/a/1", "train/b/1", "train/notes.txt", "readme.md", "test/", "test/a/", "test/a/2"]
    files = arrange(paths, "here").files
    assert left_out(paths, {file.path for file in files}) == ["readme.md", "train/notes.txt"]


@pytest.mark.parametrize(
    ("paths", "outer"),
    [
        (["a/1", "b/1"], ""),
        (["pictures/a/1", "pictures/b/1"], "pictures/"),
        (["my pictures/v1/a/1", "my pictures/v1/b/1"], "my pictures/v1/"),
        (["pictures/a/", "pictures/b/1", "readme.md", "__MACOSX/pictures/a/1", ".git/x/y"], "pictures/"),
        (["pictures/train/a/1", "pictures/train/b/1"], "pictures/"),
        (["train/a/1", "train/b/1"], ""),
        (["only/1", "only/2"], ""),
        (["1"], ""),
        ([], ""),
    ],
)
def test_outer_folders_are_no_classes(paths: list[str], outer: str) -> None:
    assert wrapper(paths) == outer


@given(PATHS)
def test_every_file_is_labelled_left_out_or_passed_over(drawn: list[tuple[str, str]]) -> None:
    paths = [path + end for path, end in drawn]
    try:
        layout = arrange(paths, "here")
    except UserError:
        return
    labelled = [file.path for file in layout.files]
    assert len(layout.classes) >= 2
    assert {file.class_name for file in layout.files} <= set(layout.classes)
    assert all(f"{file.split}/{file.class_name}/".lstrip("/") in file.path for file in layout.files)
    rest = left_out(paths, labelled)
    assert not set(labelled) & set(rest)
    passed_over = {path for path in paths if "/." in f"/{path}" or "thumbs.db" in path.lower()}
    assert {path for path in paths if not path.endswith("/")} - passed_over == set(labelled) | set(rest)
