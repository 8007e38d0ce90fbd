"""What every stage does around its work."""

import atexit
import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from squeezenet_lib.errors import in_words
from squeezenet_lib.processes import end_with, end_with_parent, state_and_parent

# DVC keeps its own locks there: no output, not in git, and every copy of the project has it.
LOCK = Path(".dvc/tmp/stage.lock")
# These keep a checkpoint of each finished epoch.
TRAINING = ("train", "prune", "quantize")


def under_dvc() -> str | None:
    """The stage's name in dvc.yaml when DVC runs this process, or runs what started it; else None."""
    return os.environ.get("DVC_STAGE")


def end_with_dvc() -> None:
    """Do not outlive a killed `dvc`: what the next one starts writes the same outputs."""
    stage = under_dvc()
    if not stage:
        return
    end_with_parent()
    ancestor = os.getppid()
    while started_for(stage, ancestor):
        _, ancestor = state_and_parent(ancestor)
        end_with(ancestor)


def started_for(stage: str, pid: int) -> bool:
    """Whether DVC started the process for this stage: some shells stay while the command runs that they were
    given (Debian's sh, which DVC takes where SHELL is not set), others become it (bash).
    """
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:  # somebody else's, or a system without /proc
        return False
    return f"DVC_STAGE={stage}".encode() in environment.split(b"\0")


def run(main: Callable[[], None]) -> None:
    """Call `main`, under DVC after other stages have ended; what in_words() has one for,
    becomes one line on stderr, the last, and exit status 1.
    """
    stage = under_dvc()
    try:
        with sole_stage(stage) if stage else nullcontext():
            main()
    except Exception as error:
        known = in_words(error)
        if known is None:
            raise
        say_last(f"error: {known}")
        leave(1)


def say_last(words: str) -> None:
    """On a line of its own on stderr: a progress bar that no loop has ended may still stand there."""
    tqdm = getattr(sys.modules.get("tqdm"), "tqdm", None)
    for bar in list(getattr(tqdm, "_instances", ())):
        bar.close()
    print(words, file=sys.stderr)


def leave(status: int) -> NoReturn:
    """End this process without taking the interpreter down: TensorFlow's thread pools complain behind the
    sentence about what went wrong when their pipes are gone before them.

    What was registered to be done at exit is done; with-blocks have ended with the exception.
    """
    put_in_order()
    os._exit(status)


def put_in_order() -> None:
    """Do what was registered to be done at exit, and say all that was printed."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody reads it any more
            stream.flush()


def end_in_words(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """As sys.excepthook: Ctrl-C, which people press and which harms nothing, ends in one line instead of a
    traceback, wherever it comes, while a stage imports TensorFlow, too. So does what in_words() knows.

    The process ends by the signal, as a shell and DVC expect it of one that was interrupted.
    """
    if known := in_words(error):
        say_last(f"error: {known}")
        return
    if not of_interrupt(error):
        sys.__excepthook__(kind, error, traceback)
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # pressed again
    if sys.stderr.isatty():
        print(file=sys.stderr)  # behind the terminal's ^C
    say_last(f"interrupted: {goes_on()}")
    put_in_order()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.raise_signal(signal.SIGINT)


def of_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl-C led to the error, through whatever a library made of it."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def goes_on() -> str:
    """What becomes of the work of an interrupted stage."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    name = under_dvc() or (spec.name.removeprefix("stages.") if spec else "")
    again = "`dvc repro`" if under_dvc() else "the next run"
    return f"{again} goes on " + ("after the last finished epoch" if name in TRAINING else "with this stage")


@contextmanager
def sole_stage(name: str) -> Iterator[None]:
    """Wait until no other stage runs in this folder, and hold it while the block lasts.

    A stage outlives a killed `dvc` where the system is not Linux. The lock is a record lock: it ends with its
    process and does not pass to what that has started.
    """
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("a+", encoding="utf-8") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            file.seek(0)
            holder, _, pid = file.read().rpartition(" ")
            print(
                f"waiting for the stage {holder} that still runs in this folder (kill {pid} ends it)",
                flush=True,
            )
            fcntl.lockf(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(f"{name} {os.getpid()}")
        file.flush()
        yield
