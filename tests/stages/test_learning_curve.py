"""The learning curve in DVC's own queue, on a pipeline of one stage that makes up its metrics."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.file import load_params
from stages.learning_curve import sweep
from tests.support.sweep_project import change, commit, run

WORK = """\
import json, pathlib, sys, yaml
params = yaml.safe_load(open("params.yaml"))
limit = params["preprocess"]["pictures_per_class"]
with pathlib.Path({runs!r}).open("a") as log:
    log.write(f"{{limit}} ")
if limit == 50 and pathlib.Path({fail!r}).exists():
    sys.exit("it breaks on purpose")
count = limit or 700
pathlib.Path("metrics").mkdir(exist_ok=True)
content = {{"training_pictures": count, "accuracy": 1 - 10 / count}}
pathlib.Path("metrics/train.json").write_text(json.dumps(content))
"""
STAGE = {
    "cmd": "python work.py",
    "deps": ["work.py"],
    "params": ["seed", "preprocess"],
    "metrics": [{"metrics/train.json": {"cache": False}}],
}


def test_the_curve_is_drawn_of_what_is_finished_and_only_the_rest_runs_again(sweep_project: Path) -> None:
    runs, fail = sweep_project.parent / "runs", sweep_project.parent / "fail"
    Path("work.py").write_text(WORK.format(runs=str(runs), fail=str(fail)))
    Path("dvc.yaml").write_text(yaml.safe_dump({"stages": {"train": STAGE}}))
    change("learning_curve", pictures_per_class=[50], repeats=1)
    commit()
    fail.touch()
    try:
        with pytest.raises(UserError, match=r"1 of 2 .* failed: curve-50-.*`make learning-curve` tries them"):
            sweep(load_params(), jobs=1, look_every=0.3)
        assert runs.read_text().split() == ["50", "None"]
        fail.unlink()
        sweep(load_params(), jobs=1, look_every=0.3)
        assert runs.read_text().split() == ["50", "None", "50"]
    finally:
        run(sys.executable, "-m", "dvc", "queue", "stop")
    rows = json.loads(Path("plots/learning_curve.json").read_text())
    assert [(row["pictures_per_class"], row["training_pictures"]) for row in rows] == [(50, 50), (None, 700)]
    assert [row["accuracy"] for row in rows] == pytest.approx([0.8, 1 - 1 / 70])
    assert "50 a class" in Path("plots/learning_curve.svg").read_text()
    assert load_params().preprocess.pictures_per_class is None
