"""Where pictures come from: each source is a module with one function that returns a Collection."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from squeezenet_lib.layouts.leftovers import LeftOut


@dataclass(frozen=True)
class SourcePicture:
    """One picture file as the source has it.

    member: its name in the archive, unique, parts joined by "/". content: the file's bytes. target:
    probability (0..1) of the second of two classes where the source knows one. stratum: pictures of a class
    that ought to be spread evenly over the splits share one. split: train, val or test where the source has
    decided, else empty.
    """

    member: str
    class_name: str
    content: bytes
    target: float | None = None
    stratum: str = ""
    split: str = ""


@dataclass(frozen=True)
class Collection:
    """All pictures of a source and what has to be said about them.

    classes: in label order, two or more. origin: further facts for the provenance file, such as checksums.
    pictures: read one after the other, once; in a fixed order. count: how many these are, where that is known
    beforehand. left_out: what else the source has, sorted by name.
    """

    source: str
    licence: str
    citation: str
    classes: list[str]
    pictures: Iterable[SourcePicture]
    origin: dict[str, str] = field(default_factory=dict)
    count: int | None = None
    left_out: list[LeftOut] = field(default_factory=list)
