"""Weights drawn at random: sparse Gaussians, stand-ins of trained layers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Shape = tuple[int, int, int, int]


def draw_weights(
    random: np.random.Generator, shape: Shape, sparsity: float, largest: int
) -> npt.NDArray[np.int8]:
    """Gaussian weights (filters, kernel, kernel, channels), the smallest `sparsity` share of them zero.

    Each filter with a weight left has one of -`largest` or `largest`; no weight that is left rounds to 0.
    """
    real = random.standard_normal(shape, np.float32)
    magnitude = np.abs(real)
    zeros = round(sparsity * real.size)
    if zeros > 0:
        order = np.argpartition(magnitude.ravel(), zeros - 1)
        magnitude.ravel()[order[:zeros]] = 0
    peak = magnitude.max(axis=(1, 2, 3), keepdims=True)
    levels = np.rint(magnitude / np.where(peak > 0, peak, 1) * largest)
    levels = np.where(magnitude > 0, np.maximum(levels, 1), 0)
    weights: npt.NDArray[np.int8] = np.where(real < 0, -levels, levels).astype(np.int8)
    return weights
