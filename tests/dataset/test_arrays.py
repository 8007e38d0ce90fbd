"""data/processed, written and read."""

from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from squeezenet_lib.dataset.arrays import (
    Split,
    load_array,
    load_classes,
    load_split,
    network_input,
    save_split,
)
from squeezenet_lib.errors import UserError


@pytest.mark.parametrize("count", [0, 1, 64, 150])
def test_chosen_rows_are_saved_as_numpy_saves_them(tmp_path: Path, count: int) -> None:
    random = np.random.default_rng(count)
    labels = np.arange(count) % 3
    pictures = Split(
        random.integers(0, 256, (count, 5, 4, 3), np.uint8), labels, np.eye(3, dtype=np.float32)[labels]
    )
    images = tmp_path / "pictures"
    images.write_bytes(pictures.images.tobytes() + b"\0")
    mapped = np.memmap(images, np.uint8, "r", shape=pictures.images.shape) if count else pictures.images
    chosen = random.random(count) < 0.6
    save_split(tmp_path, "val", Split(mapped, pictures.labels, pictures.targets), chosen)
    for part in ("images", "labels", "targets"):
        np.save(tmp_path / "whole.npy", getattr(pictures, part)[chosen])
        assert (tmp_path / f"val_{part}.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()


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


def npy(shape: str, description: str = "'|u1'") -> bytes:
    """A .npy file that claims this shape, and holds nothing."""
    header = f"{{'descr': {description}, 'fortran_order': False, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header


@pytest.mark.parametrize("mmap_mode", [None, "r"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\3\4 cut short",
        npy("(1000000000000, 8, 8, 1)"),
        npy("(" + "9" * 40 + ", 8, 8, 1)"),
        npy("(1, 8"),
        npy("-" * 9000 + "1"),
        npy("(1, 8, 8, 1)", "'|O'"),
        npy("(1, 8, 8, 1)", "'unheard of'"),
    ],
)
def test_whatever_is_wrong_with_an_npy_file_has_one_name(
    tmp_path: Path, content: bytes, mmap_mode: Literal["r"] | None
) -> None:
    (tmp_path / "val_images.npy").write_bytes(content)
    with pytest.raises(ValueError, match=r"\w"):
        load_array(tmp_path / "val_images.npy", mmap_mode)
    with pytest.raises(UserError, match=r"val_images\.npy cannot be read \(.+\); run the preprocess stage"):
        load_split(tmp_path, "val")


def test_several_arrays_or_others_than_a_data_sets_are_refused(tmp_path: Path) -> None:
    with (tmp_path / "val_images.npy").open("wb") as file:
        np.savez(file, np.zeros(3), np.zeros(3))
    with pytest.raises(UserError, match=r"val_images\.npy cannot be read \(it is an \.npz"):
        load_split(tmp_path, "val")
    for part in ("images", "labels", "targets"):
        np.save(tmp_path / f"val_{part}.npy", np.float32(0.5))
    with pytest.raises(UserError, match=r"the val arrays are no data set's; run the preprocess stage again"):
        load_split(tmp_path, "val")


def test_the_network_sees_pixels_from_minus_one_to_just_below_one() -> None:
    values = network_input(np.array([0, 128, 255], np.uint8))
    assert values.dtype == np.float32
    assert values.tolist() == [-1.0, 0.0, 127 / 128]
