"""Fashion-MNIST out of packed IDX files: from a package's folder or a server, checked, as pictures."""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.dataset.arrays import load_split
from squeezenet_lib.errors import UserError
from squeezenet_lib.images import decode
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sources import fashion_mnist
from squeezenet_lib.sources.collection import Collection
from squeezenet_lib.sources.fashion_mnist import CLASSES, FILES, IdxFile, open_fashion_mnist
from stages import download
from stages.preprocess import preprocess
from tests.support.file_server import FileServer, serve

NOWHERE = Path("/nonexistent")
Manifest = dict[str, tuple[IdxFile, IdxFile]]
RANDOM = np.random.default_rng(1)
TRAIN = RANDOM.integers(0, 256, (130, 28, 28), np.uint8), np.arange(130, dtype=np.uint8) % 10
TEST = RANDOM.integers(0, 256, (20, 28, 28), np.uint8), np.arange(20, dtype=np.uint8) % 10


def idx(array: np.ndarray) -> bytes:
    lengths = b"".join(length.to_bytes(4, "big") for length in array.shape)
    return bytes((0, 0, 8, array.ndim)) + lengths + array.tobytes()


def entry(name: str, shape: tuple[int, ...], content: bytes) -> tuple[IdxFile, bytes]:
    packed = gzip.compress(content, mtime=0)
    hashes = hashlib.md5(packed).hexdigest(), hashlib.sha256(content).hexdigest()
    return IdxFile(name, shape, *hashes), packed


def small(change: Callable[[bytes], bytes] = bytes, name: str = "") -> tuple[Manifest, dict[str, bytes]]:
    """130 training and 20 test pictures in the layout of the real files, whose names they have; file `name`
    is changed before it is packed, and the manifest's checksums are those of the changed file.
    """
    manifest, packed = {}, {}
    for split, arrays in (("train", TRAIN), ("test", TEST)):
        pair = []
        for array, real in zip(arrays, FILES[split], strict=True):
            content = change(idx(array)) if real.name == name else idx(array)
            file, packed[real.name] = entry(real.name, array.shape, content)
            pair.append(file)
        manifest[split] = (pair[0], pair[1])
    return manifest, packed


