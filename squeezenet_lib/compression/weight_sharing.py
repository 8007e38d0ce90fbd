"""Weight sharing that int8 keeps: each filter's weights are a few whole numbers ("levels") times one step.

Fine-tuning with the rounding in the loop (straight-through estimator: Bengio et al. 2013, arXiv:1308.3432)
on a symmetric grid for each filter (weight_grid.py), zeros and steps fixed: the shared values of Deep
Compression (Han et al. 2016, arXiv:1510.00149), but on a grid that a full-int8 network can hold as it is: its
weights are the levels, its filter scales the steps. Clustering to free values would not survive: each filter
has a scale of its own.

Steps are powers of 2^(1/8) after batch normalisation is folded in, so that a layer's fixed-point multipliers
have eight mantissas at most, and take a few bits each in the coded network.

Weights between two levels go on changing sides to the end, and what is kept are means over many training
steps, rounded: batch normalisation's running statistics are of other networks, and are taken anew. A step
then becomes the nearest power again, less than 5 % away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras

from squeezenet_lib.compression.fine_tuning import FineTuning, fine_tune
from squeezenet_lib.compression.pruning import STAYS_DENSE
from squeezenet_lib.compression.weight_grid import WeightGrid
from squeezenet_lib.params.sections import QuantizeParams
from squeezenet_lib.training.checkpoint import Checkpoint
from squeezenet_lib.training.loop import Hooks, Record
from squeezenet_lib.training.network import check_layer_names, convolutions, filter_gains
from squeezenet_lib.training.normalisation import renew_statistics

# Of the layers that stay dense, unless params.yaml names them: 5 bits.
DENSE = WeightGrid("uniform", 30)
STEPS_PER_OCTAVE = 8
# A filter's largest weight may be clipped: a finer grid for all others can be worth it. Steps that are tried.
_STEPS_TRIED = 8
# Stands for 0, so that a filter that batch normalisation has switched off does not divide by it.
_SMALLEST_GAIN = 1e-12

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class SharedLayer:
    """A convolution with batch normalisation folded in: kernel = levels x steps.

    levels: int8 (height, width, channels, filters). steps: float32 (filters,), powers of 2^(1/8).
    """

    levels: npt.NDArray[np.int8]
    steps: Floats


class SharedConv2D(tf_keras.layers.Conv2D):  # type: ignore[misc]  # Keras has no types
    """A Conv2D that works with `step` x a value of `grid` where `mask` is 1, else with 0.

    Weights besides Conv2D's own: mask float32 like the kernel, step float32 (filters,); neither is trained.
    """

    def __init__(self, grid: WeightGrid, **settings: Any) -> None:
        super().__init__(**settings)
        self.grid = grid

    def build(self, input_shape: tf.TensorShape) -> None:
        super().build(input_shape)
        shape = self.kernel.shape
        self.mask = self.add_weight("mask", shape, initializer="ones", trainable=False)
        self.step = self.add_weight("step", shape[-1:], initializer="ones", trainable=False)

    def levels(self) -> tf.Tensor:
        """The whole numbers, float32 like the kernel."""
        return self.mask * self.grid.nearest_tensor(self.kernel / self.step)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        kernel = self.kernel + tf.stop_gradient(self.levels() * self.step - self.kernel)
        outputs = self.convolution_op(inputs, kernel)
        return tf.nn.bias_add(outputs, self.bias) if self.use_bias else outputs


def layer_grids(
    model: tf_keras.Model, params: QuantizeParams, proposed: Mapping[str, int]
) -> dict[str, WeightGrid]:
    """The values that each convolution may have: `params.levels` of `params.grid` besides zero, at least
    those of DENSE where the network stays dense, `proposed` for `auto`. Raises UserError for a layer that
    does not exist.
    """
    usual = WeightGrid(params.grid, params.levels)
    dense = usual if usual.kind == DENSE.kind and usual.levels > DENSE.levels else DENSE
    grids = {layer.name: dense if layer.name in STAYS_DENSE else usual for layer in convolutions(model)}
    chosen = proposed if params.per_layer == "auto" else params.per_layer or {}
    check_layer_names(model, chosen, "quantize.per_layer")
    return grids | {name: WeightGrid(params.grid, count) for name, count in chosen.items()}


def share_weights(
    model: tf_keras.Model,
    grids: Mapping[str, WeightGrid],
    tuning: FineTuning,
    checkpoint: Checkpoint,
    on_epoch: Callable[[Record], None],
) -> tuple[tf_keras.Model, dict[str, SharedLayer]]:
    """Fine-tune a copy of `model`; returns it with shared weights, and what they are, by convolution.

    grids: see layer_grids. Zeros stay zero.
    """
    sharing = _on_grids(model, grids)
    choose_steps(sharing)
    fine_tune(sharing, tuning, Hooks(), checkpoint, on_epoch)
    renew_statistics(sharing, tuning.training)
    gains = filter_gains(sharing)
    plain = tf_keras.models.clone_model(model)
    layers = {}
    for layer in sharing.layers:
        weights = layer.get_weights()
        if isinstance(layer, SharedConv2D):
            whole, gain = layer.levels().numpy(), gains[layer.name]
            steps = _powers(layer.step.numpy() * _size(gain))
            layers[layer.name] = SharedLayer((whole * np.sign(gain)).astype(np.int8), steps)
            weights = [whole * (steps / _size(gain)), *weights[1:-2]]
        plain.get_layer(layer.name).set_weights(weights)
    return plain, layers


def choose_steps(model: tf_keras.Model) -> None:
    """Give each filter the step on the grid that rounds its weights with the least squared error."""
    gains = filter_gains(model)
    for layer in model.layers:
        if isinstance(layer, SharedConv2D):
            gain = _size(gains[layer.name])
            kernel = (layer.kernel * layer.mask).numpy() * gain
            layer.step.assign(best_steps(kernel, layer.grid) / gain)


def best_steps(kernel: Floats, grid: WeightGrid) -> Floats:
    """For each filter (the last axis) the power of 2^(1/8) with which the grid's nearest to w / step has the
    least squared error. A filter of zeros gets the layer's median; 1 when there is nothing else.
    """
    weights = kernel.reshape(-1, kernel.shape[-1]).astype(np.float64)
    largest = np.abs(weights).max(axis=0)
    alive = largest > 0
    if not alive.any():
        return np.ones(kernel.shape[-1], np.float32)
    weights = weights[:, alive]
    top = np.ceil(STEPS_PER_OCTAVE * np.log2(largest[alive] / grid.most))
    errors = []
    for finer in range(_STEPS_TRIED):
        step = 2.0 ** ((top - finer) / STEPS_PER_OCTAVE)
        rounded = step * grid.nearest(weights / step)
        errors.append(np.square(weights - rounded).sum(axis=0))
    best = top - np.argmin(errors, axis=0)
    exponents = np.full(kernel.shape[-1], np.round(np.median(best)))
    exponents[alive] = best
    return (2.0 ** (exponents / STEPS_PER_OCTAVE)).astype(np.float32)


def _size(gain: Floats) -> Floats:
    """What may be divided by."""
    return np.maximum(np.abs(gain), _SMALLEST_GAIN)


def _powers(steps: Floats) -> Floats:
    """The nearest powers of 2^(1/8)."""
    exponents = np.round(STEPS_PER_OCTAVE * np.log2(steps.astype(np.float64)))
    return (2.0 ** (exponents / STEPS_PER_OCTAVE)).astype(np.float32)


def _on_grids(model: tf_keras.Model, grids: Mapping[str, WeightGrid]) -> tf_keras.Model:
    """A copy of `model` whose convolutions are SharedConv2D, their masks the non-zero weights."""

    def clone(layer: tf_keras.layers.Layer) -> tf_keras.layers.Layer:
        settings = layer.get_config()
        if isinstance(layer, tf_keras.layers.Conv2D):
            return SharedConv2D(grids[layer.name], **settings)
        return layer.__class__.from_config(settings)

    sharing = tf_keras.models.clone_model(model, clone_function=clone)
    for layer in convolutions(model):
        weights = layer.get_weights()
        mask = (weights[0] != 0).astype(np.float32)
        steps = np.ones(layer.filters, np.float32)
        sharing.get_layer(layer.name).set_weights([*weights, mask, steps])
    for layer in model.layers:
        if not isinstance(layer, tf_keras.layers.Conv2D):
            sharing.get_layer(layer.name).set_weights(layer.get_weights())
    return sharing
