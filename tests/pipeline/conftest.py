"""The pipeline runs once; what happens to its results afterwards is tested on copies."""

import pytest

from tests.pipeline.project import Project
from tests.pipeline.small_project import make_small_project
from tests.support.made_once import made_once


@pytest.fixture(scope="session")
def undisturbed() -> Project:
    """A small project after an undisturbed run. Tests leave it as it is."""
    return made_once("undisturbed", lambda folder: make_small_project(folder / "project"))


@pytest.fixture(scope="module")
def project(undisturbed: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of it for the tests of one module."""
    return undisturbed.copy(tmp_path_factory.mktemp("copy") / "project")
