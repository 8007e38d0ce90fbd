"""Training starts from ImageNet's weights, random ones or an earlier network's, where they fit."""

from pathlib import Path

import numpy as np
import pytest
import tf_keras

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.rules import IMAGENET, RANDOM
from squeezenet_lib.paths import ROOT, TRAINED, WEIGHTS
from squeezenet_lib.starts.initial_weights import Start, initialise, take_layers
from squeezenet_lib.starts.weight_file import WEIGHT_FILE, write_weights
from squeezenet_lib.training.network import build_squeezenet, save_model
from tests.support.trained_weights import random_weights

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 1), np.uint8)


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


@pytest.mark.parametrize("name", [RANDOM, None])
def test_random_weights_are_those_that_the_network_has(name: str | None) -> None:
    model = network()
    before = model.get_weights()
    assert initialise(model, name, IMAGES, standardised=True) == Start("random", "random weights")
    assert all(map(np.array_equal, before, model.get_weights()))


@pytest.mark.parametrize("name", [RANDOM, IMAGENET, str(None)])
def test_a_file_stands_for_each_name_that_the_stage_can_depend_on(name: str) -> None:
    assert (ROOT / WEIGHTS / name).is_file()


def test_imagenet_s_weights_are_read_where_the_stage_before_left_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model = network(width=1.0)
    with pytest.raises(UserError, match=r"models/imagenet/weights\.npz is missing; run `dvc repro weights`"):
        initialise(model, IMAGENET, IMAGES, standardised=True)
    write_weights(TRAINED / WEIGHT_FILE, random_weights())
    start = initialise(model, IMAGENET, IMAGES, standardised=True)
    assert start == Start("imagenet", "imagenet's weights, random ones in conv10")
    assert same_layers(model, network(width=1.0)) == {"conv10"}


def test_another_width_starts_from_random_weights_and_says_so() -> None:
    model = network()
    start = initialise(model, IMAGENET, IMAGES, standardised=True)
    assert start == Start("random", "random weights in all layers: imagenet has those of width 1.0 only")
    assert same_layers(model, network()) == {layer.name for layer in model.layers if layer.weights}


def test_a_file_in_the_folder_of_weights_is_named_without_the_folder(
    earlier: tuple[tf_keras.Model, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / WEIGHTS).symlink_to(earlier[1].parent)
    monkeypatch.chdir(tmp_path)
    model = network(classes=5)
    start = initialise(model, "earlier.keras", IMAGES, standardised=True)
    assert start == Start("earlier.keras", "earlier.keras's weights, random ones in conv10")
    assert "fire9_expand3x3" in same_layers(model, earlier[0])


def test_all_layers_are_taken_when_all_fit(earlier: tuple[tf_keras.Model, Path]) -> None:
    model = network()
    assert take_layers(model, earlier[1]) == []
    assert all(map(np.array_equal, model.get_weights(), earlier[0].get_weights()))


def test_other_classes_and_channels_keep_their_ends_random(earlier: tuple[tf_keras.Model, Path]) -> None:
    model, untouched = network(channels=3, classes=5), network(channels=3, classes=5)
    assert take_layers(model, earlier[1]) == ["conv1", "conv10"]
    assert {"conv1", "conv10"} <= same_layers(model, untouched)
    # the normalisation of conv1's outputs fits and is taken; both start alike where nothing was trained
    assert {"fire2_squeeze", "fire2_squeeze_norm", "fire9_expand3x3"} <= same_layers(model, earlier[0])


def test_weights_of_another_width_are_refused(earlier: tuple[tf_keras.Model, Path]) -> None:
    with pytest.raises(UserError, match=r"earlier\.keras fits 0 of 26 convolutions only; set model\.width"):
        take_layers(network(width=0.25), earlier[1])


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.keras"
    damaged.write_bytes(b"no zip")
    for path, problem in (
        (
            tmp_path / "gone.keras",
            r"gone\.keras is missing; put .* there, or set train\.init_from to imagenet",
        ),
        (damaged, r"damaged\.keras is no readable Keras model"),
    ):
        with pytest.raises(UserError, match=problem):
            take_layers(network(), path)
