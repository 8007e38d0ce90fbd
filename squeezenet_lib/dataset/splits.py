"""Seeded splits that give each stratum its fair share."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class SplitRules:
    """test_share: of all pictures, 0..1. validation_share: of those left then, 0..1. limits: of some labels,
    how many pictures training and validation together may have. seed: of all draws. training_share: of the
    training pictures left in the end, 0..1.
    """

    test_share: float
    validation_share: float
    limits: Mapping[int, int]
    seed: int
    training_share: float = 1.0


def seed_of_splits(own: int | None, project: int) -> int:
    """preprocess.seed where there is one, else the project's."""
    return project if own is None else own


def stratified_split(strata: Sequence[Hashable], share: float, seed: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Choose round(share x N) of the N items: a mask, bool (N,).

    Every stratum gives its share rounded down or up (largest remainders are rounded up, ties by the order in
    which the strata first appear), and items are drawn from it at random. The result depends on the arguments
    only. Raises ValueError when share is outside 0..1.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share {share} is outside 0..1")
    members: dict[Any, list[int]] = {}
    for index, stratum in enumerate(strata):
        members.setdefault(stratum, []).append(index)
    exact = [share * len(indices) for indices in members.values()]
    takes = [int(value) for value in exact]
    left = round(share * len(strata)) - sum(takes)
    by_remainder = sorted(range(len(exact)), key=lambda group: takes[group] - exact[group])
    for group in by_remainder[:left]:
        takes[group] += 1
    random = np.random.default_rng(list(seed))
    chosen = np.zeros(len(strata), np.bool_)
    for indices, take in zip(members.values(), takes, strict=True):
        chosen[random.permutation(indices)[:take]] = True
    return chosen


def assign_splits(
    given: npt.NDArray[np.str_],
    labels: npt.NDArray[np.int64],
    strata: npt.NDArray[np.str_],
    rules: SplitRules,
) -> npt.NDArray[np.str_]:
    """The split of each of N pictures, str (N,): train, val, test, or empty where a limit leaves it out.

    given: what the source decided, else empty; its val and test stay as they are. The rest is shared out in
    three steps, all drawn by the seed and stratified on label and stratum:
    1. unless the source decided on test pictures, the rules' test_share of the rest becomes test;
    2. of each label that has a limit, no more than so many of the rest stay;
    3. unless the source decided on val pictures, validation_share of the rest becomes val; all else is train.
    """
    splits = np.array([split or "train" for split in given.tolist()], "<U5")
    groups = list(zip(labels.tolist(), strata.tolist(), strict=True))

    def draw(pool: npt.NDArray[np.intp], share: float, *number: int) -> npt.NDArray[np.intp]:
        return pool[stratified_split([groups[index] for index in pool], share, (rules.seed, *number))]

    if "test" not in splits:
        splits[draw(np.flatnonzero(splits == "train"), rules.test_share, 0)] = "test"
    for label, limit in rules.limits.items():
        pool = np.flatnonzero((splits == "train") & (labels == label))
        if limit < len(pool):
            splits[draw(pool, 1 - limit / len(pool), 2, label)] = ""
    if "val" not in splits:
        splits[draw(np.flatnonzero(splits == "train"), rules.validation_share, 1)] = "val"
    return splits


def thin_training(
    splits: npt.NDArray[np.str_],
    labels: npt.NDArray[np.int64],
    strata: npt.NDArray[np.str_],
    rules: SplitRules,
) -> npt.NDArray[np.bool_]:
    """Which pictures leave the train split so that the rules' training_share of it, rounded down, is left: a
    mask, bool (N,), drawn by the seed and stratified as in `assign_splits`, whose outcome `splits` is.
    """
    train = np.flatnonzero(splits == "train")
    left_out = np.zeros(len(splits), np.bool_)
    if not len(train):
        return left_out
    stay = math.floor(rules.training_share * len(train) + 1e-9)  # 0.29 x 100 is a rounding below 29
    groups = list(zip(labels[train].tolist(), strata[train].tolist(), strict=True))
    left_out[train] = ~stratified_split(groups, stay / len(train), (rules.seed, 3))
    return left_out
