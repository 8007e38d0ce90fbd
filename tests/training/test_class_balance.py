"""An epoch's order and the loss's weights when classes differ in size."""

import numpy as np
import pytest

from squeezenet_lib.training.class_balance import class_weights, epoch_order, validation_weights


def test_an_epoch_visits_every_picture_once() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    assert sorted(epoch_order(labels, "none", np.random.default_rng(1))) == list(range(100))


def test_sampling_draws_all_classes_equally_often() -> None:
    labels = np.array([0] * 900 + [1] * 100)
    drawn = labels[epoch_order(labels, "sampling", np.random.default_rng(1))]
    assert len(drawn) == 1000
    assert 400 < drawn.sum() < 600


def test_class_weights_even_out_the_classes_and_average_to_one() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    weights = class_weights(labels, 2, "weights")
    assert weights * [90, 10] == pytest.approx([50, 50])
    assert class_weights(labels, 2, "none").tolist() == [1, 1]


@pytest.mark.parametrize("balance", ["weights", "sampling"])
def test_the_best_epoch_is_chosen_with_classes_that_count_alike(balance: str) -> None:
    labels = np.array([0] * 90 + [1] * 10)
    weights = validation_weights(labels, 2, balance)
    assert weights[labels == 0].sum() == pytest.approx(weights[labels == 1].sum()) == pytest.approx(50)
    assert validation_weights(labels, 2, "none").tolist() == [1] * 100
