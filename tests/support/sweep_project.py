"""A repository for the sweep: a pipeline of one stage that makes up its metrics, and notes that it ran."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.repo import Repo

from squeezenet_lib.paths import ROOT

WORK = """\
import json, pathlib, sys, time, yaml
params = yaml.safe_load(open("params.yaml"))
sparsity, levels, seed = params["prune"]["sparsity"], params["quantize"]["levels"], params["seed"]
outside = pathlib.Path({outside!r})
with (outside / "runs").open("a") as log:
    log.write(f"{{sparsity}}\\n")
while (outside / "hold").exists():
    time.sleep(0.1)
if sparsity == 0.9 and (outside / "fail").exists():
    sys.exit("it breaks on purpose")
metrics = {{
    "train": {{"accuracy": 0.8 + seed / 100}},
    "prune": {{"accuracy": 0.8, "sparsity": sparsity, "zip_bytes": 700}},
    "quantize": {{"accuracy": 0.9 - sparsity / 10, "tflite_zip_bytes": 500}},
    "huffman": {{"sqz_bytes": round(1000 * (1 - sparsity)) + levels, "float32_bytes": 4000}},
}}
pathlib.Path("metrics").mkdir(exist_ok=True)
for name, content in metrics.items():
    pathlib.Path(f"metrics/{{name}}.json").write_text(json.dumps(content))
"""
METRICS = [{f"metrics/{name}.json": {"cache": False}} for name in ("train", "prune", "quantize", "huffman")]
PIPELINE = {
    "stages": {
        "huffman": {
            "cmd": "python work.py",
            "deps": ["work.py"],
            "params": ["seed", "prune", "quantize.levels"],
            "metrics": METRICS,
        },
        "later": {"cmd": "false", "deps": ["metrics/huffman.json"], "params": ["emulate"]},
    }
}


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def commit() -> None:
    run("git", "add", "-A")
    run("git", "commit", "-q", "--allow-empty", "-m", "a state")


def make_sweep_project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The repository with the pipeline above, committed, as the working directory. A git identity is set, and
    what is outside of the project lies beside it: runs (what ran), fail and hold (what shall happen).
    """
    outside = folder.parent
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME", raising=False)
        monkeypatch.delenv(f"GIT_{role}_EMAIL", raising=False)
    monkeypatch.setenv("HOME", str(outside))  # some libraries look there themselves
    monkeypatch.setenv("XDG_CONFIG_HOME", str(outside))
    monkeypatch.setenv("DVC_NO_ANALYTICS", "true")
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(outside / "dvc-site-cache"))
    folder.mkdir()
    monkeypatch.chdir(folder)
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["prune"].update(sparsity=0.5, per_layer=None)
    params["quantize"].update(method="shared", levels=6, per_layer=None)
    params["frontier"] = {"sparsity": [0.5, 0.9], "levels": [6], "repeats": 1}
    Path("params.yaml").write_text(yaml.safe_dump(params))
    Path("dvc.yaml").write_text(yaml.safe_dump(PIPELINE))
    Path("work.py").write_text(WORK.format(outside=str(outside)))
    run("git", "init", "-q", "-b", "main")
    run("git", "config", "user.name", "test")
    run("git", "config", "user.email", "test@example.invalid")
    Repo.init().close()
    commit()


def add_deps(*paths: str, **stages: Any) -> None:
    """To the stage huffman; `stages` are new ones."""
    pipeline: dict[str, Any] = yaml.safe_load(Path("dvc.yaml").read_text())["stages"]
    pipeline["huffman"]["deps"] += paths
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": {**stages, **pipeline}}))


def change(section: str, **values: Any) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text())
    params[section].update(values)
    Path("params.yaml").write_text(yaml.safe_dump(params))
