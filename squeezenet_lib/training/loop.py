"""Training: AdamW, warm-up and cosine, averaged weights, the best epoch on validation kept, resumable.

A run is a function of its arguments: pictures, order and dropout are drawn from generators that are seeded by
(seed, epoch), so that a resumed run ends with the same weights as an uninterrupted one.
"""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras
from tqdm import tqdm

from squeezenet_lib import evaluation
from squeezenet_lib.dataset.arrays import Split
from squeezenet_lib.params.sections import TrainParams
from squeezenet_lib.training.checkpoint import Arrays, Checkpoint, State, pack_state, unpack_state
from squeezenet_lib.training.class_balance import class_weights, epoch_order, validation_weights
from squeezenet_lib.training.distribution import SINGLE, Cluster
from squeezenet_lib.training.input_pipeline import Material, batches
from squeezenet_lib.training.network import synchronised_copy
from squeezenet_lib.training.prediction import predictor

Record = dict[str, float]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Training:
    """What the outcome depends on besides the network. dropout: before the last convolution, 0..1. seed: of
    order, augmentation and dropout. Of the params, `steps` is not looked at: see of_one_training.
    """

    train: Split
    validation: Split
    params: TrainParams
    dropout: float
    seed: int


@dataclass(frozen=True)
class Hooks:
    """What a compression method does inside training.

    start: called with the optimizer before the first step. project: makes the current weights satisfy the
    method's constraint, after every epoch and whenever averaged weights have been put into the model.
    keep_last: the last epoch is kept, whatever the others are on validation. teacher: its scores for the same
    augmented pictures are `distillation` of the targets (Hinton et al. 2015, arXiv:1503.02531, at temperature
    1); the rest are those that training without a teacher has.
    """

    start: Callable[[tf_keras.optimizers.Optimizer], None] = lambda optimizer: None
    project: Callable[[], None] = lambda: None
    keep_last: bool = False
    teacher: tf_keras.Model | None = None
    distillation: float = 0.0


def make_deterministic(seed: int) -> None:
    """Seed Python, numpy and TensorFlow, and make TensorFlow's kernels give the same bits in every run."""
    tf_keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def training_targets(split: Split, soft_share: float) -> Floats:
    """float32 (N, classes): `soft_share` of the source's targets, the rest of the hard class."""
    hard = np.eye(split.targets.shape[1], dtype=np.float32)[split.labels]
    return (soft_share * split.targets + (1 - soft_share) * hard).astype(np.float32)


def of_one_training(params: TrainParams, pictures: int) -> TrainParams:
    """The params of a training of its own on so many pictures: without `folds`, and without `steps` because
    epochs are the fewest that give these, but never fewer than `epochs`.
    """
    steps_per_epoch = pictures // min(params.batch_size, pictures)
    epochs = max(params.epochs, math.ceil((params.steps or 0) / steps_per_epoch))
    return replace(params, epochs=epochs, steps=None, folds=1)


def learning_rate(step: int, steps_per_epoch: int, params: TrainParams) -> float:
    """Linear from 0 over the warm-up, then half a cosine down to 0 at the last step."""
    warmup = params.warmup_epochs * steps_per_epoch
    total = params.epochs * steps_per_epoch
    if step < warmup:
        return params.learning_rate * (step + 1) / warmup
    return params.learning_rate * 0.5 * (1 + float(np.cos(np.pi * (step - warmup) / max(1, total - warmup))))


