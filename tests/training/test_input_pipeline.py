"""An epoch's batches: every picture once, in order, whatever the threads do."""

import numpy as np
import pytest

from squeezenet_lib.params.sections import AugmentParams
from squeezenet_lib.training.augmentation import apply_changes, draw_changes
from squeezenet_lib.training.input_pipeline import Material, batches

PARAMS = AugmentParams(rotate=True, flip=True, shift=1, zoom=0.2, contrast=0.2, brightness=0.2, erase=0.1)
COUNT, BATCH = 103, 8
RANDOM = np.random.default_rng(0)
MATERIAL = Material(
    RANDOM.integers(0, 256, (COUNT, 12, 12, 1), np.uint8),
    RANDOM.random((COUNT, 3), np.float32),
    RANDOM.random(COUNT, np.float32),
)
ORDER = RANDOM.permutation(COUNT)


def epoch(part: slice = slice(0, BATCH)) -> list[tuple[np.ndarray, ...]]:
    made = batches(MATERIAL, ORDER, BATCH, part, PARAMS, np.random.default_rng(5))
    return [tuple(tensor.numpy() for tensor in tensors) for tensors in made]


def test_batches_follow_the_order_and_the_generator() -> None:
    random = np.random.default_rng(5)
    made = epoch()
    assert len(made) == COUNT // BATCH
    for step, (images, targets, weights) in enumerate(made):
        chosen = ORDER[step * BATCH : (step + 1) * BATCH]
        changes = draw_changes(BATCH, 12, PARAMS, random)
        assert np.array_equal(images, apply_changes(MATERIAL.images[chosen], changes))
        assert np.array_equal(targets, MATERIAL.targets[chosen])
        assert np.array_equal(weights, MATERIAL.weights[chosen])


@pytest.mark.parametrize("processes", [2, 4])
def test_the_parts_of_several_processes_are_the_batch(processes: int) -> None:
    rows = BATCH // processes
    parts = [epoch(slice(index * rows, (index + 1) * rows)) for index in range(processes)]
    for step, whole in enumerate(epoch()):
        for index, array in enumerate(whole):
            assert np.array_equal(np.concatenate([part[step][index] for part in parts]), array)


def test_shapes_are_known_before_a_batch_is_made() -> None:
    made = batches(MATERIAL, ORDER, BATCH, slice(4, 8), PARAMS, np.random.default_rng(5))
    assert [tuple(spec.shape) for spec in made.element_spec] == [(4, 12, 12, 1), (4, 3), (4,)]


def test_an_epoch_may_be_left_early() -> None:
    made = batches(MATERIAL, ORDER, BATCH, slice(0, BATCH), PARAMS, np.random.default_rng(5))
    first = next(iter(made))[0].numpy()
    assert np.array_equal(first, epoch()[0][0])
