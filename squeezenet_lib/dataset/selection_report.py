"""A selection of pictures as report.json tells it, and in a few lines for the terminal."""

from collections import Counter
from typing import Any

import numpy as np

from squeezenet_lib.dataset.arrays import SPLITS
from squeezenet_lib.dataset.names import shown_list
from squeezenet_lib.dataset.raw_index import RawIndex
from squeezenet_lib.dataset.selection import MOST_NAMED, UNREADABLE, Selection, in_words
from squeezenet_lib.params.sections import PreprocessParams


def selection_report(index: RawIndex, params: PreprocessParams, selection: Selection) -> dict[str, Any]:
    """What report.json says: the form of an input, pictures of each split and class, what was left out.

    If there are any, also near duplicates, classes that a split lacks, what stage download left out.
    """
    pictures = {}
    for name in SPLITS:
        counts = np.bincount(index.labels[selection.splits == name], minlength=len(index.classes))
        pictures[name] = dict(zip(index.classes, counts.tolist(), strict=True))
    members, duplicates, near = index.members, selection.duplicates, selection.near_duplicates
    contradictory = [*duplicates.contradictory, *near.contradictory]
    report = {
        "input": {key: getattr(params, key) for key in ("size", "channels", "standardise")},
        "pictures": pictures,
        "left_out": dict(Counter(selection.reasons.values())),
        "unreadable": [members[place] for place, why in selection.reasons.items() if why == UNREADABLE],
        "duplicates": {members[copy]: members[kept] for copy, kept in duplicates.copy_of.items()},
        "contradictory": [[members[place] for place in group] for group in contradictory],
    }
    others = {
        "near_duplicates": {members[copy]: members[kept] for copy, kept in near.copy_of.items()},
        "classes_without_pictures": {
            name: lacking
            for name, counts in pictures.items()
            if (lacking := [label for label, count in counts.items() if not count])
        },
        "left_out_by_download": index.left_out,
    }
    return report | {key: content for key, content in others.items() if content}


def summary_lines(report: dict[str, Any]) -> list[str]:
    """One line for each split of the report, for classes that it lacks, and for what was left out."""
    lines = [
        f"{name}: {sum(counts.values())} pictures, {in_words(counts)}"
        for name, counts in report["pictures"].items()
    ]
    for name, lacking in report.get("classes_without_pictures", {}).items():
        lines.append(f"{name} has no picture of {shown_list(lacking, MOST_NAMED)}")
    if report["left_out"]:
        lines.append(f"left out: {in_words(report['left_out'])}; see report.json")
    return lines
