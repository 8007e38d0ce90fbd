"""The entropy of known distributions, and of layers each by itself."""

import numpy as np
import pytest

from squeezenet_lib.coding.entropy import entropy_bits, layer_entropy_bits


@pytest.mark.parametrize(
    ("counts", "bits"), [([2, 2], 4.0), ([1, 0, 1, 2], 6.0), ([9], 0.0), ([0], 0.0), ([], 0.0)]
)
def test_entropy_of_known_distributions(counts: list[int], bits: float) -> None:
    assert entropy_bits(np.array(counts, np.int64)) == pytest.approx(bits)


def test_each_layer_has_values_of_its_own() -> None:
    low, high = np.array([1, 1, 2, 2], np.int8), np.array([[5, -5], [5, -5]], np.int8)
    assert layer_entropy_bits([low, high]) == pytest.approx(8.0)
    assert layer_entropy_bits([np.concatenate([low, high.ravel()])]) == pytest.approx(16.0)
    assert layer_entropy_bits([np.full(9, 7, np.int8), np.zeros(0, np.int8)]) == 0.0
    assert layer_entropy_bits([]) == 0.0
