"""What PlatformIO's users type in esp32_pio, beside `pio run`: offline, and from another Python."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from platformio.test import result

from squeezenet_lib.firmware.build import PROJECT
from tests.support.small_firmware import copy_project, pio

# PlatformIO in a Python where some modules or programs are not found.
LACKING = """
import importlib.util, shutil, sys
from platformio.__main__ import main
missing, find, which = sys.argv[1].split(), importlib.util.find_spec, shutil.which
importlib.util.find_spec = lambda name, *more: None if name in missing else find(name, *more)
shutil.which = lambda name, *more, **others: None if name in missing else which(name, *more, **others)
sys.argv = ["pio", *sys.argv[2:]]
sys.exit(main())
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path)


def pio_without(missing: str, project: Path, *words: str) -> str:
    """What it says; it fails."""
    command = [sys.executable, "-c", LACKING, missing, *words]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode != 0, done.stdout
    return done.stdout + done.stderr


def test_check_runs_the_system_s_cppcheck_on_src_and_lib(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, cppcheck = project / "calls", project / "bin/cppcheck"
    cppcheck.parent.mkdir()
    cppcheck.write_text(f'#!/bin/sh\necho "$@" >>{log}\n')
    cppcheck.chmod(0o755)
    monkeypatch.setenv("PATH", str(cppcheck.parent), prepend=os.pathsep)
    done = pio(project, "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No defects found" in done.stdout
    calls = log.read_text().splitlines()
    checked = {call.rpartition("/")[2].strip('"') for call in calls}
    assert {"boot.c", "sqz_open.c", "link_send.c", "frame_shrink.c", "uart.c"} <= checked
    assert all("--enable=warning,performance,portability" in call for call in calls)


def test_check_without_cppcheck_says_how_to_install_it(project: Path) -> None:
    assert "sudo apt install cppcheck" in pio_without("cppcheck", project, "check")


@pytest.mark.parametrize("command", ["run", "check"])
def test_another_python_is_told_of_the_project_s(project: Path, command: str) -> None:
    assert "`. .venv/bin/activate`, then `pio` again" in pio_without("SCons esptool", project, command)


@pytest.mark.full
def test_test_runs_the_tests_of_the_c_code_by_pytest(project: Path) -> None:
    tests = project.parent / "tests/esp32"
    tests.mkdir(parents=True)
    (tests / "test_some.py").write_text("def test_one(): pass\n\n\ndef test_two(): assert 1 == 2\n")
    done = pio(project, "test")
    assert done.returncode != 0
    assert "2 test cases: 1 failed, 1 succeeded" in done.stderr
    assert "assert 1 == 2" in done.stdout
    chosen = pio(project, "test", "-a", "-k", "-a", "one")
    assert chosen.returncode == 0 and "1 test cases: 1 succeeded" in chosen.stdout
    nothing = pio(project, "test", "-a", "-k", "-a", "three")
    assert nothing.returncode != 0 and "pytest ran no tests" in nothing.stderr + nothing.stdout


def test_test_says_what_it_lacks(project: Path) -> None:
    done = pio(project, "test")
    assert done.returncode != 0 and "take the whole project" in done.stderr + done.stdout
    (project.parent / "tests/esp32").mkdir(parents=True)
    assert "pytest is missing in" in pio_without("pytest", project, "test")


@pytest.fixture
def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("runner", PROJECT / "pytest_runner/test_custom_runner.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_platformio_is_told_how_each_test_ended(runner: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text(
        '<testsuites><testsuite><testcase classname="tests.esp32.test_a" name="one" time="0.5"/>'
        '<testcase classname="tests.esp32.test_a" name="two"><failure message="1 != 2"/></testcase>'
        '<testcase classname="" name="three"><error message="broken"/></testcase>'
        '<testcase classname="x" name="four"><skipped message="why"/></testcase></testsuite></testsuites>'
    )
    found = [(case.name, case.status, case.message) for case in runner.cases(tmp_path / "report.xml")]
    assert found == [
        ("test_a.one", result.TestStatus.PASSED, None),
        ("test_a.two", result.TestStatus.FAILED, "1 != 2"),
        (".three", result.TestStatus.FAILED, "broken"),
        ("x.four", result.TestStatus.SKIPPED, "why"),
    ]
