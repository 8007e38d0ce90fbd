"""The command predict: names and probabilities for people, one sentence for each failure."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.cli.command_line import main
from squeezenet_lib.images import Shape, load_picture, to_network_input
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.tflite.reference import predict_reference
from tests.support.one_layer_model import CLASSES as OTHER_CLASSES
from tests.support.one_layer_model import OneLayerModel, one_layer_model
from tests.support.small_firmware import CLASSES, small_model


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    pixels = np.random.default_rng(5).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def predict(*arguments: str | Path) -> int:
    return main(["predict", *map(str, arguments), "--model", str(small_model().sqz)])


def test_classes_and_probabilities_likeliest_first(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert predict(picture) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{picture}: ")
    found = re.findall(r"(?:: |, )([a-z ]+) (\d\.\d{3})", printed)
    pixels = np.asarray(Image.open(picture))
    (scores,) = HostRuntime(small_model().sqz.read_bytes()).run(
        to_network_input(pixels, (32, 32, 1), standardise=False)[np.newaxis]
    )
    expected = {name: f"{(int(score) + 128) / 256:.3f}" for name, score in zip(CLASSES, scores, strict=True)}
    assert dict(found) == expected
    assert [float(p) for _, p in found] == sorted((float(p) for _, p in found), reverse=True)


def other(folder: Path, shape: Shape, softmax: bool = False) -> tuple[Path, OneLayerModel]:
    """The file of a model that is not the pipeline's."""
    model = one_layer_model(shape, softmax=softmax)
    (folder / "other.sqz").write_bytes(model.sqz)
    return folder / "other.sqz", model


@pytest.mark.parametrize("shape", [(24, 40, 3), (40, 24, 1)])
def test_pictures_are_cropped_to_the_proportions_of_an_input_that_is_not_square(
    shape: Shape, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, model = other(tmp_path, shape, softmax=True)
    assert main(["predict", str(picture), "--model", str(path)]) == 0
    (scores,) = predict_reference(model.tflite, load_picture(picture, shape, standardise=True)[np.newaxis])
    best = int(scores.argmax())
    assert capsys.readouterr().out.startswith(
        f"{picture}: {OTHER_CLASSES[best]} {(int(scores[best]) + 128) / 256:.3f}, "
    )


def test_what_ends_in_logits_gives_scores_and_no_probabilities(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, model = other(tmp_path, (16, 16, 3))
    assert main(["predict", str(picture), "--model", str(path)]) == 0
    (scores,) = predict_reference(model.tflite, load_picture(picture, (16, 16, 3), True)[np.newaxis])
    order = np.argsort(-scores.astype(int), kind="stable")
    told = ", ".join(f"{OTHER_CLASSES[i]} score {scores[i]}" for i in order)
    assert capsys.readouterr().out == f"{picture}: {told}\n"


@pytest.mark.parametrize("channels", [2, 4])
def test_a_model_that_takes_no_pictures_is_named_once(
    channels: int, picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = other(tmp_path, (16, 16, channels))
    assert main(["predict", str(picture), str(picture), "--model", str(path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        f"error: the model's input has {channels} channels, and a picture has 1 (grey) or 3"
    )


def test_a_damaged_picture_fails_and_the_others_are_still_classified(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(picture.read_bytes()[:60])
    assert predict(damaged, picture) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ") and str(damaged) in printed.err
    assert len(printed.err.splitlines()) == 1
    assert printed.out.startswith(f"{picture}: ")


def test_a_missing_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert predict(tmp_path / "none.png") == 1
    assert "none.png" in capsys.readouterr().err


def test_a_missing_model(picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(picture), "--model", str(tmp_path / "none.sqz")]) == 1
    assert "none.sqz does not exist: run `dvc repro huffman`" in capsys.readouterr().err


def test_a_damaged_model(picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damaged = bytearray(small_model().sqz.read_bytes())
    damaged[500] ^= 4
    (tmp_path / "damaged.sqz").write_bytes(damaged)
    assert main(["predict", str(picture), "--model", str(tmp_path / "damaged.sqz")]) == 1
    assert "damaged (its CRC-32 differs)" in capsys.readouterr().err
