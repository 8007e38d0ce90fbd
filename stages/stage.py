"""What every stage does around its work."""

import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from squeezenet_lib.errors import UserError
from squeezenet_lib.processes import end_with_parent

# DVC keeps its own locks there: no output, not in git, and every copy of the project has it.
LOCK = Path(".dvc/tmp/stage.lock")


def under_dvc() -> str | None:
    """The stage's name in dvc.yaml when DVC runs this process, or runs what started it; else None."""
    return os.environ.get("DVC_STAGE")


def end_with_dvc() -> None:
    """Do not outlive a killed `dvc`: what the next one starts writes the same outputs."""
    if under_dvc():
        end_with_parent()


def run(main: Callable[[], None]) -> None:
    """Call `main`, under DVC after other stages have ended; a UserError becomes one line on stderr and exit
    status 1.
    """
    stage = under_dvc()
    try:
        with sole_stage(stage) if stage else nullcontext():
            main()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


@contextmanager
def sole_stage(name: str) -> Iterator[None]:
    """Wait until no other stage runs in this folder, and hold it while the block lasts.

    A stage outlives a killed `dvc` where its parent is a shell or the system is not Linux. The lock is a
    record lock: it ends with its process and does not pass to what that has started.
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
