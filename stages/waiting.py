"""Waiting for experiments in DVC's queue, whatever becomes of them and of its workers."""

import time
from collections.abc import Mapping, Sequence

from tqdm import tqdm

from squeezenet_lib.errors import UserError
from stages import experiments
from stages.experiments import FAILED, FINISHED, QUEUED, RUNNING, Experiment

PATIENCE = 6  # looks at a queue in which nothing moves


def drop_abandoned(known: Mapping[str, Experiment], look_every: float) -> dict[str, Experiment]:
    """What is left when experiments that died without DVC's notice are off its list."""
    dead = {name for name, experiment in known.items() if experiment.abandoned()}
    if dead:
        time.sleep(look_every)  # one that has just ended is being collected
        known = experiments.look_up(known)
        dead = {name for name in dead if name in known and known[name].abandoned()}
    for name in dead:
        experiments.forget(name, running=True)
    return experiments.look_up(known) if dead else dict(known)


def wait(names: Sequence[str], jobs: int, look_every: float, command: str) -> dict[str, Experiment]:
    """Start the queue and wait until it is done with all of `names`; what they came to, by name.

    look_every: seconds. command: what waits again, for messages. Raises UserError when the queue does not
    move, and on Ctrl-C, which it survives.
    """
    experiments.start(jobs)
    unmoved = 0
    before: dict[str, str] = {}
    gone: dict[str, int] = {}  # looks without a process, or without anybody to start one
    try:
        with tqdm(total=len(names), bar_format="{n}/{total} done [{elapsed}{postfix}]") as bar:
            while True:
                known = experiments.look_up(names)
                states = {name: experiment.state for name, experiment in known.items()}
                # At the first look without its process an experiment may be about to be collected, and a
                # worker that has much to do may not answer at once.
                gone = {name: gone.get(name, 0) + 1 for name in known if known[name].abandoned()}
                for name, looks in gone.items():
                    if looks >= (PATIENCE if known[name].lost else 2):
                        states[name] = FAILED
                bar.n = sum(state in (FINISHED, FAILED) for state in states.values())
                bar.set_postfix_str(", ".join(name for name in names if states.get(name) == RUNNING))
                waiting = [name for name, state in states.items() if state in (QUEUED, RUNNING)]
                if not waiting:
                    return known
                # Workers end by themselves when the queue is empty, and can be ended: then others are needed.
                unmoved = unmoved + 1 if states == before and RUNNING not in states.values() else 0
                before = states
                if unmoved == PATIENCE:
                    raise UserError(
                        f"DVC's queue does not start {waiting[0]}; .dvc/tmp/exps/celery/dvc-exp-worker-1.out "
                        f"may say why, and `dvc queue status` shows the queue."
                    )
                if unmoved:
                    experiments.start(jobs)
                time.sleep(look_every)
    except KeyboardInterrupt:
        raise UserError(
            f"Stopped waiting; the queue itself goes on: `{command}` waits again, `dvc queue stop` lets "
            "running experiments be the last."
        ) from None
