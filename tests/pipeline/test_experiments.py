"""Experiments in DVC's queue, two at a time, on the pipeline itself; and what DVC says about them."""

import json
import shutil
import time

import pytest

from tests.pipeline.project import Project

FREQUENCIES = {"slow": "20m", "fast": "80m"}
STAGE = "pio-build"
SECONDS = 120


@pytest.fixture(scope="module")
def finished(project: Project) -> Project:
    """Two experiments have been queued and run, up to the one stage that their param changes."""
    for name, frequency in FREQUENCIES.items():
        project.dvc("exp", "run", "--queue", "-n", name, "-S", f"pio.flash_freq={frequency}", STAGE)
    project.dvc("queue", "start", "--jobs", "2")
    deadline = time.monotonic() + SECONDS
    try:
        while states(project) != dict.fromkeys(FREQUENCIES, "Success"):
            assert time.monotonic() < deadline, project.dvc("queue", "status")
            time.sleep(1)
    finally:
        project.dvc("queue", "stop")
    return project


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
