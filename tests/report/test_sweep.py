"""The sweep's experiments: settings, seeds, names, and what each changes in params.yaml."""

from dataclasses import replace

import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import Params
from squeezenet_lib.paths import ROOT
from squeezenet_lib.report.frontier import Setting
from squeezenet_lib.report.sweep import VARIED, default_setting, overrides, settings, sweep_of


def params_with(prune: str | None = None, method: str = "shared") -> Params:
    params = load_params(ROOT / "params.yaml")
    quantize = replace(params.quantize, method=method, per_layer=None)
    return replace(params, prune=replace(params.prune, per_layer=prune), quantize=quantize)


def test_settings_are_all_pairs_and_the_default_each_once() -> None:
    pairs = [Setting(0.8, 14), Setting(0.8, 6), Setting(0.9, 14), Setting(0.9, 6)]
    assert settings([0.8, 0.9, 0.8], [14, 6], Setting(0.8, 14)) == pairs
    scanned = Setting(0.8, 14, scanned=True)
    assert settings([0.8, 0.9], [14, 6], scanned) == [*pairs, scanned]


def test_each_setting_has_an_experiment_for_each_seed_and_a_name_of_its_own() -> None:
    params = params_with()
    params = replace(params, seed=3, frontier=replace(params.frontier, repeats=2))
    default = default_setting(params)
    wanted = sweep_of(params, default, "0123abcd")
    swept = settings(params.frontier.sparsity, params.frontier.levels, default)
    assert list(wanted.values()) == [(setting, seed) for seed in (3, 4) for setting in swept]
    assert "frontier-s0.85-l14-seed3-0123abcd" in wanted


def test_a_setting_that_a_scan_chose_is_no_pair_of_the_sweep() -> None:
    params = params_with(prune="auto")
    wanted = sweep_of(params, default_setting(params), "0")
    assert {"frontier-s0.85-l14-seed1-0", "frontier-s0.85-l14-auto-seed1-0"} < wanted.keys()


def test_a_method_without_levels_cannot_be_swept() -> None:
    with pytest.raises(UserError, match=r"quantize\.method is ptq, which has no levels"):
        default_setting(params_with(method="ptq"))


def test_a_pair_of_the_sweep_overrules_a_scan_that_would_choose() -> None:
    params = params_with(prune="auto")
    assert overrides(params, Setting(0.9, 6), 2) == {
        "prune.sparsity": 0.9,
        "quantize.levels": 6,
        "seed": 2,
        "prune.per_layer": "null",
    }
    default = default_setting(params)
    assert default.scanned
    assert "prune.per_layer" not in overrides(params, default, 2)
    assert set(overrides(params_with(), Setting(0.9, 6), 2)) == set(VARIED)
