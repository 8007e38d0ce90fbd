"""Models of weights: a decoder can know every context, and sizes are no smaller than their entropy."""

import numpy as np
import pytest

from squeezenet_lib.coding.alphabet import Weights
from squeezenet_lib.coding.entropy import entropy_bits
from squeezenet_lib.coding.weight_contexts import (
    CLASSES,
    MODELS,
    Model,
    ModelSize,
    best_of_each_layer,
    channel_zeros,
    filter_magnitude,
    filter_zeros,
    kernel_position,
    kernel_so_far,
    model_size,
    order_0,
    previous_weight,
)


def pruned(shape: tuple[int, ...], zeros: float = 0.8, seed: int = 1) -> Weights:
    random = np.random.default_rng(seed)
    return (random.integers(-7, 8, shape) * (random.random(shape) >= zeros)).astype(np.int8)


def conditional_entropy_bits(weights: Weights, contexts: np.ndarray) -> float:
    """From its definition: H(weight, context) - H(context), times the number of weights."""
    joint = np.unique(np.stack([weights.ravel(), contexts.ravel()]), axis=1, return_counts=True)[1]
    return entropy_bits(joint) - entropy_bits(np.unique(contexts, return_counts=True)[1])


def test_contexts_are_what_their_names_say() -> None:
    weights = np.array([[0, 5], [0, 0], [-1, 0], [2, 3]], np.int8).reshape(1, 2, 2, 2)
    assert kernel_position(weights).of_weights.ravel().tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert previous_weight(weights).of_weights.ravel().tolist() == [0, 0, 1, 0, 0, 1, 0, 1]
    assert kernel_so_far(weights).of_weights.ravel().tolist() == [0, 0, 0, 1, 0, 1, 1, 1]


def test_previous_weight_starts_anew_with_each_filter() -> None:
    weights = np.array([[1, 1], [1, 1]], np.int8).reshape(2, 1, 1, 2)
    assert previous_weight(weights).of_weights.ravel().tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("model", [order_0, kernel_position, previous_weight, kernel_so_far])
def test_contexts_without_side_information_depend_on_earlier_weights_only(model: Model) -> None:
    weights = pruned((4, 3, 3, 5), zeros=0.5)
    contexts = model(weights)
    assert contexts.side_bits == 0
    for known in (0, 1, 7, 44, 45, 100, 179):
        others = weights.copy()
        others.ravel()[known:] = pruned((4, 3, 3, 5), zeros=0.2, seed=2).ravel()[known:]
        changed = model(others).of_weights.ravel()
        assert np.array_equal(changed[: known + 1], contexts.of_weights.ravel()[: known + 1])


@pytest.mark.parametrize(
    ("model", "axes"), [(filter_zeros, (1, 2, 3)), (filter_magnitude, (1, 2, 3)), (channel_zeros, (0, 1, 2))]
)
def test_classes_belong_to_filters_or_channels_and_are_paid_for(model: Model, axes: tuple[int, ...]) -> None:
    contexts = model(pruned((12, 3, 3, 9)))
    per_group = contexts.of_weights.min(axis=axes)
    assert np.array_equal(per_group, contexts.of_weights.max(axis=axes))
    assert sorted(set(per_group.tolist())) == list(range(CLASSES))
    assert contexts.side_bits == pytest.approx(len(per_group) * np.log2(3) + 24)


def test_classes_put_filters_in_order() -> None:
    weights = np.zeros((3, 1, 1, 4), np.int8)
    weights[0, 0, 0] = 1, -1, 1, -1
    weights[1, 0, 0] = 7, 0, 0, 0
    weights[2, 0, 0] = 3, 0, -3, 0
    assert filter_zeros(weights).of_weights[:, 0, 0, 0].tolist() == [2, 0, 1]
    assert filter_magnitude(weights).of_weights[:, 0, 0, 0].tolist() == [0, 2, 1]


@pytest.mark.parametrize("name", MODELS)
def test_sizes_are_at_least_the_conditional_entropy_and_close_to_it(name: str) -> None:
    weights = pruned((64, 3, 3, 32))
    contexts = MODELS[name](weights)
    size = model_size(weights, MODELS[name])
    entropy = conditional_entropy_bits(weights, contexts.of_weights)
    assert entropy <= size.code_bits <= 1.01 * entropy
    assert size.parameter_bits > contexts.side_bits
    assert entropy <= entropy_bits(np.unique(weights, return_counts=True)[1]) + 1e-6


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("shape", [(0, 3, 3, 8), (1, 1, 1, 1), (2, 3, 3, 1), (1, 1, 1, 64), (64, 1, 1, 1)])
@pytest.mark.parametrize("value", [0, -128])
def test_degenerate_layers_cost_parameters_only(name: str, shape: tuple[int, ...], value: int) -> None:
    size = model_size(np.full(shape, value, np.int8), MODELS[name])
    assert size.code_bits == 0
    assert (size.parameter_bits > 0) == (0 not in shape)


def test_a_model_pays_where_weights_follow_it() -> None:
    weights = pruned((64, 3, 3, 32))
    weights[:20] = np.clip(weights[:20], -1, 1)
    weights[20:40] = np.clip(weights[20:40], -3, 3)
    assert model_size(weights, filter_magnitude).bits < 0.98 * model_size(weights, order_0).bits
    assert model_size(weights, kernel_position).bits > model_size(weights, order_0).bits


def test_each_layer_takes_its_best_model_and_pays_for_saying_so() -> None:
    options = [
        [ModelSize(10, 1), ModelSize(5, 5)],
        [ModelSize(9, 9), ModelSize(6, 3)],
        [ModelSize(20, 0)] * 2,
    ]
    assert best_of_each_layer(options) == [ModelSize(10, 3), ModelSize(6, 5)]
    assert best_of_each_layer(options[:1]) == options[0]
