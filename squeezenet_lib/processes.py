"""Other processes and devices: whether one runs, what becomes of it when its parent ends, and what is said
while it is waited for.
"""

import ctypes
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SAID_AFTER = 2.0  # seconds
PR_SET_PDEATHSIG = 1  # linux/prctl.h
ENDED = ("Z", "X")


def runs(pid: int) -> bool:
    """True while a process with this number runs, whoever owns it. What has ended may still be listed by the
    system, as a zombie, until its parent asks for its status: it does not run.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, as somebody else's
        return True
    try:
        state, _ = state_and_parent(pid)
    except OSError:  # a system without /proc, or it has just ended
        return sys.platform != "linux"
    return state not in ENDED


def state_and_parent(pid: int) -> tuple[str, int]:
    """Of a process, as proc(5) has them. OSError when there is none, or no /proc."""
    status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    state, parent = status.rpartition(")")[2].split()[:2]
    return state, int(parent)


def end_with_parent() -> None:
    """Let the kernel kill this process when its parent ends, however that ends. Only Linux knows how.

    What this process starts does not inherit it: a pool takes this function as its workers' initializer, for
    they would wait for a killed parent for ever.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def end_with(pid: int) -> None:
    """Let this process be killed when `pid` ends, which need not be its parent. Only Linux (5.3) knows how;
    elsewhere nothing happens.
    """
    if not hasattr(os, "pidfd_open"):
        return
    try:
        ended = os.pidfd_open(pid)
    except ProcessLookupError:
        os.kill(os.getpid(), signal.SIGKILL)
    except OSError:  # an older kernel
        return

    def wait() -> None:
        poll = select.poll()
        poll.register(ended, select.POLLIN)  # pidfd_open(2): readable when the process ends
        poll.poll()
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name=f"end with {pid}", daemon=True).start()


@contextmanager
def announced(what: str) -> Iterator[None]:
    """Say "waiting for <what>" when the block lasts longer than SAID_AFTER seconds."""
    timer = threading.Timer(SAID_AFTER, say, [f"waiting for {what}"])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def say(line: str) -> None:
    """Print a line on stderr, above progress bars where some are."""
    from tqdm import tqdm  # it takes long to import

    tqdm.write(line, file=sys.stderr)
