"""From data/raw to data/processed."""

import io
import json
import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.dataset.arrays import SPLITS, load_classes, load_split
from squeezenet_lib.errors import UserError
from squeezenet_lib.images import load_picture
from squeezenet_lib.layouts.leftovers import LeftOut
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sources.collection import Collection, SourcePicture
from stages.download import write_raw
from stages.preprocess import preprocess

PARAMS = replace(load_params(ROOT / "params.yaml").preprocess, size=32, max_unreadable_share=0.1)


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def png(value: int) -> bytes:
    return encoded(Image.fromarray(np.random.default_rng(value).integers(0, 256, (40, 40), np.uint8)), "PNG")


def make_raw(folder: Path, pictures: list[SourcePicture], classes: tuple[str, ...] = ("cat", "dog")) -> Path:
    folder.mkdir(exist_ok=True)
    write_raw(Collection("test", "none", "", list(classes), pictures), folder)
    return folder


def report(processed: Path) -> Any:
    return json.loads((processed / "report.json").read_text("utf-8"))


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
    assert any(np.array_equal(load_picture(png(5), (32, 32, 1), True), image) for image in everything)


def test_soft_targets_follow_their_picture(tmp_path: Path) -> None:
    preprocess(make_raw(tmp_path / "raw", animals()), tmp_path / "processed", PARAMS, seed=1)
    split = load_split(tmp_path / "processed", "train")
    originals = {load_picture(p.content, (32, 32, 1), True).tobytes(): p for p in animals()}
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
    assert np.array_equal(test.images, np.stack([load_picture(png(i), (32, 32, 1), True) for i in range(12)]))
    assert len(load_split(tmp_path / "processed", "val").labels) == 3
    assert len(load_split(tmp_path / "processed", "train").labels) == 25


def test_the_same_input_gives_the_same_bytes_and_another_seed_other_splits(tmp_path: Path) -> None:
    raw = make_raw(tmp_path / "raw", animals())
    for name, seed, processes in (("a", 1, 1), ("b", 1, 3), ("c", 2, 2)):
        preprocess(raw, tmp_path / name, PARAMS, seed, processes)
    arrays = [f"{split}_{part}.npy" for split in SPLITS for part in ("images", "labels", "targets")]
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == sorted(
        [*arrays, "classes.json", "report.json"]
    )
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    images = [(tmp_path / name / "test_images.npy").read_bytes() for name in "ac"]
    assert images[0] != images[1]


def test_a_few_unreadable_pictures_are_named_and_skipped(tmp_path: Path) -> None:
    broken = SourcePicture("broken.png", "cat", png(1)[:100])
    preprocess(make_raw(tmp_path / "raw", [broken, *animals()]), tmp_path / "processed", PARAMS, seed=1)
    assert report(tmp_path / "processed")["unreadable"] == ["broken.png"]
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


def test_chosen_classes_are_labelled_in_the_sources_order(tmp_path: Path) -> None:
    names = ("ant", "bee", "cow")
    pictures = [SourcePicture(f"{i}.png", names[i % 3], png(i)) for i in range(45)]
    raw = make_raw(tmp_path / "raw", pictures, names)
    preprocess(raw, tmp_path / "processed", replace(PARAMS, classes=["cow", "ant"]), seed=1)
    assert load_classes(tmp_path / "processed") == ["ant", "cow"]
    originals = {load_picture(p.content, (32, 32, 1), True).tobytes(): p for p in pictures}
    for split in (load_split(tmp_path / "processed", name) for name in SPLITS):
        of_images = [originals[image.tobytes()].class_name for image in split.images]
        assert of_images == [("ant", "cow")[label] for label in split.labels]
    assert sum(sum(counts.values()) for counts in report(tmp_path / "processed")["pictures"].values()) == 30
    with pytest.raises(UserError, match=r"preprocess\.classes has Cow; the classes are ant, bee, cow\."):
        preprocess(raw, tmp_path / "processed", replace(PARAMS, classes=["Cow", "ant"]), seed=1)


