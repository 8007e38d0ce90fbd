"""Training can start from an earlier network's weights, layer by layer where they fit."""

from pathlib import Path

import numpy as np
import pytest
import tf_keras

from squeezenet_lib.errors import UserError
from squeezenet_lib.initial_weights import RANDOM, initialise
from squeezenet_lib.model import build_squeezenet, save_model

PROJECT = Path(__file__).parent.parent


def network(channels: int = 1, classes: int = 2, width: float = 0.125, seed: int = 1) -> tf_keras.Model:
    tf_keras.utils.set_random_seed(seed)
    return build_squeezenet(32, channels, classes, width, dropout=0.0)


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> tuple[tf_keras.Model, Path]:
    model = network(seed=2)
    norm = model.get_layer("fire2_squeeze_norm")
    norm.set_weights([w + 0.5 for w in norm.get_weights()])
    path = tmp_path_factory.mktemp("weights") / "earlier.keras"
    save_model(model, path)
    return model, path


def same_layers(a: tf_keras.Model, b: tf_keras.Model) -> set[str]:
    """Names of layers with weights that are equal in both."""
    pairs = [(layer.name, layer.get_weights(), b.get_layer(layer.name).get_weights()) for layer in a.layers]
    return {name for name, mine, other in pairs if mine and all(map(np.array_equal, mine, other))}


def test_the_file_that_stands_for_random_weights_changes_nothing() -> None:
    assert (PROJECT / RANDOM).is_file()
    model = network()
    before = model.get_weights()
    assert initialise(model, RANDOM) == []
    assert all(map(np.array_equal, before, model.get_weights()))


def test_all_layers_are_taken_when_all_fit(earlier: tuple[tf_keras.Model, Path]) -> None:
    model = network()
    assert initialise(model, earlier[1]) == []
    assert all(map(np.array_equal, model.get_weights(), earlier[0].get_weights()))


def test_other_classes_and_channels_keep_their_ends_random(earlier: tuple[tf_keras.Model, Path]) -> None:
    model, untouched = network(channels=3, classes=5), network(channels=3, classes=5)
    assert initialise(model, earlier[1]) == ["conv1", "conv10"]
    assert {"conv1", "conv10"} <= same_layers(model, untouched)
    # the normalisation of conv1's outputs fits and is taken; both start alike where nothing was trained
    assert {"fire2_squeeze", "fire2_squeeze_norm", "fire9_expand3x3"} <= same_layers(model, earlier[0])


def test_weights_of_another_width_are_refused(earlier: tuple[tf_keras.Model, Path]) -> None:
    with pytest.raises(UserError, match=r"earlier\.keras fits 0 of 26 convolutions only; set model\.width"):
        initialise(network(width=0.25), earlier[1])


def test_a_missing_damaged_or_strange_file_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.keras"
    damaged.write_bytes(b"no zip")
    for path, problem in (
        (tmp_path / "gone.keras", r"gone\.keras is missing"),
        (damaged, r"damaged\.keras is no readable Keras model"),
        (tmp_path / "weights.h5", r"train\.init_from is .*weights\.h5; it has to be weights/he_uniform or"),
    ):
        with pytest.raises(UserError, match=problem):
            initialise(network(), path)
