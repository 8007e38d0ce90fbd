"""Pictures out of an archive, by path or address: as `folder` would read them unpacked."""

import hashlib
import re
import tarfile
from pathlib import Path

import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.layouts.leftovers import LeftOut
from squeezenet_lib.params.sections import ArchiveLimits
from squeezenet_lib.sources.archive import cache_name, open_archive
from squeezenet_lib.sources.collection import Collection
from squeezenet_lib.sources.folder import open_folder
from tests.support.archive_builder import FORMATS, pack
from tests.support.file_server import FileServer, serve

LIMITS = ArchiveLimits(total_bytes=10**6, member_bytes=10**5, members=1000)
FILES = {
    "my pictures/big cat/ä 1.png": b"cat 1",
    "my pictures/big cat/deep/2.png": b"cat 2",
    "my pictures/dog/1.png": b"dog 1",
    "my pictures/dog/Thumbs.db": b"",
    "my pictures/.DS_Store": b"",
    "my pictures/notes.txt": b"",
    "readme.md": b"",
    "__MACOSX/my pictures/dog/._1.png": b"",
}


def opened(archive: Path, sha256: str | None = None, limits: ArchiveLimits = LIMITS) -> Collection:
    return open_archive(str(archive), sha256, limits, archive.parent / "cache")


def labels(collection: Collection) -> list[tuple[str, str, str, bytes]]:
    return [(p.member, p.class_name, p.split, p.content) for p in collection.pictures]


@pytest.mark.parametrize("form", FORMATS)
def test_an_archive_is_read_as_the_folder_in_it(tmp_path: Path, form: str) -> None:
    for name, content in FILES.items():
        (tmp_path / "unpacked" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "unpacked" / name).write_bytes(content)
    archive = pack(tmp_path / "große Bilder 1", FILES, form)
    collection = opened(archive)
    folder = open_folder(tmp_path / "unpacked")
    assert collection.classes == folder.classes == ["big cat", "dog"]
    assert labels(collection) == [
        ("big cat/ä 1.png", "big cat", "", b"cat 1"),
        ("big cat/deep/2.png", "big cat", "", b"cat 2"),
        ("dog/1.png", "dog", "", b"dog 1"),
    ]
    assert sorted(labels(opened(archive))) == sorted(labels(folder))
    assert collection.count == 3
    assert collection.left_out == [
        LeftOut("__MACOSX/", "left by macOS"),
        LeftOut("my pictures/.DS_Store", "left by macOS"),
        LeftOut("my pictures/dog/Thumbs.db", "left by Windows"),
        LeftOut("my pictures/notes.txt", "of no class"),
        LeftOut("readme.md", "of no class"),
    ]
    assert folder.left_out == collection.left_out
    assert collection.source == "archive große Bilder 1"
    assert collection.origin == {"archive_sha256": hashlib.sha256(archive.read_bytes()).hexdigest()}


@pytest.mark.parametrize("form", FORMATS)
def test_ready_made_splits_are_respected(tmp_path: Path, form: str) -> None:
    files = {"data/test/a/1": b"1", "data/train/b/3": b"3", "data/train/a/2": b"2", "data/val/b/4": b"4"}
    found = labels(opened(pack(tmp_path / "x", files, form)))
    assert found == [
        ("test/a/1", "a", "test", b"1"),
        ("train/b/3", "b", "train", b"3"),
        ("train/a/2", "a", "train", b"2"),
        ("val/b/4", "b", "val", b"4"),
    ]


def test_links_are_left_out_by_name(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        for name, kind in (("a/1", tarfile.REGTYPE), ("b/link", tarfile.SYMTYPE), ("b/1", tarfile.REGTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "../../secret"
            archive.addfile(info)
    collection = opened(tmp_path / "x.tar")
    assert [member for member, *_ in labels(collection)] == ["a/1", "b/1"]
    assert collection.left_out == [LeftOut("b/link", "a link that is not followed, or no file")]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"only/1.png": b""}, "has only the class only; a classifier needs two"),
        ({"1.png": b""}, "has no class, only files outside of folders (1.png); put the pictures of each"),
        ({"p/a/": b"", "p/b/1.png": b""}, "/p/a has no pictures; add some or remove the folder."),
        ({"p/train/a/1": b"", "p/train/b/1": b"", "p/test/c/1": b""}, "/p/test/c is a class that"),
        (
            {"train/a/1": b"", "train/b/1": b"", "more/c/1": b""},
            "has train, which reads as a split, beside more;",
        ),
        ({"a/1": b"", "../b/1": b""}, "has a member named '../b/1', which may lead out of a folder;"),
    ],
)
@pytest.mark.parametrize("form", ["zip", "tar.gz"])
def test_what_cannot_be_used_is_explained(
    tmp_path: Path, files: dict[str, bytes], sentence: str, form: str
) -> None:
    archive = pack(tmp_path / "x", files, form)
    with pytest.raises(UserError, match=re.escape(f"{archive}") + ".*" + re.escape(sentence)):
        opened(archive)


