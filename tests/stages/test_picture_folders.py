"""Random picture folders through stages download and preprocess: each ends in a data set whose classes are
the truth, or in one sentence; never in a traceback, never with a picture in two splits.
"""

import io
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from squeezenet_lib.dataset import decoding
from squeezenet_lib.dataset.arrays import SPLITS, load_classes, load_split
from squeezenet_lib.errors import UserError
from squeezenet_lib.images import load_picture
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import ArchiveLimits
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sources.archive import open_archive
from squeezenet_lib.sources.folder import open_folder
from stages.download import write_raw
from stages.preprocess import preprocess
from tests.support.archive_builder import pack

PARAMS = replace(load_params(ROOT / "params.yaml").preprocess, size=29, channels=3, test_share=0.2)
FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "TIFF", "GIF")
PER_CLASS = 15
COPIED = [number for number in range(PER_CLASS) if FORMATS[number % len(FORMATS)] != "GIF"]
CLASSES = ["cat", "Big Dog", "Käfer", 'it\'s, "odd"', "-x", "0", "日本", "valid"]
FILES = [
    "{}",
    "-{}",
    "{} .x.",
    "Käfer {}",
    "{}\r",
    "a\nb {}",
    'it\'s, "{}"',
    "{}" + "x" * 230,
    "日本 {}",
    "IMG_{}",
]
SPELLINGS = {
    "train": ["train", "Training", "TRAIN", "train-set", "trainImages", "1.train", "seg_train"],
    "test": ["test", "Testing", "TEST", "test_images", "eval", "3-Test", "seg_test"],
}
LEFTOVERS = [
    *("{}/Icon\r", "{}/Thumbs.db", "{}/.DS_Store", "{}/._1.jpg", "{}/@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg"),
    *("{}/.ipynb_checkpoints/1-checkpoint.png", "#recycle/1.jpg", "@eaDir/{}/1.jpg", "__MACOSX/{}/._1.jpg"),
    *("__pycache__/load.pyc", "$RECYCLE.BIN/desktop.ini", "lost+found/1.jpg", ".Trash-1000/files/1.png"),
    *("README.md", "{}/1.jpg:Zone.Identifier", "{}/IMG_1.AAE", "System Volume Information/x"),
]


@dataclass(frozen=True, repr=False)
class PictureFolder:
    """files: contents by path. truth: class and number of each picture by its network input. held_out: those
    that have to be in the test split. refused: whether it cannot be read as a data set.
    """

    files: dict[str, bytes]
    truth: dict[bytes, tuple[str, int]]
    held_out: set[tuple[str, int]]
    refused: bool

    def __repr__(self) -> str:
        return f"PictureFolder({sorted(self.files)}, refused={self.refused})"


