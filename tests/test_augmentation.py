"""Random changes of training pictures."""

from dataclasses import replace

import numpy as np

from squeezenet_lib.augmentation import augment
from squeezenet_lib.dataset import network_input
from squeezenet_lib.params import AugmentParams

NOTHING = AugmentParams(rotate=False, flip=False, shift=0, contrast=0.0, brightness=0.0)
IMAGES = np.random.default_rng(0).integers(0, 256, (64, 9, 9, 3), np.uint8)


def test_no_change_gives_the_network_input() -> None:
    assert np.array_equal(augment(IMAGES, NOTHING, np.random.default_rng(1)), network_input(IMAGES))


def test_the_generator_decides_everything() -> None:
    params = AugmentParams(rotate=True, flip=True, shift=2, contrast=0.2, brightness=0.2)
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
