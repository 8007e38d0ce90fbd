"""Documents with marked places, which a program fills: `<!-- name -->`, its content, `<!-- /name -->`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from squeezenet_lib.errors import UserError

_MARK = re.compile(r"^<!-- (/?)([a-z]+) -->$", re.MULTILINE)  # alone on its line


def fill(documents: Mapping[Path, str], contents: Mapping[str, str]) -> dict[Path, str]:
    """The documents with `contents` in the places of these names; what is around them stays.

    A document has places for some of the contents. Raises UserError for a place of another name or without an
    end, and for a content without a place in any document.
    """
    filled: dict[Path, str] = {}
    placed: set[str] = set()
    for path, text in documents.items():
        try:
            filled[path], names = _fill(text, contents)
        except ValueError as error:
            raise UserError(f"{path}: {error}") from None
        placed |= names
    missing = sorted(contents.keys() - placed)
    if missing:
        raise UserError(
            f"no place <!-- {missing[0]} --> in {', '.join(map(str, documents))}: write it and "
            f"<!-- /{missing[0]} --> where this belongs, or name the document that has them"
        )
    return filled


def _fill(text: str, contents: Mapping[str, str]) -> tuple[str, set[str]]:
    """The text with its places filled, and their names. Raises ValueError for marks that make no places."""
    parts: list[str] = []
    names: set[str] = set()
    at, name = 0, ""  # the place that is open
    for mark in _MARK.finditer(text):
        ends, found = mark.group(1) == "/", mark.group(2)
        if found not in contents:
            raise ValueError(f"nothing is known of {mark.group()}; there are {', '.join(contents)}")
        if name != (found if ends else ""):
            opened = f"<!-- {name} -->" if name else "nothing"
            raise ValueError(f"{mark.group()} comes while {opened} is open")
        if ends:
            parts.append(f"{contents[name]}\n")
            name = ""
        else:
            parts.append(text[at : mark.end()] + "\n")
            name = found
            names.add(name)
        at = mark.start() if ends else mark.end()
    if name:
        raise ValueError(f"<!-- {name} --> has no end <!-- /{name} -->")
    return "".join([*parts, text[at:]]), names
