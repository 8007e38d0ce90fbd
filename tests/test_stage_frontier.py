"""The sweep in DVC's own queue, on a pipeline of one stage that makes up its metrics."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from squeezenet_lib.errors import UserError
from squeezenet_lib.frontier import Setting
from squeezenet_lib.params import Params, load_params
from stages import experiments
from stages.experiments import RUNNING, Experiment
from stages.frontier import VARIED, default_setting, overrides, sweep

ROOT = Path(__file__).resolve().parent.parent
WORK = """\
import json, pathlib, sys, yaml
params = yaml.safe_load(open("params.yaml"))
sparsity, levels, seed = params["prune"]["sparsity"], params["quantize"]["levels"], params["seed"]
outside = pathlib.Path({outside!r})
with (outside / "runs").open("a") as log:
    log.write(f"{{sparsity}}\\n")
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


def dvc(*arguments: str) -> str:
    return run(sys.executable, "-m", "dvc", *arguments)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository with the pipeline above, committed, as the working directory. A git identity is set."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME", raising=False)
        monkeypatch.delenv(f"GIT_{role}_EMAIL", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))  # some libraries look there themselves
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("DVC_NO_ANALYTICS", "true")
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / "dvc-site-cache"))
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    params = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    params["prune"].update(sparsity=0.5, per_layer=None)
    params["quantize"].update(method="shared", levels=6, per_layer=None)
    params["frontier"] = {"sparsity": [0.5, 0.9], "levels": [6], "repeats": 1}
    Path("params.yaml").write_text(yaml.safe_dump(params))
    Path("dvc.yaml").write_text(yaml.safe_dump(PIPELINE))
    Path("work.py").write_text(WORK.format(outside=str(tmp_path)))
    run("git", "init", "-q", "-b", "main")
    run("git", "config", "user.name", "test")
    run("git", "config", "user.email", "test@example.invalid")
    commit()
    yield folder


def commit() -> None:
    run("git", "add", "-A")
    run("git", "commit", "-q", "--allow-empty", "-m", "a state")


def sparsities() -> list[float]:
    return [row["sparsity"] for row in json.loads(Path("plots/frontier.json").read_text())]


def test_sweep_names_what_failed_then_runs_only_that_again(project: Path) -> None:
    dvc("init", "-q")
    commit()
    runs, fail = project.parent / "runs", project.parent / "fail"
    fail.touch()
    try:
        with pytest.raises(UserError, match=r"1 of 2 experiments failed: frontier-s0\.9-l6-seed1-") as raised:
            sweep(load_params(), jobs=1, look_every=0.3)
        name = str(raised.value).split("`")[1].split()[-1]
        assert "it breaks on purpose" in dvc("queue", "logs", name)
        assert sparsities() == [0.5]

        fail.unlink()
        commit()  # the results are of the same code and params, whatever the commit
        sweep(load_params(), jobs=1, look_every=0.3)
        assert runs.read_text().split() == ["0.5", "0.9", "0.9"]
        assert sparsities() == [0.5, 0.9]
        assert "ringed" in Path("plots/frontier.svg").read_text()

        sweep(load_params(), jobs=1, look_every=0.3)
        assert len(runs.read_text().split()) == 3
    finally:
        dvc("queue", "stop")
    row = json.loads(Path("plots/frontier.json").read_text())[1]
    assert (row["levels"], row["seed"], row["sqz_bytes"], row["default"]) == (6, 1, 106, False)
    assert row["accuracy"] == pytest.approx(0.81)
    assert [step["bytes"] for step in row["path"]] == [4000, 700, 500, 106]
    # The working tree's own params are what they were.
    assert load_params().prune.sparsity == 0.5


def check() -> None:
    experiments.check_repository(experiments.load_pipeline("huffman", VARIED))


def test_without_a_commit_the_sweep_says_so(project: Path) -> None:
    check()
    run("rm", "-rf", ".git")
    with pytest.raises(UserError, match="has no git commit"):
        check()


def test_without_an_identity_the_sweep_says_how_to_set_it(project: Path) -> None:
    run("git", "config", "--unset", "user.email")
    with pytest.raises(UserError, match=r"git config --global user\.name"):
        check()


def test_code_that_git_does_not_know_would_be_missing_in_experiments(project: Path) -> None:
    run("git", "rm", "-q", "--cached", "work.py")
    with pytest.raises(UserError, match=r"git add work\.py"):
        check()
    Path("work.py").unlink()
    with pytest.raises(UserError, match=r"work\.py, which does not exist"):
        check()


def test_a_merge_has_to_be_finished_first(project: Path) -> None:
    Path(".git/MERGE_HEAD").write_text(run("git", "rev-parse", "HEAD"))
    with pytest.raises(UserError, match="in the middle of a merge"):
        check()


def digest() -> str:
    return experiments.load_pipeline("huffman", VARIED).digest()


def change(section: str, **values: Any) -> None:
    params = yaml.safe_load(Path("params.yaml").read_text())
    params[section].update(values)
    Path("params.yaml").write_text(yaml.safe_dump(params))


def test_results_stand_for_the_code_and_params_that_they_depend_on(project: Path) -> None:
    before = digest()
    change("prune", sparsity=0.7)  # varied
    change("emulate", pictures=7)  # of a later stage
    change("frontier", repeats=9)  # of no stage
    assert digest() == before
    change("prune", epochs=99)
    other = digest()
    assert other != before
    with Path("work.py").open("a") as code:
        code.write("# changed\n")
    assert digest() not in (before, other)


def test_results_stand_for_the_pictures_that_they_were_made_of(project: Path) -> None:
    stages: dict[str, Any] = yaml.safe_load(Path("dvc.yaml").read_text())["stages"]
    stages["download"] = {"cmd": "true", "outs": ["data/raw"]}
    stages["huffman"]["deps"].append("data/raw")
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
    digests = []
    for md5 in ("1", "2"):
        locked = {"download": {"cmd": "true", "outs": [{"path": "data/raw", "md5": md5}]}}
        Path("dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": locked}))
        digests.append(digest())
    assert digests[0] != digests[1]


def params_with(prune: str | None = None, method: str = "shared") -> Params:
    params = load_params(ROOT / "params.yaml")
    quantize = replace(params.quantize, method=method, per_layer=None)
    return replace(params, prune=replace(params.prune, per_layer=prune), quantize=quantize)


def test_a_method_without_levels_cannot_be_swept() -> None:
    with pytest.raises(UserError, match=r"quantize\.method is ptq, which has no levels"):
        default_setting(params_with(method="ptq"))


def test_a_pair_of_the_sweep_overrules_a_scan_that_would_choose() -> None:
    params = params_with(prune="auto")
    assert overrides(params, Setting(0.9, 6), 2) == {
        "prune.sparsity": 0.9,
        "quantize.levels": 6,
        "seed": 2,
        "prune.per_layer": "null",
    }
    default = default_setting(params)
    assert default.scanned
    assert "prune.per_layer" not in overrides(params, default, 2)
    assert set(overrides(params_with(), Setting(0.9, 6), 2)) == set(VARIED)


def test_an_experiment_whose_process_is_gone_is_abandoned() -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert Experiment(RUNNING, {}, ended.pid).abandoned()
    assert not Experiment(RUNNING, {}, os.getpid()).abandoned()
