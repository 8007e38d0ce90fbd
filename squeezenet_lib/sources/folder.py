"""Own pictures: a folder with one sub-folder for each class, or of another layout that layout.py knows."""

import os
from collections.abc import Collection as Some
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from squeezenet_lib.dataset.names import UniqueNames, is_utf8, shown, written
from squeezenet_lib.errors import UserError
from squeezenet_lib.layouts.layout import LabelledFile, arrange
from squeezenet_lib.layouts.leftovers import NO_FILE, LeftOut, why_left_out
from squeezenet_lib.layouts.split_names import split_of
from squeezenet_lib.sources.collection import Collection, SourcePicture

# Of a file, in bytes: the largest picture that images.py reads has 716 MB, uncompressed.
MOST_BYTES = 1_000_000_000
TOO_LARGE = "more than 1 GB, which no picture has"


@dataclass(frozen=True)
class Listing:
    """What lies below a folder. files: where each is, by its name (see names.py), parts joined by "/".
    folders: such names with "/" at the end. others: links, what is no file and what is too large.
    """

    files: Mapping[str, Path]
    folders: list[str]
    others: list[LeftOut]


def open_folder(folder: Path) -> Collection:
    """The pictures below `folder`, classes and files in sorted order; layout.py tells which belong where.

    Every file of a class folder, at any depth, counts as a picture. Raises UserError when the folder is
    missing or cannot be read, for names of folders that are not UTF-8, and for what layout.py refuses.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder; set download.folder to one with a sub-folder per class.")
    listing = list_folder(folder)

    def read(names: Some[str]) -> dict[str, bytes]:
        return {name: _content(listing.files[name]) for name in names}

    layout = arrange([*listing.files, *listing.folders], str(folder), read)
    return Collection(
        source=f"folder {folder.name}",
        licence="unknown: own pictures",
        citation="",
        classes=layout.classes,
        pictures=read_pictures(listing, layout.files),
        count=len(layout.files),
        left_out=sorted([*layout.left_out, *listing.others], key=lambda one: one.name),
    )


def list_folder(folder: Path) -> Listing:
    """What lies below `folder`; what others left there (leftovers.py) is named and not looked into.

    Links to files are files; links to folders are followed where a split or a class may stand.
    """
    files: list[str] = []
    folders: list[str] = []
    others: list[LeftOut] = []
    open_to_links = {Path()}
    for root, names, found in os.walk(folder, onerror=_refuse, followlinks=True):
        inside = Path(root).relative_to(folder)
        seen = [name for name in names if not why_left_out(name, is_folder=True)]
        folders += [f"{inside / name}/" for name in names if name not in seen]
        links = [name for name in seen if Path(root, name).is_symlink()]
        closed = {name for name in links if inside not in open_to_links or _leads_up(Path(root, name))}
        others += [LeftOut(written(str(inside / name)), NO_FILE) for name in closed]
        names[:] = [name for name in seen if name not in closed]
        for name in names:
            if not is_utf8(name):
                raise UserError(
                    f"The folder name {str(inside / name)!a} in {folder} is not UTF-8; rename it."
                )
            if inside in open_to_links and (len(names) == 1 or split_of(name)):
                open_to_links.add(inside / name)
        folders += [f"{inside / name}/" for name in names]
        for name in found:
            if why_left_out(name, is_folder=False):
                files.append(str(inside / name))
            elif why := _no_picture(Path(root, name)):
                others.append(LeftOut(written(str(inside / name)), why))
            else:
                files.append(str(inside / name))
    unique = UniqueNames()
    by_name = {unique.of(path): folder / path for path in sorted(files)}
    return Listing(by_name, sorted({written(path) for path in folders}), others)


def read_pictures(listing: Listing, files: Iterable[LabelledFile]) -> Iterator[SourcePicture]:
    """The content of `files`, which are among those of `listing`."""
    for file in files:
        content = _content(listing.files[file.path])
        yield SourcePicture(file.member, file.class_name, content, split=file.split)


def _no_picture(path: Path) -> str | None:
    """Why it is none, as far as can be told without reading it into memory."""
    if not path.is_file():
        return NO_FILE
    return TOO_LARGE if path.stat().st_size > MOST_BYTES else None


def _leads_up(link: Path) -> bool:
    """Whether following the link would never end."""
    target = link.resolve()
    return link.parent.resolve().is_relative_to(target)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        _refuse(error)


def _refuse(error: OSError) -> NoReturn:
    raise UserError(f"{shown(written(str(error.filename)))} cannot be read ({error.strerror}).") from None
