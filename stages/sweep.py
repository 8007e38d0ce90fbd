"""Many experiments in DVC's queue: queue what is missing, wait, collect the metrics of what is finished.

Each runs in a folder of its own under .dvc/tmp/exps. Run again, a sweep keeps what is finished, and queues
what is missing or failed.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import write_text
from squeezenet_lib.paths import METRICS, PLOTS
from squeezenet_lib.processes import announced
from stages import experiments
from stages.baseline import git
from stages.experiments import FAILED, FINISHED, Experiment
from stages.waiting import drop_abandoned, wait

LOOK_EVERY = 10.0  # seconds

# metrics/<stage>.json by stage, of each finished experiment by its name.
Found = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Sweep:
    """name: of its module here, and of plots/<name>.json and plots/<name>.svg, which it writes. target: the
    stage up to which experiments run. measured: stages whose metrics are collected. overrides: of each
    experiment by name, what it changes in params.yaml (dotted keys); the name says all that its results
    depend on.
    """

    name: str
    target: str
    measured: Sequence[str]
    overrides: Mapping[str, Mapping[str, Any]]

    @property
    def command(self) -> str:
        """What starts it, for messages."""
        return f"make {self.name.replace('_', '-')}"


def jobs_of_command_line(name: str, description: str) -> int:
    """How many experiments of the sweep run at a time. Raises UserError for less than one."""
    parser = argparse.ArgumentParser(prog=f"python -m stages.{name}", description=description)
    parser.add_argument("--jobs", type=int, default=1, help="experiments at a time (1)")
    jobs: int = parser.parse_args().jobs
    if jobs < 1:
        raise UserError(f"--jobs is {jobs}; it has to be 1 or more.")
    return jobs


def run_sweep(
    sweep: Sweep, draw: Callable[[Found], tuple[str, str]], jobs: int, look_every: float = LOOK_EVERY
) -> None:
    """Run what is missing of the sweep; write what `draw` makes of what is finished then, records (JSON) and
    picture (SVG). Raises UserError, after that, for experiments that failed.
    """
    names = list(sweep.overrides)
    with announced("DVC, which looks at its queue and adds what is missing"):
        known = drop_abandoned(experiments.look_up(names), look_every)
        for name, changes in sweep.overrides.items():
            if name in known and known[name].state == FAILED:
                experiments.forget(name)
            elif name in known:
                continue
            experiments.queue(name, changes, sweep.target)
    finished = sum(experiment.state == FINISHED for experiment in known.values())
    print(f"{len(names)} experiments, {finished} of them finished already", flush=True)
    if finished < len(names):
        known = wait(names, jobs, look_every, sweep.command)
        if lost := [name for name, experiment in known.items() if experiment.lost]:
            # A worker that was about to end, because the queue was empty, took them and let them drop.
            for name in lost:
                experiments.forget(name, running=True)
                experiments.queue(name, sweep.overrides[name], sweep.target)
            known = wait(names, jobs, look_every, sweep.command)

    done = [name for name in names if name in known and known[name].state == FINISHED]
    if done:
        texts = draw({name: _metrics(name, known[name], sweep) for name in done})
        paths = [PLOTS / f"{sweep.name}.{suffix}" for suffix in ("json", "svg")]
        for path, text in zip(paths, texts, strict=True):
            write_text(path, text)
        print(f"{paths[0]} and {paths[1]} hold {len(done)} experiments")
    failed = [name for name in names if name not in done]
    if failed:
        raise UserError(
            f"{len(failed)} of {len(names)} experiments failed: {', '.join(failed)}; "
            f"`dvc queue logs {failed[0]}` shows why, and `{sweep.command}` tries them again."
        )


def _metrics(name: str, experiment: Experiment, sweep: Sweep) -> dict[str, dict[str, Any]]:
    """By stage. Raises UserError for a file that is not there."""
    found = {}
    for stage in sweep.measured:
        shown = git("show", f"{experiment.ref}:./{METRICS}/{stage}.json")
        if shown.returncode:
            raise UserError(
                f"The experiment {name} has no {METRICS}/{stage}.json; run `dvc exp remove {name}`, then "
                f"`{sweep.command}` again."
            )
        found[stage] = json.loads(shown.stdout)
    return found
