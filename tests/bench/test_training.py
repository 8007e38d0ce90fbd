"""The benchmark of the input pipeline measures two ways of the same training."""

from dataclasses import replace
from pathlib import Path

from squeezenet_lib.bench.training import EVERYTHING, Case, measure, write_pictures
from squeezenet_lib.dataset.arrays import load_split
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import ROOT

CASE = Case(size=32, channels=3, width=0.0625, batch=8, steps=3)


def test_both_ways_are_measured() -> None:
    params = load_params(ROOT / "params.yaml").train
    rates = measure(CASE, replace(params, batch_size=8, augment=EVERYTHING), 1)
    assert len(rates) == 2 and all(rate > 0 for rate in rates)


def test_a_round_has_pictures_for_all_of_its_batches(tmp_path: Path) -> None:
    write_pictures(tmp_path, CASE)
    train = load_split(tmp_path, "train")
    assert train.images.shape == (24, 32, 32, 3)
    assert set(train.labels) == {0, 1}
