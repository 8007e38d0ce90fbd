"""A copy of the project in which the pipeline runs as a user runs it."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from squeezenet_lib.paths import ROOT

RESULTS = ("dvc.lock", "metrics/", "plots/")
DVC = (sys.executable, "-m", "dvc")


@dataclass(frozen=True)
class Project:
    """A copy of the project in `folder`, its pipeline run once as `make demo` does.

    log: what `dvc repro` printed. summary: the table at its end.
    """

    folder: Path
    log: str
    summary: str

    def copy(self, folder: Path) -> "Project":
        shutil.copytree(self.folder, folder, symlinks=True)
        return replace(self, folder=folder)

    def dvc(self, *arguments: str) -> str:
        return run(self.folder, *DVC, *arguments)

    def git(self, *arguments: str) -> str:
        return run(self.folder, "git", *arguments)

    def metrics(self, stage: str) -> dict[str, Any]:
        metrics: dict[str, Any] = json.loads((self.folder / f"metrics/{stage}.json").read_text())
        return metrics

    def params(self) -> dict[str, Any]:
        params: dict[str, Any] = yaml.safe_load((self.folder / "params.yaml").read_text())
        return params

    def write_params(self, params: dict[str, Any]) -> None:
        (self.folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))


def environment(folder: Path) -> dict[str, str]:
    """For commands in `folder`: a git identity, and what is kept outside of it beside it."""
    temporary = folder.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    return {
        **os.environ,
        "SHELL": "/bin/sh",  # what DVC takes where nothing is set; Debian's stays while the stage runs
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DVC_SITE_CACHE_DIR": str(folder.parent / "dvc-site-cache"),
        "TMPDIR": str(temporary),
        "GIT_AUTHOR_NAME": "test",
        "GIT_AUTHOR_EMAIL": "test@example.invalid",
        "GIT_COMMITTER_NAME": "test",
        "GIT_COMMITTER_EMAIL": "test@example.invalid",
    }


def attempt(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command; standard error is among its standard output."""
    return subprocess.run(
        command,
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def run(folder: Path, *command: str) -> str:
    """Standard output and error of a command that has to succeed."""
    done = attempt(folder, *command)
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout[-6000:]}"
    return done.stdout


def printed(folder: Path, *command: str) -> str:
    """Standard output of a command that has to succeed; on the other it may say what it waits for."""
    done = subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stderr[-6000:]}"
    return done.stdout


def stages_run(log: str) -> list[str]:
    return re.findall(r"Running stage '([\w-]+)'", log)


def processes_in(folder: Path) -> dict[int, str]:
    """Command lines of what works in `folder`, by process id."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.joinpath("cwd").readlink().is_relative_to(folder):
                found[int(process.name)] = process.joinpath("cmdline").read_text().replace("\0", " ")
        except OSError:  # it has ended, or is somebody else's
            continue
    return found


def copy_project(folder: Path, settings: dict[str, dict[str, Any]]) -> Project:
    """Copy the project's files, results left out, into `folder`, change the params, run pipeline and summary.

    Everything is committed before and after. `folder` may have pictures in it already.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(RESULTS):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    project = Project(folder, log="", summary="")
    params = project.params()
    for section, values in settings.items():
        params[section].update(values)
    project.write_params(params)
    project.git("init", "-q", "-b", "main")
    project.git("add", "-A")
    project.git("commit", "-q", "-m", "a small configuration")
    project = replace(project, log=project.dvc("repro"))
    project = replace(project, summary=run(folder, sys.executable, "-m", "stages.summary"))
    project.git("add", "-A")
    project.git("commit", "-q", "-m", "its results")
    return project
