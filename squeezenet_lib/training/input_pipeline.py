"""One epoch's batches: drawn in order from one generator, augmented in parallel, ready when needed."""

import os
import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from squeezenet_lib.params.sections import AugmentParams
from squeezenet_lib.training.augmentation import Changes, apply_changes, draw_changes

# Batches that may wait for the training step.
READY = 4

Floats = npt.NDArray[np.float32]
Order = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Material:
    """What batches are made of.

    images: uint8 (N, H, H, C); may be memory-mapped, only the rows of a batch are read. targets: float32
    (N, classes). weights: of each picture in the loss, float32 (N,).
    """

    images: npt.NDArray[np.uint8]
    targets: Floats
    weights: Floats


def batches(
    material: Material,
    order: Order,
    batch: int,
    part: slice,
    params: AugmentParams,
    random: np.random.Generator,
) -> tf.data.Dataset:
    """Each batch as images, targets and weights, float32 tensors, rows in `order`; what is left over at the
    end makes no batch.

    part: which of a batch's rows are wanted here when several machines share it; the changes of all are
    drawn. The elements depend on the arguments only, not on the number of threads.
    """
    drawing = threading.Lock()
    drawn: list[Changes] = []

    def changes_of(step: int) -> Changes:
        """Calls come from several threads in any order; draws are made in the order of steps."""
        with drawing:
            while len(drawn) <= step:
                drawn.append(draw_changes(batch, material.images.shape[1], params, random)[part])
        return drawn[step]

    def make(step: np.int64) -> tuple[Floats, Floats, Floats]:
        chosen = order[step * batch : (step + 1) * batch][part]
        images = apply_changes(material.images[chosen], changes_of(int(step)))
        return images, material.targets[chosen], material.weights[chosen]

    def tensors(step: tf.Tensor) -> tuple[tf.Tensor, ...]:
        # declared without a state, which the lock makes true: else there would be no parallel calls
        made = tf.numpy_function(make, [step], (tf.float32,) * 3, stateful=False)
        rows = len(range(*part.indices(batch)))
        shapes = (rows, *material.images.shape[1:]), (rows, *material.targets.shape[1:]), (rows,)
        return tuple(tf.ensure_shape(tensor, shape) for tensor, shape in zip(made, shapes, strict=True))

    steps = tf.data.Dataset.range(len(order) // batch)
    made = steps.map(tensors, num_parallel_calls=len(os.sched_getaffinity(0)), deterministic=True)
    # TensorFlow's own choice of that number is renewed by a thread that sleeps twice as long each time, and
    # an epoch's end would wait until it wakes
    options = tf.data.Options()
    options.autotune.enabled = False
    return made.prefetch(READY).with_options(options)