def unpacked_into(folder: Path, packed: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, content in packed.items():
        (folder / name).write_bytes(content)
    return folder


def raw(collection: Collection, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    download.write_raw(collection, folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_pictures_keep_pixels_class_and_split(tmp_path: Path) -> None:
    manifest, packed = small()
    package = unpacked_into(tmp_path / "package", packed)
    collection = open_fashion_mnist(tmp_path / "cache", package, "", manifest)
    pictures = list(collection.pictures)
    assert [p.member for p in pictures[:2]] == ["train/00000.png", "train/00001.png"]
    assert [p.member for p in pictures[130:131]] == ["test/00000.png"]
    assert [p.split for p in pictures] == ["train"] * 130 + ["test"] * 20
    assert np.array_equal([decode(p.content)[:, :, 0] for p in pictures], np.concatenate([TRAIN[0], TEST[0]]))
    assert [p.class_name for p in pictures[:10]] == CLASSES
    assert all(p.content.startswith(b"\x89PNG") and p.target is None for p in pictures)
    assert collection.classes == CLASSES
    assert "MIT" in collection.licence
    assert "1708.07747" in collection.citation
    assert not (tmp_path / "cache").exists()


def test_server_and_package_give_the_same_bytes(tmp_path: Path) -> None:
    manifest, packed = small()
    # Debian's files differ from the published ones in their headers, so in their MD5.
    debian = {name: gzip.compress(gzip.decompress(content), 1) for name, content in packed.items()}
    package = unpacked_into(tmp_path / "package", debian)
    installed = raw(open_fashion_mnist(tmp_path, package, "", manifest), tmp_path / "installed")
    with serve(FileServer(packed)) as server:
        fetched = raw(open_fashion_mnist(tmp_path, NOWHERE, server.address, manifest), tmp_path / "fetched")
        assert sorted(server.requests) == sorted((name, None) for name in packed)
    again = raw(open_fashion_mnist(tmp_path, NOWHERE, "", manifest), tmp_path / "again")
    assert installed == fetched == again
    assert set(fetched) == {"pictures.zip", "index.csv", "provenance.json"}


def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path) -> None:
    manifest, packed = small()
    (tmp_path / ".train-images-idx3-ubyte.gz.part").write_bytes(packed["train-images-idx3-ubyte.gz"][:999])
    with serve(FileServer(packed)) as server:
        collection = open_fashion_mnist(tmp_path, NOWHERE, server.address, manifest)
    assert server.requests[0] == ("train-images-idx3-ubyte.gz", "bytes=999-")
    assert len(list(collection.pictures)) == 150


def test_a_package_that_lacks_a_file_is_not_used(tmp_path: Path) -> None:
    manifest, packed = small()
    package = unpacked_into(tmp_path / "package", packed)
    (package / "t10k-labels-idx1-ubyte.gz").unlink()
    with serve(FileServer(packed)) as server:
        open_fashion_mnist(tmp_path / "cache", package, server.address, manifest)
    assert len(server.requests) == 4


def test_without_network_the_package_is_advised(tmp_path: Path) -> None:
    with serve(FileServer({})) as gone:
        pass
    with pytest.raises(UserError, match=r"cannot be fetched.*Debian package dataset-fashion-mnist") as error:
        open_fashion_mnist(tmp_path, NOWHERE, gone.address, small()[0])
    assert "\n" not in str(error.value)


def test_other_bytes_from_the_server_are_refused(tmp_path: Path) -> None:
    manifest, packed = small()
    changed = {name: content[:-1] + b"?" for name, content in packed.items()}
    with serve(FileServer(changed)) as server, pytest.raises(UserError, match="other bytes than expected"):
        open_fashion_mnist(tmp_path, NOWHERE, server.address, manifest)
    assert list(tmp_path.iterdir()) == []


def test_other_data_in_the_package_are_refused(tmp_path: Path) -> None:
    manifest, _ = small()
    _, packed = small(lambda content: content[:-1] + b"?", "t10k-images-idx3-ubyte.gz")
    package = unpacked_into(tmp_path / "package", packed)
    with pytest.raises(UserError, match=r"t10k-images.*other data than expected.*reinstall"):
        open_fashion_mnist(tmp_path, package, "", manifest)


@pytest.mark.parametrize("packed_size", [0, 5, 1000])
def test_a_truncated_gzip_file_is_named(tmp_path: Path, packed_size: int) -> None:
    manifest, packed = small()
    packed["train-images-idx3-ubyte.gz"] = packed["train-images-idx3-ubyte.gz"][:packed_size]
    package = unpacked_into(tmp_path / "package", packed)
    with pytest.raises(UserError, match=r"package/train-images-idx3-ubyte\.gz .*(unpacked|other data)"):
        open_fashion_mnist(tmp_path, package, "", manifest)


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        (lambda c: c[:-1], "train-images-idx3-ubyte.gz", "has 101919 values instead of 101920"),
        (lambda c: c + b"\0", "train-images-idx3-ubyte.gz", "has 101921 values instead of 101920"),
        (lambda c: c[:15], "train-images-idx3-ubyte.gz", "no IDX file of 130 x 28 x 28 bytes"),
        (lambda c: b"", "t10k-labels-idx1-ubyte.gz", "no IDX file of 20 bytes"),
        (lambda c: b"\0\0\x0d\1" + c[4:], "t10k-labels-idx1-ubyte.gz", "no IDX file of 20 bytes"),
        (lambda c: c[:7] + b"\x15" + c[8:], "t10k-labels-idx1-ubyte.gz", "no IDX file of 20 bytes"),
        (lambda c: c[:-1] + b"\x0a", "t10k-labels-idx1-ubyte.gz", "label 10, beyond the 10 classes"),
    ],
)
def test_an_idx_file_that_is_none_is_named(
    tmp_path: Path, change: Callable[[bytes], bytes], name: str, words: str
) -> None:
    """Checksums that fit do not replace the checks of magic, shape and length."""
    manifest, packed = small(change, name)
    package = unpacked_into(tmp_path / "package", packed)
    with pytest.raises(UserError, match=f"{name} .*{words}"):
        open_fashion_mnist(tmp_path, package, "", manifest)


def test_the_test_split_stays_and_validation_pictures_come_out_of_train(tmp_path: Path) -> None:
    manifest, packed = small()
    package = unpacked_into(tmp_path / "package", packed)
    raw(open_fashion_mnist(tmp_path, package, "", manifest), tmp_path / "raw")
    params = replace(load_params(ROOT / "params.yaml").preprocess, size=48, standardise=False, test_share=0.5)
    preprocess(tmp_path / "raw", tmp_path / "processed", params, seed=1)
    splits = {name: load_split(tmp_path / "processed", name) for name in ("train", "val", "test")}
    assert {name: len(split.labels) for name, split in splits.items()} == {
        "train": 117,
        "val": 13,
        "test": 20,
    }
    assert np.array_equal(splits["test"].labels, TEST[1])
    assert splits["train"].images.shape == (117, 48, 48, 1)


def test_the_manifest_is_that_of_70000_pictures() -> None:
    assert {split: pair[0].shape for split, pair in FILES.items()} == {
        "train": (60_000, 28, 28),
        "test": (10_000, 28, 28),
    }
    assert all(pictures.shape[:1] == labels.shape for pictures, labels in FILES.values())
    assert fashion_mnist.ADDRESS.startswith("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com")