def test_limits_hold(tmp_path: Path) -> None:
    archive = pack(tmp_path / "x.zip", {"a/1": bytes(500), "b/1": bytes(501)}, "zip")
    assert len(labels(opened(archive, limits=ArchiveLimits(1001, 501, 2)))) == 2
    for limits in (ArchiveLimits(1000, 501, 2), ArchiveLimits(1001, 500, 2), ArchiveLimits(1001, 501, 1)):
        with pytest.raises(UserError, match=r"more .* than download\.limits\..*allows"):
            opened(archive, limits=limits)


def test_a_checksum_is_held_against_a_file(tmp_path: Path) -> None:
    archive = pack(tmp_path / "x.zip", FILES, "zip")
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert len(labels(opened(archive, sha256.upper()))) == 3
    with pytest.raises(
        UserError, match=rf"x\.zip has the SHA-256 {sha256}, not the one in download\.archive_sha"
    ):
        opened(archive, "0" * 64)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere.zip", tmp_path):
        with pytest.raises(
            UserError, match=rf"^{place} is not a file; set download\.archive to a zip or tar"
        ):
            opened(place)


@pytest.mark.parametrize("checked", [True, False])
def test_an_address_is_fetched_once_and_taken_up_where_it_broke(tmp_path: Path, checked: bool) -> None:
    content = pack(tmp_path / "x", FILES, "tar.gz").read_bytes()
    sha256 = hashlib.sha256(content).hexdigest() if checked else None
    with serve(FileServer({"my pictures/größe.tar.gz": content}, headers={"ETag": '"1"'})) as server:
        address = f"{server.address}/my pictures/größe.tar.gz"
        server.breaks = [100, 0]
        with pytest.raises(
            UserError, match=r"größe\.tar\.gz cannot be fetched.*100 bytes are kept.*run again\.$"
        ):
            open_archive(address, sha256, LIMITS, tmp_path / "cache")
        for _ in range(2):
            collection = open_archive(address, sha256, LIMITS, tmp_path / "cache")
            assert len(labels(collection)) == 3
        assert [wanted for _, wanted in server.requests] == [None, "bytes=100-", "bytes=100-"]
    assert collection.source == f"archive {address}"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [cache_name(address)]


def test_other_bytes_than_the_checksum_says_are_not_kept(tmp_path: Path) -> None:
    content = pack(tmp_path / "x", FILES, "zip").read_bytes()
    with (
        serve(FileServer({"x.zip": content})) as server,
        pytest.raises(
            UserError, match=r"/x\.zip delivers other bytes than expected \(SHA-256 0+\); check"
        ) as error,
    ):
        open_archive(f"{server.address}/x.zip", "0" * 64, LIMITS, tmp_path / "cache")
    assert "\n" not in str(error.value)
    assert list((tmp_path / "cache").iterdir()) == []


PAGE = b"\xef\xbb\xbf\n<!DOCTYPE html>\n<title>Sign in</title>" + b" " * 2000
ZIP_MAGIC_ALONE = b"PK\3\4" + bytes(500)


