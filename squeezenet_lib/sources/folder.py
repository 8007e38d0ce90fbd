"""Own pictures: a folder with one sub-folder for each class, or train/val/test folders of such."""

from collections.abc import Iterator
from pathlib import Path

from squeezenet_lib.dataset import SPLITS
from squeezenet_lib.errors import UserError
from squeezenet_lib.sources import Collection, SourcePicture

# What file managers leave behind; hidden files are left out as well.
NOT_PICTURES = ("thumbs.db", "desktop.ini")


def open_folder(folder: Path) -> Collection:
    """The pictures below `folder`, classes and files in sorted order.

    When `folder` has a sub-folder train, its sub-folders are ready-made splits, each with the class folders.
    Every file of a class folder, at any depth, counts as a picture. Raises UserError when the folder is
    missing, has fewer than two classes, a class has no files or the splits disagree about the classes.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is not a folder; set download.folder to one with a sub-folder per class.")
    outer = _subfolders(folder)
    if (folder / "train").is_dir():
        extra = [path.name for path in outer if path.name not in SPLITS]
        if extra:
            raise UserError(
                f"{folder} has a sub-folder train beside {', '.join(extra)}; "
                "keep either train, val and test or one sub-folder per class."
            )
        splits = {path.name: _subfolders(path) for path in outer}
        classes = [path.name for path in splits["train"]]
    else:
        splits = {"": outer}
        classes = [path.name for path in outer]
    if len(classes) < 2:
        found = f"only the class {classes[0]}" if classes else "no class"
        raise UserError(f"{folder} has {found}; a classifier needs two sub-folders of pictures or more.")
    files = []
    for split, class_folders in splits.items():
        for class_folder in class_folders:
            if class_folder.name not in classes:
                raise UserError(f"{class_folder} is a class that {folder / 'train'} lacks; add it there.")
            found_files = _files(class_folder)
            if not found_files:
                raise UserError(f"{class_folder} has no pictures; add some or remove the folder.")
            files += [(path, class_folder.name, split) for path in found_files]
    return Collection(
        source=f"folder {folder.name}",
        licence="unknown: own pictures",
        citation="",
        classes=classes,
        pictures=_read(folder, files),
    )


def _read(folder: Path, files: list[tuple[Path, str, str]]) -> Iterator[SourcePicture]:
    for path, class_name, split in files:
        member = path.relative_to(folder).as_posix()
        try:
            member.encode()
            content = path.read_bytes()
        except OSError as error:
            raise UserError(f"{path} cannot be read ({error.strerror}).") from None
        except UnicodeEncodeError:
            raise UserError(f"The file name {member!a} in {folder} is not UTF-8; rename it.") from None
        yield SourcePicture(member, class_name, content, split=split)


def _subfolders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.name.lower() not in NOT_PICTURES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
