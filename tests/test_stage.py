"""What a stage does around its work: errors, and one stage at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from squeezenet_lib.errors import UserError
from stages.stage import run

ROOT = Path(__file__).resolve().parent.parent


def test_a_users_error_is_one_line_and_exit_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> None:
        raise UserError("The folder x is missing; make it.")

    with pytest.raises(SystemExit) as exit_:
        run(main)
    assert exit_.value.code == 1
    assert capsys.readouterr().err == "error: The folder x is missing; make it.\n"


def test_a_fault_of_the_program_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        run(lambda: print(1 // 0))


STAGE = """
import os, sys, time
from pathlib import Path
from stages.stage import run

def main():
    if os.fork() == 0:  # a worker that outlives it
        os.closerange(0, 3)
        time.sleep(5)
        os._exit(0)
    print("working", flush=True)
    sys.stdin.read()
    with Path("log").open("a") as log:
        log.write(sys.argv[1])

run(main)
"""


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
        second.communicate()


def test_other_folders_and_what_dvc_does_not_run_are_not_held_up(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with start(tmp_path, "a") as first:
        assert line(first) == "working"
        for folder, environment in ((tmp_path / "other", {}), (tmp_path, {"DVC_STAGE": ""})):
            with start(folder, "b", **environment) as second:
                assert line(second) == "working"
                second.communicate()
        first.communicate()
