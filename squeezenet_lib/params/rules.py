"""What a key of params.yaml may be: rules that accept a value and say in words what they accept.

Nothing is `null`. `none`, and None as Python has it, are taken for it wherever null may stand, but not where
a path may: that could be a folder's name.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin
from unicodedata import normalize

from squeezenet_lib.errors import UserError
from squeezenet_lib.paths import WEIGHTS

# Names that train.init_from may have; files of these names in weights/ say what they stand for.
IMAGENET, RANDOM = "imagenet", "random"
IMAGENET_WIDTH = 1.0  # of the network that was trained
# What suits a start, where params.yaml has null: random weights bear, and need, larger steps.
LEARNING_RATE, LEARNING_RATE_OF_RANDOM = 0.001, 0.003

_NONE = "none"
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


@dataclass(frozen=True)
class Suited(Between):
    """Bounds of a number in whose place null may stand, which `suit` replaces before it is checked."""

    def words(self, kind: str) -> str:
        return f"{super().words(kind)}, or null for what suits train.init_from"


@dataclass(frozen=True)
class OrNull(Between):
    """Bounds of a number in whose place null may stand."""

    def accepts(self, value: Any) -> bool:
        return value is None or super().accepts(value)

    def words(self, kind: str) -> str:
        return f"{super().words(kind.removesuffix(' or null'))}, or null"


@dataclass(frozen=True)
class Whole(Between):
    """Whole numbers between two bounds."""

    def accepts(self, value: Any) -> bool:
        return type(value) is int and super().accepts(value)

    def words(self, kind: str) -> str:
        return super().words("a whole number")


@dataclass(frozen=True)
class Even(Whole):
    """Even whole numbers between two bounds."""

    def accepts(self, value: Any) -> bool:
        return super().accepts(value) and value % 2 == 0

    def words(self, kind: str) -> str:
        return f"an even number from {self.least} to {self.most}"


class Start:
    """What train.init_from may be."""

    def accepts(self, value: Any) -> bool:
        named = value in (None, IMAGENET, RANDOM)
        return named or (str(value).endswith(".keras") and not str(value).startswith(f"{WEIGHTS}/"))

    def words(self, kind: str) -> str:
        return f"{IMAGENET}, {RANDOM}, null or the name of a .keras file in the folder {WEIGHTS}"


class Own(ABC):
    """A rule that looks at the type itself. `spelled` gives the one spelling that an accepted value has."""

    @abstractmethod
    def accepts(self, value: Any) -> bool: ...

    @abstractmethod
    def words(self, kind: str) -> str: ...

    def spelled(self, value: Any) -> Any:
        return value


@dataclass(frozen=True)
class ListOf(Own):
    """A list of one value or more; each keeps `rule`."""

    rule: Between

    def accepts(self, value: Any) -> bool:
        return type(value) is list and value != [] and all(map(self.rule.accepts, value))

    def words(self, kind: str) -> str:
        return f"a list, each {self.rule.words('a number')}"


@dataclass(frozen=True)
class PerLayer(Own):
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
class ClassNames(Own):
    """null, or a list of two different names of classes or more."""

    def accepts(self, value: Any) -> bool:
        if type(value) is not list:
            return value is None
        return all(type(name) is str for name in value) and len(set(_composed(value))) == len(value) >= 2

    def words(self, kind: str) -> str:
        return "null or a list of two different class names or more (in quotes if they are numbers)"

    def spelled(self, value: Any) -> Any:
        return _composed(value)


@dataclass(frozen=True)
class PerClass(Own):
    """null, a whole number, or a section of classes' names and numbers; each keeps `rule`."""

    rule: Whole

    def accepts(self, value: Any) -> bool:
        if type(value) is dict:
            return all(type(name) is str and self.rule.accepts(number) for name, number in value.items())
        return value is None or self.rule.accepts(value)

    def words(self, kind: str) -> str:
        number = self.rule.words("a whole number")
        return (
            f"null, {number}, or such a number for each of some class names (in quotes if they are numbers)"
        )

    def spelled(self, value: Any) -> Any:
        return _composed(value)


