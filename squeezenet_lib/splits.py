"""Seeded splits that give each stratum its fair share."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


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
    test_share: float,
    validation_share: float,
    limits: Mapping[int, int],
    seed: int,
) -> npt.NDArray[np.str_]:
    """The split of each of N pictures, str (N,): train, val, test, or empty where a limit leaves it out.

    given: what the source decided, else empty; its val and test stay as they are. The rest is shared out in
    three steps, all drawn by the seed and stratified on label and stratum:
    1. unless the source decided on test pictures, test_share of the rest becomes test;
    2. of each label in `limits`, no more than so many of the rest stay;
    3. unless the source decided on val pictures, validation_share of the rest becomes val; all else is train.
    """
    splits = np.array([split or "train" for split in given.tolist()], "<U5")
    groups = list(zip(labels.tolist(), strata.tolist(), strict=True))

    def draw(pool: npt.NDArray[np.intp], share: float, *number: int) -> npt.NDArray[np.intp]:
        return pool[stratified_split([groups[index] for index in pool], share, (seed, *number))]

    if "test" not in splits:
        splits[draw(np.flatnonzero(splits == "train"), test_share, 0)] = "test"
    for label, limit in limits.items():
        pool = np.flatnonzero((splits == "train") & (labels == label))
        if limit < len(pool):
            splits[draw(pool, 1 - limit / len(pool), 2, label)] = ""
    if "val" not in splits:
        splits[draw(np.flatnonzero(splits == "train"), validation_share, 1)] = "val"
    return splits
