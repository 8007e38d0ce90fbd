"""Which class and split a file belongs to, told by its path alone.

Either one folder for each class, or folders train, val and test with such folders in them. Paths are
relative, parts joined by "/"; a folder's path ends in "/", and need not be there when a file in it is.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from squeezenet_lib.dataset import SPLITS
from squeezenet_lib.errors import UserError

# What file managers and archivers leave behind; hidden files and folders are passed over as well.
NO_PICTURES = ("thumbs.db", "desktop.ini", "__macosx")

Parts = tuple[str, ...]


@dataclass(frozen=True)
class LabelledFile:
    """split: train, val or test, else empty."""

    path: str
    class_name: str
    split: str


@dataclass(frozen=True)
class Layout:
    """classes: in sorted order. files: sorted by split, class and path."""

    classes: list[str]
    files: list[LabelledFile]


def arrange(paths: Sequence[str], where: str) -> Layout:
    """The classes and the files in their folders, at any depth, among `paths`.

    A folder train makes the outer folders ready-made splits. `where` names the whole in messages. Raises
    UserError when there are fewer than two classes, one without a file, a split with a class that train
    lacks, or another folder beside train.
    """
    folders = _folders(paths)
    outer = _inside((), folders)
    found: set[Parts]
    if "train" in outer:
        extra = [name for name in outer if name not in SPLITS]
        if extra:
            raise UserError(
                f"{where} has a sub-folder train beside {', '.join(extra)}; "
                "keep either train, val and test or one sub-folder per class."
            )
        found = {(split, name) for split in outer for name in _inside((split,), folders)}
        classes = _inside(("train",), folders)
    else:
        found = {(name,) for name in outer}
        classes = outer
    if len(classes) < 2:
        has = f"only the class {classes[0]}" if classes else "no class"
        raise UserError(f"{where} has {has}; a classifier needs two sub-folders of pictures or more.")
    return Layout(classes, _label(paths, sorted(found), classes, where))


def left_out(paths: Iterable[str], taken: Container[str]) -> list[str]:
    """The files among `paths` that are not `taken`, sorted; what is passed over does not count."""
    return sorted(path for path in paths if path not in taken and not path.endswith("/") and is_seen(path))


def wrapper(paths: Iterable[str]) -> str:
    """What the paths of all folders begin with, such as "pictures/": outer folders that are no classes.

    A folder is one when it stands alone and has folders in it. train is none.
    """
    folders = _folders(paths)
    outer: Parts = ()
    while True:
        inside = _inside(outer, folders)
        if len(inside) != 1 or inside == ["train"] or not _inside((*outer, *inside), folders):
            return "".join(f"{name}/" for name in outer)
        outer = (*outer, *inside)


def is_seen(path: str) -> bool:
    """False for what is passed over: hidden files, what file managers leave, anything in such a folder."""
    return all(map(_is_name, _parts(path)))


def _label(
    paths: Iterable[str], folders: Iterable[Parts], classes: list[str], where: str
) -> list[LabelledFile]:
    """The files of each class folder; `folders` are (class,) or (split, class)."""
    files: dict[Parts, list[str]] = {folder: [] for folder in folders}
    depth = len(next(iter(files)))
    for path in sorted(filter(is_seen, paths), key=_parts):
        folder = _parts(path)[:depth]
        if folder in files and not path.endswith("/") and len(_parts(path)) > depth:
            files[folder].append(path)
    labelled = []
    for folder, members in files.items():
        name = "/".join((where, *folder))
        if folder[-1] not in classes:
            raise UserError(f"{name} is a class that {where}/train lacks; add it there.")
        if not members:
            raise UserError(f"{name} has no pictures; add some or remove the folder.")
        split = folder[0] if depth == 2 else ""
        labelled += [LabelledFile(path, folder[-1], split) for path in members]
    return labelled


def _folders(paths: Iterable[str]) -> set[Parts]:
    """All folders that show in `paths`, none that is passed over."""
    found = set()
    for path in paths:
        *outer, _ = path.split("/")
        seen = tuple(takewhile(_is_name, outer))
        found |= {seen[:end] for end in range(1, len(seen) + 1)}
    return found


def _inside(folder: Parts, folders: set[Parts]) -> list[str]:
    """The names of the folders right in `folder`, sorted."""
    return sorted(other[-1] for other in folders if other[:-1] == folder)


def _parts(path: str) -> Parts:
    return tuple(path.rstrip("/").split("/"))


def _is_name(name: str) -> bool:
    return not name.startswith(".") and name.lower() not in NO_PICTURES
