"""What a stage does around its work: errors, and one stage at a time."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from squeezenet_lib.paths import ROOT
from squeezenet_lib.processes import runs
from stages.stage import run
from tests.support.waiting import ends

# As TensorFlow does it: something is left to the interpreter's end that cannot be done then.
FAILING = """
import atexit, pathlib, sys
from squeezenet_lib.errors import UserError
from stages.stage import run

class Left:
    def __del__(self):
        raise OSError("Bad file descriptor")

def main():
    global left
    left = Left()
    atexit.register(pathlib.Path("removed at exit").unlink)
    print("worked", end="")
    print("before", file=sys.stderr)
    raise UserError("The folder x is missing; make it.")

run(main)
"""


def start_failing(folder: Path) -> subprocess.Popen[str]:
    (folder / "removed at exit").touch()
    return subprocess.Popen(
        [sys.executable, "-c", FAILING],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_users_error_is_one_line_the_last_and_exit_status_1(tmp_path: Path) -> None:
    with start_failing(tmp_path) as process:
        said, complained = process.communicate()
    assert process.returncode == 1
    assert complained == "before\nerror: The folder x is missing; make it.\n"
    assert said == "worked"
    assert list(tmp_path.iterdir()) == []


def test_a_users_error_ends_the_stage_where_nobody_reads_its_output(tmp_path: Path) -> None:
    with start_failing(tmp_path) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == "before\nerror: The folder x is missing; make it.\n"
    assert process.returncode == 1


INTERRUPTED = """
import atexit, os, pathlib, signal, sys
from stages.stage import run

def main():
    atexit.register(pathlib.Path("removed at exit").unlink)
    print("worked", end="")
    try:
        if sys.argv[1] == "wrapped":
            try:
                os.kill(os.getpid(), signal.SIGINT)
            except KeyboardInterrupt:
                raise RuntimeError("a library's word for it")
        os.kill(os.getpid(), signal.SIGINT)
    finally:
        print(", put in order", end="")

if sys.argv[1] == "while it imports":
    os.kill(os.getpid(), signal.SIGINT)
run(main)
"""


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("moment", ["at work", "wrapped", "while it imports"])
@pytest.mark.parametrize(
    ("stage", "sentence"),
    [
        (None, "the next run goes on with this stage"),
        ("download", "`dvc repro` goes on with this stage"),
        ("prune", "`dvc repro` goes on after the last finished epoch"),
    ],
)
def test_ctrl_c_is_one_line_and_the_end_by_the_signal(
    tmp_path: Path, stage: str | None, sentence: str, moment: str
) -> None:
    (tmp_path / "removed at exit").touch()
    environment = {key: value for key, value in os.environ.items() if key != "DVC_STAGE"}
    environment |= {"PYTHONPATH": str(ROOT)} | ({"DVC_STAGE": stage} if stage else {})
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, moment],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGINT
    assert done.stderr == f"interrupted: {sentence}\n"
    worked = moment != "while it imports"
    assert done.stdout == ("worked, put in order" if worked else "")
    assert (tmp_path / "removed at exit").exists() is not worked


BAR = """
import sys
from tqdm import tqdm
from squeezenet_lib.errors import UserError
from stages.stage import run

def main():
    numbers = tqdm(range(10), leave=False)
    raise {error}

run(main)
"""


@pytest.mark.parametrize(
    ("error", "last"),
    [
        ("UserError('it is broken')", "error: it is broken"),
        ("OSError(28, 'No space left on device')", "error: no space is left on the disk"),
        ("KeyboardInterrupt", "interrupted: the next run goes on with this stage"),
    ],
)
def test_the_last_line_is_not_behind_a_progress_bar(error: str, last: str) -> None:
    code = "import stages\n" + BAR.format(error=error)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "0/10" in done.stderr
    assert done.stderr.splitlines()[-1].startswith(last)


def test_a_fault_of_the_program_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        run(lambda: print(1 // 0))


STAGE = """
import os, signal, sys
from pathlib import Path
from stages.stage import run

def main():
    worker = os.fork()
    if worker == 0:  # it outlives the stage
        os.closerange(0, 3)
        signal.pause()
    with Path("workers").open("a") as workers:
        workers.write(f"{worker}\\n")
    print("working", flush=True)
    sys.stdin.read()
    with Path("log").open("a") as log:
        log.write(sys.argv[1])

run(main)
"""


DVC = """
import os, subprocess, sys
subprocess.run(["sh", "-c", sys.argv[1]], env={**os.environ, "DVC_STAGE": "a"})
"""
STAGE_PACKAGE = "import os, signal, stages; print(os.getpid(), flush=True); signal.pause()"


def workers(folder: Path) -> list[int]:
    """Of all stages that have been started in the folder or below."""
    return [int(line) for path in folder.rglob("workers") for line in path.read_text().splitlines()]


@pytest.fixture(autouse=True)
def no_workers_left(tmp_path: Path) -> Iterator[None]:
    yield
    for pid in workers(tmp_path):
        os.kill(pid, signal.SIGKILL)


def start(folder: Path, name: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", STAGE, name],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DVC_STAGE": name, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_a_stage_names_the_one_that_still_runs_in_its_folder_and_waits_for_it(tmp_path: Path) -> None:
    with start(tmp_path, "a") as first:
        assert line(first) == "working"
        with start(tmp_path, "b") as second:
            assert line(second) == (
                f"waiting for the stage a that still runs in this folder (kill {first.pid} ends it)"
            )
            first.communicate()
            assert line(second) == "working"
            second.communicate()
    assert (tmp_path / "log").read_text() == "ab"


def test_a_killed_stage_holds_up_nothing_though_what_it_started_lives(tmp_path: Path) -> None:
    with start(tmp_path, "a") as first:
        assert line(first) == "working"
        first.kill()
    with start(tmp_path, "b") as second:
        assert line(second) == "working"
        assert runs(workers(tmp_path)[0])
        second.communicate()


@pytest.mark.parametrize("command", ["{}", "{}; true", "(sh -c '({}; true); true'); true"])
def test_a_stage_ends_with_a_killed_dvc_whatever_is_in_between(command: str) -> None:
    stage = f'"{sys.executable}" -c "{STAGE_PACKAGE}"'
    with subprocess.Popen(
        [sys.executable, "-c", DVC, command.format(stage)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as dvc:
        pid = int(line(dvc))
        assert runs(pid)
        dvc.kill()
    ends(pid)


def test_a_stage_ends_with_a_killed_shell(tmp_path: Path) -> None:
    stage = f'"{sys.executable}" -c "{STAGE_PACKAGE}"'
    with subprocess.Popen(
        ["sh", "-c", f"{stage}; true"],
        cwd=ROOT,
        env={**os.environ, "DVC_STAGE": "a"},
        stdout=subprocess.PIPE,
        text=True,
    ) as shell:
        pid = int(line(shell))
        shell.kill()
    ends(pid)


def test_other_folders_and_what_dvc_does_not_run_are_not_held_up(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with start(tmp_path, "a") as first:
        assert line(first) == "working"
        for folder, environment in ((tmp_path / "other", {}), (tmp_path, {"DVC_STAGE": ""})):
            with start(folder, "b", **environment) as second:
                assert line(second) == "working"
                second.communicate()
        first.communicate()
