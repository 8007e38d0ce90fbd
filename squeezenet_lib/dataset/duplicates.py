"""Picture files that are equal byte for byte: in two splits they would test a network on what it has learned.

The same picture saved anew is another file; near_duplicates.py finds it.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

# Which of equal pictures stays: the one in the split that ranks first. All other pictures rank last, alike.
SPLIT_RANKS = {"test": 0, "val": 1}


@dataclass(frozen=True)
class Duplicates:
    """What is to be left out, as indices of pictures.

    copy_of: a picture to leave out and the equal one of its class that stays. contradictory: groups of equal
    pictures that stand in two classes or more; at most one of them can be right, so all are to be left out.
    """

    copy_of: dict[int, int]
    contradictory: list[list[int]]


def find_duplicates(
    digests: Sequence[str | None], classes: Sequence[Hashable], splits: Sequence[str]
) -> Duplicates:
    """Compare N pictures by the digests of their files; None is equal to nothing.

    Of equal pictures of one class, the one that the source gave to the test split stays, else one of its
    validation split, else any: the first in order. `splits`: as given by the source, empty where undecided.
    """
    equals: dict[str, list[int]] = {}
    for index, digest in enumerate(digests):
        if digest is not None:
            equals.setdefault(digest, []).append(index)
    found = Duplicates({}, [])
    for group in equals.values():
        if len({classes[index] for index in group}) > 1:
            found.contradictory.append(group)
            continue
        stays = min(group, key=lambda index: SPLIT_RANKS.get(splits[index], len(SPLIT_RANKS)))
        found.copy_of.update({index: stays for index in group if index != stays})
    return found
