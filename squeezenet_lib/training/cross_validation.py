"""How accurate a recipe is on few pictures: trained once for each fold, measured on what it held out."""

import statistics
from collections.abc import Callable, Iterable

import tf_keras

from squeezenet_lib import evaluation
from squeezenet_lib.dataset.folds import Fold
from squeezenet_lib.training.prediction import predict


def cross_validate(
    folds: Iterable[Fold], train: Callable[[Fold, int], tf_keras.Model]
) -> dict[str, float | dict[str, float]]:
    """Accuracies, shares of 1, on the held-out pictures of two folds or more: `mean`, `deviation` (of a
    sample), and `fold` with each one's by its number from 1.

    train: gives the trained network of a fold, whose number it gets, too. The networks are not kept.
    """
    accuracies: dict[str, float] = {}
    for number, fold in enumerate(folds, start=1):
        counts = [len(split.labels) for split in (fold.train, fold.validation, fold.held_out)]
        print(
            "fold {}: {} pictures train, {} choose the epoch, {} measure".format(number, *counts), flush=True
        )
        scores = predict(train(fold, number), fold.held_out.images)
        accuracies[str(number)] = evaluation.accuracy(fold.held_out.labels, scores)
        print(f"fold {number}: accuracy {accuracies[str(number)]:.4f}", flush=True)
    values = list(accuracies.values())
    return {"mean": statistics.mean(values), "deviation": statistics.stdev(values), "fold": accuracies}
