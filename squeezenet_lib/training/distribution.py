"""Training on more than one device: TensorFlow's own strategies behind what training needs of them.

`single` is this process's default device. `mirrored` is all GPUs of this machine (without any: its logical
CPUs). `multiworker` is one process on each machine, found through the environment variable TF_CONFIG:

    {"cluster": {"worker": ["first:2222", "second:2222"]}, "task": {"type": "worker", "index": 0}}

Every batch is cut into equal parts, one for each replica; gradients are summed, batch normalisation sees the
whole batch. All processes run the same program; the chief (the first worker) alone has a checkpoint and
writes.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from squeezenet_lib import interrupts
from squeezenet_lib.errors import UserError
from squeezenet_lib.params.sections import Strategy

# What TensorFlow raises when a peer is gone.
_LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.InternalError,
)


@dataclass(frozen=True)
class Cluster:
    """The processes that train together. worker: this one's number, from 0. workers: how many there are."""

    strategy: tf.distribute.Strategy
    worker: int = 0
    workers: int = 1

    @property
    def chief(self) -> bool:
        """True in the process that keeps the checkpoint and writes the results."""
        return self.worker == 0

    @property
    def replicas(self) -> int:
        """How many devices share a batch."""
        return int(self.strategy.num_replicas_in_sync)

    def part(self, batch: int) -> slice:
        """Which rows of a batch are this process's."""
        rows = batch // self.workers
        return slice(self.worker * rows, (self.worker + 1) * rows)

    def spread(self, tensors: Sequence[tf.Tensor]) -> list[Any]:
        """This process's rows, cut for its replicas."""
        local = self.replicas // self.workers
        if local == 1 and self.workers == 1:
            return list(tensors)
        cut = [tf.split(tensor, local) for tensor in tensors]

        def mine(parts: list[tf.Tensor]) -> Callable[[Any], tf.Tensor]:
            return lambda context: parts[context.replica_id_in_sync_group % local]

        return [self.strategy.experimental_distribute_values_from_function(mine(parts)) for parts in cut]

    def here(self, variable: tf.Variable) -> tf.Variable:
        """A variable's copy on this process's first device."""
        return self.strategy.experimental_local_results(variable)[0]

    def share(self, content: bytes) -> bytes:
        """The chief's `content`, in all processes; what the others pass is not looked at."""
        if self.workers == 1:
            return content
        length = int(self._sum(np.array([len(content) if self.chief else 0], np.float64))[0])
        if not length:  # TensorFlow 2.21 crashes when it sums nothing
            return b""
        mine = np.frombuffer(content, np.uint8) if self.chief else np.zeros(length, np.uint8)
        return self._sum(mine.astype(np.float64)).astype(np.uint8).tobytes()

    def require_equal(self, key: str) -> None:
        """Raise UserError when this process's `key`, of its data and params, is not the chief's."""
        if self.share(key.encode()) != key.encode():
            raise UserError(
                f"Worker {self.worker} has other pictures or params than the first; give all machines the "
                "same commit, params.yaml and data/processed."
            )

    @contextmanager
    def watched(self, when: str) -> Iterator[None]:
        """Turn TensorFlow's error about a lost worker into a UserError. `when`: part of its sentence."""
        try:
            yield
        except _LOST as error:
            if self.workers == 1:
                raise
            raise _lost(when, error) from None

    def _sum(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Over the processes: the first replica of each counts, the others add zeros."""
        local = self.replicas // self.workers

        def value(context: Any) -> tf.Tensor:
            first = context.replica_id_in_sync_group % local == 0
            return tf.constant(values if first else np.zeros_like(values))

        spread = self.strategy.experimental_distribute_values_from_function(value)
        summed: npt.NDArray[np.float64] = self.strategy.reduce("SUM", spread, axis=None).numpy()
        return summed


SINGLE = Cluster(tf.distribute.get_strategy())


def open_cluster(strategy: Strategy, batch: int) -> Cluster:
    """The processes and devices of `train.strategy`; for multiworker, waits until all workers are there.

    To be called before anything else of TensorFlow. Raises UserError for a TF_CONFIG that is missing or makes
    no sense, and for a batch size that the replicas cannot share.
    """
    match strategy:
        case "single":
            cluster = SINGLE
        case "mirrored":
            devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
            cluster = Cluster(tf.distribute.MirroredStrategy([device.name for device in devices]))
        case "multiworker":
            cluster = _join_workers()
        case unknown:
            assert_never(unknown)
    if batch % cluster.replicas:
        raise UserError(
            f"params.yaml: train.batch_size is {batch}, which {cluster.replicas} devices cannot share "
            f"equally; set it to a multiple of {cluster.replicas}."
        )
    return cluster


def read_tf_config(text: str | None) -> tuple[int, int]:
    """This worker's number and the number of workers. Raises UserError when it is not as described above."""
    example = '{"cluster": {"worker": ["HOST:PORT", ...]}, "task": {"type": "worker", "index": 0}}'
    if not text:
        raise UserError(
            "train.strategy is multiworker, but the environment variable TF_CONFIG is not set; set it to "
            f"{example}."
        )
    try:
        config = json.loads(text)
        hosts, task = config["cluster"]["worker"], config["task"]
        kind, index = task["type"], task["index"]
    except (ValueError, KeyError, TypeError):
        raise UserError(f"TF_CONFIG is not as TensorFlow wants it: {text}; set it to {example}.") from None
    others = sorted(set(config["cluster"]) - {"worker"})
    if others or kind != "worker":
        raise UserError(
            f"TF_CONFIG has tasks of the type {(others or [kind])[0]}; list all machines under worker, the "
            "first of which is the chief."
        )
    known = isinstance(hosts, list) and hosts and all(isinstance(host, str) for host in hosts)
    if not known or type(index) is not int or not 0 <= index < len(hosts):
        raise UserError(
            f"TF_CONFIG: task index {index!r} is none of the workers {hosts!r}; count them from 0."
        )
    return index, len(hosts)


def _join_workers() -> Cluster:
    """This process among those of TF_CONFIG, once they are all there."""
    worker, workers = read_tf_config(os.environ.get("TF_CONFIG"))
    print(f"worker {worker} of {workers}: waiting for the others", flush=True)
    try:
        with interrupts.fatal():  # the others may never come, and TensorFlow waits without Python
            return Cluster(tf.distribute.MultiWorkerMirroredStrategy(), worker, workers)
    except _LOST as error:
        raise _lost("before training", error) from None


def _lost(when: str, error: tf.errors.OpError) -> UserError:
    reason = str(error.message or error).splitlines()[0][:200]
    return UserError(
        f"A worker of TF_CONFIG was lost {when} ({reason}); start all workers again: training goes on after "
        "the last finished epoch."
    )
