"""What is expensive to make and the same for all tests: the first process that asks for it makes it."""

import atexit
import fcntl
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

# Holds the name of the folder of this run of tests. Processes that are started later find it in their
# environment: so do the workers of pytest-xdist.
VARIABLE = "SQUEEZENET_TESTS_MADE"


def folder_of_this_run() -> Path:
    """For all processes of it. The first that asks makes the folder, and removes it when it ends."""
    if VARIABLE not in os.environ:
        folder = tempfile.mkdtemp(prefix="squeezenet-tests-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ[VARIABLE] = folder
    return Path(os.environ[VARIABLE])


def made_once(name: str, make: Callable[[Path], T]) -> T:
    """What `make` returns when it is called with an empty folder, which stays. An earlier call for `name`
    serves, in whichever process; who asks meanwhile waits. The value is pickled; nobody changes the folder.
    """
    folder = folder_of_this_run() / name
    value = folder.with_name(f"{name}.pickle")
    with folder.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not value.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a call that failed
            folder.mkdir()
            value.write_bytes(pickle.dumps(make(folder)))
    made: T = pickle.loads(value.read_bytes())
    return made
