"""Weights as a file: what was written is read, equal weights give equal bytes, damage is told."""

from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.starts.weight_file import kernel_shapes, read_weights, write_weights
from squeezenet_lib.training.network import build_squeezenet, convolutions
from tests.support.trained_weights import equal, random_weights

WEIGHTS = random_weights(1)


def test_the_shapes_are_those_of_the_network_on_rgb_pictures() -> None:
    model = build_squeezenet(32, 3, 1000, width=1.0, dropout=0.0)
    assert kernel_shapes() == {layer.name: tuple(layer.kernel.shape) for layer in convolutions(model)}
    numbers = sum(np.prod(shape) + shape[-1] for shape in kernel_shapes().values())
    assert numbers == 1_235_496  # as SqueezeNet 1.1 has


def test_what_was_written_is_read_and_its_bytes_are_the_weights_alone(tmp_path: Path) -> None:
    for name in ("one.npz", "other.npz"):
        write_weights(tmp_path / name, WEIGHTS)
    assert equal(read_weights(tmp_path / "one.npz"), WEIGHTS)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()


def test_a_missing_or_damaged_file_is_named_with_what_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    with pytest.raises(UserError, match=r"weights\.npz is missing; run `dvc repro weights`\.$"):
        read_weights(path)
    write_weights(path, WEIGHTS)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(UserError, match=r"cannot be read \(.*run `dvc repro --force weights`\.$"):
        read_weights(path)
    write_weights(path, {name: WEIGHTS[name] for name in ("conv1", "conv10")})
    with pytest.raises(UserError, match=r"weights\.npz cannot be read \(.*fire2_squeeze/kernel"):
        read_weights(path)
