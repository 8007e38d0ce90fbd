"""Experiments in DVC's queue, two at a time, on the pipeline itself; and what DVC says about them."""

import json
import shutil

import pytest

from tests.pipeline.project import Project, processes_in
from tests.support.waiting import wait_until

FREQUENCIES = {"slow": "20m", "fast": "80m"}
STAGE = "pio-build"


@pytest.fixture(scope="module")
def finished(project: Project) -> Project:
    """Two experiments have been queued and run, up to the one stage that their param changes."""
    for name, frequency in FREQUENCIES.items():
        project.dvc("exp", "run", "--queue", "-n", name, "-S", f"pio.flash_freq={frequency}", STAGE)
    project.dvc("queue", "start", "--jobs", "2")
    try:
        at_work = processes_in(project.folder)
        # Workers that find nothing more to do end, also when an experiment has failed.
        wait_until(lambda: names(project) == FREQUENCIES.keys() or not processes_in(project.folder), *at_work)
        wait_until(lambda: "Running" not in states(project).values(), *at_work)
        assert states(project) == dict.fromkeys(FREQUENCIES, "Success")
    finally:
        project.dvc("queue", "stop")
    return project


def names(project: Project) -> set[str]:
    """Of the experiments that have results."""
    refs = project.git("for-each-ref", "--format=%(refname:lstrip=-1)", "refs/exps").split()
    return set(refs) & FREQUENCIES.keys()


def states(project: Project) -> dict[str, str]:
    """Of the queue's experiments, by name."""
    rows = [line.split() for line in project.dvc("queue", "status").splitlines()]
    return {row[1]: row[-1] for row in rows if len(row) > 2 and row[1] in FREQUENCIES}


def test_queued_experiments_leave_the_working_tree_alone(finished: Project) -> None:
    assert finished.git("status", "--porcelain") == ""
    assert finished.params()["pio"]["flash_freq"] == "40m"


def test_the_table_of_experiments_has_their_params_and_metrics(finished: Project) -> None:
    (head,) = json.loads(finished.dvc("exp", "show", "--json", "--hide-workspace"))
    shown = {experiment["name"]: experiment["revs"][0]["data"] for experiment in head["experiments"]}
    for name, frequency in FREQUENCIES.items():
        assert shown[name]["params"]["params.yaml"]["data"]["pio"]["flash_freq"] == frequency
        metrics = shown[name]["metrics"]
        image, training = (metrics[f"metrics/{stage}.json"]["data"] for stage in ("pio_build", "train"))
        assert image["image_sha256"] != finished.metrics("pio_build")["image_sha256"]
        assert training == finished.metrics("train")


def test_two_experiments_are_compared_by_params_metrics_and_plots(finished: Project) -> None:
    names = tuple(FREQUENCIES)
    params = json.loads(finished.dvc("params", "diff", *names, "--json"))
    assert params == {"params.yaml": {"pio.flash_freq": {"old": "20m", "new": "80m"}}}
    metrics = json.loads(finished.dvc("metrics", "diff", *names, "--json"))
    assert {path: list(changed) for path, changed in metrics.items()} == {
        "metrics/pio_build.json": ["image_sha256"]
    }

    finished.dvc("plots", "diff", *names, "-o", "page")
    page = (finished.folder / "page/index.html").read_text()
    assert "training_loss" in page
    assert all(f'"rev": "{name}"' in page for name in names)
    shutil.rmtree(finished.folder / "page")


def test_an_experiment_becomes_the_working_tree_s(finished: Project) -> None:
    finished.dvc("exp", "apply", "fast")
    assert finished.params()["pio"]["flash_freq"] == "80m"
    assert "up to date" in finished.dvc("status", STAGE)
