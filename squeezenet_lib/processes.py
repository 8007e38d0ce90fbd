"""Whether a process runs, and what becomes of it when its parent ends."""

import ctypes
import os
import signal
import sys
from pathlib import Path

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
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # a system without /proc, or it has just ended
        return sys.platform != "linux"
    return status.rpartition(")")[2].split()[0] not in ENDED


def end_with_parent() -> None:
    """Let the kernel kill this process when its parent ends, however that ends. Only Linux knows how.

    What this process starts does not inherit it: a pool takes this function as its workers' initializer, for
    they would wait for a killed parent for ever.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
