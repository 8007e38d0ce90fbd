"""Training and validation pictures in folds, each of which is held out once to measure on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from squeezenet_lib.dataset.arrays import Split
from squeezenet_lib.dataset.splits import stratified_split
from squeezenet_lib.errors import UserError

# Each kind of draw has a number of its own behind the seed; dataset/splits.py has 0 to 3.
_FOLDS, _VALIDATION = 4, 5


@dataclass(frozen=True)
class Fold:
    """One division of the pictures. held_out: not trained on, nor looked at when the epoch is chosen."""

    train: Split
    validation: Split
    held_out: Split


def folds_of(train: Split, validation: Split, folds: int, seed: int, classes: list[str]) -> Iterator[Fold]:
    """All pictures of the two splits in `folds` folds, 2 or more, stratified by class and drawn by the seed.

    Of the pictures that are not held out as large a share validates as in the given splits, at least one.
    Pictures are copied, those of a fold when it is asked for. Raises UserError, at once, when a class has
    fewer pictures than there are folds.
    """
    pool = Split(
        *(
            np.concatenate([getattr(split, name) for split in (train, validation)])
            for name in ("images", "labels", "targets")
        )
    )
    for name, count in zip(classes, np.bincount(pool.labels, minlength=len(classes)).tolist(), strict=True):
        if count < folds:
            raise UserError(
                f"train.folds is {folds}, and the class {name} has {count} pictures to train and validate "
                f"with; set train.folds to {max(count, 1)} or less, or add pictures."
            )
    share = len(validation.labels) / len(pool.labels)
    numbers = numbers_of_folds(pool.labels, folds, seed)
    return (_fold(pool, share, numbers == number, (seed, _VALIDATION, number)) for number in range(folds))


def numbers_of_folds(labels: npt.NDArray[np.int64], folds: int, seed: int) -> npt.NDArray[np.int64]:
    """The fold, from 0, of each picture, int64 (N,). Of each class, and of all pictures, one fold has at most
    one more than another.
    """
    random = np.random.default_rng([seed, _FOLDS])
    shuffled = [random.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]
    numbers = np.empty(len(labels), np.int64)
    numbers[np.concatenate(shuffled)] = np.arange(len(labels)) % folds
    return numbers


def _fold(pool: Split, share: float, held_out: npt.NDArray[np.bool_], seed: Sequence[int]) -> Fold:
    """held_out: a mask of the pool, bool (N,). share: of the other pictures, which validates."""
    rest = np.flatnonzero(~held_out)
    validates = stratified_split(pool.labels[rest].tolist(), max(share, 1 / len(rest)), seed)
    parts = rest[~validates], rest[validates], np.flatnonzero(held_out)
    return Fold(*(Split(pool.images[rows], pool.labels[rows], pool.targets[rows]) for rows in parts))
