"""Which processes run, and how one ends with its parent."""

import os
import subprocess
import sys
import time
from collections.abc import Callable

from squeezenet_lib.processes import runs

CHILD = """
import time
from squeezenet_lib.processes import end_with_parent
end_with_parent()
print("ready", flush=True)
time.sleep(60)
"""
PARENT = """
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", sys.argv[1]]).pid, flush=True)
sys.stdin.read()
"""
POOL = """
import os, time
from concurrent.futures import ProcessPoolExecutor
from squeezenet_lib.processes import end_with_parent
if __name__ == "__main__":
    with ProcessPoolExecutor(1, initializer=end_with_parent) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        time.sleep(60)
"""


def becomes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_what_has_ended_does_not_run_even_before_its_parent_knows() -> None:
    ended = subprocess.Popen(["true"])
    assert becomes_true(lambda: not runs(ended.pid))
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
    assert becomes_true(lambda: not runs(pid))


def test_a_pools_workers_end_with_its_killed_owner() -> None:
    with subprocess.Popen([sys.executable, "-c", POOL], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        pid = int(owner.stdout.readline())
        assert runs(pid)
        owner.kill()
    assert becomes_true(lambda: not runs(pid))
