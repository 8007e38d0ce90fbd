"""Stages and commands that are called in another way than DVC's, or by a Python without the packages."""

import ast
import re
import subprocess
import sys

import pytest

from squeezenet_lib import errors
from squeezenet_lib.cli.command_line import COMMANDS
from squeezenet_lib.errors import missing_package, require_python
from squeezenet_lib.paths import ROOT

NO_STAGES = {"__init__", "baseline", "experiments", "int8_model", "squeezenet_lib", "stage", "waiting"}
STAGES = sorted(path.stem for path in (ROOT / "stages").glob("*.py") if path.stem not in NO_STAGES)
REMEDY = r"(run `\. .*/\.venv/bin/activate`|`make setup` and `\. \.venv/bin/activate`|`pip install -r)"
# A file that is there: what is missing otherwise is said first.
WORDS = {
    "predict": ["picture.png", "--model", "pyproject.toml"],
    "compile": ["pyproject.toml", "--classes", "a,b", "-o", "model.sqz"],
    "run": ["pyproject.toml", "pyproject.toml"],
    "device": ["info", "--port", "/dev/null"],
    "bench": [],
    "bench-train": [],
}


def bare(*words: str) -> subprocess.CompletedProcess[str]:
    """Called by an interpreter without any package (-S), as the system's is."""
    command = [sys.executable, "-S", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def said(done: subprocess.CompletedProcess[str]) -> str:
    """Its one line."""
    assert done.returncode == 1 and done.stdout == "", done.stderr
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_without_the_packages_says_where_they_are(stage: str) -> None:
    line = said(bare("-m", f"stages.{stage}"))
    assert re.match(rf"error: the Python package \w+ is missing in {sys.executable}; .*{REMEDY}", line)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_is_called_as_a_script_says_how_it_is_called(stage: str) -> None:
    for interpreter in ([sys.executable], [sys.executable, "-S"]):
        command = [*interpreter, f"stages/{stage}.py"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert f"`python -m stages.{stage}`" in said(done)


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - {"flash"}))
def test_a_command_without_the_packages_says_where_they_are(command: str) -> None:
    line = said(bare("-m", "squeezenet_lib", command, *WORDS[command]))
    assert re.match(rf"error: the Python package \w+ is missing in {sys.executable}; .*{REMEDY}", line)


def test_help_needs_no_package() -> None:
    assert bare("-m", "squeezenet_lib", "--help").returncode == 0


def test_a_module_of_the_project_or_of_python_is_no_package() -> None:
    for name in ("squeezenet_lib.gone", "stages.gone", "json.gone", None):
        assert missing_package(ModuleNotFoundError("no", name=name)) is None
    assert missing_package(ImportError("no", name="numpy")) is None
    assert missing_package(ModuleNotFoundError("no", name="numpy.linalg")) is not None


def test_an_older_python_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    require_python()
    monkeypatch.setattr(errors.sys, "version_info", (3, 10, 12))
    with pytest.raises(SystemExit, match=r"error: Python 3\.10 .* is too old"):
        require_python()


@pytest.mark.parametrize(
    "file",
    [
        "stages/__init__.py",
        "stages/squeezenet_lib.py",
        "squeezenet_lib/__init__.py",
        "squeezenet_lib/__main__.py",
        "squeezenet_lib/errors.py",
    ],
)
def test_what_runs_before_that_can_be_read_by_an_older_python(file: str) -> None:
    module = ast.parse((ROOT / file).read_text(encoding="utf-8"), feature_version=(3, 8))
    assert not any(isinstance(node, ast.Match) for node in ast.walk(module))
