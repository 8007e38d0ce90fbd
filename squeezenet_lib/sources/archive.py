"""Own pictures in a zip or tar archive, here or behind an address: what `folder` reads, packed."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from squeezenet_lib.archive_members import list_members, read_members
from squeezenet_lib.checksum import Checksum, file_checksum
from squeezenet_lib.errors import UserError
from squeezenet_lib.http_download import download
from squeezenet_lib.params import ArchiveLimits
from squeezenet_lib.sources import Collection, SourcePicture
from squeezenet_lib.sources.layout import LabelledFile, arrange, left_out, wrapper

ADVICE = "check download.archive and the connection, and run again"


def open_archive(place: str, sha256: str | None, limits: ArchiveLimits, cache: Path) -> Collection:
    """The pictures in the archive at `place`, a path or a web address, in the archive's order.

    Outer folders that hold everything are no classes; layout.py tells which file belongs where. What an
    address gives is kept in `cache` and, without a checksum, not fetched again. Raises UserError when the
    archive is missing or cannot be fetched, has another SHA-256, and for what archive_members.py and
    layout.py refuse.
    """
    checksum = Checksum("sha256", sha256.lower()) if sha256 else None
    archive = _fetched(place, checksum, cache) if _is_address(place) else Path(place)
    if not archive.is_file():
        raise UserError(f"{archive} is not a file; set download.archive to a zip or tar archive.")
    found = file_checksum(archive)
    if checksum not in (None, found):
        raise UserError(
            f"{archive} has the {found}, not the one in download.archive_sha256; replace it or the checksum."
        )
    contents = list_members(archive, limits)
    outer = wrapper(contents.paths)
    inner = [path.removeprefix(outer) for path in contents.paths if path.startswith(outer)]
    layout = arrange(inner, f"{archive}/{outer}".rstrip("/"))
    files = {outer + file.path: file for file in layout.files}
    return Collection(
        source=f"archive {place if _is_address(place) else archive.name}",
        licence="unknown: own pictures",
        citation="",
        classes=layout.classes,
        pictures=_pictures(archive, files, limits),
        origin={"archive_sha256": found.digest},
        count=len(files),
        left_out=sorted([*left_out(contents.paths, files), *contents.others]),
    )


def cache_name(address: str) -> str:
    """A file name that tells addresses apart and can be recognised."""
    last = unquote(re.split("[?#]", address)[0]).rpartition("/")[2]
    readable = re.sub(r"[^\w.-]+", "_", last, flags=re.ASCII)[-64:].lstrip(".")
    return f"{hashlib.sha256(address.encode()).hexdigest()[:16]}-{readable}"


def _is_address(place: str) -> bool:
    return re.match("https?://", place, re.IGNORECASE) is not None


def _fetched(address: str, checksum: Checksum | None, cache: Path) -> Path:
    archive = cache / cache_name(address)
    download(address, archive, checksum, ADVICE)
    return archive


def _pictures(
    archive: Path, files: Mapping[str, LabelledFile], limits: ArchiveLimits
) -> Iterator[SourcePicture]:
    """files: by path in the archive."""
    for path, content in read_members(archive, files, limits):
        file = files[path]
        yield SourcePicture(file.path, file.class_name, content, split=file.split)
