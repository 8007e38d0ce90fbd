"""Caltech-256: 29,780 photographs of 256 kinds of objects, at least 80 of each, sizes as they came.

The archive's class 257, clutter, is no kind of object and is left out, and so is what is no picture: a text
file and empty folders that its makers forgot in it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from squeezenet_lib.errors import UserError
from squeezenet_lib.layouts.layout import left_out
from squeezenet_lib.layouts.leftovers import NO_FILE, LeftOut
from squeezenet_lib.params.sections import ArchiveLimits
from squeezenet_lib.sources.archive_members import list_members, read_members
from squeezenet_lib.sources.checksum import Checksum
from squeezenet_lib.sources.collection import Collection, SourcePicture
from squeezenet_lib.sources.http_download import download

RECORD = "https://data.caltech.edu/records/nyy15-4j048"
ARCHIVE = "256_ObjectCategories.tar"
LICENCE = "CC BY 4.0: name the authors"
CITATION = "Griffin, G.; Holub, A.; Perona, P.: Caltech 256. CaltechDATA, 2022. doi:10.22002/D1.20087"
CLUTTER = 257
# 256_ObjectCategories/198.spider/198_0001.jpg: number and name of the class, number and place of the picture.
PICTURE = re.compile(r"256_ObjectCategories/(\d{3})\.([^/]+)/\1_\d{4}\.jpg")
# The archive is known by its checksum; these only have to be wide enough.
LIMITS = ArchiveLimits(total_bytes=2 * 10**9, member_bytes=10**9, members=10**5)


@dataclass(frozen=True)
class Edition:
    """What is known of the archive. pictures, classes: without clutter."""

    address: str
    checksum: Checksum
    pictures: int
    classes: int


PUBLISHED = Edition(
    f"{RECORD}/files/{ARCHIVE}", Checksum("md5", "67b4f42ca05d46448c6bb8ecd2220f6d"), 29_780, 256
)


def open_caltech256(cache: Path, edition: Edition = PUBLISHED) -> Collection:
    """All pictures in the archive's order, their names as there; classes in the order of their numbers.

    The archive (1.2 GB) is fetched into `cache` unless it is there. Raises UserError when the server cannot
    be reached or delivers other bytes, and when the archive holds another number of pictures.
    """
    archive = cache / ARCHIVE
    advice = f"check the connection and run again, or fetch {ARCHIVE} from {RECORD} yourself into {cache}"
    download(edition.address, archive, edition.checksum, advice)
    contents = list_members(archive, LIMITS)
    matches = {path: match for path in contents.paths if (match := PICTURE.fullmatch(path))}
    numbers = {int(match[1]): match[2] for match in matches.values() if int(match[1]) != CLUTTER}
    classes = {path: match[2] for path, match in matches.items() if int(match[1]) != CLUTTER}
    if (len(classes), len(numbers)) != (edition.pictures, edition.classes):
        raise UserError(
            f"{archive} has {len(classes)} pictures in {len(numbers)} classes instead of {edition.pictures} "
            f"in {edition.classes}, though its checksum is right; please report it."
        )
    return Collection(
        source=f"Caltech-256 ({RECORD})",
        licence=LICENCE,
        citation=CITATION,
        classes=[numbers[number] for number in sorted(numbers)],
        pictures=_pictures(archive, classes),
        origin={"archive": edition.address, f"archive_{edition.checksum.algorithm}": edition.checksum.digest},
        count=len(classes),
        left_out=left_out(contents.paths, classes) + [LeftOut(path, NO_FILE) for path in contents.others],
    )


def _pictures(archive: Path, classes: Mapping[str, str]) -> Iterator[SourcePicture]:
    """classes: of each picture, by path in the archive."""
    for path, content in read_members(archive, classes, LIMITS):
        yield SourcePicture(path, classes[path], content)
