"""What a key of params.yaml may be: rules that accept a value and say in words what they accept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from squeezenet_lib.errors import UserError

_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text", NoneType: "null"}


@dataclass(frozen=True)
class Between:
    """Bounds of a number, both allowed."""

    least: float
    most: float

    def accepts(self, value: Any) -> bool:
        return type(value) in (int, float) and self.least <= value <= self.most

    def words(self, kind: str) -> str:
        return f"{kind} from {self.least} to {self.most}"


class OneOf:
    """The values that a key may have."""

    def __init__(self, *choices: str | int) -> None:
        self.choices = choices

    def accepts(self, value: Any) -> bool:
        return value in self.choices

    def words(self, kind: str) -> str:
        return "one of " + ", ".join(map(str, self.choices))


@dataclass(frozen=True)
class Even(Between):
    """Even whole numbers between two bounds."""

    def accepts(self, value: Any) -> bool:
        return type(value) is int and value % 2 == 0 and super().accepts(value)

    def words(self, kind: str) -> str:
        return f"an even number from {self.least} to {self.most}"


@dataclass(frozen=True)
class ListOf:
    """A list of one value or more; each keeps `rule`."""

    rule: Between

    def accepts(self, value: Any) -> bool:
        return type(value) is list and value != [] and all(map(self.rule.accepts, value))

    def words(self, kind: str) -> str:
        return f"a list, each {self.rule.words('a number')}"


@dataclass(frozen=True)
class PerLayer:
    """null, auto, or a section of layers' names and values; each value keeps `rule`."""

    rule: Between

    def accepts(self, value: Any) -> bool:
        if type(value) is not dict:
            return value is None or value == "auto"
        return all(type(name) is str and self.rule.accepts(v) for name, v in value.items())

    def words(self, kind: str) -> str:
        return f"null, auto, or a layer's name and {self.rule.words('a number')} for each of some layers"


class Sha256:
    """null or a SHA-256 in hexadecimal."""

    def accepts(self, value: Any) -> bool:
        return value is None or re.fullmatch("[0-9a-fA-F]{64}", value) is not None

    def words(self, kind: str) -> str:
        return "null or 64 hexadecimal digits, as text"


@dataclass(frozen=True)
class ClassNames:
    """null, or a list of two different names of classes or more."""

    def accepts(self, value: Any) -> bool:
        if type(value) is not list:
            return value is None
        return all(type(name) is str for name in value) and len(set(value)) == len(value) >= 2

    def words(self, kind: str) -> str:
        return "null or a list of two different class names or more (in quotes if they are numbers)"


@dataclass(frozen=True)
class PerClass:
    """null, a whole number, or a section of classes' names and numbers; each keeps `rule`."""

    rule: Between

    def accepts(self, value: Any) -> bool:
        if type(value) is dict:
            return all(type(name) is str and self._is_number(number) for name, number in value.items())
        return value is None or self._is_number(value)

    def words(self, kind: str) -> str:
        number = self.rule.words("a whole number")
        return (
            f"null, {number}, or such a number for each of some class names (in quotes if they are numbers)"
        )

    def _is_number(self, value: Any) -> bool:
        return type(value) is int and self.rule.accepts(value)


Rule = Between | OneOf | ListOf | PerLayer | Sha256 | ClassNames | PerClass


def checked(value: Any, hint: Any, where: str) -> Any:
    """`value` as the type hint wants it: whole numbers are accepted where a float is expected, booleans never
    as numbers. Raises UserError that names `where`, the value and what is allowed.
    """
    kind, rule = get_args(hint) if get_origin(hint) is Annotated else (hint, None)
    kinds = get_args(kind) or (kind,)
    if isinstance(rule, ListOf | PerLayer | ClassNames | PerClass):  # they look at the type themselves
        kinds = (type(value),)
    elif float in kinds and type(value) is int:
        value = float(value)
    if type(value) not in kinds or (rule is not None and not rule.accepts(value)):
        names = " or ".join(_NAMES.get(kind, "") for kind in kinds)
        wanted = names if rule is None else rule.words(names)
        raise UserError(f"{where} is {value!r}; it has to be {wanted}.")
    return value
