"""Which of the collected pictures are taken, for which split, and why the others are not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from squeezenet_lib.dataset.appearance import Appearances
from squeezenet_lib.dataset.duplicates import Duplicates, find_duplicates
from squeezenet_lib.dataset.names import shown_list
from squeezenet_lib.dataset.near_duplicates import find_near_duplicates
from squeezenet_lib.dataset.raw_index import RawIndex, refuse_unknown_classes
from squeezenet_lib.dataset.splits import SplitRules, assign_splits, seed_of_splits, thin_training
from squeezenet_lib.errors import UserError
from squeezenet_lib.params.sections import PreprocessParams

FEWEST_PER_CLASS = 10
UNREADABLE = "unreadable"
NEAR_DUPLICATE = "near duplicate"
MOST_NAMED = 5
# The stage download is up to date for DVC, which does not look into the folder of a user's own pictures.
ANEW = "and take all pictures anew by `dvc repro --single-item --force download`, then `dvc repro`"
LIMIT = "preprocess.pictures_per_class"
OVER_LIMIT = f"over {LIMIT}"
SHARE = "preprocess.training_share"
OVER_SHARE = f"over {SHARE}"


@dataclass(frozen=True)
class Selection:
    """splits: of each picture, str (N,), empty where it is left out. reasons: why, by the picture's place.

    duplicates: equal files. near_duplicates: equal pixels.
    """

    splits: npt.NDArray[np.str_]
    reasons: dict[int, str]
    duplicates: Duplicates
    near_duplicates: Duplicates


def split_rules(params: PreprocessParams, classes: list[str], seed: int) -> SplitRules:
    """How the pictures of `classes`, in label order, are to be split. seed: of the project. Raises UserError
    for a limit on a class that is not among them.
    """
    limit = params.pictures_per_class
    if isinstance(limit, dict):
        refuse_unknown_classes(LIMIT, limit, classes)
        limits = {label: limit[name] for label, name in enumerate(classes) if name in limit}
    else:
        limits = {} if limit is None else dict.fromkeys(range(len(classes)), limit)
    seed = seed_of_splits(params.seed, seed)
    return SplitRules(params.test_share, params.validation_share, limits, seed, params.training_share)


def select(
    index: RawIndex,
    digests: Sequence[str | None],
    appearances: Appearances | None,
    rules: SplitRules,
    max_unreadable_share: float,
) -> Selection:
    """Leave out what is unreadable, equal to another picture, over a limit or a share; split the others.

    digests: of the files, None where unreadable. appearances: of the pictures; None: alike ones may stay.
    Raises UserError for too many unreadable pictures or too few of a class.
    """
    unreadable = [place for place, digest in enumerate(digests) if digest is None]
    _check_unreadable([index.members[place] for place in unreadable], len(digests), max_unreadable_share)
    labels, given = index.labels.tolist(), index.splits.tolist()
    reasons = dict.fromkeys(unreadable, UNREADABLE)
    duplicates = find_duplicates(digests, labels, given)
    reasons |= _reasons(duplicates, "duplicate")
    near_duplicates = Duplicates({}, [])
    if appearances is not None:
        places = [place for place in range(len(digests)) if place not in reasons]
        near_duplicates = find_near_duplicates(appearances, places, labels, given)
        reasons |= _reasons(near_duplicates, NEAR_DUPLICATE)
    kept = np.array([place for place in range(len(digests)) if place not in reasons], np.intp)
    splits = np.full(len(digests), "", "<U5")
    groups = index.labels[kept], index.strata[kept]
    splits[kept] = assign_splits(index.splits[kept], *groups, rules)
    reasons |= dict.fromkeys(kept[splits[kept] == ""].tolist(), OVER_LIMIT)
    thinned = kept[thin_training(splits[kept], *groups, rules)]
    splits[thinned] = ""
    reasons |= dict.fromkeys(thinned.tolist(), OVER_SHARE)
    _check_classes(index, splits, reasons)
    return Selection(splits, reasons, duplicates, near_duplicates)


def _reasons(found: Duplicates, why: str) -> dict[int, str]:
    contradictory = (place for group in found.contradictory for place in group)
    return dict.fromkeys(found.copy_of, why) | dict.fromkeys(contradictory, "contradictory")


def in_words(counts: Mapping[str, int]) -> str:
    """Such as "3 unreadable, 1 duplicate"."""
    return ", ".join(f"{number} {name}" for name, number in counts.items())


def _check_unreadable(names: list[str], total: int, max_share: float) -> None:
    if len(names) > max_share * total:
        raise UserError(
            f"{len(names)} of {total} pictures cannot be read, more than preprocess.max_unreadable_share "
            f"({max_share}) allows: {shown_list(names, MOST_NAMED)}; repair or remove them {ANEW}."
        )


def _check_classes(index: RawIndex, splits: npt.NDArray[np.str_], reasons: dict[int, str]) -> None:
    """Raise UserError when a class has too few pictures left or none to train with, or none are for val."""
    for label, name in enumerate(index.classes):
        places = np.flatnonzero(index.labels == label)
        left = int((splits[places] != "").sum())
        if left >= FEWEST_PER_CLASS and "train" in splits[places]:
            continue
        why = Counter(reason for place, reason in reasons.items() if index.labels[place] == label)
        of_all = f" left of {len(places)} ({in_words(why)})" if why else ""
        problem = "none of them is in the train split"
        if left < FEWEST_PER_CLASS:
            problem = f"it needs {FEWEST_PER_CLASS} or more"
            if NEAR_DUPLICATE in why:
                problem += ", or preprocess.near_duplicates: keep"
        limiting = [param for param, reason in ((SHARE, OVER_SHARE), (LIMIT, OVER_LIMIT)) if reason in why]
        remedy = f"raise {limiting[0]}" if limiting else f"add pictures {ANEW}"
        raise UserError(f"The class {name} has {left} pictures{of_all}; {problem}: {remedy}.")
    if "val" not in splits:
        raise UserError(
            "No picture is left to validate with; raise preprocess.validation_share or pictures_per_class, "
            f"or add pictures {ANEW}."
        )
