"""data/processed: finished network inputs with their classes, one set of arrays for each split."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError

SPLITS = ("train", "val", "test")
PICTURES_PER_BLOCK = 64


@dataclass(frozen=True)
class Split:
    """One split.

    images: uint8 (N, H, W, C), finished network inputs. labels: int64 (N,), indices into the class names.
    targets: float32 (N, classes), rows that sum to 1: soft targets where the source has them, else one-hot.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    targets: npt.NDArray[np.float32]


def load_split(folder: Path, name: str) -> Split:
    """Open split `name` (train, val or test) of `folder`, the pictures memory-mapped.

    Raises UserError when a file is missing, cut short or does not fit the others.
    """
    split = Split(*(_load_part(folder / f"{name}_{part}.npy") for part in ("images", "labels", "targets")))
    if (split.images.ndim, split.labels.ndim, split.targets.ndim) != (4, 1, 2):
        raise UserError(f"{folder}: the {name} arrays are no data set's; run the preprocess stage again.")
    if not len(split.images) == len(split.labels) == len(split.targets):
        raise UserError(f"{folder}: the {name} arrays differ in length; run the preprocess stage again.")
    return split


def save_split(
    folder: Path, name: str, split: Split, chosen: slice | npt.NDArray[np.bool_] = slice(None)
) -> None:
    """Write the `chosen` rows of the three arrays, all by default, as split `name` into existing `folder`.

    Pictures are copied block by block: `split.images` may be a mapped file that is larger than the memory.
    """
    np.save(folder / f"{name}_labels.npy", split.labels[chosen])
    np.save(folder / f"{name}_targets.npy", split.targets[chosen])
    rows = np.arange(len(split.images))[chosen]
    header = {"descr": "|u1", "fortran_order": False, "shape": (len(rows), *split.images.shape[1:])}
    with (folder / f"{name}_images.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, len(rows), PICTURES_PER_BLOCK):
            file.write(split.images[rows[start : start + PICTURES_PER_BLOCK]].data)


def save_classes(folder: Path, classes: list[str]) -> None:
    """Write classes.json into existing `folder`."""
    (folder / "classes.json").write_text(json.dumps(classes, ensure_ascii=False) + "\n", encoding="utf-8")


def load_classes(folder: Path) -> list[str]:
    """Class names in label order. Raises UserError when classes.json is missing or damaged."""
    path = folder / "classes.json"
    try:
        classes = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} is missing; run the preprocess stage first.") from None
    except ValueError:
        raise UserError(f"{path} is not JSON; run the preprocess stage again.") from None
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        raise UserError(f"{path} is not a list of class names; run the preprocess stage again.")
    return classes


def network_input(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """What the float network sees of finished pictures: (p - 128) / 128, float32, the shape unchanged.

    The int8 network's input has scale 1/128 and zero point 0, so there the same pixel is p - 128.
    """
    return (images.astype(np.float32) - np.float32(128)) / np.float32(128)


def load_array(path: Path, mmap_mode: Literal["r"] | None = None) -> npt.NDArray[Any]:
    """The array in the .npy file at `path`, or with "r" mapped from there.

    Raises FileNotFoundError, and ValueError with the reason for whatever else is no array.
    """
    try:
        array = np.load(path, mmap_mode=mmap_mode, allow_pickle=False)
    except FileNotFoundError:
        raise
    # numpy meets damaged bytes with whatever exception its parsing, or the size that they claim, runs into.
    except Exception as error:
        raise ValueError(" ".join(str(error).split()) or type(error).__name__) from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise ValueError("it is an .npz, which holds several arrays")
    return array


def _load_part(path: Path) -> npt.NDArray[Any]:
    try:
        return load_array(path, mmap_mode="r")
    except FileNotFoundError:
        raise UserError(f"{path} is missing; run the preprocess stage first.") from None
    except ValueError as error:
        raise UserError(f"{path} cannot be read ({error}); run the preprocess stage again.") from None
