"""Which layers bear how many zeros and how few weight values: each is thinned alone, and the loss watched.

The scan sees validation pictures only, and nothing is fine-tuned. Losses of layers, and of zeros and levels,
are taken to add up (sensitivities of single layers: Han et al. 2015, arXiv:1506.02626, section 5; Li et al.
2017, arXiv:1608.08710, section 3.2); the proposal is then measured as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import tf_keras
from tqdm import tqdm

from squeezenet_lib import evaluation
from squeezenet_lib.coding.entropy import entropy_bits
from squeezenet_lib.compression.pruning import STAYS_DENSE
from squeezenet_lib.compression.weight_grid import WeightGrid
from squeezenet_lib.compression.weight_sharing import best_steps
from squeezenet_lib.dataset.arrays import Split
from squeezenet_lib.errors import UserError
from squeezenet_lib.training.network import convolutions, filter_gains
from squeezenet_lib.training.prediction import predictor

SPARSITIES = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
LEVELS = (30, 14, 6, 2)
_MOST_PICTURES = 512
_MOST_WEIGHTS = 20_000
# Halvings of the price of a loss between the cheapest and the dearest, when the proposal is looked for.
_TRIALS = 14
_PRICES = (1e-2, 1e8)  # bytes for one nat of loss

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Measurement:
    """What the network loses when one layer alone has this share of zeros, or so many values besides zero (0:
    as many as it has). loss: increase of the validation cross-entropy in nats. accuracy: 0..1.
    """

    layer: str
    sparsity: float
    levels: int
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Proposal:
    """Sparsity and levels by layer, and the accuracy of the network on validation with and without them,
    before fine-tuning, 0..1. bytes: an estimate of the coded weights of these layers.
    """

    sparsity: dict[str, float]
    levels: dict[str, int]
    accuracy: float
    unpruned_accuracy: float
    bytes: int


@dataclass(frozen=True)
class Scan:
    measurements: list[Measurement]
    proposal: Proposal


def sensitivity_scan(model: tf_keras.Model, validation: Split, targets: Floats, budget: float) -> Scan:
    """Measure all layers, then propose the smallest network that loses at most `budget` of its accuracy.

    targets: float32 (N, classes) of the validation pictures, of which at most 512 are looked at.
    """
    measurements = measure(model, validation, targets)
    return Scan(measurements, propose(model, validation, targets, measurements, budget))


def measure(model: tf_keras.Model, validation: Split, targets: Floats) -> list[Measurement]:
    """Measure every layer of `model` but those that stay dense at all SPARSITIES and all LEVELS."""
    quality = _quality(model, validation, targets)
    base, _ = quality()
    measurements = []
    layers = [layer for layer in convolutions(model) if layer.name not in STAYS_DENSE]
    settings = [(share, 0) for share in SPARSITIES if share > 0] + [(0.0, count) for count in LEVELS]
    for layer in tqdm(layers, desc="sensitivity", unit="layer", leave=False):
        gains = filter_gains(model)[layer.name]
        for sparsity, levels in settings:
            with _changed(layer, thinned(layer.kernel.numpy(), gains, sparsity, levels)):
                loss, accuracy = quality()
            measurements.append(Measurement(layer.name, sparsity, levels, loss - base, accuracy))
    return measurements


def propose(
    model: tf_keras.Model,
    validation: Split,
    targets: Floats,
    measurements: Sequence[Measurement],
    budget: float,
) -> Proposal:
    """The smallest network that loses at most `budget` of its accuracy on validation, all layers thinned
    together and not fine-tuned: each layer gets what is cheapest when losses have a price, and the lowest
    price that keeps the budget is taken. Raises UserError when not even the mildest setting keeps it.
    """
    quality = _quality(model, validation, targets)
    _, unpruned = quality()
    sizes = _sizes(model, measurements)
    gains = filter_gains(model)

    def accuracy_of(choices: Mapping[str, tuple[float, int]]) -> float:
        with ExitStack() as changes:
            for name, (share, count) in choices.items():
                layer = model.get_layer(name)
                kernel = thinned(layer.kernel.numpy(), gains[name], share, count)
                changes.enter_context(_changed(layer, kernel))
            return quality()[1]

    low, high = (math.log(price) for price in _PRICES)
    best = dict.fromkeys(sizes, (SPARSITIES[0], LEVELS[0]))
    accuracy = accuracy_of(best)
    if accuracy < unpruned - budget:
        raise UserError(
            f"prune.accuracy_budget is {budget}, but {LEVELS[0]} values in each layer alone lose "
            f"{unpruned - accuracy:.3f} of accuracy; raise the budget, or give prune.per_layer yourself."
        )
    for _ in range(_TRIALS):
        price = math.exp((low + high) / 2)
        choices = _at_price(sizes, measurements, price)
        reached = accuracy_of(choices)
        if reached >= unpruned - budget:
            best, accuracy, high = choices, reached, math.log(price)
        else:
            low = math.log(price)
    return Proposal(
        {name: share for name, (share, _) in best.items()},
        {name: count for name, (_, count) in best.items()},
        accuracy,
        unpruned,
        round(sum(sizes[name][choice] for name, choice in best.items())),
    )


def thinned(kernel: Floats, gains: Floats, sparsity: float, levels: int) -> Floats:
    """`kernel` (height, width, channels, filters) with its smallest weights zero, the others on `levels`
    values for each filter (0: left as they are). gains: of batch normalisation, (filters,).
    """
    kept = kernel.copy()
    count = round(sparsity * kernel.size)
    if count:
        kept[np.abs(kept) <= np.partition(np.abs(kept).ravel(), count - 1)[count - 1]] = 0
    if levels:
        steps = _steps(kept, gains, levels)
        kept = _levels(kept, steps, levels) * steps
    return kept


def _steps(kernel: Floats, gains: Floats, levels: int) -> Floats:
    gain = np.where(gains == 0, 1, np.abs(gains))
    return (best_steps(kernel * gain, WeightGrid("uniform", levels)) / gain).astype(np.float32)


def _levels(kernel: Floats, steps: Floats, levels: int) -> Floats:
    return WeightGrid("uniform", levels).nearest((kernel / steps).astype(np.float64)).astype(np.float32)


def coded_bytes(kernel: Floats, gains: Floats, sparsity: float, levels: int) -> float:
    """Bytes of the thinned kernel at the entropy of its levels, estimated from some of its filters."""
    every = slice(None, None, max(1, kernel.size // _MOST_WEIGHTS))
    some, gains = kernel[..., every], gains[every]
    kept = thinned(some, gains, sparsity, 0)
    _, counts = np.unique(_levels(kept, _steps(kept, gains, levels), levels), return_counts=True)
    return entropy_bits(counts) / 8 * kernel.size / some.size


def _sizes(
    model: tf_keras.Model, measurements: Sequence[Measurement]
) -> dict[str, dict[tuple[float, int], float]]:
    """Estimated bytes of each measured layer at each pair of sparsity and levels."""
    gains = filter_gains(model)
    return {
        name: {
            (share, count): coded_bytes(model.get_layer(name).kernel.numpy(), gains[name], share, count)
            for share in SPARSITIES
            for count in LEVELS
        }
        for name in dict.fromkeys(measurement.layer for measurement in measurements)
    }


def _at_price(
    sizes: Mapping[str, Mapping[tuple[float, int], float]],
    measurements: Sequence[Measurement],
    price: float,
) -> dict[str, tuple[float, int]]:
    """For each layer the sparsity and the levels with the least bytes + price x loss."""
    chosen = {}
    for name, bytes_of in sizes.items():
        zeros = {0.0: 0.0} | {m.sparsity: m.loss for m in measurements if m.layer == name and not m.levels}
        values = {m.levels: m.loss for m in measurements if m.layer == name and m.levels}
        costs = {
            (share, count): size + price * (max(zeros[share], 0) + max(values[count], 0))
            for (share, count), size in bytes_of.items()
        }
        chosen[name] = min(costs, key=lambda choice: costs[choice])
    return chosen


def _quality(model: tf_keras.Model, validation: Split, targets: Floats) -> Callable[[], tuple[float, float]]:
    """A function that gives the model's present cross-entropy and accuracy."""
    predict = predictor(model)
    every = slice(None, None, -(-len(validation.labels) // _MOST_PICTURES))
    images, labels = validation.images[every], validation.labels[every]

    def quality() -> tuple[float, float]:
        scores = predict(images)
        return evaluation.cross_entropy(targets[every], scores), evaluation.accuracy(labels, scores)

    return quality


@contextmanager
def _changed(layer: tf_keras.layers.Conv2D, kernel: Floats) -> Iterator[None]:
    before = layer.kernel.numpy()
    layer.kernel.assign(kernel)
    try:
        yield
    finally:
        layer.kernel.assign(before)
