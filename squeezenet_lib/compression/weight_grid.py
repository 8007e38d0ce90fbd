"""The whole numbers that a filter's weights may be, as multiples of its step."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import assert_never

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from squeezenet_lib.params.sections import Grid

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class WeightGrid:
    """0 and `levels` values, half of them negative.

    kind: `uniform`: 1, 2, 3, ...; `shift`: the powers of two 1, 2, 4, ..., by which the chip multiplies in
    the same instruction that adds.
    """

    kind: Grid
    levels: int

    @cached_property
    def magnitudes(self) -> tuple[int, ...]:
        """Ascending, without 0."""
        count = self.levels // 2
        match self.kind:
            case "uniform":
                return tuple(range(1, count + 1))
            case "shift":
                return tuple(2**power for power in range(count))
            case unknown:
                assert_never(unknown)

    @property
    def most(self) -> int:
        """The largest magnitude."""
        return self.magnitudes[-1]

    def nearest(self, values: Doubles) -> Doubles:
        """The grid's value that is nearest to each; any shape."""
        nearest: Doubles = self.nearest_tensor(tf.constant(values)).numpy()
        return nearest

    def nearest_tensor(self, values: tf.Tensor) -> tf.Tensor:
        """The same of a tensor, in its dtype."""
        if self.kind == "uniform":
            return tf.clip_by_value(tf.round(values), -self.most, self.most)
        sizes = tf.abs(values)
        rises = [rise * tf.cast(sizes > edge, values.dtype) for edge, rise in self._rises]
        return tf.sign(values) * tf.add_n(rises)

    @cached_property
    def _rises(self) -> list[tuple[float, float]]:
        """Above which size the nearest magnitude is larger, and by how much."""
        pairs = pairwise((0, *self.magnitudes))
        return [((low + high) / 2, float(high - low)) for low, high in pairs]
