"""Seeded splits that give each stratum its fair share."""

from collections.abc import Hashable, Sequence
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
