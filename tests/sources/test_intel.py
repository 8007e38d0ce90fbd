"""Intel's pictures through Kaggle's library, which talks to a loopback server that plays Kaggle."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.sources.intel import CLASSES, CONNECTIONS, PICTURES, open_intel
from stages.download import write_raw
from tests.support.archive_builder import pack
from tests.support.file_server import FileServer, serve

COUNTS = {"train": 12, "test": 6}
FILES = {
    **{f"seg_train/seg_train/{name}/{number}.jpg": b"train" for name in CLASSES for number in (1, 20)},
    **{f"seg_test/seg_test/{name}/3.jpg": b"test " + name.encode() for name in CLASSES},
    **{f"seg_pred/seg_pred/{number}.jpg": b"?" for number in range(7)},
}
CALL = "v1/datasets.DatasetApiService/DownloadDataset"


def zip_of(folder: Path, files: dict[str, bytes]) -> bytes:
    return pack(folder / "made.zip", files, "zip").read_bytes()


def storage_headers(content: bytes) -> dict[str, str]:
    md5 = base64.b64encode(hashlib.md5(content).digest()).decode()
    return {"Accept-Ranges": "bytes", "x-goog-hash": f"crc32c=AAAAAA==,md5={md5}"}


def large_bundle(kaggle: FileServer, folder: Path) -> None:
    """One of the pictures has 3 MB that do not shrink."""
    large = {"seg_train/seg_train/street/1.jpg": np.random.default_rng(1).bytes(3_000_000)}
    content = kaggle.files["bundle"] = zip_of(folder, FILES | large)
    kaggle.headers = storage_headers(content)


@pytest.fixture
def kaggle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """Kaggle's answer to the one call that is made, a redirection, and the storage behind it."""
    from kagglesdk import kaggle_env

    for name in [name for name in os.environ if name.startswith("KAGGLE")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))  # no tokens of whoever runs the tests
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path / "home"))
    content = zip_of(tmp_path, FILES)
    storage = FileServer({"bundle": content}, headers=storage_headers(content), redirects={CALL: "bundle"})
    with serve(storage) as server:
        monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, server.address)
        yield server


