"""Own pictures: a folder with one sub-folder for each class, or train/val/test folders of such."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from squeezenet_lib.dataset import SPLITS
from squeezenet_lib.errors import UserError
from squeezenet_lib.sources import Collection, SourcePicture
from squeezenet_lib.sources.layout import LabelledFile, arrange, is_seen, left_out


def open_folder(folder: Path) -> Collection:
    """The pictures below `folder`, classes and files in sorted order; layout.py tells which belong where.

    Every file of a class folder, at any depth, counts as a picture. Raises UserError when the folder is
    missing or cannot be read, for names that are not UTF-8, and for what layout.py refuses.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder; set download.folder to one with a sub-folder per class.")
    paths = list_paths(folder)
    layout = arrange(paths, str(folder))
    return Collection(
        source=f"folder {folder.name}",
        licence="unknown: own pictures",
        citation="",
        classes=layout.classes,
        pictures=read_pictures(folder, layout.files),
        count=len(layout.files),
        left_out=left_out(paths, {file.path for file in layout.files}),
    )


def list_paths(folder: Path) -> list[str]:
    """The relative paths of the files and folders below `folder`, folders with "/" at the end.

    What layout.py passes over is not among them. Links to files are files; links to folders are followed
    where a split or a class may stand.
    """
    paths: list[str] = []
    for root, names, files in os.walk(folder, onerror=_refuse, followlinks=True):
        outer = Path(root).relative_to(folder).parts
        linked = not outer or (len(outer) == 1 and outer[0] in SPLITS)
        names[:] = [name for name in names if is_seen(name) and (linked or not Path(root, name).is_symlink())]
        found = [name for name in files if is_seen(name) and Path(root, name).is_file()]
        paths += ["/".join((*outer, name)) for name in (*found, *(f"{name}/" for name in names))]
    for path in paths:
        try:
            path.encode()
        except UnicodeEncodeError:
            raise UserError(f"The file name {path!a} in {folder} is not UTF-8; rename it.") from None
    return paths


def read_pictures(folder: Path, files: Iterable[LabelledFile]) -> Iterator[SourcePicture]:
    """The content of `files`, whose paths are relative to `folder`."""
    for file in files:
        try:
            content = (folder / file.path).read_bytes()
        except OSError as error:
            _refuse(error)
        yield SourcePicture(file.path, file.class_name, content, split=file.split)


def _refuse(error: OSError) -> NoReturn:
    raise UserError(f"{error.filename} cannot be read ({error.strerror}).") from None
