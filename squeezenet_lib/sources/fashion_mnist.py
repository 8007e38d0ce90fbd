"""Fashion-MNIST: 70,000 grey pictures of clothes, 28x28, in 10 classes of equal size.

The four files are taken from Debian's package dataset-fashion-mnist where it is installed, else from the
authors' server. Debian has left names and dates out of the gzip headers, so what is pinned besides the
published MD5 of the packed files is the SHA-256 of what is in them. Either way gives the same data/raw.
"""

import gzip
import hashlib
import io
import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from squeezenet_lib.errors import UserError
from squeezenet_lib.sources.checksum import Checksum
from squeezenet_lib.sources.collection import Collection, SourcePicture
from squeezenet_lib.sources.http_download import download

PACKAGE = "dataset-fashion-mnist"
PACKAGE_FOLDER = Path("/usr/share/datasets/fashion-mnist")
# As published. This server has no https under this name; the checksums below make up for it.
ADDRESS = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
LICENCE = "MIT (Copyright 2017 Zalando SE)"
CITATION = (
    "Xiao, H.; Rasul, K.; Vollgraf, R.: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine "
    "Learning Algorithms. 2017. arXiv:1708.07747"
)
CLASSES = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
]
UINT8 = 0x08

Array = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class IdxFile:
    """name: of the gzip file. shape: of the array in it. md5: of the file as published. sha256: unpacked."""

    name: str
    shape: tuple[int, ...]
    md5: str
    sha256: str


# Pictures and labels of each of the source's own splits.
FILES = {
    "train": (
        IdxFile(
            "train-images-idx3-ubyte.gz",
            (60_000, 28, 28),
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        IdxFile(
            "train-labels-idx1-ubyte.gz",
            (60_000,),
            "25c81989df183df01b3e8a0aad5dffbe",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
    ),
    "test": (
        IdxFile(
            "t10k-images-idx3-ubyte.gz",
            (10_000, 28, 28),
            "bef4ecab320f06d8554ea6380940ec79",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        IdxFile(
            "t10k-labels-idx1-ubyte.gz",
            (10_000,),
            "bb300cfdad3c16e7a12a480ee83cd310",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
}


def open_fashion_mnist(
    cache: Path,
    package_folder: Path = PACKAGE_FOLDER,
    address: str = ADDRESS,
    files: Mapping[str, tuple[IdxFile, IdxFile]] = FILES,
) -> Collection:
    """All pictures as PNG files, named by split and place, such as train/00000.png; in the source's order.

    The 10,000 test pictures keep their split; validation pictures are to come out of the 60,000. When
    `package_folder` lacks a file, all are fetched into `cache` (31 MB). Raises UserError when the server
    cannot be reached or a file is not what it should be.
    """
    packed = [file for pair in files.values() for file in pair]
    folder = package_folder
    if not all((folder / file.name).is_file() for file in packed):
        folder = cache
        for file in packed:
            advice = f"check the connection and run again, or install the Debian package {PACKAGE}"
            download(f"{address}/{file.name}", folder / file.name, Checksum("md5", file.md5), advice)
    splits = {
        split: (read_idx(folder, pictures), read_labels(folder, labels))
        for split, (pictures, labels) in files.items()
    }
    return Collection(
        source="Fashion-MNIST (https://github.com/zalandoresearch/fashion-mnist)",
        licence=LICENCE,
        citation=CITATION,
        classes=CLASSES,
        pictures=_pictures(splits),
        origin={
            "published_at": ADDRESS,
            **{f"{file.name.removesuffix('.gz')}_sha256": file.sha256 for file in packed},
        },
        count=sum(len(labels) for _, labels in splits.values()),
    )


def read_labels(folder: Path, file: IdxFile) -> Array:
    """uint8 (N,), each an index into CLASSES. Raises UserError as `read_idx` does and for another value."""
    labels = read_idx(folder, file)
    if labels.size and labels.max() >= len(CLASSES):
        raise _damaged(folder / file.name, f"has the label {labels.max()}, beyond the {len(CLASSES)} classes")
    return labels


def read_idx(folder: Path, file: IdxFile) -> Array:
    """The array of bytes of a packed IDX file, uint8 `file.shape`.

    IDX is two zero bytes, the type of the values, the number of dimensions, each as a big-endian 32-bit
    number, then the values. Raises UserError when the file cannot be unpacked or holds anything else.
    """
    path = folder / file.name
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path, f"cannot be unpacked ({error})") from None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise _damaged(path, f"holds other data than expected (SHA-256 is not {file.sha256})")
    header = bytes((0, 0, UINT8, len(file.shape)))
    header += b"".join(length.to_bytes(4, "big") for length in file.shape)
    if content[: len(header)] != header:
        raise _damaged(path, f"is no IDX file of {' x '.join(map(str, file.shape))} bytes")
    values = content[len(header) :]
    if len(values) != math.prod(file.shape):
        raise _damaged(path, f"has {len(values)} values instead of {math.prod(file.shape)}")
    return np.frombuffer(values, np.uint8).reshape(file.shape)


def _damaged(path: Path, problem: str) -> UserError:
    return UserError(
        f"{path} {problem}; remove it, or reinstall the package that it belongs to, and run again."
    )


def _pictures(splits: Mapping[str, tuple[Array, Array]]) -> Iterator[SourcePicture]:
    """splits: pictures, (N, 28, 28), and labels, (N,), by name."""
    for split, (pictures, labels) in splits.items():
        for number, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
            buffer = io.BytesIO()
            Image.fromarray(picture).save(buffer, "PNG")
            yield SourcePicture(f"{split}/{number:05}.png", CLASSES[label], buffer.getvalue(), split=split)