def test_a_limit_makes_training_unbalanced_and_leaves_the_test_split_alone(tmp_path: Path) -> None:
    raw = make_raw(tmp_path / "raw", animals(120))
    for name, limit in (("all", None), ("rare dogs", {"dog": 4}), ("few", 20)):
        preprocess(raw, tmp_path / name, replace(PARAMS, pictures_per_class=limit), seed=1)
    for part in ("images", "labels", "targets"):
        tests = [(tmp_path / name / f"test_{part}.npy").read_bytes() for name in ("all", "rare dogs", "few")]
        assert len(set(tests)) == 1
    pictures = {name: report(tmp_path / name)["pictures"] for name in ("rare dogs", "few")}
    assert pictures["rare dogs"]["test"] == {"cat": 15, "dog": 15}
    assert [sum(pictures["rare dogs"][split][n] for split in ("train", "val")) for n in ("cat", "dog")] == [
        45,
        4,
    ]
    assert [sum(pictures["few"][split][n] for split in ("train", "val")) for n in ("cat", "dog")] == [20, 20]
    assert report(tmp_path / "few")["left_out"] == {"over preprocess.pictures_per_class": 50}


@pytest.mark.parametrize(("classes", "limit"), [(None, {"Dog": 9, "cow": 9}), (["cat", "cow"], {"dog": 9})])
def test_a_limit_for_a_class_that_is_not_taken_is_an_error(
    tmp_path: Path, classes: list[str] | None, limit: dict[str, int]
) -> None:
    pictures = [SourcePicture(f"{name}.png", name, b"") for name in ("cat", "dog", "cow")]
    raw = make_raw(tmp_path / "raw", pictures, ("cat", "dog", "cow"))
    params = replace(PARAMS, classes=classes, pictures_per_class=limit)
    with pytest.raises(UserError, match=r"preprocess\.pictures_per_class has [Dd]og; the classes are cat, "):
        preprocess(raw, tmp_path / "processed", params, seed=1)


