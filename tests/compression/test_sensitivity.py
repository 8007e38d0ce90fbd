"""The sensitivity scan: every layer alone, a proposal that keeps its budget, a network left as it was."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tf_keras

from squeezenet_lib import evaluation
from squeezenet_lib.compression.layer_choices import read_levels, write_layers
from squeezenet_lib.compression.pruning import STAYS_DENSE
from squeezenet_lib.compression.sensitivity import (
    LEVELS,
    SPARSITIES,
    Scan,
    coded_bytes,
    propose,
    sensitivity_scan,
    thinned,
)
from squeezenet_lib.dataset.arrays import network_input
from squeezenet_lib.errors import UserError
from squeezenet_lib.training.network import build_squeezenet, convolutions, filter_gains
from squeezenet_lib.training.prediction import predictor
from tests.support.tiny_data import tiny_split

VALIDATION = tiny_split(32, 1)
BUDGET = 0.1
Measure = Callable[[dict[str, tuple[float, int]]], tuple[float, float]]


@pytest.fixture(scope="module")
def model() -> tf_keras.Model:
    """A network that has learned its pictures so well that it bears the mildest setting on any machine."""
    tf_keras.utils.set_random_seed(1)
    network = build_squeezenet(32, 1, 2, width=0.25, dropout=0.0)
    train, look = tiny_split(256, 0), predictor(network)
    network.compile(tf_keras.optimizers.Adam(0.005), "categorical_crossentropy")
    for _ in range(10):  # rounding differs with the number of threads, and with it how long this takes
        network.fit(network_input(train.images), train.targets, batch_size=16, epochs=5, verbose=0)
        if evaluation.cross_entropy(VALIDATION.targets, look(VALIDATION.images)) < 0.01:
            return network
    raise AssertionError("it does not learn its pictures")


@pytest.fixture(scope="module")
def scan(model: tf_keras.Model) -> Scan:
    before = [weights.copy() for weights in model.get_weights()]
    result = sensitivity_scan(model, VALIDATION, VALIDATION.targets, BUDGET)
    for weights, earlier in zip(model.get_weights(), before, strict=True):
        assert np.array_equal(weights, earlier), "the scan must leave the network as it was"
    return result


@pytest.fixture(scope="module")
def accuracy_with(model: tf_keras.Model) -> Measure:
    """Accuracy and cross-entropy of a copy of the model with these layers thinned."""
    copy = tf_keras.models.clone_model(model)
    look, gains = predictor(copy), filter_gains(model)

    def measure(choices: dict[str, tuple[float, int]]) -> tuple[float, float]:
        copy.set_weights(model.get_weights())
        for name, (sparsity, levels) in choices.items():
            layer = copy.get_layer(name)
            layer.kernel.assign(thinned(layer.kernel.numpy(), gains[name], sparsity, levels))
        scores = look(VALIDATION.images)
        labels, targets = VALIDATION.labels, VALIDATION.targets
        return evaluation.accuracy(labels, scores), evaluation.cross_entropy(targets, scores)

    return measure


def test_every_layer_is_measured_alone(model: tf_keras.Model, scan: Scan, accuracy_with: Measure) -> None:
    names = {layer.name for layer in convolutions(model)} - set(STAYS_DENSE)
    wanted = {(share, 0) for share in SPARSITIES if share} | {(0.0, count) for count in LEVELS}
    found = {name: {(m.sparsity, m.levels) for m in scan.measurements if m.layer == name} for name in names}
    assert found == dict.fromkeys(names, wanted)
    _, base = accuracy_with({})
    for m in scan.measurements[::37]:
        accuracy, loss = accuracy_with({m.layer: (m.sparsity, m.levels)})
        assert (m.accuracy, m.loss) == (accuracy, pytest.approx(loss - base, abs=1e-5))


def test_the_proposal_keeps_the_budget_as_a_whole(scan: Scan, accuracy_with: Measure) -> None:
    choices = {name: (share, scan.proposal.levels[name]) for name, share in scan.proposal.sparsity.items()}
    accuracy, _ = accuracy_with(choices)
    assert accuracy == scan.proposal.accuracy >= scan.proposal.unpruned_accuracy - BUDGET


def test_a_larger_budget_never_gives_a_larger_network(model: tf_keras.Model, scan: Scan) -> None:
    arguments = (model, VALIDATION, VALIDATION.targets, scan.measurements)
    tight, free = propose(*arguments, 0.001), propose(*arguments, 0.5)
    assert free.bytes <= scan.proposal.bytes <= tight.bytes
    assert free.bytes < tight.bytes


def test_a_budget_that_nothing_keeps_is_refused(
    model: tf_keras.Model, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("squeezenet_lib.compression.sensitivity.SPARSITIES", (0.95,))
    monkeypatch.setattr("squeezenet_lib.compression.sensitivity.LEVELS", (2,))
    with pytest.raises(
        UserError, match=r"prune\.accuracy_budget is 0\.001, but 2 values in each layer alone lose"
    ):
        propose(model, VALIDATION, VALIDATION.targets, scan.measurements, 0.001)


def test_thinning_zeroes_the_smallest_and_keeps_few_values() -> None:
    kernel = np.random.default_rng(1).normal(size=(3, 3, 8, 4)).astype(np.float32)
    gains = np.array([1, -2, 0.5, 0], np.float32)
    half = thinned(kernel, gains, 0.5, 0)
    assert np.mean(half == 0) == 0.5
    assert np.abs(kernel[half == 0]).max() < np.abs(half[half != 0]).min()
    assert np.array_equal(half[half != 0], kernel[half != 0])
    few = thinned(kernel, gains, 0.5, 6)
    assert np.all(few[half == 0] == 0)
    for index in range(4):
        assert len(np.unique(few[..., index])) <= 7
    assert np.array_equal(thinned(kernel, gains, 0.0, 0), kernel)
    assert coded_bytes(kernel, gains, 0.9, 2) < coded_bytes(kernel, gains, 0.5, 2)
    assert coded_bytes(kernel, gains, 0.5, 2) < coded_bytes(kernel, gains, 0.5, 30)


def test_levels_are_handed_on_or_asked_for(scan: Scan, tmp_path: Path) -> None:
    path = tmp_path / "layers.json"
    with pytest.raises(UserError, match=r"layers\.json is missing or damaged; run the prune stage"):
        read_levels(path)
    write_layers(path, scan.proposal.sparsity, scan.proposal.levels)
    assert read_levels(path) == scan.proposal.levels
    write_layers(path, {"conv1": 0.0}, {})
    with pytest.raises(UserError, match=r"set prune\.per_layer to auto, too"):
        read_levels(path)
