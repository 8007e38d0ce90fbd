"""data/raw's index, whole and in part."""

from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.raw_index import read_index
from squeezenet_lib.sources import Collection, SourcePicture
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
