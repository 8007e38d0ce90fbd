"""Other coders of the same weights: all decode, none beats the entropy of weights without structure."""

import numpy as np
import pytest

from squeezenet_lib.coding import comparison
from squeezenet_lib.coding.alphabet import Weights
from squeezenet_lib.coding.comparison import (
    BEST,
    BOUND,
    COMPRESSORS,
    ENTROPY,
    RANGE_CODER,
    CodedSize,
    compare,
)
from squeezenet_lib.coding.entropy import layer_entropy_bits
from squeezenet_lib.coding.weight_contexts import MODELS


def layers(seed: int = 1) -> list[Weights]:
    """Weights without structure: 75 % zeros, the others evenly from -7 to 7."""
    random = np.random.default_rng(seed)
    shapes = [(16, 3, 3, 1), (16, 1, 1, 64), (64, 3, 3, 16), (10, 1, 1, 128)]
    return [
        (random.integers(-7, 8, shape) * (random.random(shape) < 0.25)).astype(np.int8) for shape in shapes
    ]


def by_name(weights: list[Weights], float32_bytes: int = 100_000) -> dict[str, CodedSize]:
    sizes = compare(weights, float32_bytes)
    found = {size.name: size for size in sizes}
    assert len(found) == len(sizes)
    return found


def test_every_size_is_at_least_the_entropy_and_has_its_ratio() -> None:
    weights = layers()
    sizes = by_name(weights)
    entropy = layer_entropy_bits(weights) / 8
    assert set(COMPRESSORS) | {RANGE_CODER, ENTROPY, BOUND + BEST} < set(sizes)
    assert len(sizes) == len(COMPRESSORS) + 3 + len(MODELS) - 1
    assert sizes[ENTROPY].bytes == np.ceil(entropy)
    for name, size in sizes.items():
        assert size.ratio == 100_000 / size.bytes
        assert size.model_bytes < size.bytes
        assert size.computed == name.startswith("bound")
        # Without structure a model gains nothing but what its parameters cost.
        assert size.bytes + size.model_bytes >= entropy
    for name in (*COMPRESSORS, RANGE_CODER):
        assert sizes[name].bytes >= entropy
    assert sizes[RANGE_CODER].bytes < 1.05 * entropy
    assert 0 < sizes[RANGE_CODER].model_bytes < 0.05 * entropy


@pytest.mark.parametrize(
    "weights",
    [
        [],
        [np.zeros((8, 3, 3, 4), np.int8)],
        [np.full((2, 1, 1, 5), -7, np.int8)],
        [np.array([3], np.int8).reshape(1, 1, 1, 1)],
        [np.zeros((0, 1, 1, 4), np.int8), np.ones((1, 1, 1, 1), np.int8)],
    ],
)
def test_degenerate_layers_are_coded(weights: list[Weights]) -> None:
    sizes = by_name(weights)
    assert sizes[ENTROPY].bytes == 0
    assert all(np.isfinite(size.ratio) for size in sizes.values())
    assert sizes[RANGE_CODER].bytes == sizes[RANGE_CODER].model_bytes == 4 * (len(weights) > 0)


def test_layers_differ_in_their_models() -> None:
    """Two layers whose values do not overlap cost what each costs, not what the mixture does."""
    random = np.random.default_rng(3)
    low, high = (random.integers(first, first + 2, (8, 3, 3, 64)).astype(np.int8) for first in (-50, 50))
    sizes = by_name([low, high])
    assert sizes[ENTROPY].bytes <= 2 * low.size / 8
    assert sizes[RANGE_CODER].bytes < 1.02 * 2 * low.size / 8


def test_the_model_that_fits_the_weights_is_the_best_of_one_for_all_layers() -> None:
    random = np.random.default_rng(4)
    weights = layers()
    steps = 10 * random.permutation(64).reshape(64, 1, 1, 1) // 64 + 1
    weights[2] = np.clip(random.integers(-9, 10, weights[2].shape), -steps, steps).astype(np.int8)
    sizes = compare(weights, 1000)
    of_one = [size for size in sizes if size.name.removeprefix(BOUND) in MODELS]
    best = min(of_one, key=lambda size: size.bytes)
    assert best.name == f"{BOUND}filter's magnitude"
    assert best.bytes < next(size.bytes for size in sizes if size.name == ENTROPY)


def test_a_coder_that_loses_weights_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(comparison.COMPRESSORS, "lossy", (lambda data: data, lambda data: data[:-1]))
    with pytest.raises(RuntimeError, match="lossy does not decode"):
        compare(layers(), 1000)


def test_a_range_coder_that_loses_weights_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        comparison, "range_decode", lambda _, sizes: [np.zeros(size, np.int8) for size in sizes]
    )
    with pytest.raises(RuntimeError, match="range coder does not decode"):
        compare(layers(), 1000)
