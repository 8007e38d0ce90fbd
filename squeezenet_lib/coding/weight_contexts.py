"""Static models of a layer's weights: the context that a weight stands in, and what coding by it would take.

A model gives each weight of a layer, int8 (filters, k, k, channels), a context, a small number; each context
has a frequency table of its own. A context is known to a decoder before the weight is: from weights that come
earlier (filter by filter, then by row, column and channel) or from side information that is coded, too. The
sizes are what an ideal coder needs for the weights, plus the tables and the side information.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from squeezenet_lib.coding.alphabet import Weights
from squeezenet_lib.coding.entropy import entropy_bits
from squeezenet_lib.coding.frequency_table import fit_table

CLASSES = 3
FILTERS, CHANNELS = (1, 2, 3), (0, 1, 2)  # the axes that are summed over for a figure of each

Figures = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Contexts:
    """of_weights: int64, shaped like the layer, from 0. side_bits: size of the side information."""

    of_weights: npt.NDArray[np.int64]
    side_bits: float = 0.0


Model = Callable[[Weights], Contexts]


@dataclass(frozen=True)
class ModelSize:
    """code_bits: of the weights. parameter_bits: of tables and side information."""

    code_bits: float
    parameter_bits: float

    @property
    def bits(self) -> float:
        return self.code_bits + self.parameter_bits


def order_0(weights: Weights) -> Contexts:
    """One context for all weights."""
    return Contexts(np.zeros(weights.shape, np.int64))


def kernel_position(weights: Weights) -> Contexts:
    """The place in the kernel: k k contexts."""
    _, rows, columns, _ = weights.shape
    places = np.arange(rows * columns).reshape(1, rows, columns, 1)
    return Contexts(np.broadcast_to(places, weights.shape).copy())


def previous_weight(weights: Weights) -> Contexts:
    """Whether the previous weight of the filter is zero; before a filter's first there is a zero."""
    nonzero = (weights != 0).reshape(len(weights), -1).astype(np.int64)
    previous = np.zeros_like(nonzero)
    previous[:, 1:] = nonzero[:, :-1]
    return Contexts(previous.reshape(weights.shape))


def kernel_so_far(weights: Weights) -> Contexts:
    """How many earlier weights of the same filter and channel are not zero: none, one, two or more."""
    nonzero = (weights != 0).reshape(len(weights), -1, weights.shape[3]).astype(np.int64)
    earlier = np.cumsum(nonzero, axis=1) - nonzero
    return Contexts(np.minimum(earlier, 2).reshape(weights.shape))


def filter_zeros(weights: Weights) -> Contexts:
    """The filter's class by its share of zeros."""
    return _classes(weights, (weights != 0).mean(axis=FILTERS, keepdims=True))


def channel_zeros(weights: Weights) -> Contexts:
    """The input channel's class by its share of zeros."""
    return _classes(weights, (weights != 0).mean(axis=CHANNELS, keepdims=True))


def filter_magnitude(weights: Weights) -> Contexts:
    """The filter's class by the mean magnitude of its weights that are not zero."""
    totals = np.abs(weights.astype(np.int64)).sum(axis=FILTERS, keepdims=True)
    return _classes(weights, totals / np.maximum((weights != 0).sum(axis=FILTERS, keepdims=True), 1))


def filter_magnitude_and_channel_zeros(weights: Weights) -> Contexts:
    """Both classes together."""
    filters, channels = filter_magnitude(weights), channel_zeros(weights)
    of_weights = CLASSES * filters.of_weights + channels.of_weights
    return Contexts(of_weights, filters.side_bits + channels.side_bits)


ORDER_0 = "order 0"
MODELS: Mapping[str, Model] = {
    ORDER_0: order_0,
    "kernel position": kernel_position,
    "previous weight zero or not": previous_weight,
    "zeros so far in the kernel": kernel_so_far,
    "filter's zeros": filter_zeros,
    "input channel's zeros": channel_zeros,
    "filter's magnitude": filter_magnitude,
    "filter's magnitude, channel's zeros": filter_magnitude_and_channel_zeros,
}


def model_size(weights: Weights, model: Model) -> ModelSize:
    """What coding a layer with `model` takes."""
    if not weights.size:
        return ModelSize(0.0, 0.0)
    contexts = model(weights)
    code_bits = 0.0
    # Side information, and a bit for each context that could occur: whether it does.
    parameter_bits = contexts.side_bits + int(contexts.of_weights.max()) + 1
    for context in np.unique(contexts.of_weights):
        chosen = weights[contexts.of_weights == context]
        table = fit_table(chosen)
        code_bits += table.cost_bits(table.counts(chosen))
        parameter_bits += table.bits
    return ModelSize(code_bits, parameter_bits)


def best_of_each_layer(options: Sequence[Sequence[ModelSize]]) -> list[ModelSize]:
    """The smallest size of each layer; options: by model, then by layer. Which model it is counts, too."""
    choice_bits = float(np.ceil(np.log2(len(options))))
    best = (min(sizes, key=lambda size: size.bits) for sizes in zip(*options, strict=True))
    return [ModelSize(size.code_bits, size.parameter_bits + choice_bits) for size in best]


def _classes(weights: Weights, figures: Figures) -> Contexts:
    """Filters or channels in classes of about equal size by their figure, which broadcasts to the weights.

    Side information: the entropy of the classes and a byte for the size of each.
    """
    ranks = np.argsort(np.argsort(figures.ravel(), kind="stable"), kind="stable")
    classes = (ranks * CLASSES // len(ranks)).reshape(figures.shape)
    side_bits = entropy_bits(np.bincount(classes.ravel())) + 8 * CLASSES
    return Contexts(np.broadcast_to(classes, weights.shape).copy(), side_bits)
