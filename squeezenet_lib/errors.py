"""The one exception for everything that a user can put right, and the words for what can fail anywhere: the
Python is not the project's, the disk is full.

What runs first imports this: nothing here asks for more than an older Python has.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from pathlib import Path

OLDEST = (3, 11)
FULL = (errno.ENOSPC, errno.EDQUOT)
NO_SPACE = os.strerror(errno.ENOSPC)
NO_TEMPORARY = "No usable temporary directory"  # tempfile: it has tried to write into each
LITTLE = 1 << 20  # bytes
OWN = ("squeezenet_lib", "stages", "tests")


class UserError(Exception):
    """A failure whose cause lies outside the program.

    The message is one clear sentence: what is wrong, where, and what to do. Stages print it and exit with 1.
    """


def require_python() -> None:
    """End this process with a sentence where Python is too old for what is imported next."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"error: Python {found} ({sys.executable}) is too old for this project; {_environment()}")


def in_words(error: BaseException) -> UserError | None:
    """The sentence for `error`, if there is one: its own, or that for what a library or the system raises
    wherever it comes; else None.
    """
    return error if isinstance(error, UserError) else missing_package(error) or full_disk(error)


def full_disk(error: BaseException) -> UserError | None:
    """The sentence to say instead of `error`, if that is that a disk is full; else None."""
    known = isinstance(error, OSError) and error.errno in FULL
    said = str(error)
    if not (known or NO_SPACE in said or NO_TEMPORARY in said):
        return None
    name = error.filename if isinstance(error, OSError) else None
    return no_room(Path(os.fsdecode(name)).parent) if isinstance(name, (str, bytes)) else no_room()


def require_room(said: str, *folders: Path) -> None:
    """Raise UserError when a program that wrote into these folders says that their disk is full."""
    if NO_SPACE in said:
        raise no_room(*folders)


def no_room(*folders: Path) -> UserError:
    """Names those of the folders that are full; without folders, of this one and that of temporary files."""
    asked = folders or (Path.cwd(), temporary_folder())
    full = [folder for folder in asked if _free(folder) < LITTLE] or asked
    return UserError(
        f"no space is left on the disk of {' or '.join(map(str, full))}; make room, then run this again"
    )


def temporary_folder() -> Path:
    """Where temporary files go; tempfile raises where it cannot write there."""
    return Path(os.environ.get("TMPDIR") or "/tmp")


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def missing_package(error: BaseException) -> UserError | None:
    """The sentence to say instead of `error`, if that is that a package is not installed; else None."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    package = error.name.partition(".")[0]
    if package in (*OWN, *sys.stdlib_module_names):
        return None
    return UserError(f"the Python package {package} is missing in {sys.executable}; {_environment()}")


def _environment() -> str:
    """How to come to a Python that has all packages."""
    environment = Path(__file__).resolve().parent.parent / ".venv"
    if Path(sys.prefix).resolve() == environment:
        return "in the project's folder, run `pip install -r requirements.txt`"
    if (environment / "bin" / "activate").is_file():
        return f"run `. {environment}/bin/activate`, then this again"
    return "in the project's folder, run `make setup` and `. .venv/bin/activate`, then this again"
