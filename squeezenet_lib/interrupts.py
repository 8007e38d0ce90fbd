"""Ctrl-C where KeyboardInterrupt at any line would do harm, or would not come at all; and a clock that
interrupts what may never end by itself.
"""

import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

Stream = int | IO[str]


@contextmanager
def held() -> Iterator[None]:
    """Keep a Ctrl-C that comes within the block until its end. For the main thread only.

    Processes that start within, and what they start, do not hear it: they are born with the signal blocked.
    To let them be born with it ignored, this one would have to ignore it, too, and lose it.
    """
    came: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    # Asked for before anything changes: a Ctrl-C just before raises KeyboardInterrupt in any call below.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        if callable(handler):
            # The mask is this thread's. A library's thread (OpenBLAS has some) takes the signal instead, and
            # Python runs its handler here all the same: so for the time being it is one that takes a note.
            signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        yield
    finally:
        # In this order what was blocked goes to the note, too, and nothing is raised before all is as it was.
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if callable(handler):
            signal.signal(signal.SIGINT, handler)
        if came:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def fatal() -> Iterator[None]:
    """Let Ctrl-C end this process at once: for a library's call that may not come back to Python for hours,
    where KeyboardInterrupt would be raised, and while there is nothing to put in order. Main thread only.
    """
    handler = signal.getsignal(signal.SIGINT)
    try:
        if callable(handler):  # else it is ignored, as in a shell's background, or fatal already
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        yield
    finally:
        if callable(handler):
            signal.signal(signal.SIGINT, handler)


class OverdueError(Exception):
    """A block took longer than it may. Of no kind that libraries treat, so that it gets through."""


@contextmanager
def limited(seconds: float) -> Iterator[Callable[[], None]]:
    """Raise OverdueError so many seconds after the block's begin, or after the last call of what is yielded.

    For libraries whose limits hold for one part of what they do, a packet or a try. In other threads than the
    main one, and on systems without such a clock (Windows), nothing is interrupted.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise OverdueError(f"nothing came for {seconds:.0f} s")

    def restart() -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds)

    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    before = signal.signal(signal.SIGALRM, stop)
    restart()
    try:
        yield restart
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run_to_end(
    command: Sequence[str],
    *,
    stdout: Stream,
    stderr: Stream,
    env: Mapping[str, str],
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command that has an answer to Ctrl-C, which at a terminal reaches it, too: it puts back what it
    has changed or ends what it has started. KeyboardInterrupt is raised when it is done with that;
    subprocess.run would kill it after a quarter of a second.
    """
    with subprocess.Popen(command, stdout=stdout, stderr=stderr, env=env, cwd=cwd, text=True) as process:
        try:
            said, complained = process.communicate()
        except KeyboardInterrupt:
            process.communicate()
            raise
    return subprocess.CompletedProcess(command, process.returncode, said, complained)
