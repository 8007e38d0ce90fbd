"""`python -m squeezenet_lib.predict`: names and probabilities for people, one sentence for each failure."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.host_runtime import HostRuntime
from squeezenet_lib.images import to_network_input
from squeezenet_lib.predict import main
from tests.small_firmware import CLASSES, small_model


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    pixels = np.random.default_rng(5).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def predict(*arguments: str | Path) -> int:
    return main([*map(str, arguments), "--model", str(small_model().sqz)])


def test_classes_and_probabilities_likeliest_first(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert predict(picture) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{picture}: ")
    found = re.findall(r"(?:: |, )([a-z ]+) (\d\.\d{3})", printed)
    pixels = np.asarray(Image.open(picture))
    (scores,) = HostRuntime(small_model().sqz.read_bytes()).run(
        to_network_input(pixels, 32, 1, standardise=False)[np.newaxis]
    )
    expected = {name: f"{(int(score) + 128) / 256:.3f}" for name, score in zip(CLASSES, scores, strict=True)}
    assert dict(found) == expected
    assert [float(p) for _, p in found] == sorted((float(p) for _, p in found), reverse=True)


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
    assert main([str(picture), "--model", str(tmp_path / "none.sqz")]) == 1
    assert "none.sqz does not exist: run `dvc repro huffman`" in capsys.readouterr().err


def test_a_damaged_model(picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damaged = bytearray(small_model().sqz.read_bytes())
    damaged[500] ^= 4
    (tmp_path / "damaged.sqz").write_bytes(damaged)
    assert main([str(picture), "--model", str(tmp_path / "damaged.sqz")]) == 1
    assert "damaged (its CRC-32 differs)" in capsys.readouterr().err
