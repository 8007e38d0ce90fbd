"""The folders and files of a source, told by their paths alone.

Paths are relative, parts joined by "/"; a folder's path ends in "/", and need not be there when a file in it
is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from squeezenet_lib.layouts.leftovers import LeftOut, why_left_out

Parts = tuple[str, ...]

# What a picture's name does not end in: a folder of such files alone is no class.
OTHER_SUFFIXES = """
    txt md rst pdf doc docx rtf html htm csv tsv xls xlsx json jsonl xml yaml yml toml ini
    cfg conf log lst labels names data py ipynb c h cpp js ts css java m r sh bat ps1 mat
    npy npz pkl pickle h5 hdf5 pt pth onnx tflite pb keras weights parquet db sqlite lock
    record tfrecord zip tar gz tgz bz2 xz 7z rar
"""
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".tm")


@dataclass(frozen=True)
class Folder:
    """parts: of its path, none for the outermost. files: paths of those right in it. folders: by name."""

    parts: Parts
    files: list[str] = field(default_factory=list)
    folders: dict[str, "Folder"] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.parts[-1]


def plant(paths: Iterable[str]) -> Folder:
    """The tree of `paths`, files and folders sorted."""
    root = Folder(())
    for path in sorted(paths, key=parts_of):
        *outer, last = parts_of(path)
        folder = root
        for name in (*outer, last) if path.endswith("/") else outer:
            folder = folder.folders.setdefault(name, Folder((*folder.parts, name)))
        if not path.endswith("/"):
            folder.files.append(path)
    return root


def without_leftovers(paths: Iterable[str]) -> tuple[list[str], list[LeftOut]]:
    """The paths of pictures and their folders, and what others left: a folder once, whatever is in it."""
    seen: list[str] = []
    left: dict[str, str] = {}
    for path in paths:
        parts = parts_of(path)
        for end, name in enumerate(parts, 1):
            is_folder = end < len(parts) or path.endswith("/")
            if why := why_left_out(name, is_folder):
                left["/".join(parts[:end]) + ("/" if is_folder else "")] = why
                if end > 1:
                    seen.append("/".join(parts[: end - 1]) + "/")
                break
        else:
            seen.append(path)
    return seen, [LeftOut(path, why) for path, why in left.items()]


def all_files(folder: Folder) -> Iterator[str]:
    """The paths of the files in it, at any depth."""
    yield from folder.files
    for inner in folder.folders.values():
        yield from all_files(inner)


def picture_folders(folder: Folder) -> dict[str, Folder]:
    """The folders right in it, by name, but for those that have other files than pictures alone."""
    return {name: inner for name, inner in folder.folders.items() if not _has_others_only(inner)}


def is_copy(inner: Folder, outer: Folder) -> bool:
    """Whether `inner`, which lies in `outer`, repeats it: a file of equal path beside it for each in it."""
    if not inner.folders or not inner.folders.keys() <= outer.folders.keys():
        return False
    beside = {
        path.removeprefix(_prefix(outer))
        for name, folder in outer.folders.items()
        if name != inner.name
        for path in all_files(folder)
    }
    inside = [
        path.removeprefix(_prefix(inner)) for folder in inner.folders.values() for path in all_files(folder)
    ]
    return bool(inside) and beside.issuperset(inside)


def parts_of(path: str) -> Parts:
    return tuple(path.rstrip("/").split("/"))


def _prefix(folder: Folder) -> str:
    return "".join(f"{name}/" for name in folder.parts)


def is_other_file(path: str) -> bool:
    """Whether the file is called like something that is no picture."""
    return PurePosixPath(path).suffix[1:].casefold() in OTHER_SUFFIXES.split()


def _has_others_only(folder: Folder) -> bool:
    files = all_files(folder)
    first = next(files, None)
    return first is not None and is_other_file(first) and all(map(is_other_file, files))
