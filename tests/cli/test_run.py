"""The command run: scores of pictures in a .npy, by this machine or by the emulated chip."""

import functools
import json
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.cli.command_line import main
from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.reference import predict_reference
from squeezenet_lib.tflite.writer import write_graph
from tests.support.random_pictures import random_pictures


@functools.cache
def tflite() -> bytes:
    return write_graph(random_squeezenet(np.random.default_rng(0), 32, 3, 4, 0.125, 0.8))


@functools.cache
def sqz() -> bytes:
    return compile_graph(read_graph(tflite())).sqz


def pictures() -> np.ndarray:
    return random_pictures(np.random.default_rng(1), 5, 32, 32, 3)


def run_in(folder: Path, images: np.ndarray, *options: str) -> int:
    (folder / "model.sqz").write_bytes(sqz())
    np.save(folder / "images.npy", images)
    paths = [folder / name for name in ("model.sqz", "images.npy", "scores.npy")]
    return main(["run", str(paths[0]), str(paths[1]), "-o", str(paths[2]), *options])


def test_scores_are_those_of_the_tflite_for_uint8_and_for_int8(tmp_path: Path) -> None:
    expected = predict_reference(tflite(), pictures())
    assert len(np.unique(expected, axis=0)) > 1
    for images in (pictures(), (pictures().astype(np.int16) - 128).astype(np.int8)):
        assert run_in(tmp_path, images) == 0
        scores = np.load(tmp_path / "scores.npy")
        assert scores.dtype == np.int8
        assert np.array_equal(scores, expected)


@pytest.mark.parametrize(
    "chip", ["esp32", *(pytest.param(name, marks=pytest.mark.full) for name in ("esp32c3", "esp32s3"))]
)
def test_the_emulated_chip_gives_the_same_and_prints_its_cost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], chip: str
) -> None:
    assert run_in(tmp_path, pictures()[:2], "--emulate", chip) == 0
    figures = json.loads(capsys.readouterr().out)
    assert list(figures) == ["instructions", "arena_bytes", "stack_bytes", "pictures"]
    assert figures["pictures"] == 2
    assert 100_000 < figures["instructions"] < 10_000_000
    assert 0 < figures["arena_bytes"] < 307_200
    assert 0 < figures["stack_bytes"] < 2048
    assert np.array_equal(np.load(tmp_path / "scores.npy"), predict_reference(tflite(), pictures()[:2]))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 32, 32, 1), np.uint8), "holds pictures of (32, 32, 1), and"),
        (np.zeros((32, 32, 3), np.uint8), "holds uint8 (32, 32, 3); pictures are uint8 or int8"),
        (np.zeros((2, 32, 32, 3), np.float32), "holds float32 (2, 32, 32, 3); pictures are"),
        (np.zeros((0, 32, 32, 3), np.uint8), "holds uint8 (0, 32, 32, 3); pictures are"),
    ],
)
def test_other_arrays_are_refused_and_change_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], images: np.ndarray, message: str
) -> None:
    (tmp_path / "scores.npy").write_bytes(b"earlier")
    assert run_in(tmp_path, images) == 1
    errors = capsys.readouterr().err
    assert errors.startswith(f"error: {tmp_path / 'images.npy'}")
    assert message in errors
    assert (tmp_path / "scores.npy").read_bytes() == b"earlier"


def test_files_that_cannot_be_used_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "model.sqz").write_bytes(sqz())
    (tmp_path / "damaged.sqz").write_bytes(sqz()[:-1] + b"!")
    (tmp_path / "text").write_text("no array")
    np.save(tmp_path / "images.npy", pictures())
    np.savez(tmp_path / "several.npz", pictures(), pictures())
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    for model, images, output, message in (
        ("none.sqz", "images.npy", "s.npy", "none.sqz does not exist"),
        ("damaged.sqz", "images.npy", "s.npy", "damaged.sqz: the .sqz file is damaged"),
        ("images.npy", "images.npy", "s.npy", "images.npy: this is no .sqz file"),
        ("model.sqz", "none.npy", "s.npy", "none.npy does not exist"),
        ("model.sqz", "text", "s.npy", "text is no readable .npy file"),
        (
            "model.sqz",
            "several.npz",
            "s.npy",
            "several.npz is no readable .npy file (it is an .npz",
        ),
        ("model.sqz", "objects.npy", "s.npy", "objects.npy is no readable .npy file"),
        ("model.sqz", "images.npy", "images.npy", "is a folder or one of the inputs"),
        ("model.sqz", "images.npy", "text/s.npy", "cannot be read or written"),
    ):
        assert main(["run", str(tmp_path / model), str(tmp_path / images), "-o", str(tmp_path / output)]) == 1
        assert message in capsys.readouterr().err