def test_equal_files_are_kept_once_on_the_side_of_the_test_split(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [replace(p, split="test" if i < 12 else "train") for i, p in enumerate(animals())]
    copies = [
        SourcePicture("of the test picture 3.png", "dog", png(3), split="train"),
        SourcePicture("of the training picture 20.png", "cat", png(20), split="train"),
        SourcePicture("not a cat.png", "dog", png(30), split="train"),
    ]
    raw = make_raw(tmp_path / "raw", [copies[0], *pictures, *copies[1:]])
    preprocess(raw, tmp_path / "processed", PARAMS, seed=1)
    content = report(tmp_path / "processed")
    assert content["duplicates"] == {copies[0].member: "3.png", copies[1].member: "20.png"}
    assert content["contradictory"] == [["30.png", "not a cat.png"]]
    assert content["left_out"] == {"duplicate": 2, "contradictory": 2}
    assert "left out: 2 duplicate, 2 contradictory; see report.json\n" in capsys.readouterr().out
    splits = {name: load_split(tmp_path / "processed", name).images for name in SPLITS}
    assert np.array_equal(
        splits["test"], np.stack([load_picture(png(i), (32, 32, 1), True) for i in range(12)])
    )
    images = [image.tobytes() for split in splits.values() for image in split]
    assert len(images) == len(set(images)) == 39


def test_a_picture_saved_anew_or_made_smaller_stays_on_the_side_of_the_test_split(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [replace(p, split="test" if i < 12 else "train") for i, p in enumerate(animals())]
    spots = np.random.default_rng(0).integers(0, 256, (9, 12, 3), np.uint8)
    scene = Image.fromarray(spots).resize((240, 180), Image.Resampling.BICUBIC)
    small = encoded(scene.resize((120, 90), Image.Resampling.LANCZOS), "JPEG", quality=80)
    copies = [
        SourcePicture("large.png", "cat", encoded(scene, "PNG"), split="train"),
        SourcePicture("thumbnail.jpg", "cat", small, split="test"),
        SourcePicture(
            "other bytes.png", "dog", encoded(Image.open(io.BytesIO(png(20))), "BMP"), split="train"
        ),
        SourcePicture(
            "other format.tif", "dog", encoded(Image.open(io.BytesIO(png(21))), "TIFF"), split="train"
        ),
    ]
    raw = make_raw(tmp_path / "raw", [*copies, *pictures])
    preprocess(raw, tmp_path / "processed", PARAMS, seed=1)
    content = report(tmp_path / "processed")
    assert content["near_duplicates"] == {"large.png": "thumbnail.jpg", "21.png": "other format.tif"}
    assert content["contradictory"] == [["other bytes.png", "20.png"]]
    assert content["left_out"] == {"near duplicate": 2, "contradictory": 2}
    assert "left out: 2 near duplicate, 2 contradictory; see report.json\n" in capsys.readouterr().out
    preprocess(raw, tmp_path / "processed", replace(PARAMS, near_duplicates="keep"), seed=1)
    assert report(tmp_path / "processed")["left_out"] == {}
    assert "near_duplicates" not in report(tmp_path / "processed")


def test_what_a_split_lacks_and_what_the_download_left_out_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [
        replace(p, split="test" if i < 12 and p.class_name == "cat" else "train")
        for i, p in enumerate(animals())
    ]
    (tmp_path / "raw").mkdir()
    left_out = [LeftOut("@eaDir/", "left by a NAS"), LeftOut("#recycle/", "left by a NAS")]
    write_raw(Collection("test", "none", "", ["cat", "dog"], pictures, left_out=left_out), tmp_path / "raw")
    preprocess(tmp_path / "raw", tmp_path / "processed", PARAMS, seed=1)
    content = report(tmp_path / "processed")
    assert content["classes_without_pictures"] == {"test": ["dog"]}
    assert content["left_out_by_download"] == {
        "left by a NAS": {"count": 2, "first": ["@eaDir/", "#recycle/"]}
    }
    assert "test has no picture of dog\n" in capsys.readouterr().out


def odd_pictures() -> dict[str, bytes]:
    """Files of all kinds by name; those whose name has "not" are none that can be read."""
    colour = Image.merge("RGB", [Image.linear_gradient("L").rotate(90 * i) for i in range(3)])
    animated = {"save_all": True, "append_images": [colour.rotate(5)]}
    exif = Image.Exif()
    exif[0x0112] = 8
    huge = encoded(Image.new("1", (10_000, 10_000)), "PNG")
    return {
        "a b.png": encoded(colour, "PNG"),
        "grüße/猫 🐈.png": encoded(colour.rotate(1), "PNG"),
        "cmyk.jpg": encoded(colour.convert("CMYK"), "JPEG"),
        "16 bits.png": encoded(Image.fromarray(np.arange(0, 65500, 100, np.uint16).reshape(5, -1)), "PNG"),
        "alpha.png": encoded(Image.merge("RGBA", [*colour.split(), Image.radial_gradient("L")]), "PNG"),
        "palette.png": encoded(colour.convert("P"), "PNG", transparency=bytes(range(256))),
        "turned.jpg": encoded(colour, "JPEG", exif=exif),
        "animated.gif": encoded(colour, "GIF", **animated),
        "animated.webp": encoded(colour, "WEBP", **animated),
        "animated.png": encoded(colour, "PNG", **animated),
        "one pixel.png": encoded(Image.new("RGB", (1, 1), "red"), "PNG"),
        "thin.png": encoded(colour.resize((1, 3000)), "PNG"),
        "PNG named.jpg": encoded(colour.rotate(2), "PNG"),
        "not so huge.png": huge,
        "not whole.jpg": encoded(colour, "JPEG")[:500],
        "not here.png": b"",
        "not a picture.jpg": b"This is text.",
    }


def test_every_odd_picture_is_taken_or_named(tmp_path: Path) -> None:
    odd = odd_pictures()
    unreadable = [name for name in odd if "not" in name]
    pictures = [SourcePicture(name, "cat", content) for name, content in odd.items()]
    raw = make_raw(tmp_path / "raw", [*pictures, *animals(60)])
    preprocess(raw, tmp_path / "processed", replace(PARAMS, near_duplicates="keep"), seed=1)
    assert report(tmp_path / "processed")["unreadable"] == unreadable
    splits = [load_split(tmp_path / "processed", name).images for name in SPLITS]
    taken = {image.tobytes() for images in splits for image in images}
    assert sum(map(len, splits)) == 60 + len(odd) - len(unreadable)
    for name, content in odd.items():
        assert name in unreadable or load_picture(content, (32, 32, 1), True).tobytes() in taken


def test_a_full_disk_is_an_error_that_keeps_earlier_output(tmp_path: Path) -> None:
    raw, processed = make_raw(tmp_path / "raw", animals()), tmp_path / "processed"
    processed.mkdir()
    (processed / "earlier").touch()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(UserError, match=r"processed cannot be written \(File too large\); make room"):
            preprocess(raw, processed, PARAMS, seed=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["processed", "raw"]
    assert [path.name for path in processed.iterdir()] == ["earlier"]


def test_missing_and_damaged_raw_data_are_explained(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="run the download stage"):
        preprocess(tmp_path, tmp_path / "processed", PARAMS, seed=1)
    raw = make_raw(tmp_path / "raw", animals())
    (raw / "pictures.zip").write_bytes(b"PK")
    with pytest.raises(UserError, match=r"pictures\.zip is damaged"):
        preprocess(raw, tmp_path / "processed", PARAMS, seed=1)
