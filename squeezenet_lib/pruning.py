"""Magnitude pruning with fine-tuning (Zhu and Gupta 2017, arXiv:1710.01878), done by tfmot."""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow_model_optimization as tfmot
import tf_keras

from squeezenet_lib.checkpoint import Checkpoint
from squeezenet_lib.dataset import Split
from squeezenet_lib.errors import UserError
from squeezenet_lib.model import convolutions
from squeezenet_lib.params import PruneParams, TrainParams
from squeezenet_lib.training import Hooks, Record, fit

# They hold less than 0.3 % of the weights at full width and lose the most when they are thinned.
STAYS_DENSE = ("conv1", "conv10")
# The masks are renewed at most this many times while the sparsity grows.
MASK_UPDATES = 50


def prune(
    model: tf_keras.Model,
    train: Split,
    validation: Split,
    params: PruneParams,
    recipe: TrainParams,
    dropout: float,
    seed: int,
    checkpoint: Checkpoint,
    on_epoch: Callable[[Record], None] = lambda record: None,
) -> tf_keras.Model:
    """Fine-tune a copy of `model` while zeroing its smallest weights; returns it without pruning wrappers.

    The sparsity grows as a cubic over the first `ramp_share` of the epochs; only later epochs can be kept as
    the best. `recipe` gives everything else that training needs. Raises UserError when a layer misses the
    sparsity.
    """
    recipe = dataclasses.replace(
        recipe, epochs=params.epochs, learning_rate=params.learning_rate, warmup_epochs=0
    )
    steps = max(1, len(train.labels) // min(recipe.batch_size, len(train.labels)))
    ramp_epochs = int(params.ramp_share * params.epochs)
    ramp = max(1, ramp_epochs * steps)
    frequency = max(1, ramp // MASK_UPDATES)
    schedule = tfmot.sparsity.keras.PolynomialDecay(
        initial_sparsity=0.0,
        final_sparsity=params.sparsity,
        begin_step=1,
        # a whole number of intervals, or the last update would miss the final sparsity
        end_step=1 + max(1, ramp // frequency) * frequency,
        frequency=frequency,
    )
    wrapped = _wrap(model, schedule)
    callback = tfmot.sparsity.keras.UpdatePruningStep()
    callback.set_model(wrapped)
    hooks = Hooks(
        start=lambda optimizer: callback.on_train_begin(),
        project=lambda: callback.on_epoch_end(batch=-1),
        eligible_from=min(ramp_epochs + 1, params.epochs),
    )
    fit(wrapped, train, validation, recipe, dropout, seed, checkpoint, hooks, on_epoch)
    pruned = tfmot.sparsity.keras.strip_pruning(wrapped)
    check_sparsity(pruned, params.sparsity)
    return pruned


def layer_sparsity(model: tf_keras.Model) -> dict[str, float]:
    """Share of weights that are exactly zero in each convolution's kernel, 0..1."""
    return {layer.name: float(np.mean(layer.kernel.numpy() == 0)) for layer in convolutions(model)}


def total_sparsity(model: tf_keras.Model) -> float:
    """Share of exact zeros in all kernels together, the dense ones included."""
    kernels = [layer.kernel.numpy() for layer in convolutions(model)]
    return float(sum(np.sum(kernel == 0) for kernel in kernels) / sum(kernel.size for kernel in kernels))


def check_sparsity(model: tf_keras.Model, sparsity: float) -> None:
    """Raise UserError unless each pruned kernel has round(sparsity x size) zeros or more."""
    for layer in convolutions(model):
        kernel = layer.kernel.numpy()
        wanted = round(sparsity * kernel.size)
        zeros = int(np.sum(kernel == 0))
        # one weight of slack: tfmot rounds the number of weights that stay, not of those that go
        if layer.name not in STAYS_DENSE and zeros < wanted - 1:
            raise UserError(
                f"{layer.name} has {zeros} zeros of {kernel.size} weights instead of {wanted}; "
                "raise prune.epochs or prune.ramp_share so that the sparsity can be reached."
            )


def _wrap(model: tf_keras.Model, schedule: tfmot.sparsity.keras.PruningSchedule) -> tf_keras.Model:
    """A copy of `model` whose convolutions carry masks."""

    def clone(layer: tf_keras.layers.Layer) -> tf_keras.layers.Layer:
        if isinstance(layer, tf_keras.layers.Conv2D) and layer.name not in STAYS_DENSE:
            return tfmot.sparsity.keras.prune_low_magnitude(layer, pruning_schedule=schedule)
        return layer.__class__.from_config(layer.get_config())

    # the wrapper takes the layer itself: a clone keeps the caller's model out of it
    source = tf_keras.models.clone_model(model)
    source.set_weights(model.get_weights())
    wrapped = tf_keras.models.clone_model(source, clone_function=clone)
    for layer in source.layers:
        if not isinstance(layer, tf_keras.layers.Conv2D) or layer.name in STAYS_DENSE:
            wrapped.get_layer(layer.name).set_weights(layer.get_weights())
    return wrapped
