"""Random changes of training pictures."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from squeezenet_lib.dataset.arrays import network_input
from squeezenet_lib.params.sections import AugmentParams
from squeezenet_lib.training.augmentation import Values, apply_changes, draw_changes

NOTHING = AugmentParams(rotate=False, flip=False, shift=0, zoom=0.0, contrast=0.0, brightness=0.0, erase=0.0)
IMAGES = np.random.default_rng(0).integers(0, 256, (64, 9, 9, 3), np.uint8)


def augment(images: npt.NDArray[np.uint8], params: AugmentParams, random: np.random.Generator) -> Values:
    return apply_changes(images, draw_changes(len(images), images.shape[1], params, random))


def test_no_change_gives_the_network_input() -> None:
    assert np.array_equal(augment(IMAGES, NOTHING, np.random.default_rng(1)), network_input(IMAGES))


def test_the_generator_decides_everything() -> None:
    params = AugmentParams(rotate=True, flip=True, shift=2, zoom=0.2, contrast=0.2, brightness=0.2, erase=0.2)
    first, again, other = (augment(IMAGES, params, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.dtype == np.float32


def test_turns_and_flips_reach_all_eight_positions() -> None:
    image = IMAGES[:1]
    params = replace(NOTHING, rotate=True, flip=True)
    random = np.random.default_rng(1)
    seen = {augment(image, params, random).tobytes() for _ in range(200)}
    turned = [np.rot90(image, k, (1, 2)) for k in range(4)]
    expected = {
        network_input(np.ascontiguousarray(t)).tobytes() for t in turned + [t[:, :, ::-1] for t in turned]
    }
    assert seen == expected


def test_shifts_repeat_the_border() -> None:
    params = replace(NOTHING, shift=2)
    random = np.random.default_rng(1)
    seen = {augment(IMAGES[:1], params, random).tobytes() for _ in range(400)}
    expected = set()
    for down in range(-2, 3):
        for right in range(-2, 3):
            padded = np.pad(IMAGES[0], ((2, 2), (2, 2), (0, 0)), mode="edge")
            moved = padded[2 - down : 11 - down, 2 - right : 11 - right]
            expected.add(network_input(moved[np.newaxis]).tobytes())
    assert seen == expected


def test_contrast_and_brightness_stay_in_the_inputs_range() -> None:
    params = replace(NOTHING, contrast=0.9, brightness=0.9)
    values = augment(IMAGES, params, np.random.default_rng(1))
    assert values.min() >= -1
    assert values.max() <= 127 / 128
    assert not np.array_equal(values, network_input(IMAGES))


def test_what_is_switched_off_draws_nothing_new() -> None:
    """Zoom and erasing came later: without them, all other draws are what they always were."""
    params = replace(NOTHING, rotate=True, flip=True, shift=2, contrast=0.2, brightness=0.2)
    random, twin = np.random.default_rng(1), np.random.default_rng(1)
    draw_changes(5, 9, params, random)
    for _ in range(5):
        twin.integers(4), twin.integers(2), twin.integers(-2, 2, 2, endpoint=True)
    twin.uniform(size=10)
    assert random.bit_generator.state == twin.bit_generator.state


def test_some_pictures_are_changed_as_if_they_were_alone() -> None:
    params = AugmentParams(rotate=True, flip=True, shift=2, zoom=0.2, contrast=0.2, brightness=0.2, erase=0.2)
    changes = draw_changes(64, 9, params, np.random.default_rng(1))
    whole, part = apply_changes(IMAGES, changes), apply_changes(IMAGES[10:20], changes[10:20])
    assert np.array_equal(whole[10:20], part)


def test_zoom_keeps_the_middle_and_moves_what_is_around_it() -> None:
    ramp = np.broadcast_to(np.arange(0, 99, 11, dtype=np.uint8)[:, np.newaxis, np.newaxis], (9, 9, 1))
    images = np.stack([ramp] * 200)
    zoomed = augment(images, replace(NOTHING, zoom=0.5), np.random.default_rng(1)) * 128 + 128
    assert np.all(np.abs(zoomed[:, 4] - 44) <= 1)
    spread = zoomed[:, 6, 4, 0] - zoomed[:, 2, 4, 0]
    assert spread.min() == pytest.approx(22, abs=2), "grown to twice the size"
    assert spread.max() == pytest.approx(66, abs=2), "shrunk to two thirds"
    assert np.all(zoomed >= 0) and np.all(zoomed <= 88)


def test_erasing_hides_a_rectangle_of_at_most_so_much() -> None:
    white = np.full((300, 32, 32, 3), 255, np.uint8)
    holes = augment(white, replace(NOTHING, erase=0.25), np.random.default_rng(1)) == 0
    areas = holes.all(axis=3).sum(axis=(1, 2))
    assert areas.max() <= 0.25 * 32 * 32
    assert areas.mean() > 0.08 * 32 * 32
    for hole in holes.all(axis=3):
        rows, columns = hole.any(axis=1).sum(), hole.any(axis=0).sum()
        assert hole.sum() == rows * columns, "it is one rectangle"
    assert holes.any(axis=(0, 3)).all(), "it can be anywhere"
