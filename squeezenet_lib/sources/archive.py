"""Own pictures in a zip or tar archive, here or behind an address: what `folder` reads, packed."""

import hashlib
import re
from collections.abc import Collection as Some
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from squeezenet_lib.errors import UserError
from squeezenet_lib.layouts.layout import LabelledFile, arrange
from squeezenet_lib.layouts.leftovers import NO_FILE, LeftOut
from squeezenet_lib.params.sections import ArchiveLimits
from squeezenet_lib.sources.archive_members import DamagedArchiveError, list_members, read_members
from squeezenet_lib.sources.checksum import Checksum, file_checksum
from squeezenet_lib.sources.collection import Collection, SourcePicture
from squeezenet_lib.sources.http_download import download

ADVICE = "check download.archive and the connection, and run again"
ADVICE_WITH_CHECKSUM = f"check download.archive_sha256, {ADVICE.removeprefix('check ')}"


def open_archive(place: str, sha256: str | None, limits: ArchiveLimits, cache: Path) -> Collection:
    """The pictures in the archive at `place`, a path or a web address, in the archive's order.

    layout.py tells which file belongs where. What an address gives is kept in `cache` when it is an archive
    and, without a checksum, not fetched again. Raises UserError when the archive is missing or cannot be
    fetched, has another SHA-256, and for what archive_members.py and layout.py refuse.
    """
    checksum = Checksum("sha256", sha256.lower()) if sha256 else None
    if not _is_address(place):
        return _read(Path(place), f"archive {Path(place).name}", checksum, limits)
    archive = cache / cache_name(place)
    kept = archive.is_file()
    download(place, archive, checksum, ADVICE_WITH_CHECKSUM if checksum else ADVICE)
    try:
        collection = _read(archive, f"archive {place}", checksum, limits)
    except DamagedArchiveError as error:
        if not kept:
            raise _discarded(place, archive, error) from None
        archive.unlink()  # kept by a run that did not look into it: a page that asked to sign in, say
        return open_archive(place, sha256, limits, cache)
    except UserError as error:
        said = str(error).rstrip(".")
        raise UserError(f"{said}; what {place} gave is {archive}: remove it to fetch anew.") from None
    return replace(collection, pictures=_whole(collection.pictures, place, archive))


def _read(archive: Path, source: str, checksum: Checksum | None, limits: ArchiveLimits) -> Collection:
    if not archive.is_file():
        raise UserError(f"{archive} is not a file; set download.archive to a zip or tar archive.")
    found = file_checksum(archive)
    if checksum not in (None, found):
        raise UserError(
            f"{archive} has the {found}, not the one in download.archive_sha256; replace it or the checksum."
        )
    contents = list_members(archive, limits)

    def read(paths: Some[str]) -> dict[str, bytes]:
        return dict(read_members(archive, paths, limits))

    layout = arrange(contents.paths, str(archive), read)
    files = {file.path: file for file in layout.files}
    links = [LeftOut(path, NO_FILE) for path in contents.others]
    return Collection(
        source=source,
        licence="unknown: own pictures",
        citation="",
        classes=layout.classes,
        pictures=_pictures(archive, files, limits),
        origin={"archive_sha256": found.digest},
        count=len(files),
        left_out=sorted([*layout.left_out, *links], key=lambda one: one.name),
    )


def _whole(pictures: Iterable[SourcePicture], place: str, archive: Path) -> Iterator[SourcePicture]:
    """Pictures out of what an address gave, which is not kept when it turns out to be damaged."""
    try:
        yield from pictures
    except DamagedArchiveError as error:
        raise _discarded(place, archive, error) from None


def _discarded(place: str, archive: Path, error: DamagedArchiveError) -> UserError:
    archive.unlink()
    return UserError(
        f"what {place} gives {error.problem}; it is not kept, and the next run fetches it anew: look in a "
        "browser where you are not signed in whether the address leads to the file itself, and correct "
        "download.archive if it does not."
    )


def cache_name(address: str) -> str:
    """A file name that tells addresses apart and can be recognised."""
    last = unquote(re.split("[?#]", address)[0]).rpartition("/")[2]
    readable = re.sub(r"[^\w.-]+", "_", last, flags=re.ASCII)[-64:].lstrip(".")
    return f"{hashlib.sha256(address.encode()).hexdigest()[:16]}-{readable}"


def _is_address(place: str) -> bool:
    return re.match("https?://", place, re.IGNORECASE) is not None


def _pictures(
    archive: Path, files: Mapping[str, LabelledFile], limits: ArchiveLimits
) -> Iterator[SourcePicture]:
    """files: by path in the archive."""
    for path, content in read_members(archive, files, limits):
        file = files[path]
        yield SourcePicture(file.member, file.class_name, content, split=file.split)
