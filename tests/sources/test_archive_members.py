"""Files come out of archives one by one, whole, and from nowhere else; whatever is wrong is one sentence."""

import bz2
import gzip
import lzma
import stat
import struct
import tarfile
import tracemalloc
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.sections import ArchiveLimits
from squeezenet_lib.sources.archive_members import Contents, list_members, read_members
from tests.support.archive_builder import FORMATS, pack

LIMITS = ArchiveLimits(total_bytes=1_000_000, member_bytes=100_000, members=100)
RANDOM = np.random.default_rng(1)
FILES = {
    "big cats/1 a.png": RANDOM.bytes(70_000),
    "Ärger/ß/日本.png": RANDOM.bytes(3),
    "empty.txt": b"",
    "a/2.png": bytes(5000),
}


def read(archive: Path, limits: ArchiveLimits = LIMITS) -> dict[str, bytes]:
    """All files, as the two functions give them in turn."""
    contents = list_members(archive, limits)
    return dict(read_members(archive, {path for path in contents.paths if path[-1] != "/"}, limits))


def refusal(archive: Path, limits: ArchiveLimits = LIMITS) -> str:
    with pytest.raises(UserError) as error:
        read(archive, limits)
    sentence = str(error.value)
    assert sentence.startswith(str(archive))
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def tar_of(path: Path, *members: tuple[tarfile.TarInfo, bytes], end: bytes = bytes(10240)) -> Path:
    """A tar made of headers as they are, so that they may lie."""
    blocks = [info.tobuf() + content + bytes(-len(content) % 512) for info, content in members]
    path.write_bytes(b"".join(blocks) + end)
    return path


def header(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info


@pytest.mark.parametrize("form", FORMATS)
def test_files_come_out_as_they_went_in_and_in_order(tmp_path: Path, form: str) -> None:
    archive = pack(tmp_path / "pictures", {"b/": b"", **FILES}, form)
    assert list_members(archive, LIMITS) == Contents(["b/", *FILES], [])
    assert list(read(archive).items()) == list(FILES.items())
    assert [path for path, _ in read_members(archive, ["a/2.png"], LIMITS)] == ["a/2.png"]
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


@pytest.mark.parametrize("form", FORMATS)
def test_names_lose_what_means_nothing(tmp_path: Path, form: str) -> None:
    archive = pack(tmp_path / "x", {"./": b"", "./a//b/./1.png": b"1", "a/.hidden/": b""}, form)
    assert list_members(archive, LIMITS).paths == ["a/b/1.png", "a/.hidden/"]
    assert read(archive) == {"a/b/1.png": b"1"}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../1.png", "a/../../1.png", "a/..", "C:/1.png", "c:1.png", "a\\1.png", "\\\\host\\1"],
)
def test_names_that_lead_out_are_refused(tmp_path: Path, form: str, name: str) -> None:
    archive = pack(tmp_path / "x", {"a/1.png": b"1", name: b"2"}, form)
    assert f"has a member named {name!r}, which may lead out of a folder; pack it again" in refusal(archive)


def test_links_and_devices_of_a_tar_are_passed_over_by_name(tmp_path: Path) -> None:
    kinds = {
        "symbolic": tarfile.SYMTYPE,
        "hard": tarfile.LNKTYPE,
        "device": tarfile.CHRTYPE,
        "block": tarfile.BLKTYPE,
        "pipe": tarfile.FIFOTYPE,
    }
    members = [(header(f"a/{name}", kind=kind), b"") for name, kind in kinds.items()]
    members[0][0].linkname = "/etc/passwd"
    members[1][0].linkname = "a/1.png"
    archive = tar_of(tmp_path / "x.tar", (header("a/1.png", 1), b"1"), *members)
    assert list_members(archive, LIMITS) == Contents(["a/1.png"], [f"a/{name}" for name in kinds])
    assert dict(read_members(archive, ["a/1.png", "a/symbolic", "a/hard"], LIMITS)) == {"a/1.png": b"1"}


def test_links_of_a_zip_are_passed_over_by_name(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, kind in (("a/link", stat.S_IFLNK), ("a/pipe", stat.S_IFIFO), ("a/1.png", stat.S_IFREG)):
            info = zipfile.ZipInfo(name)
            info.external_attr = (kind | 0o644) << 16
            archive.writestr(info, "/etc/passwd")
    assert list_members(tmp_path / "x.zip", LIMITS) == Contents(["a/1.png"], ["a/link", "a/pipe"])


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (
            ArchiveLimits(10**6, 69_999, 100),
            "has in 'big cats/1 a.png' more bytes than download.limits.member_bytes",
        ),
        (ArchiveLimits(70_002, 10**5, 100), "has more bytes than download.limits.total_bytes allows (70002)"),
        (ArchiveLimits(10**6, 10**5, 3), "has more members than download.limits.members allows (3); raise"),
    ],
)
def test_more_than_the_limits_is_refused(
    tmp_path: Path, form: str, limits: ArchiveLimits, words: str
) -> None:
    assert words in refusal(pack(tmp_path / "x", FILES, form), limits)


