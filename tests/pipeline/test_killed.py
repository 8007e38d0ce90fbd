"""Whatever is killed, and when: the next `dvc repro` ends as if nothing had been."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipeline.project import DVC, ROOT, Project, attempt, environment, processes_in, stages_run
from tests.support.waiting import wait_until

STAGES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
VICTIMS = ("stage", "dvc", "group")
# Measured, not computed: each run has its own.
MEASURED = {"train": "images_per_second", "emulate": "instructions"}


@dataclass(frozen=True)
class Kill:
    """victim: the stage's process, dvc's, or all of dvc's group. moment: 0 when dvc starts the stage, 1 when
    it has recorded the results.
    """

    stage: str
    victim: str
    moment: float


def random_kills() -> list[Kill]:
    """The same in every session; each stage is hit at least twice, with another victim each time."""
    generator = random.Random(5)
    stages = [*STAGES, *STAGES, "train", "prune"]
    victims = [
        VICTIMS[(index % len(STAGES) + index // len(STAGES)) % len(VICTIMS)] for index in range(len(stages))
    ]
    return [
        Kill(stage, victim, round(generator.random(), 2))
        for stage, victim in zip(stages, victims, strict=True)
    ]


def name_of(kill: Kill) -> str:
    return f"{kill.stage}-{kill.victim}-{kill.moment}"


def outs_of(stage: str, kinds: tuple[str, ...] = ("outs", "metrics", "plots")) -> list[str]:
    entries = [entry for kind in kinds for entry in STAGES[stage].get(kind, [])]
    return [next(iter(entry)) if isinstance(entry, dict) else entry for entry in entries]


def files(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def contents(path: Path) -> dict[str, bytes]:
    """Of a file or of all files in a folder, by relative path."""
    return {str(file.relative_to(path)): file.read_bytes() for file in files(path)}


def seconds(project: Project) -> dict[str, float]:
    """How long each stage took with all that dvc does for it: from one's last file to the next's."""
    ends = {
        stage: max(file.stat().st_mtime for out in outs_of(stage) for file in files(project.folder / out))
        for stage in STAGES
    }
    ends = dict(sorted(ends.items(), key=lambda item: item[1]))  # dvc's order need not be the file's
    starts = [(project.folder / "params.yaml").stat().st_mtime, *ends.values()]
    return {stage: end - start for (stage, end), start in zip(ends.items(), starts, strict=False)}


def results(project: Project) -> dict[str, Any]:
    """Hashes of all outputs as dvc recorded them and all metrics, but for what differs from run to run."""
    lock = yaml.safe_load((project.folder / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    hashes = {out["path"]: out["md5"] for stage in lock.values() for out in stage["outs"]}
    metrics = {
        path: json.loads((project.folder / path).read_text(encoding="utf-8"))
        for path in hashes
        if path.startswith("metrics/")
    }
    for stage, key in MEASURED.items():
        del hashes[f"metrics/{stage}.json"]
        del metrics[f"metrics/{stage}.json"][key]
    return {"hashes": hashes, "metrics": metrics}


def forget(project: Project, stage: str) -> None:
    """Make dvc forget that it ever ran `stage`: neither dvc.lock nor a cache has its results."""
    path = project.folder / "dvc.lock"
    lock = yaml.safe_load(path.read_text(encoding="utf-8"))
    cache = project.folder / ".dvc/cache"
    for out in lock["stages"].pop(stage)["outs"]:
        stored = cache / "files/md5" / out["md5"][:2] / out["md5"][2:]
        if not stored.exists():  # metrics and plots are in git
            continue
        members = json.loads(stored.read_text()) if out["md5"].endswith(".dir") else []
        for md5 in [member["md5"] for member in members]:
            (cache / "files/md5" / md5[:2] / md5[2:]).unlink(missing_ok=True)
        stored.unlink()
    path.write_text(yaml.safe_dump(lock, sort_keys=False))
    shutil.rmtree(cache / "runs", ignore_errors=True)
    project.git("commit", "-q", "--allow-empty", "-a", "-m", f"without {stage}")


def run_and_kill(project: Project, kill: Kill, after: float) -> bool:
    """Start `dvc repro` and kill `after` seconds after it has started the stage; False when all was over."""
    log = project.folder.parent / "killed.log"
    with log.open("w") as output:
        dvc = subprocess.Popen(
            [*DVC, "repro"],
            cwd=project.folder,
            env=environment(project.folder),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    with dvc:
        wait_until(
            lambda: kill.stage in stages_run(log.read_text()) or dvc.poll() is not None,
            dvc.pid,
        )
        time.sleep(after)
        if dvc.poll() is not None:
            assert dvc.returncode == 0, log.read_text()[-3000:]
            return False
        if kill.victim == "group":
            os.killpg(dvc.pid, signal.SIGKILL)
        elif kill.victim == "dvc":
            dvc.kill()
        else:
            children = Path(f"/proc/{dvc.pid}/task/{dvc.pid}/children").read_text().split()
            for child in children:
                with suppress(ProcessLookupError):
                    os.kill(int(child), signal.SIGKILL)
            return bool(children)
    return True


def stages_in(folder: Path) -> dict[int, str]:
    return {pid: command for pid, command in processes_in(folder).items() if "stages." in command}


def repro(project: Project) -> None:
    """`dvc repro`, and what docs/experiments.md says to do when dvc was killed while it wrote a file."""
    complaint = attempt(project.folder, *DVC, "status").stdout
    if "dvc.lock" in complaint and ("validation failed" in complaint or "is invalid" in complaint):
        project.git("checkout", "dvc.lock")
    if "Unable to read RWLock-file" in complaint:
        (project.folder / ".dvc/tmp/rwlock").unlink()
    project.dvc("repro")


def check(undisturbed: Project, folder: Path, kill: Kill) -> None:
    """Kill, look at what is there, run again, and compare with the undisturbed run."""
    project = undisturbed.copy(folder)
    forget(project, kill.stage)
    after = kill.moment * seconds(undisturbed)[kill.stage]
    while not run_and_kill(project, kill, after):
        forget(project, kill.stage)
        after *= 0.6
    wait_until(lambda: not stages_in(folder), *stages_in(folder), within=2)
    for out in outs_of(kill.stage, ("outs",)):
        if (folder / out).exists():
            assert contents(folder / out) == contents(undisturbed.folder / out)

    repro(project)
    assert results(project) == results(undisturbed)
    chip, reference = project.metrics("emulate"), undisturbed.metrics("emulate")
    assert abs(chip["instructions"] - reference["instructions"]) <= 1
    for stage in STAGES:
        for out in outs_of(stage, ("outs",)):
            assert contents(folder / out) == contents(undisturbed.folder / out)
    outputs = (folder / name for name in ("data", "models", "build", "metrics", "plots"))
    assert not [left for output in outputs for left in output.rglob(".*") if left.name != ".gitignore"]
    wait_until(lambda: not processes_in(folder), *processes_in(folder), within=30)


@pytest.mark.parametrize(
    "kill",
    [
        Kill("preprocess", "dvc", 0.6),
        Kill("huffman", "stage", 0.5),
        pytest.param(Kill("train", "dvc", 0.6), marks=pytest.mark.full),
        pytest.param(Kill("pio-build", "group", 0.4), marks=pytest.mark.full),
    ],
    ids=name_of,
)
def test_a_kill_leaves_no_trace_in_the_results(undisturbed: Project, tmp_path: Path, kill: Kill) -> None:
    check(undisturbed, tmp_path / "project", kill)


@pytest.mark.parametrize(
    ("path", "last"),
    [
        ("dvc.lock", b"md"),
        pytest.param("dvc.lock", b"", marks=pytest.mark.full),
        (".dvc/tmp/rwlock", b""),
    ],
    ids=str,
)
def test_a_file_of_dvcs_own_that_is_cut_off_is_no_loss(project: Project, path: str, last: bytes) -> None:
    """last: what it ends with; the last key of a list of hashes would be md5."""
    file = project.folder / path
    whole = file.read_bytes()
    file.write_bytes(whole[: whole.rindex(last) + len(last)] if last else b"")
    assert attempt(project.folder, *DVC, "repro").returncode != 0
    repro(project)
    assert "up to date" in project.dvc("status")
    if path == "dvc.lock":
        assert file.read_bytes() == whole


@pytest.mark.full
@pytest.mark.parametrize("kill", random_kills(), ids=name_of)
def test_a_kill_at_any_moment_leaves_no_trace_in_the_results(
    undisturbed: Project, tmp_path: Path, kill: Kill
) -> None:
    check(undisturbed, tmp_path / "project", kill)
