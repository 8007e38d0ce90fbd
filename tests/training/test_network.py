"""SqueezeNet 1.1, and files of models."""

import time
from pathlib import Path

import numpy as np
import pytest
import tf_keras

from squeezenet_lib.errors import UserError
from squeezenet_lib.training.network import (
    build_squeezenet,
    convolutions,
    folded_float32_bytes,
    load_model,
    save_model,
)


@pytest.fixture(scope="module")
def full() -> tf_keras.Model:
    return build_squeezenet(96, 1, 2, width=1.0, dropout=0.2)


@pytest.fixture(scope="module")
def tiny() -> tf_keras.Model:
    return build_squeezenet(29, 3, 4, width=0.125, dropout=0.2)


def test_the_full_network_has_the_published_size(full: tf_keras.Model) -> None:
    assert len(convolutions(full)) == 26
    assert sum(layer.kernel.shape.num_elements() for layer in convolutions(full)) == 719_424
    assert folded_float32_bytes(full) == 2_889_480


def test_pooling_follows_conv1_fire3_and_fire5(full: tf_keras.Model) -> None:
    sides = {name: full.get_layer(name).output.shape[1] for name in ("conv1_relu", "pool1", "pool3", "pool5")}
    assert sides == {"conv1_relu": 48, "pool1": 23, "pool3": 11, "pool5": 5}
    assert full.get_layer("fire9_concat").output.shape[1:] == (5, 5, 512)


def test_no_layer_is_a_model_and_every_inner_convolution_is_normalised(full: tf_keras.Model) -> None:
    assert not any(isinstance(layer, tf_keras.Model) for layer in full.layers)
    for layer in convolutions(full):
        if layer.name != "conv10":
            assert not layer.use_bias
            assert isinstance(full.get_layer(f"{layer.name}_norm"), tf_keras.layers.BatchNormalization)
            assert isinstance(full.get_layer(f"{layer.name}_relu"), tf_keras.layers.ReLU)


def test_the_width_scales_the_filters_and_leaves_at_least_one(tiny: tf_keras.Model) -> None:
    filters = {layer.name: layer.filters for layer in convolutions(tiny)}
    assert filters["conv1"] == 8
    assert filters["fire2_squeeze"] == 2
    assert filters["fire9_expand3x3"] == 32
    assert filters["conv10"] == 4
    narrow = build_squeezenet(29, 1, 2, width=0.01, dropout=0.0)
    assert min(layer.filters for layer in convolutions(narrow)) == 1


def test_the_smallest_side_gives_scores_that_sum_to_one(tiny: tf_keras.Model) -> None:
    scores = tiny(np.random.default_rng(0).uniform(-1, 1, (5, 29, 29, 3)).astype(np.float32)).numpy()
    assert scores.shape == (5, 4)
    assert scores.sum(axis=1) == pytest.approx(1)


def test_a_smaller_side_is_refused() -> None:
    with pytest.raises(ValueError, match="28"):
        build_squeezenet(28, 1, 2, 1.0, 0.0)


def test_files_of_equal_models_are_equal_and_carry_no_date(tiny: tf_keras.Model, tmp_path: Path) -> None:
    save_model(tiny, tmp_path / "one.keras")
    time.sleep(2.1)  # zip dates count in steps of two seconds
    save_model(tiny, tmp_path / "two.keras")
    assert (tmp_path / "one.keras").read_bytes() == (tmp_path / "two.keras").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.keras", "two.keras"]


def test_a_loaded_model_is_the_saved_one(tiny: tf_keras.Model, tmp_path: Path) -> None:
    save_model(tiny, tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in tiny.layers]
    for before, after in zip(tiny.get_weights(), loaded.get_weights(), strict=True):
        assert np.array_equal(before, after)


def test_missing_and_damaged_files_are_explained(tiny: tf_keras.Model, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    with pytest.raises(UserError, match=r"model\.keras is missing"):
        load_model(path)
    save_model(tiny, path)
    whole = path.read_bytes()
    directory = whole.rindex(b"PK\1\2")
    unknown_method = whole[: directory + 10] + b"\x63" + whole[directory + 11 :]
    for damaged in (whole[:1000], b"", unknown_method):
        path.write_bytes(damaged)
        with pytest.raises(UserError, match=r"no readable Keras model \(.*\w.*\); make it again"):
            load_model(path)