@pytest.mark.parametrize("packer", [gzip.compress, bz2.compress, lzma.compress])
def test_a_tar_that_unpacks_to_far_more_is_left_at_the_limit(tmp_path: Path, packer: object) -> None:
    """Neither the member that a header announces nor zeros after the end are unpacked any further."""
    assert callable(packer)
    bomb = header("a/1.png", 10**9).tobuf() + bytes(20_000_000)
    (tmp_path / "announced").write_bytes(packer(bomb))
    assert "more bytes than download.limits.member_bytes" in refusal(tmp_path / "announced")
    (tmp_path / "after").write_bytes(packer(header("a/1.png").tobuf() + bytes(20_000_000)))
    assert "more bytes than download.limits.total_bytes" in refusal(tmp_path / "after")


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_huge_extended_header_is_not_read(tmp_path: Path, kind: bytes) -> None:
    content = bytes(200_000)
    archive = tar_of(tmp_path / "x.tar", (header("x", len(content), kind), content))
    assert "has in a header more bytes than download.limits.member_bytes" in refusal(archive)


def changed_zip(path: Path, name: str, content: bytes, **fields: int) -> Path:
    """A deflated member with fields of its headers changed: size (unpacked), crc, flags; the rest is true."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    data = bytearray(path.read_bytes())
    places = {"flags": (6, "<H"), "crc": (14, "<L"), "size": (22, "<L")}
    for field, value in fields.items():
        offset, form = places[field]
        struct.pack_into(form, data, offset, value)
        struct.pack_into(form, data, data.index(b"PK\x01\x02") + offset + 2, value)
    path.write_bytes(data)
    return path


def test_a_zip_that_understates_a_size_gives_no_more_than_that(tmp_path: Path) -> None:
    bomb = bytes(50_000_000)
    archive = changed_zip(tmp_path / "x.zip", "a/1.png", bomb, size=10)
    assert "is damaged or cut short (Bad CRC-32 for file 'a/1.png')" in refusal(archive)
    fitting = changed_zip(tmp_path / "x.zip", "a/1.png", bomb, size=10, crc=0xE38A6876)  # of ten zeros
    assert read(fitting) == {"a/1.png": bytes(10)}


def test_a_zip_that_overstates_a_size_is_damaged(tmp_path: Path) -> None:
    archive = changed_zip(tmp_path / "x.zip", "a/1.png", b"content", size=10)
    assert "is damaged or cut short ('a/1.png' has other bytes than its header says)" in refusal(archive)


def test_members_that_share_their_bytes_count_each(tmp_path: Path) -> None:
    """Many directory entries that point at one packed member: small on disk, large unpacked."""
    path = pack(tmp_path / "x.zip", {"a/00.png": bytes(90_000)}, "zip")
    data = path.read_bytes()
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entries = [data[start:end].replace(b"00", b"%02d" % number) for number in range(20)]
    closing = bytearray(data[end:])
    struct.pack_into("<HHL", closing, 8, 20, 20, 20 * (end - start))
    path.write_bytes(data[:start] + b"".join(entries) + closing)
    assert "has more bytes than download.limits.total_bytes allows (1000000)" in refusal(path)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    archive = changed_zip(tmp_path / "x.zip", "a/1.png", b"content", flags=1)
    assert "is encrypted ('a/1.png'); pack it without a password." in refusal(archive)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_zipfile_unpacks_without_bounds_are_refused(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", method) as archive:
        archive.writestr("a/1.png", bytes(1000))
    assert f"has 'a/1.png' packed with method {method}; use deflate." in refusal(tmp_path / "x.zip")


@pytest.mark.parametrize("form", FORMATS)
def test_two_files_of_one_name_are_refused(tmp_path: Path, form: str) -> None:
    archive = pack(tmp_path / "x", {"a/1.png": b"1", "./a//1.png": b"2"}, form)
    assert "has two files named 'a/1.png'; pack it again with one." in refusal(archive)


def not_utf8(folder: Path, name: str) -> list[Path]:
    """A tar and a zip with one file whose name, which has a _, is not UTF-8 there."""
    info = header(name.replace("_", "\udce9"))
    archive = folder / "x.tar"
    archive.write_bytes(info.tobuf(tarfile.GNU_FORMAT, errors="surrogateescape") + bytes(10240))
    path = pack(folder / "x.zip", {name: b""}, "zip")
    path.write_bytes(path.read_bytes().replace(b"_", b"\xe9"))
    return [archive, path]


def test_bytes_in_a_files_name_that_are_not_utf8_are_written_as_text(tmp_path: Path) -> None:
    for archive in not_utf8(tmp_path, "a/caf_.png"):
        assert read(archive) == {"a/caf\\xe9.png": b""}


def test_a_folder_whose_name_is_not_utf8_is_refused(tmp_path: Path) -> None:
    """It may be a class, and nobody can tell which character was meant."""
    for archive in not_utf8(tmp_path, "caf_/1.png"):
        assert r"has a folder that is not called in UTF-8 (b'caf\xe9/1.png'); rename it." in refusal(archive)


@pytest.mark.parametrize("form", FORMATS)
def test_names_are_composed_and_stay_apart(tmp_path: Path, form: str) -> None:
    """é as one character and as e with an accent, which are two names for an archive."""
    names = [unicodedata.normalize(kind, "café/é.png") for kind in ("NFC", "NFD")]
    archive = pack(tmp_path / "x", dict(zip(names, [b"1", b"2"], strict=True)), form)
    assert read(archive) == {"café/é.png": b"1", "café/é (2).png": b"2"}


def test_a_zip_may_have_utf8_names_without_saying_so(tmp_path: Path) -> None:
    path = pack(tmp_path / "x.zip", {"a/caf__.png": b"1"}, "zip")
    path.write_bytes(path.read_bytes().replace(b"caf__", "café".encode()))
    assert read(path) == {"a/café.png": b"1"}


@pytest.mark.parametrize("form", FORMATS)
def test_an_archive_that_is_cut_short_anywhere_is_refused(tmp_path: Path, form: str) -> None:
    archive = pack(tmp_path / "x", FILES, form)
    content = archive.read_bytes()
    end = content.rindex(b"\0" * 512 + b"\0" * 512, 0) if form == "tar" else len(content)
    cuts = [1, 100, 512, 1024, end // 2, end // 2 // 512 * 512, end // 4 * 3, len(content.rstrip(b"\0")) - 1]
    for cut in cuts:
        archive.write_bytes(content[:cut])
        assert "damaged" in refusal(archive)


def test_a_tar_that_ends_between_two_members_is_refused(tmp_path: Path) -> None:
    members = [(header(f"a/{number}.png", 1), b"1") for number in range(3)]
    archive = tar_of(tmp_path / "x.tar", *members, end=b"")
    assert "is damaged or cut short (no end mark); fetch or pack it again." in refusal(archive)


def test_a_damaged_header_within_a_tar_is_no_end(tmp_path: Path) -> None:
    archive = tar_of(tmp_path / "x.tar", *[(header(f"a/{number}.png", 1), b"1") for number in range(3)])
    content = bytearray(archive.read_bytes())
    content[1024] ^= 1
    archive.write_bytes(content)
    assert "is damaged or cut short (no end mark)" in refusal(archive)


def test_a_size_below_zero_does_not_lead_in_circles(tmp_path: Path) -> None:
    archive = tar_of(tmp_path / "x.tar", (header("a/1.png"), b""), (header("a/2.png"), b""))
    content = bytearray(archive.read_bytes())
    content[512 + 124 : 512 + 136] = (-1024).to_bytes(12, "big", signed=True)
    content[512 + 148 : 512 + 156] = b"%06o\0 " % tarfile.calc_chksums(bytes(content[512:1024]))[0]
    archive.write_bytes(content)
    assert "is damaged or cut short" in refusal(archive)


@pytest.mark.parametrize("content", [b"", b"P", b"GIF89a" + bytes(2000), gzip.compress(b"text", mtime=0)])
def test_what_is_no_archive_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    assert "is no zip or tar archive (plain, gz, bz2 or xz)" in refusal(tmp_path / "x")


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_archive_holds_nothing(tmp_path: Path, form: str) -> None:
    assert read(pack(tmp_path / "x", {}, form)) == {}


def test_an_archive_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path} cannot be read (Is a directory)."


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_flipped_bits_are_refused_or_change_nothing_but_contents(
    tmp_path: Path, form: str, data: st.DataObject
) -> None:
    """A plain tar has no checksums of contents; no damage passes the limits or ends in another exception."""
    archive = pack(tmp_path / "x", FILES, form)
    content = bytearray(archive.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    archive.write_bytes(content)
    try:
        found = read(archive)
    except UserError as error:
        assert "\n" not in str(error)
        return
    assert sum(map(len, found.values())) <= LIMITS.total_bytes
    if form in ("tar.gz", "tar.bz2", "tar.xz"):
        assert found == FILES


@pytest.mark.parametrize("form", FORMATS)
def test_one_file_at_a_time_is_in_memory(tmp_path: Path, form: str) -> None:
    limits = ArchiveLimits(10**8, 10**7, 100)
    archive = pack(tmp_path / "x", {f"a/{number}.png": bytes(1_000_000) for number in range(50)}, form)
    tracemalloc.start()
    try:
        wanted = list_members(archive, limits).paths
        assert sum(len(content) for _, content in read_members(archive, wanted, limits)) == 50_000_000
        assert tracemalloc.get_traced_memory()[1] < 20_000_000  # xz keeps the last 8 MB
    finally:
        tracemalloc.stop()
