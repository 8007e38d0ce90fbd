"""Class names for a display: its font has ASCII alone."""

from __future__ import annotations

from collections.abc import Sequence

MOST_SHOWN = 5


def display_names(class_names: Sequence[str]) -> tuple[str, ...]:
    """The names in ASCII, as they are read aloud: "K\\u00e4se" is "Kase". One that is left empty becomes
    "class 2", and the class's number tells apart what would be equal.
    """
    from anyascii import anyascii  # its tables are read when they are needed

    read = [anyascii(name).strip() or f"class {number}" for number, name in enumerate(class_names)]
    return tuple(
        f"{shown} {number}" if read.count(shown) > 1 and shown != class_names[number] else shown
        for number, shown in enumerate(read)
    )


def need_others(class_names: Sequence[str]) -> bool:
    """Whether a display cannot show all names as they are."""
    return not all(name.isascii() for name in class_names)


def in_words(class_names: Sequence[str]) -> str:
    """A sentence on the names that a display shows otherwise; empty when there are none."""
    pairs = zip(class_names, display_names(class_names), strict=True)
    other = [f"{name} as {shown}" for name, shown in pairs if name != shown]
    if not other:
        return ""
    more = f" and {len(other) - MOST_SHOWN} more" if len(other) > MOST_SHOWN else ""
    return f"a display, whose font is ASCII, shows {', '.join(other[:MOST_SHOWN])}{more}"
