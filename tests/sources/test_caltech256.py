"""Caltech-256 out of its tar: small ones of the same layout, from the cache or a loopback server."""

import hashlib
import json
from pathlib import Path

import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.sources.caltech256 import ARCHIVE, PUBLISHED, Edition, open_caltech256
from squeezenet_lib.sources.checksum import Checksum
from stages.download import write_raw
from tests.support.archive_builder import pack
from tests.support.file_server import FileServer, serve

ROOT = "256_ObjectCategories"
# Laid out as the real one, its leftovers included; neither classes nor pictures are in order.
FILES = {
    f"{ROOT}/": b"",
    f"{ROOT}/198.spider/": b"",
    f"{ROOT}/198.spider/198_0002.jpg": b"spider 2",
    f"{ROOT}/198.spider/198_0001.jpg": b"spider 1",
    f"{ROOT}/198.spider/RENAME2": b"a script",
    f"{ROOT}/257.clutter/257_0001.jpg": b"clutter",
    f"{ROOT}/001.ak47/001_0001.jpg": b"ak47 1",
    f"{ROOT}/056.dog/": b"",
    f"{ROOT}/056.dog/greg/": b"",
    f"{ROOT}/056.dog/greg/vision309/": b"",
    f"{ROOT}/056.dog/greg/056_0009.jpg": b"no picture of the set",
    f"{ROOT}/056.dog/056_0001.jpg": b"dog 1",
    f"{ROOT}/056.dog/.056_0001.jpg": b"hidden",
}


def tar(folder: Path) -> tuple[bytes, Edition]:
    content = pack(folder / "made.tar", FILES, "tar").read_bytes()
    return content, Edition("", Checksum("md5", hashlib.md5(content).hexdigest()), 4, 3)


def at(address: str, edition: Edition) -> Edition:
    return Edition(f"{address}/{ARCHIVE}", edition.checksum, edition.pictures, edition.classes)


def test_classes_are_in_the_order_of_their_numbers_without_clutter(tmp_path: Path) -> None:
    content, edition = tar(tmp_path)
    (tmp_path / ARCHIVE).write_bytes(content)  # put there by hand
    collection = open_caltech256(tmp_path, edition)
    assert collection.classes == ["ak47", "dog", "spider"]
    assert [(p.member, p.class_name, p.content, p.split) for p in collection.pictures] == [
        (f"{ROOT}/198.spider/198_0002.jpg", "spider", b"spider 2", ""),
        (f"{ROOT}/198.spider/198_0001.jpg", "spider", b"spider 1", ""),
        (f"{ROOT}/001.ak47/001_0001.jpg", "ak47", b"ak47 1", ""),
        (f"{ROOT}/056.dog/056_0001.jpg", "dog", b"dog 1", ""),
    ]
    assert collection.count == 4
    assert [(one.name, one.why) for one in collection.left_out] == [
        (f"{ROOT}/056.dog/.056_0001.jpg", "hidden"),
        (f"{ROOT}/056.dog/greg/056_0009.jpg", "of no class"),
        (f"{ROOT}/198.spider/RENAME2", "of no class"),
        (f"{ROOT}/257.clutter/257_0001.jpg", "of no class"),
    ]


def test_provenance_tells_where_the_pictures_are_from(tmp_path: Path) -> None:
    content, edition = tar(tmp_path)
    (tmp_path / ARCHIVE).write_bytes(content)
    (tmp_path / "raw").mkdir()
    write_raw(open_caltech256(tmp_path, edition), tmp_path / "raw")
    provenance = json.loads((tmp_path / "raw" / "provenance.json").read_text())
    assert provenance["licence"].startswith("CC BY 4.0")
    assert "10.22002/D1.20087" in provenance["citation"]
    assert "https://data.caltech.edu/records/nyy15-4j048" in provenance["source"]
    assert provenance["archive_md5"] == edition.checksum.digest
    assert provenance["pictures"] == {"ak47": 1, "dog": 1, "spider": 2}
    assert provenance["left_out"]["of no class"]["count"] == 3


def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path) -> None:
    content, edition = tar(tmp_path)
    with serve(FileServer({ARCHIVE: content})) as server:
        server.breaks = [1000, 0]
        with pytest.raises(UserError, match=r"1000 bytes are kept, the next run goes on from there"):
            open_caltech256(tmp_path / "cache", at(server.address, edition))
        assert len(list(open_caltech256(tmp_path / "cache", at(server.address, edition)).pictures)) == 4
        assert server.requests[-1] == (ARCHIVE, "bytes=1000-")


def test_without_network_the_archive_may_be_put_into_the_cache(tmp_path: Path) -> None:
    with serve(FileServer({})) as gone:
        pass
    advice = (
        rf"or fetch {ARCHIVE} from https://data\.caltech\.edu/records/nyy15-4j048 yourself into {tmp_path}\.$"
    )
    with pytest.raises(UserError, match=rf"cannot be fetched.*{advice}") as error:
        open_caltech256(tmp_path, at(gone.address, PUBLISHED))
    assert "\n" not in str(error.value)


def test_another_archive_in_the_cache_is_not_used(tmp_path: Path) -> None:
    (tmp_path / ARCHIVE).write_bytes(b"something else")
    with serve(FileServer({})) as gone:
        pass
    with pytest.raises(
        UserError, match=rf"what is at {tmp_path}/{ARCHIVE} is another file \(MD5 67b4f42ca05d"
    ):
        open_caltech256(tmp_path, at(gone.address, PUBLISHED))


def test_other_bytes_from_the_server_are_refused(tmp_path: Path) -> None:
    content, _ = tar(tmp_path)
    with (
        serve(FileServer({ARCHIVE: content})) as server,
        pytest.raises(UserError, match=r"other bytes than expected \(MD5 67b4f42ca05d46448c6bb8ecd2220f6d\)"),
    ):
        open_caltech256(tmp_path / "cache", at(server.address, PUBLISHED))


def test_another_number_of_pictures_is_refused(tmp_path: Path) -> None:
    content, edition = tar(tmp_path)
    (tmp_path / ARCHIVE).write_bytes(content)
    with pytest.raises(
        UserError, match="has 4 pictures in 3 classes instead of 29780 in 256, though its checksum"
    ):
        open_caltech256(tmp_path, Edition("", edition.checksum, PUBLISHED.pictures, PUBLISHED.classes))


def test_the_published_edition_is_the_known_one() -> None:
    """30,607 pictures in 257 classes, 827 of them clutter."""
    assert (PUBLISHED.pictures, PUBLISHED.classes) == (30_607 - 827, 257 - 1)
    assert PUBLISHED.address == f"https://data.caltech.edu/records/nyy15-4j048/files/{ARCHIVE}"
