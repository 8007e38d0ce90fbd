"""From data/raw to data/processed."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.dataset import Split, load_classes, load_split, network_input, save_split
from squeezenet_lib.errors import UserError
from squeezenet_lib.images import load_picture
from squeezenet_lib.params import PreprocessParams
from squeezenet_lib.sources import Collection, SourcePicture
from stages.download import write_raw
from stages.preprocess import preprocess

PARAMS = PreprocessParams(
    size=32, channels=1, standardise=True, test_share=0.25, validation_share=0.1, max_unreadable_share=0.1
)


def png(value: int) -> bytes:
    pixels = np.random.default_rng(value).integers(0, 256, (40, 40), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def make_raw(folder: Path, pictures: list[SourcePicture]) -> Path:
    folder.mkdir(exist_ok=True)
    write_raw(Collection("test", "none", "", ["cat", "dog"], pictures), folder)
    return folder


def animals(count: int = 40) -> list[SourcePicture]:
    return [
        SourcePicture(f"{i}.png", "dog" if i % 2 else "cat", png(i), target=(i % 4) / 4, stratum=str(i % 4))
        for i in range(count)
    ]


def test_splits_are_stratified_and_hold_each_picture_once(tmp_path: Path) -> None:
    raw = make_raw(tmp_path / "raw", animals(80))
    preprocess(raw, tmp_path / "processed", PARAMS, seed=1)
    splits = {name: load_split(tmp_path / "processed", name) for name in ("train", "val", "test")}
    assert {name: len(split.labels) for name, split in splits.items()} == {"train": 54, "val": 6, "test": 20}
    assert np.bincount(splits["test"].labels).tolist() == [10, 10]
    everything = np.concatenate([split.images for split in splits.values()])
    assert len({image.tobytes() for image in everything}) == 80
    assert load_classes(tmp_path / "processed") == ["cat", "dog"]
    assert any(np.array_equal(load_picture(png(5), 32, 1, True), image) for image in everything)


def test_soft_targets_follow_their_picture(tmp_path: Path) -> None:
    preprocess(make_raw(tmp_path / "raw", animals()), tmp_path / "processed", PARAMS, seed=1)
    split = load_split(tmp_path / "processed", "train")
    originals = {load_picture(p.content, 32, 1, True).tobytes(): p for p in animals()}
    for image, label, target in zip(split.images, split.labels, split.targets, strict=True):
        picture = originals[image.tobytes()]
        assert picture.class_name == ["cat", "dog"][label]
        assert picture.target is not None
        assert target.tolist() == [1 - picture.target, picture.target]


def test_without_soft_targets_they_are_one_hot(tmp_path: Path) -> None:
    pictures = [SourcePicture(p.member, p.class_name, p.content) for p in animals()]
    preprocess(make_raw(tmp_path / "raw", pictures), tmp_path / "processed", PARAMS, seed=1)
    split = load_split(tmp_path / "processed", "train")
    assert np.array_equal(split.targets, np.eye(2)[split.labels])


def test_ready_made_splits_stay_and_missing_ones_come_out_of_train(tmp_path: Path) -> None:
    pictures = [
        SourcePicture(p.member, p.class_name, p.content, split="test" if i < 12 else "train")
        for i, p in enumerate(animals())
    ]
    preprocess(make_raw(tmp_path / "raw", pictures), tmp_path / "processed", PARAMS, seed=1)
    test = load_split(tmp_path / "processed", "test")
    assert np.array_equal(test.images, np.stack([load_picture(png(i), 32, 1, True) for i in range(12)]))
    assert len(load_split(tmp_path / "processed", "val").labels) == 3
    assert len(load_split(tmp_path / "processed", "train").labels) == 25


def test_the_same_input_gives_the_same_bytes_and_another_seed_other_splits(tmp_path: Path) -> None:
    raw = make_raw(tmp_path / "raw", animals())
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        preprocess(raw, tmp_path / name, PARAMS, seed)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    images = [(tmp_path / name / "test_images.npy").read_bytes() for name in "ac"]
    assert images[0] != images[1]


def test_a_few_unreadable_pictures_are_named_and_skipped(tmp_path: Path) -> None:
    broken = SourcePicture("broken.png", "cat", png(1)[:100])
    preprocess(make_raw(tmp_path / "raw", [broken, *animals()]), tmp_path / "processed", PARAMS, seed=1)
    report = (tmp_path / "processed" / "report.json").read_text()
    assert '"unreadable": [\n    "broken.png"\n  ]' in report
    assert sum(len(load_split(tmp_path / "processed", s).labels) for s in ("train", "val", "test")) == 40


def test_too_many_unreadable_pictures_are_an_error_that_keeps_earlier_output(tmp_path: Path) -> None:
    processed = tmp_path / "processed"
    processed.mkdir()
    (processed / "earlier").touch()
    broken = [SourcePicture(f"broken{i}.png", "cat", b"no picture") for i in range(8)]
    raw = make_raw(tmp_path / "raw", [*animals(), *broken])
    with pytest.raises(UserError, match=r"8 of 48 .*max_unreadable_share.*broken0\.png.*\.\.\."):
        preprocess(raw, processed, PARAMS, seed=1)
    assert [path.name for path in processed.iterdir()] == ["earlier"]


def test_a_class_with_few_pictures_is_an_error(tmp_path: Path) -> None:
    pictures = [p for p in animals() if p.class_name == "cat"] + animals(18)[1::2]
    with pytest.raises(UserError, match="class dog has 9 readable pictures"):
        preprocess(make_raw(tmp_path / "raw", pictures), tmp_path / "processed", PARAMS, seed=1)


def test_missing_and_damaged_raw_data_are_explained(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="run the download stage"):
        preprocess(tmp_path, tmp_path / "processed", PARAMS, seed=1)
    raw = make_raw(tmp_path / "raw", animals())
    (raw / "pictures.zip").write_bytes(b"PK")
    with pytest.raises(UserError, match=r"pictures\.zip is damaged"):
        preprocess(raw, tmp_path / "processed", PARAMS, seed=1)


def test_damaged_processed_data_are_explained(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"train_images\.npy is missing"):
        load_split(tmp_path, "train")
    with pytest.raises(UserError, match=r"classes\.json is missing"):
        load_classes(tmp_path)
    images = np.zeros((3, 29, 29, 1), np.uint8)
    save_split(tmp_path, "val", Split(images, np.zeros(2, np.int64), np.zeros((3, 2), np.float32)))
    with pytest.raises(UserError, match="differ in length"):
        load_split(tmp_path, "val")
    (tmp_path / "val_images.npy").write_bytes((tmp_path / "val_images.npy").read_bytes()[:200])
    with pytest.raises(UserError, match=r"val_images\.npy cannot be read"):
        load_split(tmp_path, "val")
    for text in ("{", '"cat"', "[1]"):
        (tmp_path / "classes.json").write_text(text)
        with pytest.raises(UserError, match=r"classes\.json"):
            load_classes(tmp_path)


def test_the_network_sees_pixels_from_minus_one_to_just_below_one() -> None:
    values = network_input(np.array([0, 128, 255], np.uint8))
    assert values.dtype == np.float32
    assert values.tolist() == [-1.0, 0.0, 127 / 128]
