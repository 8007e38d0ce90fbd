"""A short training with a teacher gives back what pruning and quantization take from the network."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import tf_keras

from squeezenet_lib.params.sections import PruneParams, QuantizeParams
from squeezenet_lib.training.checkpoint import Checkpoint
from squeezenet_lib.training.loop import Hooks, Record, Training, fit


@dataclass(frozen=True)
class FineTuning:
    """What all methods fine-tune with.

    training: its epochs, learning rate and warm-up are not looked at. teacher: the float network. params:
    epochs, learning rate, and `distillation`, the teacher's share of the targets.
    """

    training: Training
    teacher: tf_keras.Model
    params: PruneParams | QuantizeParams


def fine_tune(
    model: tf_keras.Model,
    tuning: FineTuning,
    hooks: Hooks,
    checkpoint: Checkpoint,
    on_epoch: Callable[[Record], None],
) -> None:
    """Train `model` in place as loop.fit does, without a warm-up, and keep its last epoch.

    hooks: the method's own, no teacher yet. Validation loss does not choose: it begins low, at the float
    network's, and of the few pictures that it is taken of it is often lowest where accuracy has yet to come
    back.
    """
    params = replace(
        tuning.training.params,
        epochs=tuning.params.epochs,
        learning_rate=tuning.params.learning_rate,
        warmup_epochs=0,
    )
    hooks = replace(hooks, keep_last=True, teacher=tuning.teacher, distillation=tuning.params.distillation)
    fit(model, replace(tuning.training, params=params), checkpoint, hooks, on_epoch)
