"""Which class and split each file of a source belongs to, and what belongs to none."""

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from squeezenet_lib.dataset.names import looks, shown, shown_list
from squeezenet_lib.errors import UserError
from squeezenet_lib.layouts.class_folders import class_folders, copies_in, inside_wrappers
from squeezenet_lib.layouts.exported_labels import exported_labels
from squeezenet_lib.layouts.leftovers import A_COPY, OF_NO_CLASS, LeftOut
from squeezenet_lib.layouts.picture_tree import ARCHIVES, Folder, plant, without_leftovers

MOST_NAMED = 5
Read = Callable[[Collection[str]], Mapping[str, bytes]]


@dataclass(frozen=True)
class LabelledFile:
    """path: in the source. member: the path without the folders around everything. split: train, val or test,
    else empty.
    """

    path: str
    member: str
    class_name: str
    split: str


@dataclass(frozen=True)
class Layout:
    """classes: in sorted order. files: sorted by split, class and path. left_out: the others, by name."""

    classes: list[str]
    files: list[LabelledFile]
    left_out: list[LeftOut]


def arrange(paths: Sequence[str], where: str, read: Read) -> Layout:
    """The classes and the files of each among `paths`.

    class_folders.py tells what folders mean, exported_labels.py reads exports that label files in another
    way. `where` names the whole in messages; `read` gives the contents of files by path. Raises UserError
    when there are fewer than two classes, two that look alike or one whose name cannot be shown, and for what
    these two modules refuse.
    """
    seen, _ = without_leftovers(paths)
    top = inside_wrappers(plant(seen))
    outer = "".join(f"{name}/" for name in top.parts)
    inside = f"{where}/{outer}".rstrip("/")
    copies: list[str] = []
    labels = exported_labels(top, inside, read)
    if labels is None:
        labels = class_folders(top, inside)
        copies = [f"{outer}{name}/" for name in copies_in(top)]
    classes = sorted({name for _, name in labels})
    _check_classes(classes, top, inside)
    files = [
        LabelledFile(path, path.removeprefix(outer), name, split)
        for split, name in sorted(labels)
        for path in labels[split, name]
    ]
    return Layout(classes, files, left_out(paths, {file.path for file in files}, copies))


def left_out(paths: Iterable[str], taken: Container[str], copies: Sequence[str] = ()) -> list[LeftOut]:
    """What of `paths` is not `taken`, and why, sorted; `copies` are folders, each named as a whole."""
    seen, left = without_leftovers(paths)
    for path in seen:
        if path not in taken and not path.endswith("/") and not path.startswith(tuple(copies)):
            left.append(LeftOut(path, OF_NO_CLASS))
    left += [LeftOut(copy, A_COPY) for copy in copies]
    return sorted(left, key=lambda one: one.name)


def _check_classes(classes: list[str], top: Folder, where: str) -> None:
    if len(classes) < 2:
        raise UserError(_too_few(classes, top, where))
    by_look: dict[str, str] = {}
    for name in classes:
        if any(c < " " or "\x7f" <= c < "\xa0" for c in name):
            raise UserError(
                f"{where} has the class {shown(name)}, whose name has control characters; rename it."
            )
        other = by_look.setdefault(looks(name), name)
        if other != name:
            raise UserError(
                f"{where} has the classes {other!r} and {name!r}, which differ in spaces and invisible "
                "characters only; join them or rename one."
            )


def _too_few(classes: list[str], top: Folder, where: str) -> str:
    archives = [path for path in top.files if path.casefold().endswith(ARCHIVES)]
    if classes or not top.files:
        has = f"only the class {shown(classes[0])}" if classes else "no class"
        return f"{where} has {has}; a classifier needs two sub-folders of pictures or more."
    if archives:
        return (
            f"{where} has no class but archives ({shown_list(archives, MOST_NAMED)}); unpack each into a "
            "sub-folder of its own."
        )
    return (
        f"{where} has no class, only files outside of folders ({shown_list(top.files, MOST_NAMED)}); put the "
        "pictures of each class into a sub-folder of its own."
    )
