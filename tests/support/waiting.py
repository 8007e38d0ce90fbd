"""Starting processes, and waiting for them on a machine of any speed: while they get on, however long."""

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from squeezenet_lib.paths import ROOT
from squeezenet_lib.processes import runs

# Processes that use less than LITTLE seconds of processor time in STILL seconds are stuck or have ended:
# one that has work gets more on the busiest machine.
LITTLE, STILL = 0.5, 120.0
# Seconds after which it is in vain even so.
LIMIT = 1800.0
LOOK_EVERY = 0.05
TICKS = os.sysconf("SC_CLK_TCK")


def work_of(pids: Iterable[int]) -> dict[int, int]:
    """Ticks of processor time that the processes and their descendants have used, by process id."""
    parents, ticks = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, *fields = path.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if state not in "ZX":
            parents[int(path.parent.name)] = int(parent)
            ticks[int(path.parent.name)] = int(fields[9]) + int(fields[10])
    family: set[int] = set()
    younger = parents.keys() & set(pids)
    while younger:
        family |= younger
        younger = {pid for pid, parent in parents.items() if parent in younger} - family
    return {pid: ticks[pid] for pid in family}


def seconds(before: dict[int, int], after: dict[int, int]) -> float:
    """Processor time used in between by those that still run."""
    return sum(ticks - before.get(pid, 0) for pid, ticks in after.items()) / TICKS


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Python with these arguments in `folder`, in a process group of its own as at a terminal. All of it is
    killed at the end.
    """
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_until(true: Callable[[], bool], *pids: int, within: float = math.inf) -> None:
    """Wait for what the processes bring about. Fails when they do nothing any more, and when they have needed
    more than `within` seconds of processor time for it.
    """
    begin = moved = time.monotonic()
    first = before = work_of(pids)
    while not true():
        now, work = time.monotonic(), work_of(pids)
        if work.keys() != before.keys() or seconds(before, work) > LITTLE:
            before, moved = work, now
        assert seconds(first, work) < within, f"waited in vain, {within} s of processor time long: {work}"
        assert now - moved < STILL, f"waited in vain for processes that do nothing: {work}"
        assert now - begin < LIMIT, f"waited in vain: {work}"
        time.sleep(LOOK_EVERY)


def ends(pid: int) -> None:
    """Wait for that; what does not end by itself is not left behind."""
    try:
        wait_until(lambda: not runs(pid), pid)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def outcome(process: subprocess.Popen[str], *pids: int) -> tuple[str, str]:
    """What `process` has said on standard output and error, where these are pipes, when it has ended. It may
    itself wait for the other ones.
    """
    said: list[tuple[str, str]] = []

    def ended() -> bool:
        try:
            said.append(process.communicate(timeout=LOOK_EVERY))
        except subprocess.TimeoutExpired:
            return False
        return True

    wait_until(ended, process.pid, *pids)
    return said[0]
