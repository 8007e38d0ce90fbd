"""Pruning: zeros where they belong, proven after stripping."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tf_keras

from squeezenet_lib.compression.fine_tuning import FineTuning
from squeezenet_lib.compression.pruning import (
    STAYS_DENSE,
    check_sparsity,
    layer_sparsities,
    layer_sparsity,
    prune,
    total_sparsity,
)
from squeezenet_lib.errors import UserError
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import ROOT
from squeezenet_lib.training.checkpoint import Checkpoint
from squeezenet_lib.training.loop import Record, Training
from squeezenet_lib.training.network import build_squeezenet, convolutions, load_model, save_model
from tests.support.tiny_data import tiny_split

CHOSEN = {"fire3_expand3x3": 0.5, "conv1": 0.25, "fire4_squeeze": 0.0}
PARAMS = load_params(ROOT / "params.yaml")


@pytest.fixture(scope="module")
def dense() -> tf_keras.Model:
    tf_keras.utils.set_random_seed(1)
    return build_squeezenet(32, 1, 2, width=0.125, dropout=0.2)


@pytest.fixture(scope="module")
def pruned(dense: tf_keras.Model, tmp_path_factory: pytest.TempPathFactory) -> tf_keras.Model:
    before = [weights.copy() for weights in dense.get_weights()]
    checkpoint = Checkpoint(tmp_path_factory.mktemp("checkpoint"), "key")
    params = replace(PARAMS.prune, sparsity=0.8, per_layer=CHOSEN, epochs=3, distillation=0.5)
    train = replace(PARAMS.train, batch_size=16)
    training = Training(tiny_split(64, 0), tiny_split(32, 1), train, dropout=0.2, seed=1)
    wanted = layer_sparsities(dense, params, {})
    records: list[Record] = []
    tuning = FineTuning(training, dense, params)
    result = prune(dense, wanted, params.ramp_share, tuning, checkpoint, records.append)
    assert len(records) == params.epochs
    for weights, earlier in zip(dense.get_weights(), before, strict=True):
        assert np.array_equal(weights, earlier), "the caller's model must stay as it was"
    return result


def test_every_pruned_layer_has_the_share_of_exact_zeros(pruned: tf_keras.Model) -> None:
    for layer in convolutions(pruned):
        zeros = np.mean(layer.kernel.numpy() == 0)
        wanted = CHOSEN.get(layer.name, 0 if layer.name in STAYS_DENSE else 0.8)
        assert abs(zeros - wanted) <= 1 / layer.kernel.shape.num_elements()
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
    names = [layer.name for layer in convolutions(dense)]
    wanted = dict.fromkeys(names, 0.0) | {"fire2_squeeze": 0.8}
    check_sparsity(pruned, wanted)
    with pytest.raises(UserError, match="fire2_squeeze has 0 zeros of 16 weights instead of 13"):
        check_sparsity(dense, wanted)
    with pytest.raises(UserError, match="fire2_squeeze has 13 zeros"):
        check_sparsity(pruned, wanted | {"fire2_squeeze": 1.0})


def test_sparsities_come_from_params_and_from_the_scan(dense: tf_keras.Model) -> None:
    proposed = {"fire2_squeeze": 0.3}
    plain = layer_sparsities(dense, replace(PARAMS.prune, sparsity=0.7, per_layer=None), proposed)
    assert plain == {layer.name: 0.0 if layer.name in STAYS_DENSE else 0.7 for layer in convolutions(dense)}
    auto = layer_sparsities(dense, replace(PARAMS.prune, sparsity=0.7, per_layer="auto"), proposed)
    assert auto == plain | proposed
    with pytest.raises(
        UserError, match=r"prune\.per_layer\.fire1 is no layer; the layers are conv1, fire2_sq"
    ):
        layer_sparsities(dense, replace(PARAMS.prune, per_layer={"fire1": 0.5}), {})
