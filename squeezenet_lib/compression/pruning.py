"""Magnitude pruning with fine-tuning (Zhu and Gupta 2017, arXiv:1710.01878), done by tfmot."""

from collections.abc import Callable, Mapping

import numpy as np
import tensorflow_model_optimization as tfmot
import tf_keras

from squeezenet_lib.compression.fine_tuning import FineTuning, fine_tune
from squeezenet_lib.errors import UserError
from squeezenet_lib.params.sections import PruneParams
from squeezenet_lib.training.checkpoint import Checkpoint
from squeezenet_lib.training.loop import Hooks, Record
from squeezenet_lib.training.network import check_layer_names, convolutions

# They hold less than 0.3 % of the weights at full width and lose the most when they are thinned.
STAYS_DENSE = ("conv1", "conv10")
# The masks are renewed at most this many times while the sparsity grows.
MASK_UPDATES = 50


def prune(
    model: tf_keras.Model,
    sparsity: Mapping[str, float],
    ramp_share: float,
    tuning: FineTuning,
    checkpoint: Checkpoint,
    on_epoch: Callable[[Record], None],
) -> tf_keras.Model:
    """Fine-tune a copy of `model` while zeroing its smallest weights; returns it without pruning wrappers.

    sparsity: share of zeros by convolution, 0 for one that stays dense. It grows as a cubic over the first
    `ramp_share` of the epochs. Raises UserError when a layer misses its sparsity.
    """
    pictures = len(tuning.training.train.labels)
    steps = max(1, pictures // min(tuning.training.params.batch_size, pictures))
    ramp = max(1, int(ramp_share * tuning.params.epochs) * steps)
    frequency = max(1, ramp // MASK_UPDATES)

    def schedule(share: float) -> tfmot.sparsity.keras.PruningSchedule:
        return tfmot.sparsity.keras.PolynomialDecay(
            initial_sparsity=0.0,
            final_sparsity=share,
            begin_step=1,
            # a whole number of intervals, or the last update would miss the final sparsity
            end_step=1 + max(1, ramp // frequency) * frequency,
            frequency=frequency,
        )

    wrapped = _wrap(model, {name: schedule(share) for name, share in sparsity.items() if share > 0})
    callback = tfmot.sparsity.keras.UpdatePruningStep()
    callback.set_model(wrapped)
    hooks = Hooks(
        start=lambda optimizer: callback.on_train_begin(),
        project=lambda: callback.on_epoch_end(batch=-1),
    )
    fine_tune(wrapped, tuning, hooks, checkpoint, on_epoch)
    pruned = tfmot.sparsity.keras.strip_pruning(wrapped)
    check_sparsity(pruned, sparsity)
    return pruned


def layer_sparsities(
    model: tf_keras.Model, params: PruneParams, proposed: Mapping[str, float]
) -> dict[str, float]:
    """The share of zeros that each convolution shall have: `params.sparsity`, 0 where the network stays
    dense, `proposed` for `auto`. Raises UserError for a layer that does not exist.
    """
    sparsities = {
        layer.name: 0.0 if layer.name in STAYS_DENSE else params.sparsity for layer in convolutions(model)
    }
    chosen = proposed if params.per_layer == "auto" else params.per_layer or {}
    check_layer_names(model, chosen, "prune.per_layer")
    return sparsities | dict(chosen)


def layer_sparsity(model: tf_keras.Model) -> dict[str, float]:
    """Share of weights that are exactly zero in each convolution's kernel, 0..1."""
    return {layer.name: float(np.mean(layer.kernel.numpy() == 0)) for layer in convolutions(model)}


def total_sparsity(model: tf_keras.Model) -> float:
    """Share of exact zeros in all kernels together, the dense ones included."""
    kernels = [layer.kernel.numpy() for layer in convolutions(model)]
    return float(sum(np.sum(kernel == 0) for kernel in kernels) / sum(kernel.size for kernel in kernels))


def check_sparsity(model: tf_keras.Model, sparsity: Mapping[str, float]) -> None:
    """Raise UserError unless each kernel has round(its sparsity x size) zeros or more."""
    for layer in convolutions(model):
        kernel = layer.kernel.numpy()
        wanted = round(sparsity[layer.name] * kernel.size)
        zeros = int(np.sum(kernel == 0))
        # one weight of slack: tfmot rounds the number of weights that stay, not of those that go
        if zeros < wanted - 1:
            raise UserError(
                f"{layer.name} has {zeros} zeros of {kernel.size} weights instead of {wanted}; "
                "raise prune.epochs or lower train.batch_size, so that the sparsity can be reached."
            )


def _wrap(
    model: tf_keras.Model, schedules: Mapping[str, tfmot.sparsity.keras.PruningSchedule]
) -> tf_keras.Model:
    """A copy of `model`; the convolutions that have a schedule carry masks."""

    def clone(layer: tf_keras.layers.Layer) -> tf_keras.layers.Layer:
        if layer.name in schedules:
            return tfmot.sparsity.keras.prune_low_magnitude(layer, pruning_schedule=schedules[layer.name])
        return layer.__class__.from_config(layer.get_config())

    # the wrapper takes the layer itself: a clone keeps the caller's model out of it
    source = tf_keras.models.clone_model(model)
    source.set_weights(model.get_weights())
    wrapped = tf_keras.models.clone_model(source, clone_function=clone)
    for layer in source.layers:
        if layer.name not in schedules:
            wrapped.get_layer(layer.name).set_weights(layer.get_weights())
    return wrapped