def from_imagenet(init_from: Any, width: Any) -> bool:
    """Whether training starts from ImageNet's weights: where train.init_from asks for them and model.width is
    that of the network which was trained.
    """
    return bool(init_from == IMAGENET and width == IMAGENET_WIDTH)


def suit(content: Any) -> Any:
    """What params.yaml holds, with a number for a null in train.learning_rate; the rest is not looked at."""
    try:
        train, width = content["train"], content["model"]["width"]
        if _is_nothing(train["learning_rate"]):
            start = train["init_from"]
            trained = start not in (None, RANDOM, IMAGENET) or from_imagenet(start, width)
            rate = LEARNING_RATE if trained else LEARNING_RATE_OF_RANDOM
            return content | {"train": train | {"learning_rate": rate}}
    except (KeyError, TypeError):  # a mistake, which is named where all keys are checked
        pass
    return content


class OperatingPoint(Own):
    """null, or a section of a class's name and one of `recall` and `precision`, 0 to 1."""

    def accepts(self, value: Any) -> bool:
        if type(value) is not dict:
            return value is None
        measures = value.keys() - {"class"}
        return (
            type(value.get("class")) is str
            and measures in ({"recall"}, {"precision"})
            and all(Between(0.0, 1.0).accepts(value[measure]) for measure in measures)
        )

    def words(self, kind: str) -> str:
        return (
            "null, or a section of class (in quotes if it is a number) and one of recall and precision, from "
            "0.0 to 1.0"
        )

    def spelled(self, value: Any) -> Any:
        return value and {**value, "class": normalize("NFC", value["class"])}


class Unknown(Own):
    """off (which YAML may read as false), auto, or a probability."""

    def accepts(self, value: Any) -> bool:
        return value is False or value in ("off", "auto") or Between(0.0, 1.0).accepts(value)

    def words(self, kind: str) -> str:
        return "off, auto, or a number from 0.0 to 1.0"

    def spelled(self, value: Any) -> Any:
        return "off" if value is False else value if isinstance(value, str) else float(value)


def checked(value: Any, hint: Any, where: str) -> Any:
    """`value` as the type hint wants it: one of a Literal's values, or of its type and within its rule; whole
    numbers are accepted where a float is expected, booleans never as numbers. Raises UserError that names
    `where`, the value and what is allowed.
    """
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        chosen = _NONE if _NONE in choices and _is_nothing(value) else value
        if (type(chosen), chosen) not in [(type(choice), choice) for choice in choices]:
            shown = ("null" if choice == _NONE else str(choice) for choice in choices)
            raise _refusal(where, value, "one of " + ", ".join(shown))
        return chosen
    kind, rule = get_args(hint) if get_origin(hint) is Annotated else (hint, None)
    kinds = get_args(kind) or (kind,)
    if rule is not None and NoneType in kinds and _is_nothing(value) and not isinstance(rule, Start):
        return None
    if isinstance(rule, Own):
        kinds = (type(value),)
    elif float in kinds and type(value) is int:
        value = float(value)
    if type(value) not in kinds or (rule is not None and not rule.accepts(value)):
        names = " or ".join(_NAMES.get(kind, "") for kind in kinds)
        raise _refusal(where, value, names if rule is None else rule.words(names))
    return rule.spelled(value) if isinstance(rule, Own) else value


def _composed(value: Any) -> Any:
    """Names of classes as sources spell them: é as one character, however the editor wrote it."""
    if isinstance(value, list):
        return [normalize("NFC", name) if isinstance(name, str) else name for name in value]
    if isinstance(value, dict):
        return {normalize("NFC", k) if isinstance(k, str) else k: v for k, v in value.items()}
    return value


def _refusal(where: str, value: Any, wanted: str) -> UserError:
    return UserError(f"{where} is {as_written(value)}; it has to be {wanted}.")


def _is_nothing(value: Any) -> bool:
    return value is None or (type(value) is str and value.casefold() == _NONE)


def as_written(value: Any) -> str:
    """As YAML has it: null and true, not None and True."""
    if value is None:
        return "null"
    return str(value).lower() if type(value) is bool else repr(value)