@cache
def saved(seed: int, kind: str, scale: float = 1.0) -> bytes:
    spots = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    picture = Image.fromarray(spots).resize((96, 72), Image.Resampling.BICUBIC)
    if scale != 1:
        picture = picture.resize((round(96 * scale), round(72 * scale)), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


@cache
def network_input(content: bytes) -> bytes:
    return load_picture(content, (29, 29, 3), PARAMS.standardise).tobytes()


def placed(layout: str, words: dict[str, str], split: str, name: str) -> str:
    """The folder of a class's pictures of a split."""
    word = words[split]
    return {
        "classes": name,
        "wrapped": f"my data/archive/{name}",
        "splits": f"{word}/{name}",
        "wrapped splits": f"archive/{word}/images/{name}",
        "twice": f"{word}/{word}/{name}",
        "splits in classes": f"{name}/{word}",
        "loose": word,
        "no train": f"{'dev' if split == 'train' else word}/{name}",
        "beside": name if split == "train" else f"test/{name}",
    }[layout]


READABLE = ["classes", "wrapped", "splits", "wrapped splits", "twice", "splits in classes"]
REFUSED = ["loose", "no train", "beside"]


@st.composite
def picture_folders(draw: st.DrawFn) -> PictureFolder:
    layout = draw(st.sampled_from([*READABLE, *READABLE, *REFUSED]))
    names = draw(st.lists(st.sampled_from(CLASSES), min_size=2, max_size=3, unique=True))
    words = {split: draw(st.sampled_from(spellings)) for split, spellings in SPELLINGS.items()}
    has_splits = layout not in ("classes", "wrapped")
    style, form = draw(st.sampled_from(FILES)), draw(st.sampled_from(["NFC", "NFD"]))
    files: dict[str, bytes] = {}
    truth: dict[bytes, tuple[str, int]] = {}
    held_out = set()

    def add(split: str, name: str, number: int, content: bytes, mark: str) -> None:
        other_form = "NFD" if split == "train" and number % 2 else form
        folder = unicodedata.normalize(other_form, placed(layout, words, split, name))
        file = unicodedata.normalize(form, style.format(f"{number}{mark}"))
        files[f"{folder}/{file}"] = content
        truth[network_input(content)] = (name, number)

    for label, name in enumerate(names):
        for number in range(PER_CLASS):
            seed, kind = 100 * label + number, FORMATS[number % len(FORMATS)]
            split = "test" if has_splits and number < 4 else "train"
            held_out |= {(name, number)} if split == "test" else set()
            add(split, name, number, saved(seed, kind), "")
        # Not of GIFs: 256 colours make another picture of these.
        for number in draw(st.sets(st.sampled_from(COPIED), max_size=4)):
            content = draw(
                st.sampled_from(
                    [
                        saved(100 * label + number, FORMATS[number % len(FORMATS)]),
                        saved(100 * label + number, "WEBP"),
                        saved(100 * label + number, "PNG", 0.5),
                    ]
                )
            )
            add("train", name, number, content, "copy")
    for pattern in draw(st.sets(st.sampled_from(LEFTOVERS), max_size=6)):
        folder = placed(layout, words, "train", names[0])
        files[pattern.format(folder)] = saved(5, "JPEG", 0.5) if pattern.endswith("jpg") else b""
    return PictureFolder(files, truth, held_out, layout in REFUSED)


class InProcess:
    """In the place of decoding's pool: starting processes 300 times would take minutes."""

    def __init__(self, *_: object) -> None:
        pass

    def map(self, function: Callable[..., Any], *columns: Iterable[Any], chunksize: int) -> Iterator[Any]:
        return map(function, *columns)

    def shutdown(self, cancel_futures: bool = False) -> None:
        decoding._opened.cache_clear()


def run(picture_folder: PictureFolder, source: str, folder: Path) -> dict[str, list[tuple[str, bytes]]]:
    """Stages download and preprocess: class and network input of each picture of each split."""
    (folder / "raw").mkdir()
    if source == "folder":
        for name, content in picture_folder.files.items():
            path = folder / "pictures" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        collection = open_folder(folder / "pictures")
    else:
        archive = pack(folder / "pictures", picture_folder.files, source)
        collection = open_archive(str(archive), None, ArchiveLimits(10**8, 10**7, 10**4), folder / "cache")
    write_raw(collection, folder / "raw")
    preprocess(folder / "raw", folder / "processed", PARAMS, seed=1)
    classes = load_classes(folder / "processed")
    return {
        name: [
            (classes[label], image.tobytes())
            for label, image in zip(split.labels.tolist(), split.images, strict=True)
        ]
        for name in SPLITS
        for split in [load_split(folder / "processed", name)]
    }


def require_truth_or_a_sentence(picture_folder: PictureFolder, source: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = run(picture_folder, source, Path(folder))
        except UserError as error:
            assert "\n" not in str(error) and "\r" not in str(error)
            assert picture_folder.refused, str(error)
            return
    assert not picture_folder.refused
    numbers: dict[str, set[tuple[str, int]]] = {}
    for split, pictures in found.items():
        identities = [picture_folder.truth[image] for _, image in pictures]
        assert [name for name, _ in pictures] == [name for name, _ in identities]
        numbers[split] = set(identities)
        assert len(identities) == len(numbers[split])
    assert not numbers["train"] & numbers["test"]
    assert not numbers["train"] & numbers["val"]
    assert not numbers["val"] & numbers["test"]
    assert picture_folder.held_out <= numbers["test"]
    assert set().union(*numbers.values()) == set(picture_folder.truth.values())


SETTINGS: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "ProcessPoolExecutor", InProcess)


@settings(max_examples=25, **SETTINGS)
@given(picture_folder=picture_folders(), source=st.sampled_from(["folder", "zip", "tar.gz"]))
def test_a_folder_ends_in_a_data_set_of_true_classes_or_in_a_sentence(
    in_process: None, picture_folder: PictureFolder, source: str
) -> None:
    require_truth_or_a_sentence(picture_folder, source)


@pytest.mark.full
@settings(max_examples=300, **SETTINGS)
@given(picture_folder=picture_folders(), source=st.sampled_from(["folder", "zip", "tar.gz"]))
def test_300_folders_end_so(in_process: None, picture_folder: PictureFolder, source: str) -> None:
    require_truth_or_a_sentence(picture_folder, source)