@pytest.mark.parametrize(
    ("first", "problem"),
    [
        (PAGE, "is no zip or tar archive (plain, gz, bz2 or xz), but a web page"),
        (b'{"error": "not found"}', "is no zip or tar archive (plain, gz, bz2 or xz), but JSON text"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(99), "but a 7z archive"),
        (ZIP_MAGIC_ALONE, "is damaged or cut short (File is not a zip file)"),
    ],
)
@pytest.mark.parametrize("mark", [{}, {"ETag": '"1"'}])
def test_an_address_that_first_gives_something_else_works_once_it_gives_the_archive(
    tmp_path: Path, first: bytes, problem: str, mark: dict[str, str]
) -> None:
    """A page that asks to sign in, say: the advice to run again is followed, and works."""
    cache = tmp_path / "cache"
    with serve(FileServer({"x.zip": first}, headers=mark)) as server:
        address = f"{server.address}/x.zip"
        with pytest.raises(UserError) as error:
            open_archive(address, None, LIMITS, cache)
        assert str(error.value).startswith(f"what {address} gives ") and problem in str(error.value)
        assert "the next run fetches it anew: look in a browser where you are not signed in" in str(
            error.value
        )
        assert list(cache.iterdir()) == []
        server.files["x.zip"] = pack(tmp_path / "x", FILES, "zip").read_bytes()
        assert len(labels(open_archive(address, None, LIMITS, cache))) == 3


def test_a_page_that_an_earlier_version_kept_is_fetched_anew(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    with serve(FileServer({"x.zip": pack(tmp_path / "x", FILES, "zip").read_bytes()})) as server:
        address = f"{server.address}/x.zip"
        (cache / cache_name(address)).write_bytes(PAGE)
        assert len(labels(open_archive(address, None, LIMITS, cache))) == 3
        server.files["x.zip"] = PAGE
        (cache / cache_name(address)).write_bytes(PAGE)
        with pytest.raises(UserError, match=r"but a web page; it is not kept"):
            open_archive(address, None, LIMITS, cache)
    assert list(cache.iterdir()) == []


def test_an_archive_that_turns_out_to_be_damaged_while_it_is_read_is_fetched_anew(tmp_path: Path) -> None:
    """The zip's list of members is whole, and one of them is not."""
    whole = pack(tmp_path / "x", FILES, "zip").read_bytes()
    at = whole.index(b"2.png") + len(b"2.png")  # where its packed content begins
    with serve(FileServer({"x.zip": whole[:at] + b"\0\0\0" + whole[at + 3 :]})) as server:
        address, cache = f"{server.address}/x.zip", tmp_path / "cache"
        with pytest.raises(
            UserError, match=r"is damaged or cut short .*; it is not kept, and the next run fetches it anew"
        ):
            labels(open_archive(address, None, LIMITS, cache))
        server.files["x.zip"] = whole
        assert len(labels(open_archive(address, None, LIMITS, cache))) == 3


def test_what_is_put_right_at_the_address_can_be_had_as_the_sentence_says(tmp_path: Path) -> None:
    """A whole archive with one class: only its owner can tell that it has changed."""
    cache = tmp_path / "cache"
    with serve(
        FileServer({"x.zip": pack(tmp_path / "y", {"cat/1.png": b"1"}, "zip").read_bytes()})
    ) as server:
        address = f"{server.address}/x.zip"
        kept = cache / cache_name(address)
        for _ in range(2):
            with pytest.raises(UserError) as error:
                open_archive(address, None, LIMITS, cache)
            assert "has only the class cat" in str(error.value)
            assert str(error.value).endswith(f"; what {address} gave is {kept}: remove it to fetch anew.")
            server.files["x.zip"] = pack(tmp_path / "x", FILES, "zip").read_bytes()
        kept.unlink()
        assert len(labels(open_archive(address, None, LIMITS, cache))) == 3


def test_no_network_is_one_sentence(tmp_path: Path) -> None:
    with serve(FileServer({})) as gone:
        pass
    with pytest.raises(
        UserError, match=r"cannot be fetched \(.*refused\); check download\.archive and"
    ) as error:
        open_archive(f"{gone.address}/x.zip", None, LIMITS, tmp_path)
    assert "\n" not in str(error.value)


def test_names_in_the_cache_tell_addresses_apart() -> None:
    addresses = [
        "http://a/x.zip",
        "https://a/x.zip",
        "http://a/x.zip?version=2",
        "http://a/y/x.zip",
        "http://a/",
        "http://a/..",
        "http://a/%2e%2e%2f%2e%2e%2fx",
        "http://[",
        f"http://a/{'ä' * 999}.zip",
    ]
    names = [cache_name(address) for address in addresses]
    assert len(set(names)) == len(addresses)
    assert names[0].endswith("-x.zip")
    assert all(re.fullmatch(r"[\w.-]{17,81}", name, re.ASCII) for name in names)
