"""The stage that fetches what training starts with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from squeezenet_lib.paths import CACHE, ROOT, TRAINED
from squeezenet_lib.pretrained.imagenet import Pretrained
from squeezenet_lib.starts.weight_file import read_weights
from stages import weights
from tests.support.trained_weights import equal, random_weights

WEIGHTS = random_weights()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the stage runs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights").symlink_to(ROOT / "weights")
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Caches that were given to who fetches."""
    asked: list[Path] = []

    def open_imagenet(cache: Path) -> Pretrained:
        asked.append(cache)
        return Pretrained(WEIGHTS, "somewhere", {"package_sha256": "12"})

    monkeypatch.setattr(weights, "open_imagenet", open_imagenet)
    return asked


def write_params(folder: Path, init_from: str | None, width: float = 1.0) -> None:
    params: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["model"]["width"] = width
    params["train"]["init_from"] = init_from
    (folder / "params.yaml").write_text(yaml.safe_dump(params))


def contents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in TRAINED.iterdir()}


def test_weights_come_with_their_origin_and_the_notice_that_goes_with_them(
    folder: Path, asked: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    write_params(folder, "imagenet")
    weights.main()
    assert asked == [CACHE]
    assert capsys.readouterr().out == "models/imagenet/weights.npz: 1,235,496 numbers of somewhere\n"
    assert equal(read_weights(TRAINED / "weights.npz"), WEIGHTS)
    about = json.loads((TRAINED / "provenance.json").read_text())
    assert (about["source"], about["package_sha256"]) == ("somewhere", "12")
    assert about["licence"].startswith("BSD") and "arXiv:1602.07360" in about["citation"]
    notice = (TRAINED / "LICENSE.txt").read_text()
    assert "BSD LICENSE" in notice and "THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS" in notice
    before = contents()
    weights.main()
    assert contents() == before


@pytest.mark.parametrize(
    ("init_from", "width"), [("random", 1.0), (None, 1.0), ("earlier.keras", 1.0), ("imagenet", 0.5)]
)
def test_other_starts_fetch_nothing_and_leave_an_empty_mark(
    folder: Path, asked: list[Path], init_from: str | None, width: float
) -> None:
    write_params(folder, "imagenet")
    weights.main()
    asked.clear()
    write_params(folder, init_from, width)
    weights.main()
    assert asked == []
    assert contents() == {"provenance.json": b"{}\n"}


def fail(error: Exception) -> Callable[[Path], Pretrained]:
    def open_imagenet(cache: Path) -> Pretrained:
        raise error

    return open_imagenet


def test_what_was_there_stays_when_nothing_can_be_fetched(
    folder: Path, asked: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_params(folder, "imagenet")
    weights.main()
    before = contents()
    monkeypatch.setattr(weights, "open_imagenet", fail(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        weights.main()
    assert contents() == before