def fit(
    model: tf_keras.Model,
    training: Training,
    checkpoint: Checkpoint,
    hooks: Hooks | None = None,
    on_epoch: Callable[[Record], None] = lambda record: None,
    cluster: Cluster = SINGLE,
) -> list[Record]:
    """Train `model` in place and leave the best epoch's weights in it; returns a record for each epoch.

    If the hooks do not say otherwise, the best epoch is the one with the lowest validation loss (the first of
    equals), to which all classes contribute the same when a class balance is set. `on_epoch` gets every
    record, those of a resumed run's earlier epochs first. `model` is made by build_squeezenet, outside of the
    cluster's strategy; with more than one device there must be no hooks. Raises UserError when a worker of
    the cluster is lost or has other data or params than the chief.
    """
    run = Run(model, training, hooks or Hooks(), cluster)
    epochs = training.params.epochs
    with cluster.watched("before the first epoch"):
        cluster.require_equal(checkpoint.key)
        state = checkpoint.load() if cluster.chief else None
        shared = cluster.share(pack_state(state) if state else b"")
    if shared:
        run.restore(unpack_state(shared))
        print(f"continuing after epoch {len(run.history)} of {epochs}")
    for record in run.history:
        on_epoch(record)
    while len(run.history) < epochs:
        number = len(run.history) + 1
        with cluster.watched(f"in epoch {number}"):
            record = run.epoch(number)
        if cluster.chief:
            checkpoint.save(run.state())
        on_epoch(record)
    model.set_weights(run.best)
    return run.history


def _layer(model: tf_keras.Model, name: str) -> tf_keras.layers.Layer:
    """The layer with this name, or the wrapper (whose name has a prefix) around it."""
    return next(layer for layer in model.layers if layer.name.endswith(name))


