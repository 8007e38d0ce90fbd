"""The sweep in DVC's own queue, on a pipeline of one stage that makes up its metrics."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.file import load_params
from squeezenet_lib.report.sweep import VARIED, default_setting, sweep_of
from stages import experiments
from stages.baseline import digest
from stages.experiments import FINISHED, QUEUED, RUNNING, Experiment, look_up
from stages.frontier import sweep
from tests.support.sweep_project import commit, run
from tests.support.waiting import outcome, started, wait_until


def dvc(*arguments: str) -> str:
    return run(sys.executable, "-m", "dvc", *arguments)


def sparsities() -> list[float]:
    return [row["sparsity"] for row in json.loads(Path("plots/frontier.json").read_text())]


def test_sweep_names_what_failed_then_runs_only_that_again(sweep_project: Path) -> None:
    runs, fail = sweep_project.parent / "runs", sweep_project.parent / "fail"
    fail.touch()
    try:
        with pytest.raises(UserError, match=r"1 of 2 experiments failed: frontier-s0\.9-l6-seed1-") as raised:
            sweep(load_params(), jobs=1, look_every=0.3)
        name = str(raised.value).split("`")[1].split()[-1]
        assert "it breaks on purpose" in dvc("queue", "logs", name)
        assert sparsities() == [0.5]

        fail.unlink()
        commit()  # the results are of the same code and params, whatever the commit
        sweep(load_params(), jobs=1, look_every=0.3)
        assert runs.read_text().split() == ["0.5", "0.9", "0.9"]
        assert sparsities() == [0.5, 0.9]
        assert "ringed" in Path("plots/frontier.svg").read_text()

        sweep(load_params(), jobs=1, look_every=0.3)
        assert len(runs.read_text().split()) == 3
    finally:
        dvc("queue", "stop")
    row = json.loads(Path("plots/frontier.json").read_text())[1]
    assert (row["levels"], row["seed"], row["sqz_bytes"], row["default"]) == (6, 1, 106, False)
    assert row["accuracy"] == pytest.approx(0.81)
    assert [step["bytes"] for step in row["path"]] == [4000, 700, 500, 106]
    # The working tree's own params are what they were.
    assert load_params().prune.sparsity == 0.5


SWEEP = """
from squeezenet_lib.params.file import load_params
from stages import frontier, stage
stage.run(lambda: frontier.sweep(load_params(), jobs=1, look_every=0.3))
"""


def states() -> list[str]:
    """Of the sweep's experiments, in its order; "" of those that DVC does not know."""
    params = load_params()
    wanted = sweep_of(params, default_setting(params), digest("huffman", VARIED))
    known = look_up(wanted)
    return [known[name].state if name in known else "" for name in wanted]


@pytest.mark.full
@pytest.mark.usefixtures("interruptible")
def test_after_ctrl_c_the_queue_goes_on_and_the_next_sweep_waits_for_it(sweep_project: Path) -> None:
    runs, hold = sweep_project.parent / "runs", sweep_project.parent / "hold"
    hold.touch()
    assert states() == ["", ""]
    try:
        with started(sweep_project, "-c", SWEEP) as process:
            wait_until(lambda: process.poll() is not None or runs.exists(), process.pid)
            (folder,) = Path(".dvc/tmp/exps").glob("tmp*")
            gone = folder.rename(sweep_project.parent / "gone")  # as when the experiment ends at that moment
            assert states() == [RUNNING, QUEUED]
            gone.rename(folder)
            os.killpg(process.pid, signal.SIGINT)
            _, complained = outcome(process)
        assert process.returncode == 1
        assert complained.splitlines()[-1] == (
            "error: Stopped waiting; the queue itself goes on: `make frontier` waits again, `dvc queue stop` "
            "lets running experiments be the last."
        )
        assert states() == [RUNNING, QUEUED]
        hold.unlink()
        sweep(load_params(), jobs=1, look_every=0.3)
    finally:
        hold.unlink(missing_ok=True)
        dvc("queue", "stop")
    assert states() == [FINISHED, FINISHED]
    assert runs.read_text().split() == ["0.5", "0.9"]
    assert sparsities() == [0.5, 0.9]


def test_an_experiment_that_a_worker_took_along_to_its_end_is_queued_again(
    sweep_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an ending worker leaves it: its message is off the queue, and nobody works on it."""
    start = experiments.start

    def take_one(jobs: int) -> None:
        monkeypatch.setattr(experiments, "start", start)
        broker = Path(".dvc/tmp/exps/celery/broker")
        message = min((broker / "in").glob("*.celery.msg"))
        message.rename(broker / "processed" / message.name)

    monkeypatch.setattr(experiments, "start", take_one)
    try:
        sweep(load_params(), jobs=1, look_every=0.3)
    finally:
        dvc("queue", "stop")
    assert (sweep_project.parent / "runs").read_text().split() == ["0.9", "0.5"]
    assert sparsities() == [0.5, 0.9]


def test_an_experiment_whose_process_is_gone_is_abandoned() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert Experiment(RUNNING, ended.pid).abandoned()
    assert Experiment(RUNNING, lost=True).abandoned()
    assert not Experiment(RUNNING, os.getpid()).abandoned()
    assert not Experiment(RUNNING).abandoned()
