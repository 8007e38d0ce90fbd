"""What `make frontier` sweeps: settings, names of experiments, and what each changes in params.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.sections import Params
from squeezenet_lib.report.frontier import Setting

VARIED = ("prune.sparsity", "quantize.levels", "seed")


def default_setting(params: Params) -> Setting:
    """params.yaml's own setting. Raises UserError when its quantization has no levels to sweep."""
    if params.quantize.method != "shared":
        raise UserError(
            f"params.yaml: quantize.method is {params.quantize.method}, which has no levels to sweep; set it "
            f"to shared."
        )
    scanned = "auto" in (params.prune.per_layer, params.quantize.per_layer)
    return Setting(params.prune.sparsity, params.quantize.levels, scanned)


def settings(sparsities: Iterable[float], levels: Sequence[int], default: Setting) -> list[Setting]:
    """All pairs, each once, and params.yaml's own setting when it is none of them."""
    pairs = [Setting(float(sparsity), count) for sparsity in sparsities for count in levels]
    return list(dict.fromkeys([*pairs, default]))


def sweep_of(params: Params, default: Setting, digest: str) -> dict[str, tuple[Setting, int]]:
    """Setting and seed of each experiment by name, seed by seed. digest: of what all have in common."""
    swept = settings(params.frontier.sparsity, params.frontier.levels, default)
    seeds = range(params.seed, params.seed + params.frontier.repeats)
    return {name_of(setting, seed, digest): (setting, seed) for seed in seeds for setting in swept}


def name_of(setting: Setting, seed: int, digest: str) -> str:
    """Such as frontier-s0.85-l14-seed1-0123abcd."""
    scanned = "-auto" if setting.scanned else ""
    return f"frontier-s{setting.sparsity:g}-l{setting.levels}{scanned}-seed{seed}-{digest}"


def overrides(params: Params, setting: Setting, seed: int) -> dict[str, Any]:
    """What the experiment changes in params.yaml: a pair of the sweep overrules what a scan would choose."""
    changed: dict[str, Any] = dict(zip(VARIED, (setting.sparsity, setting.levels, seed), strict=True))
    for key, per_layer in (
        ("prune.per_layer", params.prune.per_layer),
        ("quantize.per_layer", params.quantize.per_layer),
    ):
        if per_layer == "auto" and not setting.scanned:
            changed[key] = "null"
    return changed