class Run:
    """The moving parts of one training run.

    model: the caller's; averaged weights are tried in it. trained: the same, or the copy of it that all
    devices of the cluster train.
    """

    def __init__(self, model: tf_keras.Model, training: Training, hooks: Hooks, cluster: Cluster) -> None:
        self.model, self.training, self.hooks, self.cluster = model, training, hooks, cluster
        train, validation, params = training.train, training.validation, training.params
        batch = min(params.batch_size, len(train.labels))
        self.batch = batch - batch % cluster.replicas
        self.steps = len(train.labels) // self.batch
        targets = training_targets(train, params.soft_target_share)
        self.validation_targets = training_targets(validation, params.soft_target_share)
        classes, balance = targets.shape[1], params.class_balance
        self.validation_weights = validation_weights(validation.labels, classes, balance)
        weights = class_weights(train.labels, classes, balance)[train.labels]
        self.material = Material(train.images, targets, weights)
        with cluster.strategy.scope():
            self.trained = model if cluster.replicas == 1 else synchronised_copy(model)
            # Keras' dropout draws from a state that cannot be saved: a stateless one takes its layer's place.
            cut = _layer(self.trained, "dropout")
            self.body = tf_keras.Model(self.trained.input, cut.input)
            self.head = tf_keras.Model(cut.output, _layer(self.trained, "logits").output)
            self.optimizer = tf_keras.optimizers.AdamW(params.learning_rate, weight_decay=params.weight_decay)
            self.optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
            self.optimizer.build(self.trained.trainable_variables)
        self.averaged = _averaged(model)
        self.averages = [tf.Variable(v, trainable=False) for v in self.averaged]
        self.sources = [cluster.here(v) for v in _averaged(self.trained)]
        self.best: Arrays = model.get_weights()
        self.history: list[Record] = []
        self.predict = predictor(model)
        self.step_function = tf.function(self._step)
        self.average_function = tf.function(self._average)
        self.hooks.start(self.optimizer)

    def state(self) -> State:
        arrays = {
            "weights": [self.cluster.here(v).numpy() for v in self.trained.weights],
            "optimizer": [self.cluster.here(v).numpy() for v in self.optimizer.variables],
            "averages": [v.numpy() for v in self.averages],
            "best": self.best,
        }
        return State(arrays, self.history)

    def restore(self, state: State) -> None:
        for variables, name in (
            (self.trained.weights, "weights"),
            (self.optimizer.variables, "optimizer"),
            (self.averages, "averages"),
        ):
            for variable, value in zip(variables, state.arrays[name], strict=True):
                variable.assign(value)
        self.best = state.arrays["best"]
        self.history = list(state.history)
        self.hooks.start(self.optimizer)

    def epoch(self, number: int) -> Record:
        """Train epoch `number` (from 1) and validate."""
        start = time.monotonic()
        name = f"epoch {number}/{self.training.params.epochs}"
        made = tqdm(self.batches(number), name, self.steps, unit="batch", mininterval=2, leave=False)
        loss, hits = self.train_on(made, number)
        self.hooks.project()
        record = {"epoch": number, "loss": loss / self.steps, "accuracy": hits / (self.steps * self.batch)}
        self._validate(record)
        record["seconds"] = time.monotonic() - start
        self.history.append(record)
        return record

    def train_on(self, made: Iterable[Sequence[tf.Tensor]], number: int) -> tuple[float, int]:
        """A step for each of an epoch's batches; the sum of their losses and the number of right answers."""
        params, first = self.training.params, (number - 1) * self.steps
        losses, hits = 0.0, 0
        for index, tensors in enumerate(made):
            self.optimizer.learning_rate.assign(learning_rate(first + index, self.steps, params))
            seed = tf.constant([self.training.seed, first + index], tf.int32)
            loss, correct = self.step_function(*self.cluster.spread(tensors), seed)
            losses, hits = losses + float(loss), hits + int(correct)
            # early averages forget the random start quickly
            decay = min(params.weight_average, (1 + first + index) / (10 + first + index))
            self.average_function(tf.constant(decay, tf.float32))
        return losses, hits

    def _validate(self, record: Record) -> None:
        """Add the averaged weights' quality to the record; keep them when they are the best so far."""
        live = [v.numpy() for v in self.averaged]
        for variable, average in zip(self.averaged, self.averages, strict=True):
            variable.assign(average)
        self.hooks.project()
        validation = self.training.validation
        scores = self.predict(validation.images)
        record["val_loss"] = evaluation.cross_entropy(
            self.validation_targets, scores, self.validation_weights
        )
        record["val_accuracy"] = evaluation.accuracy(validation.labels, scores)
        rivals = [past["val_loss"] for past in self.history]
        if self.hooks.keep_last or record["val_loss"] < min(rivals, default=np.inf):
            self.best = self.model.get_weights()
        for variable, value in zip(self.averaged, live, strict=True):
            variable.assign(value)

    def batches(self, number: int) -> tf.data.Dataset:
        """Epoch `number`'s rows for this process: images, targets, weights."""
        params = self.training.params
        random = np.random.default_rng([self.training.seed, number])
        order = epoch_order(self.training.train.labels, params.class_balance, random)
        part = self.cluster.part(self.batch)
        return batches(self.material, order, self.batch, part, params.augment, random)

    def _step(
        self, images: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """One step of all replicas; loss and hits of the whole batch."""
        loss, correct = self.cluster.strategy.run(self._replica_step, (images, targets, weights, seed))
        reduce = self.cluster.strategy.reduce
        return reduce("SUM", loss, axis=None), reduce("SUM", correct, axis=None)

    def _replica_step(
        self, images: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Of one replica's rows: their share of the batch's loss, and how many are right."""
        with tf.GradientTape() as tape:
            features = self.body(images, training=True)
            if self.training.dropout > 0:
                features = self._drop(features, seed)
            logits = self.head(features, training=True)
            if self.hooks.teacher is not None and self.hooks.distillation > 0:
                scores = self.hooks.teacher(images, training=False)
                targets += self.hooks.distillation * (scores - targets)
            loss = tf.reduce_mean(weights * tf.nn.softmax_cross_entropy_with_logits(targets, logits))
            loss *= 1 / self.cluster.replicas
        variables = self.trained.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        same = tf.equal(tf.argmax(logits, 1), tf.argmax(targets, 1))
        return loss, tf.reduce_sum(tf.cast(same, tf.int32))

    def _drop(self, features: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Dropout drawn for the whole batch, so that it does not depend on the number of replicas."""
        rows, shape, share = features.shape[0], features.shape[1:], self.training.dropout
        keep = tf.random.stateless_uniform((rows * self.cluster.replicas, *shape), seed) >= share
        first = tf.distribute.get_replica_context().replica_id_in_sync_group * rows
        return tf.where(keep[first : first + rows], features * (1 / (1 - share)), 0.0)

    def _average(self, decay: tf.Tensor) -> None:
        for average, variable in zip(self.averages, self.sources, strict=True):
            average.assign(decay * average + (1 - decay) * variable)


def _averaged(model: tf_keras.Model) -> list[tf.Variable]:
    """What the running mean is taken of: all but a compression method's own variables."""
    moving = [v for v in model.non_trainable_variables if "moving_" in v.name]
    return [*model.trainable_variables, *moving]
