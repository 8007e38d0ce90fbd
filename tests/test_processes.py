"""Which processes run, how one ends with its parent, and what is said while one is waited for."""

import os
import subprocess
import sys
import time

import pytest

from squeezenet_lib import processes
from squeezenet_lib.processes import runs
from tests.support.waiting import ends, wait_until

CHILD = """
import signal
from squeezenet_lib.processes import end_with_parent
end_with_parent()
print("ready", flush=True)
signal.pause()
"""
PARENT = """
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", sys.argv[1]]).pid, flush=True)
sys.stdin.read()
"""
POOL = """
import os, signal
from concurrent.futures import ProcessPoolExecutor
from squeezenet_lib.processes import end_with_parent
if __name__ == "__main__":
    with ProcessPoolExecutor(1, initializer=end_with_parent) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        signal.pause()
"""


def test_what_has_ended_does_not_run_even_before_its_parent_knows() -> None:
    ended = subprocess.Popen(["true"])
    wait_until(lambda: not runs(ended.pid), ended.pid)
    ended.wait()
    assert not runs(ended.pid)


def test_others_run() -> None:
    assert runs(os.getpid())
    assert runs(1)  # somebody else's, unless this is root


def test_a_process_ends_with_its_killed_parent() -> None:
    command = [sys.executable, "-c", PARENT, CHILD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert parent.stdout.readline() == "ready\n"
        assert runs(pid)
        parent.kill()
    ends(pid)


def test_a_pools_workers_end_with_its_killed_owner() -> None:
    with subprocess.Popen([sys.executable, "-c", POOL], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        pid = int(owner.stdout.readline())
        assert runs(pid)
        owner.kill()
    ends(pid)


def test_a_long_wait_is_announced_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert processes.SAID_AFTER == 2.0
    monkeypatch.setattr(processes, "SAID_AFTER", 0.05)
    with processes.announced("the moon"):
        time.sleep(0.5)
    assert capsys.readouterr() == ("", "waiting for the moon\n")


def test_a_short_one_is_not_and_neither_is_one_that_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(processes, "SAID_AFTER", 0.3)
    with processes.announced("the moon"):
        pass
    with pytest.raises(KeyError), processes.announced("the moon"):
        raise KeyError
    time.sleep(0.5)
    assert capsys.readouterr() == ("", "")
