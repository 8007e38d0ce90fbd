"""Results travel through git and a DVC remote: what one clone has computed no other computes again."""

import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.pipeline.project import Project, printed, run, stages_run
from tests.pipeline.synthetic_pictures import CLASSES


@dataclass(frozen=True)
class Clones:
    """first: where everything was computed. second: cloned from the same git repository, outputs pulled."""

    first: Project
    second: Project


@pytest.fixture(scope="module")
def clones(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Clones:
    folder = tmp_path_factory.mktemp("shared")
    run(folder, "git", "init", "-q", "--bare", "-b", "main", "origin.git")
    project.git("remote", "add", "origin", str(folder / "origin.git"))
    project.dvc("remote", "add", "--default", "store", str(folder / "store"))
    project.git("commit", "-q", "-a", "-m", "a place for results")
    project.dvc("push")
    project.git("push", "-q", "origin", "main")
    return Clones(project, clone(folder, "second", project))


def clone(folder: Path, name: str, project: Project) -> Project:
    """Cloned anew, without the pictures that `project` was made of: they need not be in git."""
    run(folder, "git", "clone", "-q", "origin.git", name)
    shutil.rmtree(folder / name / "pictures")
    return replace(project, folder=folder / name)


def test_a_second_clone_pulls_all_results_and_runs_nothing(clones: Clones) -> None:
    clones.second.dvc("pull")
    assert stages_run(clones.second.dvc("repro")) == []
    assert "up to date" in clones.second.dvc("status")
    for path in ("data/processed/test_images.npy", "models/float.keras", "build/firmware/firmware.bin"):
        assert (clones.second.folder / path).read_bytes() == (clones.first.folder / path).read_bytes()


def test_a_second_clone_classifies_pictures(clones: Clones) -> None:
    picture = clones.first.folder / "pictures/grain/0001.png"
    command = (sys.executable, "-m", "squeezenet_lib", "predict", str(picture))
    line = printed(clones.second.folder, *command)
    assert line == printed(clones.first.folder, *command)
    assert all(name in line for name in CLASSES)


def test_an_experiment_is_pulled_with_its_results(clones: Clones) -> None:
    first, second = clones.first, clones.second
    changes = ("-S", "huffman.max_code_length=8", "-S", "pio.flash_freq=20m")
    log = first.dvc("exp", "run", "-n", "slow", *changes, "pio-build")
    assert stages_run(log) == ["huffman", "pio-build"]
    first.dvc("exp", "push", "origin", "slow")

    second.dvc("exp", "pull", "origin", "slow")
    second.dvc("exp", "apply", "slow")
    assert second.params()["pio"]["flash_freq"] == "20m"
    for stage in ("huffman", "pio_build"):
        assert second.metrics(stage) == first.metrics(stage)
    assert stages_run(second.dvc("repro", "pio-build")) == []


@pytest.mark.full
def test_clones_with_one_cache_serve_each_other_without_a_remote(clones: Clones) -> None:
    """After the first has run an experiment: the other takes it from the run cache."""
    third = clone(clones.second.folder.parent, "third", clones.first)
    third.dvc("cache", "dir", "--local", str(clones.first.folder / ".dvc/cache"))
    third.dvc("checkout")
    params = third.params()
    params["huffman"]["max_code_length"] = 8
    params["pio"]["flash_freq"] = "20m"
    third.write_params(params)
    log = third.dvc("repro", "pio-build")
    assert stages_run(log) == ["pio-build"], "whose outputs persist"
    assert "Stage 'huffman' is cached - skipping run" in log
    for stage in ("huffman", "pio_build"):
        assert third.metrics(stage) == clones.first.metrics(stage)
