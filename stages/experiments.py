"""DVC's queue of experiments, driven by its own commands, and what the experiments found.

An experiment's name ends in a digest of all that its results depend on besides the params that it sets, so a
name alone tells whether an experiment is still worth something, whichever commit it started from.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from squeezenet_lib import processes
from squeezenet_lib.errors import UserError

FINISHED, QUEUED, RUNNING, FAILED = "success", "queued", "running", "failed"
SHOW_TRIES = 10


@dataclass(frozen=True)
class Experiment:
    """state: one of the above. metrics: of finished ones, by stage. pid: of running ones."""

    state: str
    metrics: Mapping[str, Mapping[str, Any]]
    pid: int | None = None

    def abandoned(self) -> bool:
        """True when DVC takes it for running but its process is gone, as after a restart of the machine."""
        return self.state == RUNNING and self.pid is not None and not processes.runs(self.pid)


@dataclass(frozen=True)
class Pipeline:
    """What a stage and all stages before it depend on.

    code: paths, sorted. params: values by dotted key. sources: hashes of what stages without an earlier one
    made, by stage; dvc.lock has them.
    """

    code: tuple[Path, ...]
    params: Mapping[str, Any]
    sources: Mapping[str, Any]

    def digest(self) -> str:
        """Eight digits that change when code, params or source pictures do."""
        code = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in self.code}
        content = json.dumps([code, self.params, self.sources], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:8]


def load_pipeline(target: str, varied: Collection[str]) -> Pipeline:
    """The pipeline up to stage `target` of dvc.yaml, without the params `varied` (dotted keys).

    Raises UserError for code that does not exist.
    """
    stages: dict[str, Any] = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"]
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    lock = Path("dvc.lock")
    locked = yaml.safe_load(lock.read_text(encoding="utf-8"))["stages"] if lock.is_file() else {}
    waiting, seen = [target], set[str]()
    code: set[Path] = set()
    values: dict[str, Any] = {}
    sources: dict[str, Any] = {}
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        deps = stages[name].get("deps", [])
        code |= {Path(dep) for dep in deps if dep.endswith(".py")}
        makers = [maker for maker in stages if maker != name and _hands_on(stages[maker], deps)]
        waiting += makers
        keys = [key for key in stages[name].get("params", []) if isinstance(key, str)]
        for key in keys:
            values |= {name: value for name, value in _flat(params, key).items() if name not in varied}
        if not makers and not any(_within(wanted, key) for wanted in varied for key in keys):
            sources[name] = [out["md5"] for out in locked.get(name, {}).get("outs", [])]
    missing = sorted(str(path) for path in code if not path.is_file())
    if missing:
        raise UserError(f"dvc.yaml names {missing[0]}, which does not exist; restore it or correct dvc.yaml.")
    return Pipeline(tuple(sorted(code)), values, sources)


def _hands_on(maker: Mapping[str, Any], deps: Iterable[str]) -> bool:
    entries = maker.get("outs", []) + maker.get("metrics", [])
    outs = [next(iter(out)) if isinstance(out, dict) else out for out in entries]
    return any(dep == out or dep.startswith(f"{out}/") for dep in deps for out in outs)


def _within(key: str, section: str) -> bool:
    return key == section or key.startswith(f"{section}.")


def _flat(params: Any, key: str) -> dict[str, Any]:
    """The values at `key` and below it, by dotted key."""
    value = params
    for part in key.split("."):
        value = value[part]
    if not isinstance(value, dict):
        return {key: value}
    return {k: v for part in value for k, v in _flat(params, f"{key}.{part}").items()}


def check_repository(pipeline: Pipeline) -> None:
    """Raises UserError when an experiment could not be made of what is here."""
    if _git("rev-parse", "--verify", "-q", "HEAD").returncode:
        raise UserError(
            f"{Path.cwd()} has no git commit, and experiments start from one; run `git init`, `git add -A` "
            f"and `git commit` first."
        )
    # DVC commits each experiment; names that git would make up from the machine's are refused.
    if _git("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT").returncode:
        raise UserError(
            "git does not know who you are, and experiments are commits; set it with `git config --global "
            "user.name NAME` and `git config --global user.email ADDRESS`."
        )
    folder = Path(_git("rev-parse", "--git-dir").stdout.strip())
    for name in ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply"):
        if (folder / name).exists():
            raise UserError(
                "git is in the middle of a merge, rebase, cherry-pick or revert, and experiments copy the "
                "working tree; finish or abort it first (`git status` says how)."
            )
    untracked = _git("ls-files", "--others", "--", "params.yaml", "dvc.yaml", *map(str, pipeline.code))
    if untracked.stdout:
        names = ", ".join(untracked.stdout.split("\n")[:-1])
        raise UserError(f"git does not know {names}, so experiments would lack it; run `git add {names}`.")


def queue(name: str, params: Mapping[str, Any], target: str) -> None:
    """Put the working tree with these params (dotted keys) in DVC's queue, to be run up to stage `target`."""
    changes = [word for key, value in params.items() for word in ("-S", f"{key}={value}")]
    _dvc("exp", "run", "--queue", "--name", name, *changes, target)