def refusal(cache: Path) -> str:
    with pytest.raises(UserError) as error:
        open_intel(cache, COUNTS)
    sentence = str(error.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def test_both_parts_with_labels_keep_their_split(kaggle: FileServer, tmp_path: Path) -> None:
    collection = open_intel(tmp_path / "cache", COUNTS)
    pictures = list(collection.pictures)
    assert collection.classes == CLASSES == ["buildings", "forest", "glacier", "mountain", "sea", "street"]
    assert [picture.split for picture in pictures].count("train") == 12
    assert [(p.member, p.class_name, p.content) for p in pictures if p.split == "test"] == [
        (f"seg_test/seg_test/{name}/3.jpg", name, b"test " + name.encode()) for name in CLASSES
    ]
    assert collection.count == 18
    assert [one.name for one in collection.left_out] == [f"seg_pred/seg_pred/{n}.jpg" for n in range(7)]


def test_the_version_is_pinned_and_nothing_else_is_asked(kaggle: FileServer, tmp_path: Path) -> None:
    open_intel(tmp_path / "cache", COUNTS)
    open_intel(tmp_path / "cache", COUNTS)
    ((name, body),) = kaggle.posts
    assert name == CALL
    request = json.loads(body)
    assert (request["ownerSlug"], request["datasetSlug"]) == ("puneet6060", "intel-image-classification")
    assert request["datasetVersionNumber"] == 2
    assert kaggle.requests == [("bundle", None)]


def test_everything_stays_in_the_cache_and_the_environment_as_it_was(
    kaggle: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dict(os.environ)
    open_intel(tmp_path / "cache", COUNTS)
    assert dict(os.environ) == before
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["kagglehub"]
    assert not (tmp_path / "home").exists()
    monkeypatch.setenv("KAGGLEHUB_CACHE", "/nowhere")
    open_intel(tmp_path / "cache", COUNTS)
    assert os.environ["KAGGLEHUB_CACHE"] == "/nowhere"


def test_a_connection_that_breaks_is_taken_up_again(kaggle: FileServer, tmp_path: Path) -> None:
    large_bundle(kaggle, tmp_path)
    kaggle.breaks = [2_500_000]
    assert open_intel(tmp_path / "cache", COUNTS).count == 18
    # Kaggle's library keeps whole MiB, asks where the file is, then the storage for what is missing.
    assert kaggle.requests == [("bundle", None), ("bundle", None), ("bundle", f"bytes={2 << 20}-")]


def test_a_connection_that_keeps_breaking_is_given_up_and_what_came_is_kept(
    kaggle: FileServer, tmp_path: Path
) -> None:
    large_bundle(kaggle, tmp_path)
    kaggle.breaks = [2_500_000] + [0, 0] * (CONNECTIONS - 1)
    assert "the connection broke; what came is kept, the next run goes on from there" in refusal(tmp_path)
    assert kaggle.breaks == []
    kaggle.requests.clear()
    assert open_intel(tmp_path, COUNTS).count == 18
    assert kaggle.requests == [("bundle", None), ("bundle", f"bytes={2 << 20}-")]


def test_other_bytes_than_the_server_states_are_refused_and_fetched_again(
    kaggle: FileServer, tmp_path: Path
) -> None:
    right = kaggle.files["bundle"]
    kaggle.files["bundle"] = right[:-1] + b"?"
    assert "Kaggle delivers other bytes than its checksum says; run again" in refusal(tmp_path)
    kaggle.files["bundle"] = right
    assert open_intel(tmp_path, COUNTS).count == 18


def test_a_damaged_archive_is_refused_with_what_to_remove(kaggle: FileServer, tmp_path: Path) -> None:
    content = kaggle.files["bundle"] = b"no archive"
    kaggle.headers = storage_headers(content)
    assert f"Unsupported archive type.; remove {tmp_path}/kagglehub and run again" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (
            401,
            "Kaggle refuses (HTTP status 401); make an API token at https://www.kaggle.com/settings and",
        ),
        (403, "Kaggle refuses (HTTP status 403); make an API token"),
        (404, "Kaggle has no puneet6060/intel-image-classification/versions/2 (HTTP status 404)"),
        (500, "Kaggle cannot be reached (HTTP status 500); check the connection"),
    ],
)
def test_a_refusal_is_told_by_its_status(kaggle: FileServer, tmp_path: Path, status: int, words: str) -> None:
    kaggle.redirects.clear()
    kaggle.refusal = status
    sentence = refusal(tmp_path)
    page = "https://www.kaggle.com/datasets/puneet6060/intel-image-classification"
    assert sentence.startswith(f"{page} cannot be fetched: {words}")


def test_no_network_is_one_sentence(
    kaggle: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kagglesdk import kaggle_env

    with serve(FileServer({})) as gone:
        pass
    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, gone.address)
    assert refusal(tmp_path).endswith("cannot be fetched: Kaggle cannot be reached; check the connection.")


def test_other_pictures_than_expected_are_refused(kaggle: FileServer, tmp_path: Path) -> None:
    files = {name: content for name, content in FILES.items() if "street/20" not in name}
    content = kaggle.files["bundle"] = zip_of(tmp_path, files)
    kaggle.headers = storage_headers(content)
    assert (
        "has 11 training and 6 test pictures in 6 classes instead of 12 and 6 in 6; "
        f"remove {tmp_path}/kagglehub and run again." in refusal(tmp_path)
    )


def test_the_real_numbers_are_the_known_ones() -> None:
    """24,335 files, of which 7,301 have no label."""
    assert PICTURES == {"train": 14_034, "test": 3_000}
    assert sum(PICTURES.values()) == 24_335 - 7_301


def test_provenance_tells_where_the_pictures_are_from(kaggle: FileServer, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    write_raw(open_intel(tmp_path, COUNTS), tmp_path / "raw")
    provenance = json.loads((tmp_path / "raw" / "provenance.json").read_text())
    assert "puneet6060/intel-image-classification/versions/2" in provenance["source"]
    assert "original authors" in provenance["licence"]
    assert provenance["pictures"] == dict.fromkeys(CLASSES, 3)
    assert provenance["left_out"]["of no class"]["count"] == 7


def test_the_library_is_imported_only_where_it_is_used() -> None:
    code = "import sys, stages.download; sys.exit('kagglehub' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
