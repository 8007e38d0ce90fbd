"""Turn the collected pictures into network inputs, split into train, val and test.

Reads:  data/raw
Writes: data/processed/{train,val,test}_{images,labels,targets}.npy, classes.json, report.json
Params: seed, preprocess
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from squeezenet_lib.dataset import SPLITS, Split, save_split
from squeezenet_lib.duplicates import Duplicates, find_duplicates
from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import replace_when_done, write_json
from squeezenet_lib.params import PreprocessParams, load_params
from squeezenet_lib.picture_decoding import decode_pictures, usable_cores
from squeezenet_lib.raw_index import RawIndex, read_index, refuse_unknown_classes
from squeezenet_lib.splits import assign_splits
from stages.stage import run

RAW = Path("data/raw")
PROCESSED = Path("data/processed")
FEWEST_PER_CLASS = 10
UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Selection:
    """splits: of each picture, str (N,), empty where it is left out. reasons: why, by the picture's place."""

    splits: npt.NDArray[np.str_]
    reasons: dict[int, str]
    duplicates: Duplicates


def main() -> None:
    """Decode, select, write."""
    params = load_params()
    preprocess(RAW, PROCESSED, params.preprocess, params.seed, usable_cores())


def preprocess(raw: Path, processed: Path, params: PreprocessParams, seed: int, processes: int = 1) -> None:
    """Make `processed` out of `raw`; the number of processes that decode changes nothing in it.

    Raises UserError when `raw` is damaged, a class in `params` is unknown, too many pictures are unreadable,
    a class has too few, or `processed` cannot be written.
    """
    index = read_index(raw, params.classes)
    limits = label_limits(params.pictures_per_class, index.classes)
    try:
        with replace_when_done(processed) as temporary:
            temporary.mkdir()
            inputs = temporary / "inputs"
            decoded = decode_pictures(raw / "pictures.zip", index.members, inputs, params, processes)
            selection = select(index, decoded.digests, params, limits, seed)
            pictures = Split(decoded.inputs, index.labels, index.targets)
            for name in SPLITS:
                save_split(temporary, name, pictures, selection.splits == name)
            inputs.unlink()
            classes = json.dumps(index.classes, ensure_ascii=False)
            (temporary / "classes.json").write_text(classes + "\n", "utf-8")
            content = report(index, params, selection)
            write_json(temporary / "report.json", content)
    except OSError as error:
        raise UserError(
            f"{processed} cannot be written ({error.strerror or error}); make room and run again."
        ) from None
    print_summary(content)


def label_limits(limit: int | dict[str, int] | None, classes: list[str]) -> dict[int, int]:
    """preprocess.pictures_per_class by label, for the labels that have a limit."""
    if isinstance(limit, dict):
        refuse_unknown_classes("preprocess.pictures_per_class", limit, classes)
        return {label: limit[name] for label, name in enumerate(classes) if name in limit}
    return {} if limit is None else dict.fromkeys(range(len(classes)), limit)


def select(
    index: RawIndex, digests: list[str | None], params: PreprocessParams, limits: dict[int, int], seed: int
) -> Selection:
    """Leave out what is unreadable, equal to another picture or over a limit; split the others.

    digests: of the files, None where unreadable. Raises UserError for too many unreadable pictures or too few
    of a class.
    """
    unreadable = [place for place, digest in enumerate(digests) if digest is None]
    check_unreadable([index.members[place] for place in unreadable], len(digests), params)
    duplicates = find_duplicates(digests, index.labels.tolist(), index.splits.tolist())
    reasons = dict.fromkeys(unreadable, UNREADABLE)
    reasons |= dict.fromkeys(duplicates.copy_of, "duplicate")
    reasons |= dict.fromkeys((p for group in duplicates.contradictory for p in group), "contradictory")
    kept = np.array([place for place in range(len(digests)) if place not in reasons], np.intp)
    splits = np.full(len(digests), "", "<U5")
    splits[kept] = assign_splits(
        index.splits[kept],
        index.labels[kept],
        index.strata[kept],
        params.test_share,
        params.validation_share,
        limits,
        seed,
    )
    reasons |= dict.fromkeys(kept[splits[kept] == ""].tolist(), "over preprocess.pictures_per_class")
    check_classes(index, splits, reasons)
    return Selection(splits, reasons, duplicates)


def check_unreadable(names: list[str], total: int, params: PreprocessParams) -> None:
    """Raise UserError for too many unreadable pictures."""
    if len(names) > params.max_unreadable_share * total:
        some = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        raise UserError(
            f"{len(names)} of {total} pictures cannot be read, more than preprocess.max_unreadable_share "
            f"({params.max_unreadable_share}) allows: {some}; repair or remove them."
        )


def check_classes(index: RawIndex, splits: npt.NDArray[np.str_], reasons: dict[int, str]) -> None:
    """Raise UserError when a class has too few pictures left or none to train with, or none are for val."""
    for label, name in enumerate(index.classes):
        places = np.flatnonzero(index.labels == label)
        left = int((splits[places] != "").sum())
        if left >= FEWEST_PER_CLASS and "train" in splits[places]:
            continue
        why = Counter(reason for place, reason in reasons.items() if index.labels[place] == label)
        of_all = f" left of {len(places)} ({in_words(why)})" if why else ""
        problem = "none of them is in the train split; give it more"
        if left < FEWEST_PER_CLASS:
            problem = f"it needs {FEWEST_PER_CLASS} or more"
        raise UserError(f"The class {name} has {left} pictures{of_all}; {problem}.")
    if "val" not in splits:
        raise UserError(
            "No picture is left to validate with; raise preprocess.validation_share or pictures_per_class, "
            "or add pictures."
        )


def report(index: RawIndex, params: PreprocessParams, selection: Selection) -> dict[str, Any]:
    """What report.json says: the form of an input, pictures of each split and class, what was left out."""
    pictures = {}
    for name in SPLITS:
        counts = np.bincount(index.labels[selection.splits == name], minlength=len(index.classes))
        pictures[name] = dict(zip(index.classes, counts.tolist(), strict=True))
    members, duplicates = index.members, selection.duplicates
    return {
        "input": {key: getattr(params, key) for key in ("size", "channels", "standardise")},
        "pictures": pictures,
        "left_out": dict(Counter(selection.reasons.values())),
        "unreadable": [members[place] for place, why in selection.reasons.items() if why == UNREADABLE],
        "duplicates": {members[copy]: members[kept] for copy, kept in duplicates.copy_of.items()},
        "contradictory": [[members[place] for place in group] for group in duplicates.contradictory],
    }


def print_summary(content: dict[str, Any]) -> None:
    """One line for each split of the report, and one for what was left out, if anything was."""
    for name, counts in content["pictures"].items():
        print(f"{name}: {sum(counts.values())} pictures, {in_words(counts)}")
    if content["left_out"]:
        print(f"left out: {in_words(content['left_out'])}; see report.json")


def in_words(counts: Mapping[str, int]) -> str:
    """Such as "3 unreadable, 1 duplicate"."""
    return ", ".join(f"{number} {name}" for name, number in counts.items())


if __name__ == "__main__":
    run(main)