def start(jobs: int) -> None:
    """Let so many workers take from the queue; those that already do are counted in."""
    _dvc("queue", "start", "--jobs", str(jobs))


def forget(name: str, running: bool = False) -> None:
    """Take a failed experiment, or one that is only said to be `running`, off the queue's list."""
    if running:
        with suppress(UserError):  # DVC may have noticed by now
            _dvc("queue", "kill", "--force", name)
    _dvc("queue", "remove", name)


def look_up(names: Collection[str]) -> dict[str, Experiment]:
    """Those of the experiments that DVC knows, whichever commit they started from, by name."""
    refs = _git("for-each-ref", "--format=%(refname)", "refs/exps").stdout.split()
    # refs/exps/<two digits of the commit it started from>/<the others>/<name>
    started = {ref.split("/")[2] + ref.split("/")[3] for ref in refs if ref.rpartition("/")[2] in names}
    started.add(_git("rev-parse", "HEAD").stdout.strip())
    revisions = [word for commit in sorted(started) for word in ("--rev", commit)]
    found: dict[str, Experiment] = {}
    for commit in json.loads(_show(revisions)):
        for shown in commit["experiments"] or []:
            name = shown["name"]
            # A name can have failed and succeeded since.
            if name in names and (name not in found or found[name].state != FINISHED):
                found[name] = _experiment(shown)
    return found


def _show(revisions: Sequence[str]) -> str:
    """DVC also looks into the folders of running experiments, and fails when one ends at that moment: short
    experiments end often.
    """
    for _ in range(SHOW_TRIES - 1):
        try:
            return _dvc("exp", "show", "--json", "--hide-workspace", *revisions)
        except UserError:
            time.sleep(1)
    return _dvc("exp", "show", "--json", "--hide-workspace", *revisions)


def _experiment(shown: Mapping[str, Any]) -> Experiment:
    executor = shown["executor"] or {}
    state = executor.get("state") or FINISHED  # the queue may have forgotten one whose commit is there
    if state != FINISHED:
        return Experiment(state, {}, (executor.get("local") or {}).get("pid"))
    data = shown["revs"][0]["data"]
    if data is None:
        raise UserError(
            f"The experiment {shown['name']} cannot be read; run `dvc exp remove {shown['name']}`."
        )
    metrics = data["metrics"]
    return Experiment(FINISHED, {Path(path).stem: file["data"] for path, file in metrics.items()})


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)


def _dvc(*arguments: str) -> str:
    """Standard output of a dvc command. Raises UserError with what dvc says when it fails."""
    # Workers start `dvc` and stages start `python`; both have to be those that run here.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command: Sequence[str] = (sys.executable, "-m", "dvc", *arguments)
    # Into files: a worker inherits pipes and keeps them open, so that reading to their end would wait for it.
    with tempfile.TemporaryFile("w+") as answer, tempfile.TemporaryFile("w+") as complaint:
        environment = {**os.environ, "PATH": path}
        status = subprocess.run(
            command, env=environment, stdout=answer, stderr=complaint, check=False
        ).returncode
        answer.seek(0)
        complaint.seek(0)
        if status == 0:
            return answer.read()
        said = complaint.read().splitlines()
    errors = [line.removeprefix("ERROR: ") for line in said if line.startswith("ERROR: ")]
    raise UserError(f"`dvc {' '.join(arguments)}` failed: {' '.join(errors or said[-3:])}")
