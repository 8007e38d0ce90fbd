"""Which folders are classes and which are splits.

One folder for each class; or folders for splits with such folders in them; or the other way round, folders
for splits in each class. Around all of them, and around the classes of a split, may be folders that hold
nothing else. What can be read in two ways is refused with what was seen and what to rename.
"""

from collections.abc import Iterable, Mapping

from squeezenet_lib.dataset.names import looks, shown, shown_list
from squeezenet_lib.errors import UserError
from squeezenet_lib.layouts.picture_tree import Folder, all_files, is_copy, is_other_file, picture_folders
from squeezenet_lib.layouts.split_names import (
    is_filler,
    mentions_split,
    says_no_picture,
    says_split_only,
    split_names,
    split_of,
)

MOST_NAMED = 5

# Files by split, which may be empty, and class.
Labels = dict[tuple[str, str], list[str]]


def inside_wrappers(folder: Folder) -> Folder:
    """The first folder that is no wrapper: one that stands alone and has folders in it. train is none."""
    while True:
        inside = list(picture_folders(folder).values())
        if len(inside) != 1 or split_of(inside[0].name) == "train" or not picture_folders(inside[0]):
            return folder
        folder = inside[0]


def copies_in(top: Folder) -> list[str]:
    """Names of folders in `top` that repeat what lies beside them, as archives packed twice have them."""
    return [name for name, folder in picture_folders(top).items() if is_copy(folder, top)]


def class_folders(top: Folder, where: str) -> Labels:
    """The files of each class in each split below `top`, which `where` names in messages.

    Raises UserError for a class without a file, a split with a class that train lacks, and where names do
    not tell splits from classes.
    """
    copies = copies_in(top)
    folders = {name: folder for name, folder in picture_folders(top).items() if name not in copies}
    splits = split_names(folders)
    if "train" in splits.values():
        found = _classes_in_splits(folders, splits, where)
    else:
        _refuse_splits_without_train(folders, splits, where)
        _refuse_parts(folders, where)
        found = _splits_in_classes(folders, where)
    labels = {key: list(all_files(folder)) for key, folder in found.items()}
    for key, files in labels.items():
        if not files:
            name = "/".join(map(shown, found[key].parts[len(top.parts) :]))
            raise UserError(f"{where}/{name} has no pictures; add some or remove the folder.")
    return labels


def _classes_in_splits(
    folders: Mapping[str, Folder], splits: Mapping[str, str], where: str
) -> dict[tuple[str, str], Folder]:
    others = [name for name in folders if name not in splits]
    if others and not (len(splits) > 1 and all(_is_without_labels(folders[name]) for name in others)):
        raise UserError(
            f"{where} has {_list(splits)}, which {_read(splits)}, beside {_list(others)}; keep either train, "
            "val and test or one sub-folder per class, and rename a class that is called like a split."
        )
    by_split = _by_split({name: folders[name] for name in splits}, splits, where)
    train = _inside_split(by_split["train"], set())
    classes = set(picture_folders(train))
    if not classes:
        name = f"{where}/{by_split['train'].name}"
        seen = f"only files outside of folders ({_list(train.files)})" if train.files else "no folders"
        raise UserError(
            f"{name} has {seen}; put the pictures of each class into a sub-folder of it, or rename {name} if "
            "it is a class."
        )
    found = {}
    for split, folder in by_split.items():
        inner = _inside_split(folder, classes)
        for name, one in picture_folders(inner).items():
            if name not in classes:
                _refuse_class(name, by_split[split].name, by_split["train"].name, classes, where)
            found[split, name] = one
    return found


def _splits_in_classes(folders: Mapping[str, Folder], where: str) -> dict[tuple[str, str], Folder]:
    """Folders for splits in each class, else the classes alone."""
    inner = {name: picture_folders(folder) for name, folder in folders.items()}
    divided = {name: splits for name in folders if (splits := _all_splits(inner[name]))}
    if not divided:
        return {("", name): folder for name, folder in folders.items()}
    first, splits = next(iter(divided.items()))
    for name, folder in folders.items():
        if name not in divided or not all(map(is_other_file, folder.files)):
            lacks = "has pictures beside them" if name in divided else "has none"
            raise UserError(
                f"{where}/{shown(first)} has folders ({_list(splits)}) that read as splits, but "
                f"{where}/{shown(name)} {lacks}; give every class the same folders for splits, or none."
            )
    found = {}
    for name, splits in divided.items():
        by_split = _by_split(inner[name], splits, f"{where}/{shown(name)}")
        if "train" not in by_split:
            raise UserError(
                f"{where}/{shown(name)} has {_list(splits)}, which {_read(splits)}, and no train; rename the "
                "one to train with to train."
            )
        for split, folder in by_split.items():
            deeper = picture_folders(folder)
            if len(deeper) > 1 and all(map(is_other_file, folder.files)):
                raise UserError(
                    f"{where}/{shown(name)}/{shown(folder.name)} has folders of its own ({_list(deeper)}), "
                    f"as if {shown(name)} were a data set and no class; keep one data set there."
                )
            found[split, name] = folder
    return found


