"""Names of files and classes: one spelling for each, safe to write down, safe to show.

Names enter through sources and params.yaml; what is compared behind that is in Unicode's composed form (NFC).
"""

import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath


def composed(name: str) -> str:
    """The name in NFC: macOS and some archivers write é as e and an accent, others as one character."""
    return unicodedata.normalize("NFC", name)


def is_utf8(name: str) -> bool:
    """Whether a name that came from a file system (PEP 383) was UTF-8 there."""
    return not any("\udc80" <= character <= "\udcff" for character in name)


def written(name: str) -> str:
    """The name composed, and bytes that are no UTF-8 as \\xe9 and the like: text that any file can hold."""
    return composed(name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


def shown(name: str) -> str:
    """The name on one line, without control characters that a terminal would obey."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)


def shown_list(names: Iterable[str], most: int) -> str:
    """Some names in a sentence; three dots stand for those beyond `most`."""
    all_names = list(names)
    return ", ".join([*map(shown, all_names[:most]), *(["..."] if len(all_names) > most else [])])


def looks(name: str) -> str:
    """What a reader sees of a name: equal for names that differ in spaces and invisible characters only."""
    seen = "".join(c for c in name if unicodedata.category(c) != "Cf")
    return " ".join(seen.split())


class UniqueNames:
    """Hands out the written form of names; where two become one, the later gets a number."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        """The written form of a path, or with " (2)" and so on, never one that was handed out before."""
        path = PurePosixPath(written(name))
        unique, number = str(path), 1
        while unique in self._taken:
            number += 1
            unique = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        self._taken.add(unique)
        return unique
