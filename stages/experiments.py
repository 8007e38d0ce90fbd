"""DVC's queue of experiments: started by its own commands, looked into where it keeps it.

An experiment is known by its name alone, which says all that its results depend on. Neither a grid in one
command (`-S 'seed=1,2'`) nor DVC's run cache can stand for that: a grid numbers its experiments, cannot leave
out what is finished and refuses names that are taken; and the cache makes a finished experiment quick to
repeat, but does not say whether one that waits or runs is still of the same code.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from squeezenet_lib import interrupts, processes
from squeezenet_lib.errors import UserError
from stages.baseline import git

QUEUED, RUNNING, FAILED, FINISHED = "queued", "running", "failed", "finished"
TRIES = 10


@dataclass(frozen=True)
class Experiment:
    """state: one of the above. pid: of running ones that have begun. lost: taken off the queue, but no worker
    answers that it is there to begin with it. ref: git's name of what a finished one came to.
    """

    state: str
    pid: int | None = None
    lost: bool = False
    ref: str | None = None

    def abandoned(self) -> bool:
        """True when DVC takes it for running but its process is gone, as after a restart of the machine, or
        never was.
        """
        return self.state == RUNNING and (
            self.lost or (self.pid is not None and not processes.runs(self.pid))
        )


def queue(name: str, params: Mapping[str, Any], target: str) -> None:
    """Put the working tree with these params (dotted keys) in the queue, to be run up to stage `target`."""
    changes = [word for key, value in params.items() for word in ("-S", f"{key}={value}")]
    _dvc("exp", "run", "--queue", "--name", name, *changes, target)


def start(jobs: int) -> None:
    """Let so many workers take from the queue; those that already do are counted in."""
    _dvc("queue", "start", "--jobs", str(jobs))


def forget(name: str, running: bool = False) -> None:
    """Take a failed experiment, or one that is only said to be `running`, off the queue's list."""
    if running:
        with suppress(UserError):  # DVC may have noticed by now
            _dvc("queue", "kill", "--force", name)
    _dvc("queue", "remove", name)
    left = look_up([name]).get(name) if running else None
    if left and left.state == FAILED:  # so it is with one that never began
        _dvc("queue", "remove", name)


def look_up(names: Collection[str]) -> dict[str, Experiment]:
    """Those of the experiments that DVC knows, whichever commit they started from, by name.

    `dvc exp show` would say the same, and opens the folders of running experiments: it fails, or waits for
    ever, when one of them ends at that moment.
    """
    from dvc.exceptions import DvcException

    known: dict[str, Experiment] = {}
    for attempt in range(1, TRIES + 1):
        try:
            with interrupts.held():
                known = dict(_tasks())
            break
        except (DvcException, OSError, ValueError) as error:  # the queue is files, and a worker writes one
            if attempt == TRIES:
                raise UserError(f"DVC's queue of experiments cannot be read: {error}") from None
            time.sleep(1)
    for ref in git("for-each-ref", "--format=%(refname)", "refs/exps").stdout.split():
        known[ref.rpartition("/")[2]] = Experiment(FINISHED, ref=ref)
    return {name: known[name] for name in names if name in known}


def _tasks() -> Iterator[tuple[str, Experiment]]:
    """What is in the queue, in the order in which experiments move on: one that does so meanwhile comes again
    as what it is then.
    """
    from dvc.repo import Repo

    with Repo() as repo:
        tasks = repo.experiments.celery_queue
        for entry in tasks.iter_queued():
            yield entry.name, Experiment(QUEUED)
        for entry in tasks.iter_active():
            process = tasks.proc.get(entry.stash_rev)
            lost = process is None and not tasks.worker_status()
            yield entry.name, Experiment(RUNNING, process.pid if process else None, lost)
        for entry, _ in tasks.iter_failed():
            yield entry.name, Experiment(FAILED)


def _dvc(*arguments: str) -> None:
    """Run a dvc command. Raises UserError with what dvc says when it fails."""
    # Workers start `dvc` and stages start `python`; both have to be those that run here.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command = (sys.executable, "-m", "dvc", *arguments)
    # Into a file: a worker inherits a pipe and keeps it open, so that reading to its end would wait for it.
    with tempfile.TemporaryFile("w+") as complaint:
        # `exp run --queue` changes params.yaml for a moment: Ctrl-C lets it put that back.
        status = interrupts.run_to_end(
            command, stdout=subprocess.DEVNULL, stderr=complaint, env={**os.environ, "PATH": path}
        ).returncode
        complaint.seek(0)
        said = complaint.read().splitlines()
    if status:
        errors = [line.removeprefix("ERROR: ") for line in said if line.startswith("ERROR: ")]
        raise UserError(f"`dvc {' '.join(arguments)}` failed: {' '.join(errors or said[-3:])}")
