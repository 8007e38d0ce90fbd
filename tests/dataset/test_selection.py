"""Which pictures are taken, and the sentences for those that are not."""

from dataclasses import replace

import numpy as np
import pytest

from squeezenet_lib.dataset.raw_index import RawIndex
from squeezenet_lib.dataset.selection import Selection, select, split_rules
from squeezenet_lib.dataset.selection_report import selection_report, summary_lines
from squeezenet_lib.errors import UserError
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import PreprocessParams
from squeezenet_lib.paths import ROOT

PARAMS = replace(load_params(ROOT / "params.yaml").preprocess, size=32, max_unreadable_share=0.1)
# A picture: its class, the digest of its file (None: unreadable), and its split where the source says one.
Row = tuple[str, str | None, str]


def of_class(name: str, count: int, split: str = "") -> list[Row]:
    return [(name, f"{name} {number}", split) for number in range(count)]


ANIMALS = [*of_class("cat", 20), *of_class("dog", 20)]


def index_of(rows: list[Row]) -> RawIndex:
    classes = sorted({name for name, _, _ in rows})
    labels = np.array([classes.index(name) for name, _, _ in rows], np.int64)
    return RawIndex(
        classes,
        [f"{place}.png" for place in range(len(rows))],
        labels,
        np.array([split for _, _, split in rows]),
        np.full(len(rows), ""),
        np.eye(len(classes), dtype=np.float32)[labels],
        {},
    )


def selected(rows: list[Row], params: PreprocessParams = PARAMS) -> Selection:
    index = index_of(rows)
    digests = [digest for _, digest, _ in rows]
    return select(index, digests, None, split_rules(params, index.classes, 1), params.max_unreadable_share)


def test_limits_are_for_all_classes_or_for_those_that_are_named() -> None:
    classes = ["ant", "bee", "cow"]
    for given, limits in ((None, {}), (7, {0: 7, 1: 7, 2: 7}), ({"cow": 5, "ant": 4}, {0: 4, 2: 5})):
        rules = split_rules(replace(PARAMS, pictures_per_class=given), classes, 3)
        assert (rules.limits, rules.seed) == (limits, 3)
        assert (rules.test_share, rules.validation_share) == (PARAMS.test_share, PARAMS.validation_share)
    with pytest.raises(UserError, match=r"pictures_per_class has Cow; the classes are ant, bee, cow\."):
        split_rules(replace(PARAMS, pictures_per_class={"ant": 4, "Cow": 5}), classes, 3)


def test_splits_are_drawn_by_their_own_seed_or_by_the_projects() -> None:
    classes = ["cat", "dog"]
    assert [split_rules(replace(PARAMS, seed=own), classes, 3).seed for own in (None, 0, 5)] == [3, 0, 5]


def test_a_share_of_the_training_pictures_leaves_out_training_pictures_alone() -> None:
    rows = [*of_class("cat", 40), *of_class("dog", 120)]
    whole, half = (selected(rows, replace(PARAMS, training_share=share)) for share in (1.0, 0.5))
    assert set(whole.reasons) == set()
    left_out = np.array(sorted(half.reasons))
    assert set(half.reasons.values()) == {"over preprocess.training_share"}
    assert set(whole.splits[left_out]) == {"train"}
    others = np.setdiff1d(np.arange(160), left_out)
    assert np.array_equal(whole.splits[others], half.splits[others])
    # val is a tenth of what test, a quarter, leaves: of 30 cats and 90 dogs
    assert [int((half.splits[:40] == "train").sum()), int((half.splits[40:] == "train").sum())] == [14, 40]


def test_a_share_that_leaves_a_class_nothing_to_train_with_is_an_error() -> None:
    with pytest.raises(UserError, match=r"dog has 5 pictures.* 10 or more: raise preprocess\.training_share"):
        selected([*of_class("cat", 90), *of_class("dog", 12)], replace(PARAMS, training_share=0.1))
    assert split_rules(PARAMS, ["cat"], 1).training_share == 1.0


