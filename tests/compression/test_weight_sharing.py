"""Weight sharing: few values a filter, zeros kept, and a .tflite that holds the levels themselves."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
import tf_keras
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.compression.fine_tuning import FineTuning
from squeezenet_lib.compression.quantization import (
    calibration_pictures,
    check_levels,
    check_quantized,
    check_zeros,
    quantize_after_training,
    store_levels,
)
from squeezenet_lib.compression.weight_grid import WeightGrid
from squeezenet_lib.compression.weight_sharing import (
    SharedConv2D,
    SharedLayer,
    best_steps,
    layer_grids,
    share_weights,
)
from squeezenet_lib.errors import UserError
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import Grid
from squeezenet_lib.paths import ROOT
from squeezenet_lib.tflite.reference import predict_reference
from squeezenet_lib.tflite.tflm import predict_tflm
from squeezenet_lib.training.checkpoint import Checkpoint
from squeezenet_lib.training.loop import Training
from squeezenet_lib.training.network import build_squeezenet, convolutions, filter_gains
from squeezenet_lib.training.prediction import predict
from squeezenet_lib.training.records import print_record
from tests.support.tiny_data import tiny_split

PARAMS = load_params(ROOT / "params.yaml")
TRAIN, VALIDATION = tiny_split(256, 0), tiny_split(256, 1)
LEVELS = {"fire2_squeeze": 2, "fire5_expand3x3": 6, "conv10": 32}


@pytest.fixture(scope="module")
def sparse() -> tf_keras.Model:
    """A network that tells the classes apart, with 80 % zeros, a filter of nothing but zeros, one that
    normalisation negates, and one that it switches off."""
    tf_keras.utils.set_random_seed(1)
    model = build_squeezenet(32, 1, 2, width=0.125, dropout=0.0)
    masks = {}
    for layer in convolutions(model):
        kernel = layer.kernel.numpy()
        if layer.name not in ("conv1", "conv10"):
            kernel[np.abs(kernel) < np.quantile(np.abs(kernel), 0.8)] = 0
        if layer.name == "fire3_expand1x1":
            kernel[..., 2] = 0
        masks[layer.name] = kernel != 0
    norm = model.get_layer("fire4_squeeze_norm")

    @tf.function
    def hold() -> None:
        for layer in convolutions(model):
            layer.kernel.assign(layer.kernel * masks[layer.name])
        norm.gamma.assign([1.0, -0.7, 0.0, 1e-7])

    hold()
    norm.beta.assign([0.0, 0.1, 0.2, 0.3])
    model.compile(tf_keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    images = (TRAIN.images.astype(np.float32) - 128) / 128
    after_each = tf_keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: hold())
    learnt = model.fit(images, TRAIN.labels, 16, epochs=40, verbose=0, callbacks=[after_each])
    assert learnt.history["accuracy"][-1] > 0.9
    return model


@pytest.fixture(scope="module")
def shared(
    sparse: tf_keras.Model, tmp_path_factory: pytest.TempPathFactory
) -> tuple[tf_keras.Model, dict[str, SharedLayer]]:
    before = [weights.copy() for weights in sparse.get_weights()]
    params = replace(PARAMS.quantize, method="shared", levels=14, per_layer=LEVELS, epochs=2)
    train = replace(PARAMS.train, batch_size=16)
    training = Training(TRAIN, VALIDATION, train, dropout=0.2, seed=1)
    grids = layer_grids(sparse, params, {})
    checkpoint = Checkpoint(tmp_path_factory.mktemp("checkpoint"), "key")
    result = share_weights(sparse, grids, FineTuning(training, sparse, params), checkpoint, print_record)
    for weights, earlier in zip(sparse.get_weights(), before, strict=True):
        assert np.array_equal(weights, earlier), "the caller's model must stay as it was"
    return result


@pytest.fixture(scope="module")
def stored(shared: tuple[tf_keras.Model, dict[str, SharedLayer]]) -> bytes:
    model, layers = shared
    spread = quantize_after_training(model, calibration_pictures(TRAIN.images, 200, seed=1))
    return store_levels(spread, model, layers)


def uniform(levels: int) -> WeightGrid:
    return WeightGrid("uniform", levels)


def assert_alike(scores: npt.NDArray[np.int8], expected: npt.NDArray[np.float32]) -> None:
    """int8 scores and those of the network in float, of many pictures, which a few between the classes may
    tell apart."""
    assert expected[:, 0].std() > 0.3, "the network knows the classes"
    difference = np.abs((scores.astype(float) + 128) / 256 - expected)
    assert difference.mean() < 0.03
    assert np.quantile(difference, 0.95) < 0.1
    assert np.mean(scores.argmax(1) == expected.argmax(1)) > 0.95


def values_of(filters: npt.NDArray[np.int8]) -> int:
    """The largest number of values besides zero in a filter, of weights (..., filters)."""
    return max(len(set(column[column != 0])) for column in filters.reshape(-1, filters.shape[-1]).T)


def test_each_filter_has_few_values_and_its_zeros(
    sparse: tf_keras.Model, shared: tuple[tf_keras.Model, dict[str, SharedLayer]]
) -> None:
    model, layers = shared
    gains = filter_gains(model)
    for before, after in zip(convolutions(sparse), convolutions(model), strict=True):
        layer, kernel = layers[after.name], after.kernel.numpy()
        most = LEVELS.get(after.name, 30 if after.name == "conv1" else 14) // 2
        assert np.abs(layer.levels).max() <= most
        assert np.all(kernel[before.kernel.numpy() == 0] == 0)
        assert np.array_equal(kernel == 0, layer.levels == 0) or after.name == "fire4_squeeze"
        np.testing.assert_allclose(
            kernel * gains[after.name], layer.levels * layer.steps, rtol=1e-4, atol=1e-9
        )
        octaves = 8 * np.log2(layer.steps.astype(np.float64))
        np.testing.assert_allclose(octaves, np.round(octaves), atol=1e-5)
    assert np.any(
        layers["fire4_squeeze"].levels[..., 1] * model.get_layer("fire4_squeeze").kernel[..., 1] < 0
    )


def test_the_tflite_holds_the_levels(
    sparse: tf_keras.Model, shared: tuple[tf_keras.Model, dict[str, SharedLayer]], stored: bytes
) -> None:
    model, layers = shared
    graph = check_quantized(stored)
    check_zeros(sparse, graph)
    grids = {layer.name: uniform(LEVELS.get(layer.name, 30)) for layer in convolutions(model)}
    check_levels(graph, grids, model)
    for layer, conv in zip(convolutions(model), graph.convolutions, strict=True):
        levels = np.transpose(layers[layer.name].levels, (3, 0, 1, 2))
        on = levels.any(axis=(1, 2, 3))
        if layer.name != "fire4_squeeze":
            assert np.array_equal(conv.weights, levels)
            assert np.array_equal(conv.filter_scales[on], layers[layer.name].steps[on])
        assert np.abs(conv.bias.astype(np.int64)).max() < 2**30
    with pytest.raises(UserError, match=r"A weight of fire9_expand3x3 is \d, which is no value of its grid"):
        check_levels(graph, grids | {"fire9_expand3x3": WeightGrid("shift", 6)}, model)


def test_a_layers_multipliers_have_eight_mantissas_and_its_biases_few_bits(stored: bytes) -> None:
    for conv in check_quantized(stored).convolutions:
        real = conv.input.scale * conv.filter_scales.astype(np.float64) / conv.output.scale
        mantissas, exponents = np.frexp(real)
        assert len(set(mantissas.tolist())) <= 8
        grain = 2.0 ** np.maximum(0, -exponents - 2)
        assert np.all(conv.bias % grain == 0)


def test_the_stored_network_computes_what_the_shared_one_does(
    shared: tuple[tf_keras.Model, dict[str, SharedLayer]], stored: bytes
) -> None:
    expected = predict(shared[0], VALIDATION.images)
    scores = predict_reference(stored, VALIDATION.images)
    assert_alike(scores, expected)
    assert np.array_equal(predict_tflm(stored, VALIDATION.images[:4]), scores[:4])


def test_levels_that_are_not_the_converters_are_a_defect(
    shared: tuple[tf_keras.Model, dict[str, SharedLayer]],
) -> None:
    model, layers = shared
    spread = quantize_after_training(model, calibration_pictures(TRAIN.images, 8, seed=1))
    wrong = replace(layers["fire9_squeeze"], levels=-layers["fire9_squeeze"].levels)
    with pytest.raises(AssertionError, match="are not the shared ones"):
        store_levels(spread, model, layers | {"fire9_squeeze": wrong})


def test_grids_come_from_params_and_from_the_scan(sparse: tf_keras.Model) -> None:
    proposed = {"fire2_squeeze": 4}
    plain = layer_grids(sparse, replace(PARAMS.quantize, levels=6, per_layer=None), proposed)
    assert plain["conv1"] == plain["conv10"] == uniform(30)
    assert plain["fire2_squeeze"] == plain["fire9_expand3x3"] == uniform(6)
    auto = layer_grids(sparse, replace(PARAMS.quantize, levels=6, per_layer="auto"), proposed)
    assert auto == plain | {"fire2_squeeze": uniform(4)}
    fine = layer_grids(sparse, replace(PARAMS.quantize, levels=32), {})
    assert set(fine.values()) == {uniform(32)}
    shift = layer_grids(sparse, replace(PARAMS.quantize, grid="shift", levels=6, per_layer={"conv1": 8}), {})
    assert shift["conv1"] == WeightGrid("shift", 8) and shift["conv10"] == uniform(30)
    assert shift["fire9_expand3x3"] == WeightGrid("shift", 6)
    with pytest.raises(UserError, match=r"quantize\.per_layer\.conv is no layer; the layers are conv1"):
        layer_grids(sparse, replace(PARAMS.quantize, per_layer={"conv": 2}), {})


def test_a_network_on_the_shift_grid_runs_in_tflm_with_its_values(
    sparse: tf_keras.Model, tmp_path: Path
) -> None:
    """6 values, and 8 in every second layer."""
    names = [layer.name for layer in convolutions(sparse) if layer.name not in ("conv1", "conv10")]
    eight = dict.fromkeys(names[::2], 8)
    params = replace(PARAMS.quantize, grid="shift", levels=6, per_layer=eight, epochs=4)
    training = Training(TRAIN, VALIDATION, replace(PARAMS.train, batch_size=16), dropout=0.2, seed=1)
    grids = layer_grids(sparse, params, {})
    tuning = FineTuning(training, sparse, params)
    model, layers = share_weights(sparse, grids, tuning, Checkpoint(tmp_path, "key"), print_record)
    spread = quantize_after_training(model, calibration_pictures(TRAIN.images, 200, seed=1))
    graph = check_quantized(stored := store_levels(spread, model, layers))
    check_levels(graph, grids, model)
    check_zeros(sparse, graph)
    for some, magnitudes in ((set(names) - set(eight), (1, 2, 4)), (set(eight), (1, 2, 4, 8))):
        assert all(grids[name].magnitudes == magnitudes for name in some)
        assert max(magnitudes) == max(np.abs(layers[name].levels).max() for name in some)
    scores = predict_reference(stored, VALIDATION.images)
    assert np.array_equal(predict_tflm(stored, VALIDATION.images[:8]), scores[:8])
    assert_alike(scores, predict(model, VALIDATION.images))


@given(
    values=st.lists(st.floats(-40, 40, width=32), min_size=1, max_size=20),
    kind=st.sampled_from(["uniform", "shift"]),
    half=st.integers(1, 4),
)
def test_nearest_is_nearest_in_numpy_and_in_tensorflow(values: list[float], kind: Grid, half: int) -> None:
    grid = WeightGrid(kind, 2 * half)
    allowed = np.array([-m for m in grid.magnitudes] + [0, *grid.magnitudes], np.float64)
    numbers = np.array(values, np.float64)
    found = grid.nearest(numbers)
    assert np.isin(found, allowed).all()
    distances = np.abs(numbers[:, np.newaxis] - allowed).min(axis=1)
    assert np.array_equal(np.abs(numbers - found), distances)
    assert np.array_equal(grid.nearest_tensor(tf.constant(values, tf.float32)).numpy(), found)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    grid=st.builds(uniform, st.integers(1, 16).map(lambda most: 2 * most))
    | st.builds(WeightGrid, st.just("shift"), st.sampled_from([6, 8])),
    filters=st.integers(1, 5),
    exponent=st.integers(-20, 20),
    zeros=st.floats(0, 1),
)
def test_no_step_on_the_grid_near_the_largest_weight_is_better(
    seed: int, grid: WeightGrid, filters: int, exponent: int, zeros: float
) -> None:
    random = np.random.default_rng(seed)
    kernel = (random.normal(size=(3, 3, 2, filters)) * 2.0**exponent).astype(np.float32)
    kernel[random.random(kernel.shape) < zeros] = 0
    steps = best_steps(kernel, grid).astype(np.float64)

    def error(weights: npt.NDArray[np.float64], step: float) -> float:
        rounded = step * grid.nearest(weights / step)
        return float(np.square(weights - rounded).sum())

    for index in range(filters):
        weights = kernel[..., index].astype(np.float64).ravel()
        if not weights.any():
            continue
        exact = 2.0 ** (np.round(8 * np.log2(steps[index])) / 8)
        assert steps[index] == pytest.approx(exact, rel=1e-6)
        largest = np.ceil(8 * np.log2(np.abs(weights).max() / grid.most))
        for finer in range(8):
            rival = 2.0 ** ((largest - finer) / 8)
            assert error(weights, exact) <= error(weights, rival) * (1 + 1e-9)


def test_the_layer_works_with_levels_and_lets_gradients_through() -> None:
    layer = SharedConv2D(uniform(4), filters=1, kernel_size=1, use_bias=False)
    layer.build((None, 4, 4, 3))
    layer.set_weights(
        [np.reshape([0.9, -5.2, 0.3], (1, 1, 3, 1)), np.reshape([1, 1, 0], (1, 1, 3, 1)), np.array([0.5])]
    )
    ones = tf.ones((1, 1, 1, 3))
    with tf.GradientTape() as tape:
        output = tf.reduce_sum(layer(ones))
    assert layer.levels().numpy().ravel().tolist() == [2, -2, 0]
    assert output.numpy() == 0.5 * (2 - 2)
    assert tape.gradient(output, layer.kernel).numpy().ravel().tolist() == [1, 1, 1]
