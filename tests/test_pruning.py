"""Pruning: zeros where they belong, proven after stripping."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tf_keras

from squeezenet_lib.checkpoint import Checkpoint
from squeezenet_lib.errors import UserError
from squeezenet_lib.model import build_squeezenet, convolutions, load_model, save_model
from squeezenet_lib.params import load_params
from squeezenet_lib.pruning import STAYS_DENSE, check_sparsity, layer_sparsity, prune, total_sparsity
from tests.tiny_data import tiny_split

PARAMS = load_params(Path(__file__).parent.parent / "params.yaml")


@pytest.fixture(scope="module")
def dense() -> tf_keras.Model:
    tf_keras.utils.set_random_seed(1)
    return build_squeezenet(32, 1, 2, width=0.125, dropout=0.2)


@pytest.fixture(scope="module")
def pruned(dense: tf_keras.Model, tmp_path_factory: pytest.TempPathFactory) -> tf_keras.Model:
    before = [weights.copy() for weights in dense.get_weights()]
    checkpoint = Checkpoint(tmp_path_factory.mktemp("checkpoint"), "key")
    params = replace(PARAMS.prune, sparsity=0.8, epochs=3)
    recipe = replace(PARAMS.train, batch_size=16)
    train, validation = tiny_split(64, 0), tiny_split(32, 1)
    result = prune(dense, train, validation, params, recipe, 0.2, 1, checkpoint)
    for weights, earlier in zip(dense.get_weights(), before, strict=True):
        assert np.array_equal(weights, earlier), "the caller's model must stay as it was"
    return result


def test_every_pruned_layer_has_the_share_of_exact_zeros(pruned: tf_keras.Model) -> None:
    for layer in convolutions(pruned):
        zeros = np.mean(layer.kernel.numpy() == 0)
        if layer.name in STAYS_DENSE:
            assert zeros == 0
        else:
            assert abs(zeros - 0.8) <= 1 / layer.kernel.shape.num_elements()
    assert layer_sparsity(pruned).keys() == {layer.name for layer in convolutions(pruned)}
    assert 0.7 < total_sparsity(pruned) < 0.8


def test_the_stripped_model_is_a_plain_one(
    pruned: tf_keras.Model, dense: tf_keras.Model, tmp_path: Path
) -> None:
    assert [layer.name for layer in pruned.layers] == [layer.name for layer in dense.layers]
    assert [type(layer) for layer in pruned.layers] == [type(layer) for layer in dense.layers]
    save_model(pruned, tmp_path / "pruned.keras")
    assert layer_sparsity(load_model(tmp_path / "pruned.keras")) == layer_sparsity(pruned)


def test_missing_zeros_are_an_error_that_names_the_layer(
    dense: tf_keras.Model, pruned: tf_keras.Model
) -> None:
    check_sparsity(pruned, 0.8)
    with pytest.raises(UserError, match="fire2_squeeze has 0 zeros of 16 weights instead of 13"):
        check_sparsity(dense, 0.8)
    with pytest.raises(UserError, match="instead of"):
        check_sparsity(pruned, 0.9)