def test_what_is_left_out_has_a_reason_and_no_split() -> None:
    rows = [*ANIMALS, ("cat", None, ""), ("dog", "dog 3", ""), ("dog", "cat 5", "")]
    selection = selected(rows, replace(PARAMS, pictures_per_class={"dog": 9}))
    left_out = {place: reason for place, reason in selection.reasons.items() if "over" not in reason}
    assert left_out == {40: "unreadable", 41: "duplicate", 42: "contradictory", 5: "contradictory"}
    assert np.flatnonzero(selection.splits == "").tolist() == sorted(selection.reasons)
    assert (selection.duplicates.copy_of, selection.duplicates.contradictory) == ({41: 23}, [[5, 42]])
    dogs = selection.splits[20:40]
    assert np.isin(dogs, ["train", "val"]).sum() == 9
    assert (dogs == "").sum() == 20 - 9 - (dogs == "test").sum() > 0


def test_too_many_unreadable_pictures_are_an_error_that_names_some() -> None:
    assert len(selected([*ANIMALS, *[("cat", None, "")] * 4]).reasons) == 4
    with pytest.raises(UserError) as error:
        selected([*ANIMALS, *[("cat", None, "")] * 6])
    assert str(error.value) == (
        "6 of 46 pictures cannot be read, more than preprocess.max_unreadable_share (0.1) allows: "
        "40.png, 41.png, 42.png, 43.png, 44.png, ...; repair or remove them "
        "and take all pictures anew by `dvc repro --single-item --force download`, then `dvc repro`."
    )


def test_a_class_with_few_pictures_is_an_error() -> None:
    with pytest.raises(UserError, match=r"The class dog has 9 pictures; it needs 10 or more: add"):
        selected([*of_class("cat", 20), *of_class("dog", 9)])


def test_a_class_that_becomes_small_or_empty_is_an_error_that_says_why() -> None:
    broken: list[Row] = [("rare", None, "")] * 3
    copies: list[Row] = [("rare", "the same", "")] * 4
    rare = [*broken, *copies, *of_class("rare", 12), ("rare", "cat 0", "")]
    why = r"of 20 \(3 unreadable, 3 duplicate, 1 contradictory, 8 over preprocess\.pictures_per_class\)"
    with pytest.raises(UserError, match=f"The class rare has 5 pictures left {why}; it needs 10 or more"):
        selected([*ANIMALS, *rare], replace(PARAMS, pictures_per_class={"rare": 2}))
    with pytest.raises(UserError, match=r"The class rare has 0 pictures left of 3 \(3 unreadable\)"):
        selected([*ANIMALS, *broken])


def test_a_class_without_pictures_to_train_with_is_an_error() -> None:
    with pytest.raises(UserError, match="The class dog has 20 pictures; none of them is in the train split"):
        selected([*of_class("cat", 20), *of_class("dog", 20, "test")])


def test_limits_that_leave_nothing_to_validate_with_are_an_error() -> None:
    rows = [
        (name, digest, "test" if place % 20 < 12 else "") for place, (name, digest, _) in enumerate(ANIMALS)
    ]
    with pytest.raises(UserError, match="No picture is left to validate with; raise preprocess"):
        selected(rows, replace(PARAMS, pictures_per_class=2))


def test_the_report_counts_and_names() -> None:
    rows = [*ANIMALS, ("cat", None, ""), ("dog", "dog 3", ""), ("dog", "cat 5", "")]
    selection = selected(rows)
    report = selection_report(index_of(rows), PARAMS, selection)
    assert report["input"] == {"size": 32, "channels": 1, "standardise": True}
    assert report["left_out"] == {"unreadable": 1, "duplicate": 1, "contradictory": 2}
    assert report["unreadable"] == ["40.png"]
    assert report["duplicates"] == {"41.png": "23.png"}
    assert report["contradictory"] == [["5.png", "42.png"]]
    counts = {name: sum(classes.values()) for name, classes in report["pictures"].items()}
    assert counts == {name: int((selection.splits == name).sum()) for name in ("train", "val", "test")}
    assert sum(classes["dog"] for classes in report["pictures"].values()) == 20


def test_the_summary_is_a_line_for_each_split_and_one_for_what_was_left_out() -> None:
    report = {
        "pictures": {
            "train": {"cat": 3, "dog": 4},
            "val": {"cat": 1, "dog": 0},
            "test": {"cat": 2, "dog": 2},
        },
        "left_out": {},
    }
    lines = [
        "train: 7 pictures, 3 cat, 4 dog",
        "val: 1 pictures, 1 cat, 0 dog",
        "test: 4 pictures, 2 cat, 2 dog",
    ]
    assert summary_lines(report) == lines
    report["left_out"] = {"unreadable": 3, "duplicate": 1}
    assert summary_lines(report) == [*lines, "left out: 3 unreadable, 1 duplicate; see report.json"]
