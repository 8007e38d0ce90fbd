"""data/raw's index, whole and in part."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.dataset.raw_index import read_index
from squeezenet_lib.errors import UserError
from squeezenet_lib.sources.collection import Collection, SourcePicture
from stages.download import write_raw

PICTURES = [
    SourcePicture("a b.png", "cat", b"1", stratum="x", split="test"),
    SourcePicture("Käfer.png", "bug", b"2"),
    SourcePicture("c.png", "dog", b"3", split="train"),
    SourcePicture("d.png", "cat", b"4"),
]


def raw(folder: Path, classes: list[str], pictures: list[SourcePicture]) -> Path:
    folder.mkdir()
    write_raw(Collection("test", "none", "", classes, pictures), folder)
    return folder


def test_the_index_has_what_the_download_stage_wrote(tmp_path: Path) -> None:
    index = read_index(raw(tmp_path / "raw", ["dog", "cat", "bug"], PICTURES), None)
    assert index.classes == ["dog", "cat", "bug"]
    assert index.members == ["a b.png", "Käfer.png", "c.png", "d.png"]
    assert index.labels.tolist() == [1, 2, 0, 1]
    assert index.splits.tolist() == ["test", "", "train", ""]
    assert index.strata.tolist() == ["x", "", "", ""]
    assert np.array_equal(index.targets, np.eye(3)[index.labels])
    assert index.targets.dtype == np.float32


NAMES = [
    "Icon\r",
    "a\nb.png",
    "a\r\nb.png",
    'it\'s "quoted", with commas.png',
    "-rf.png",
    " spaces .png. ",
    "\\back\\slash.png",
    "\u2028\x85\x0b\x1b[2J.png",
    "é" * 120 + ".png",
    "x" * 251 + ".png",
]


def test_names_come_back_as_they_were(tmp_path: Path) -> None:
    """Carriage returns, too, which csv does not quote in Python before 3.11.9 and 3.12.3."""
    pictures = [SourcePicture(f"cat/{name}", 'a, "b"', name.encode()) for name in NAMES]
    folder = raw(tmp_path / "raw", ['a, "b"', "dog"], [*pictures, *PICTURES[2:3]])
    index = read_index(folder, None)
    assert index.members[:-1] == [f"cat/{name}" for name in NAMES]
    assert index.labels.tolist() == [0] * len(NAMES) + [1]
    with zipfile.ZipFile(folder / "pictures.zip") as archive:
        assert [archive.read(member).decode() for member in index.members[:-1]] == NAMES


def test_chosen_classes_keep_the_sources_order_of_labels_and_pictures(tmp_path: Path) -> None:
    index = read_index(raw(tmp_path / "raw", ["dog", "cat", "bug"], PICTURES), ["bug", "dog"])
    assert index.classes == ["dog", "bug"]
    assert index.members == ["Käfer.png", "c.png"]
    assert index.labels.tolist() == [1, 0]
    assert index.targets.tolist() == [[0, 1], [1, 0]]


def test_soft_targets_are_the_probability_of_the_second_class(tmp_path: Path) -> None:
    pictures = [SourcePicture("a.png", "cat", b"", 0.25), SourcePicture("b.png", "dog", b"")]
    index = read_index(raw(tmp_path / "raw", ["cat", "dog"], pictures), None)
    assert index.targets.tolist() == [[0.75, 0.25], [0, 1]]


def test_an_unknown_class_is_named_with_the_known_ones(tmp_path: Path) -> None:
    folder = raw(tmp_path / "raw", ["dog", "cat", "bug"], PICTURES)
    with pytest.raises(UserError, match=r"preprocess\.classes has cow, Dog; the classes are dog, cat, bug\."):
        read_index(folder, ["cat", "cow", "Dog"])


def test_missing_and_damaged_files_are_explained(tmp_path: Path) -> None:
    folder = raw(tmp_path / "raw", ["dog", "cat", "bug"], PICTURES)
    whole = (folder / "index.csv").read_text("utf-8")
    for text in ("", "member,class\n", whole.replace("dog", "cow"), whole.replace(",split", "")):
        (folder / "index.csv").write_text(text, "utf-8")
        with pytest.raises(UserError, match=r"raw is incomplete .*; run the download stage"):
            read_index(folder, None)
    for name in ("index.csv", "provenance.json"):
        (folder / name).unlink()
        with pytest.raises(UserError, match=f"{name}.*; run the download stage"):
            read_index(folder, None)
        (folder / name).write_text("{}")


def test_an_index_that_is_cut_off_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    folder = raw(tmp_path / "raw", ["dog", "cat", "bug"], PICTURES)
    whole = (folder / "index.csv").read_bytes()
    for length in range(len(whole)):
        (folder / "index.csv").write_bytes(whole[:length])
        with pytest.raises(UserError, match=r"raw is incomplete \(.*\); run the download stage first"):
            read_index(folder, None)
    (folder / "index.csv").write_bytes(whole)
    assert len(read_index(folder, None).members) == len(PICTURES)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"classes": ["a"]}', '{"classes": 1, "pictures": 2}']
)
def test_a_provenance_file_that_is_no_good_is_refused(tmp_path: Path, text: str) -> None:
    folder = raw(tmp_path / "raw", ["dog", "cat", "bug"], PICTURES)
    (folder / "provenance.json").write_text(text)
    with pytest.raises(UserError, match=r"raw is incomplete \(.*\); run the download stage first"):
        read_index(folder, None)
