"""The sweep of `make learning-curve`: accuracy over the number of pictures, as DVC experiments.

Not a stage of dvc.yaml: it runs the stages up to train many times, in DVC's queue.

Reads:  params.yaml, dvc.yaml, dvc.lock, and of each experiment metrics/train.json
Writes: plots/learning_curve.json, plots/learning_curve.svg
Params: learning_curve, seed, preprocess.pictures_per_class; train.folds is 1 in all of them
"""

from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import Params
from squeezenet_lib.report.learning_curve import (
    VARIED,
    by_limit,
    learning_curve_svg,
    overrides,
    record,
    to_json,
    trials_of,
)
from stages.baseline import check_repository, digest
from stages.stage import run
from stages.sweep import LOOK_EVERY, Found, Sweep, jobs_of_command_line, run_sweep

NAME = "learning_curve"
TARGET = "train"


def main() -> None:
    """Queue, wait, draw."""
    sweep(load_params(), jobs_of_command_line(NAME, "Sweep the number of pictures of a class."))


def sweep(params: Params, jobs: int, look_every: float = LOOK_EVERY) -> None:
    """Run what is missing of the curve and write its records and its picture. Raises UserError."""
    check_repository()
    wanted = trials_of(params, digest(TARGET, VARIED))

    def draw(found: Found) -> tuple[str, str]:
        records = [record(wanted[name], metrics[TARGET]) for name, metrics in found.items()]
        return to_json(records), learning_curve_svg(by_limit(records))

    changes = {name: overrides(trial) for name, trial in wanted.items()}
    run_sweep(Sweep(NAME, TARGET, (TARGET,), changes), draw, jobs, look_every)


if __name__ == "__main__":
    run(main)