def _refuse_splits_without_train(
    folders: Mapping[str, Folder], splits: Mapping[str, str], where: str
) -> None:
    if len(splits) == len(folders) > 1:
        raise UserError(
            f"{where} has {_list(splits)}, which {_read(splits)}, and no train; rename the one to train with "
            "to train, or all of them if they are classes."
        )
    for name, folder in folders.items():
        alike = [other for other in folders if other != name and _shared(folder, folders[other])]
        if len(folders) > 1 and (says_split_only(name) or (mentions_split(name) and alike)):
            others = [other for other in folders if other != name]
            raise UserError(
                f"{where} has {shown(name)}, which reads as a split, beside {_list(others)}, and no train; "
                f"put the classes into a folder train beside it, or rename {shown(name)} if it is a class."
            )


def _refuse_parts(folders: Mapping[str, Folder], where: str) -> None:
    """Refuse folders that are parts or variants of one data set, and pictures beside their masks."""
    for name, folder in folders.items():
        inside = picture_folders(folder)
        if len(inside) > 1 and set(inside) <= set(folders):
            raise UserError(
                f"{where}/{shown(name)} has folders called like those beside it ({_list(inside)}) but not "
                "the same files; keep one of both."
            )
    names = list(folders)
    if len(names) < 2 or not all(map(is_filler, names)):
        return
    shared = set.intersection(*(set(picture_folders(folder)) for folder in folders.values()))
    if len(shared) > 1:
        raise UserError(
            f"{where} has {_list(names)}, with the same folders in each ({_list(sorted(shared))}), as if "
            "they were parts or variants of one data set and no classes; keep one, or join them."
        )
    if any(map(says_no_picture, names)):
        raise UserError(
            f"{where} has {_list(names)}, as if one were pictures and the other what is to be found in them; "
            "export them for classification, with a sub-folder for each class."
        )


def _refuse_class(name: str, split: str, train: str, classes: Iterable[str], where: str) -> None:
    alike = [other for other in classes if looks(other).casefold() == looks(name).casefold()]
    advice = f"rename one of them: there it is {alike[0]!r}" if alike else "add it there"
    raise UserError(
        f"{where}/{shown(split)}/{shown(name)} is a class that {where}/{shown(train)} lacks; {advice}."
    )


def _by_split(folders: Mapping[str, Folder], splits: Mapping[str, str], where: str) -> dict[str, Folder]:
    found: dict[str, Folder] = {}
    for name, folder in folders.items():
        other = found.setdefault(splits[name], folder)
        if other is not folder:
            raise UserError(
                f"{where} has {shown(other.name)} and {shown(name)}, which both read as {splits[name]}; join "
                "them or rename one."
            )
    return found


def _inside_split(folder: Folder, classes: set[str]) -> Folder:
    """The folder in a split's that has one of the classes in it, or the first with several folders where no
    classes are known yet: behind those that hold nothing else, such as seg_train/seg_train.
    """
    inside = picture_folders(folder)
    if len(inside) != 1 or classes & set(inside):
        return folder
    (inner,) = inside.values()
    again = inner.name == folder.name or split_of(inner.name) is not None
    return _inside_split(inner, classes) if again or picture_folders(inner) else folder


def _is_without_labels(folder: Folder) -> bool:
    """Whether it has files and no folders, such as the pictures of a contest: seg_pred/seg_pred/1.jpg."""
    inside = picture_folders(folder)
    return not inside or (list(inside) == [folder.name] and _is_without_labels(inside[folder.name]))


def _all_splits(folders: Mapping[str, Folder]) -> dict[str, str]:
    """The split that each of the folders' names reads as; nothing when one of them does not."""
    splits = {name: split for name in folders if (split := split_of(name))}
    return splits if len(splits) == len(folders) else {}


def _shared(one: Folder, other: Folder) -> set[str]:
    """Names of folders in both, but for splits, which classes may share."""
    names = set(picture_folders(one)) & set(picture_folders(other))
    return {name for name in names if split_of(name) is None}


def _list(names: Iterable[str]) -> str:
    return shown_list(names, MOST_NAMED)


def _read(names: Mapping[str, str]) -> str:
    return "read as splits" if len(names) > 1 else "reads as a split"
