"""The files in a zip or tar archive, read one after the other; nothing is unpacked to disk.

An archive may come from anywhere, so names that lead out of it are refused, links and devices are passed
over, and limits hold for the bytes that come out, whatever the headers say.
"""

import bz2
import gzip
import lzma
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from tqdm import tqdm

from squeezenet_lib.dataset.names import UniqueNames, is_utf8, written
from squeezenet_lib.errors import UserError
from squeezenet_lib.params.sections import ArchiveLimits

ZIP_MAGIC = b"PK"
UNPACKERS: dict[bytes, Callable[[BinaryIO], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}
# zipfile unpacks what other methods packed without bounds.
BOUNDED_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED, UTF8 = 0x1, 0x800
FILE, FOLDER, OTHER = "file", "folder", "other"


# What else may be in a file that is named as an archive, by its first bytes.
OTHERS = {
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b"{": "JSON text",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"\x28\xb5\x2f\xfd": "packed by zstd",
}


class DamagedArchiveError(UserError):
    """The file is no archive, or not whole: another one may be. problem: the sentence without its subject."""

    def __init__(self, archive: Path, problem: str) -> None:
        super().__init__(f"{archive} {problem}; fetch or pack it again.")
        self.problem = problem


@dataclass(frozen=True)
class Contents:
    """In archive order, names as names.py writes them. paths: of files and, with "/" at the end, of folders.
    others: links and devices.
    """

    paths: list[str]
    others: list[str]


@dataclass(frozen=True)
class _Member:
    """name: as it stands in the archive. size: as the header has it. open: gives the content."""

    name: str
    kind: str
    size: int
    open: Callable[[], IO[bytes] | None]


def list_members(archive: Path, limits: ArchiveLimits) -> Contents:
    """What is in `archive`: a zip, or a tar that is plain or packed with gzip, bzip2 or xz.

    Raises UserError when it is none of these, cannot be read, is damaged or encrypted, goes beyond the
    limits, has two files of one name, a name that leads out of it, or a folder's that is not UTF-8.
    """
    contents = Contents([], [])
    members = _members(archive, limits)
    for path, member in tqdm(members, desc=f"list {archive.name}", unit="member", mininterval=1, leave=False):
        if member.kind == OTHER:
            contents.others.append(path)
        else:
            contents.paths.append(f"{path}/" if member.kind == FOLDER else path)
    return contents


def read_members(archive: Path, wanted: Container[str], limits: ArchiveLimits) -> Iterator[tuple[str, bytes]]:
    """Path and content of each wanted file, in archive order. Raises UserError as `list_members` does."""
    for path, member in _members(archive, limits):
        if member.kind == FILE and path in wanted:
            with _damage_named(archive):
                content = _content(member)
            yield path, content


def _members(archive: Path, limits: ArchiveLimits) -> Iterator[tuple[str, _Member]]:
    """Each member with its path.

    Limits are held against the sizes in the headers, and `_content` lets no more bytes out than these say.
    """
    files: set[str] = set()
    names = UniqueNames()
    total = 0
    try:
        file = archive.open("rb")
    except OSError as error:
        raise UserError(f"{archive} cannot be read ({error.strerror}).") from None
    with file, _damage_named(archive):
        for number, member in enumerate(_headers(file, archive, limits), 1):
            if number > limits.members:
                raise _beyond(archive, "has more members", "members", limits.members)
            path = _checked_path(member.name, archive)
            if member.size < 0:
                raise tarfile.ReadError(f"{path!r} has a size below zero")
            if member.size > limits.member_bytes:
                raise _beyond(archive, f"has in {path!r} more bytes", "member_bytes", limits.member_bytes)
            total += member.size
            if total > limits.total_bytes:
                raise _beyond(archive, "has more bytes", "total_bytes", limits.total_bytes)
            if member.kind == FILE:
                if path in files:
                    raise UserError(f"{archive} has two files named {path!r}; pack it again with one.")
                files.add(path)
            if path:
                yield names.of(path) if member.kind == FILE else written(path), member


def _headers(file: BinaryIO, archive: Path, limits: ArchiveLimits) -> Iterator[_Member]:
    start = file.read(max(map(len, UNPACKERS)))
    file.seek(0)
    if start.startswith(ZIP_MAGIC):
        yield from _zip_headers(file, archive)
        return
    unpack = next((unpack for magic, unpack in UNPACKERS.items() if start.startswith(magic)), None)
    yield from _tar_headers(_Forward(unpack(file) if unpack else file, archive, limits), archive)


def _zip_headers(file: BinaryIO, archive: Path) -> Iterator[_Member]:
    with zipfile.ZipFile(file) as opened:
        for info in opened.infolist():
            name = _zip_name(info)
            if info.flag_bits & ENCRYPTED:
                raise UserError(f"{archive} is encrypted ({name!a}); pack it without a password.")
            method = info.compress_type
            if method not in BOUNDED_METHODS:
                raise UserError(f"{archive} has {name!a} packed with method {method}; use deflate.")
            kind = FOLDER if info.is_dir() else FILE
            if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
                kind = OTHER
            yield _Member(name, kind, info.file_size, partial(opened.open, info))


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Names without the mark for UTF-8, which zipfile takes for code page 437, are UTF-8 nevertheless, as
    macOS writes them, or bytes (PEP 383).
    """
    if info.flag_bits & UTF8 or info.filename != info.orig_filename:
        return info.filename
    return info.filename.encode("cp437").decode("utf-8", "surrogateescape")


def _tar_headers(stream: "_Forward", archive: Path) -> Iterator[_Member]:
    try:
        opened = tarfile.TarFile(fileobj=cast(BinaryIO, stream), encoding="utf-8", errors="surrogateescape")
    except tarfile.ReadError:
        what = f"but {kind}" if (kind := _kind_of(archive)) else "or damaged from its start"
        raise DamagedArchiveError(
            archive, f"is no zip or tar archive (plain, gz, bz2 or xz), {what}"
        ) from None
    with opened:
        while (info := opened.next()) is not None:
            kind = FILE if info.isfile() else FOLDER if info.isdir() else OTHER
            yield _Member(info.name, kind, info.size, partial(opened.extractfile, info))
    # tarfile takes any block that is no header for the end; one of zeros is, after which checksums come.
    if stream.last.count(0) != tarfile.BLOCKSIZE:
        raise tarfile.ReadError("no end mark")
    while stream.read(tarfile.RECORDSIZE):
        pass


def _kind_of(file: Path) -> str:
    """What the first bytes of a file that is no archive look like; empty: nothing known."""
    with file.open("rb") as opened:
        start = opened.read(200).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return next((kind for magic, kind in OTHERS.items() if start.startswith(magic.lower())), "")


class _Forward:
    """A tar for tarfile to read: only forward, so that false sizes cannot lead it in circles, and in limits.

    last: what the last read gave.
    """

    def __init__(self, raw: BinaryIO, archive: Path, limits: ArchiveLimits) -> None:
        self._raw, self._archive, self._limits = raw, archive, limits
        self.last = b""

    def tell(self) -> int:
        return self._raw.tell()

    def seek(self, position: int) -> int:
        if position < self.tell():
            raise tarfile.ReadError("a size that leads backwards")
        self._check(position)
        return self._raw.seek(position)

    def read(self, size: int) -> bytes:
        most = self._limits.member_bytes
        if not 0 <= size <= max(most, tarfile.RECORDSIZE):  # headers with long names have sizes, too
            raise _beyond(self._archive, "has in a header more bytes", "member_bytes", most)
        self.last = self._raw.read(size)
        self._check(self.tell())
        return self.last

    def _check(self, position: int) -> None:
        if position > self._limits.total_bytes:
            raise _beyond(self._archive, "has more bytes", "total_bytes", self._limits.total_bytes)


def _content(member: _Member) -> bytes:
    opened = member.open()
    assert opened is not None  # it is a file
    with opened:
        content = opened.read(member.size + 1)
    if len(content) != member.size:
        raise tarfile.ReadError(f"{member.name!r} has other bytes than its header says")
    return content


def _checked_path(name: str, archive: Path) -> str:
    """The name without what means nothing in it; empty for the outermost folder."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not all(map(is_utf8, parts if name.endswith("/") else parts[:-1])):
        folder = name.encode(errors="surrogateescape")
        raise UserError(f"{archive} has a folder that is not called in UTF-8 ({folder!r}); rename it.")
    if name.startswith("/") or ".." in parts or re.search(r"[\\\0]|^[A-Za-z]:", name):
        raise UserError(
            f"{archive} has a member named {name!a}, which may lead out of a folder; "
            "pack it again with relative names and forward slashes."
        )
    return "/".join(parts)


def _beyond(archive: Path, problem: str, key: str, limit: int) -> UserError:
    return UserError(
        f"{archive} {problem} than download.limits.{key} allows ({limit}); raise the limit if you trust it."
    )


@contextmanager
def _damage_named(archive: Path) -> Iterator[None]:
    try:
        yield
    except UserError:
        raise
    # The libraries meet damaged bytes with whatever exception their parsing runs into.
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DamagedArchiveError(archive, f"is damaged or cut short ({reason})") from error
