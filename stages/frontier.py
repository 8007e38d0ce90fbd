"""The sweep of `make frontier`: accuracy and size over sparsity, levels and seeds, as DVC experiments.

Not a stage of dvc.yaml: it runs the stages up to huffman many times, in DVC's queue.

Reads:  params.yaml, dvc.yaml, dvc.lock, and of each experiment metrics/{train,prune,quantize,huffman}.json
Writes: plots/frontier.json, plots/frontier.svg
Params: frontier, seed, prune.sparsity, prune.per_layer, quantize.levels, quantize.per_layer, quantize.method
"""

from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import Params
from squeezenet_lib.report.accuracy_plot import frontier_svg
from squeezenet_lib.report.frontier import by_setting, float_accuracy, record, to_json
from squeezenet_lib.report.sweep import VARIED, default_setting, overrides, sweep_of
from stages.baseline import check_repository, digest
from stages.stage import run
from stages.sweep import LOOK_EVERY, Found, Sweep, jobs_of_command_line, run_sweep

NAME = "frontier"
TARGET = "huffman"  # what follows builds firmware, and its figures are not asked for
MEASURED = ("train", "prune", "quantize", "huffman")  # stages whose metrics a record holds


def main() -> None:
    """Queue, wait, draw."""
    sweep(load_params(), jobs_of_command_line(NAME, "Sweep sparsity and levels."))


def sweep(params: Params, jobs: int, look_every: float = LOOK_EVERY) -> None:
    """Run what is missing of the sweep and write its records and its picture. Raises UserError."""
    default = default_setting(params)
    check_repository()
    wanted = sweep_of(params, default, digest(TARGET, VARIED))
    changes = {name: overrides(params, setting, seed) for name, (setting, seed) in wanted.items()}

    def draw(found: Found) -> tuple[str, str]:
        records = [
            record(setting, seed, setting == default, metrics)
            for name, metrics in found.items()
            for setting, seed in [wanted[name]]
        ]
        return to_json(records), frontier_svg(by_setting(records), float_accuracy(records), default)

    run_sweep(Sweep(NAME, TARGET, MEASURED, changes), draw, jobs, look_every)


if __name__ == "__main__":
    run(main)
