"""The Containerfile, read line by line: what it copies is there, and all that setup needs. None is built."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from squeezenet_lib.paths import ROOT

LINES = [
    line.split(None, 1)
    for line in (ROOT / "Containerfile").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
SETUP = LINES.index(next(line for line in LINES if "make setup" in line[1]))
IGNORED = [line.rstrip("/") for line in (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()]


def copied(lines: list[list[str]], target: Path) -> None:
    """Do what the COPY lines do, into a folder."""
    for word, rest in lines:
        if word == "COPY":
            *sources, into = rest.split()
            for source in sources:
                place = target / into
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("tmp", "cache"))
                else:
                    shutil.copy2(ROOT / source, place)


def test_every_line_is_one_that_builders_know_and_stands_alone() -> None:
    known = {"FROM", "RUN", "WORKDIR", "COPY", "ENV", "VOLUME", "CMD"}
    assert {word for word, _ in LINES} == known
    assert LINES[0][0] == "FROM" and LINES[-1] == ["CMD", '["make", "demo"]']
    assert not any(rest.endswith("\\") for _, rest in LINES)


def test_what_is_copied_before_setup_is_all_that_setup_reads(tmp_path: Path) -> None:
    copied(LINES[:SETUP], tmp_path)
    done = subprocess.run(
        ["make", "--dry-run", "setup"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for script in re.findall(r"setup/[\w.\-]+", done.stdout):
        assert (tmp_path / script).is_file(), script
    assert "requirement requirements.txt" in done.stdout and (tmp_path / "requirements.txt").is_file()
    assert (tmp_path / ".dvc/config").is_file()  # for setup/scm.sh


def test_the_packages_beside_those_of_setup_are_what_make_is_started_with() -> None:
    """setup/debian.sh installs the rest, in a container as root."""
    (install,) = (rest for word, rest in LINES if word == "RUN" and "apt-get install" in rest)
    words = shlex.split(install.split("apt-get install", 1)[1].split("&&")[0])
    packages = {word for word in words if not word.startswith("-")}
    assert packages == {"ca-certificates", "git", "make", "python3"}
    script = (ROOT / "setup/debian.sh").read_text(encoding="utf-8")
    installed = set(re.findall(r"[\w\-]+", " ".join(re.findall(r"missing (.*)", script))))
    assert "qemu-system-misc" in installed and not packages & installed


@pytest.mark.parametrize(
    "needed", ["Makefile", "requirements.txt", "setup", ".dvc/config", "params.yaml", "dvc.yaml"]
)
def test_nothing_that_is_needed_is_ignored(needed: str) -> None:
    assert not any(needed == name or needed.startswith(f"{name}/") for name in IGNORED)


def test_what_the_pipeline_makes_here_does_not_go_into_the_image() -> None:
    assert {".venv", "data", "models", "build", ".dvc/cache", "pictures"} <= set(IGNORED)


def test_the_page_names_the_image_s_pins_and_folders() -> None:
    page = (ROOT / "docs/container.md").read_text(encoding="utf-8")
    pin = re.search(r"^esptool==\S+", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert pin and f"pip install {pin[0]}" in page
    folder = next(rest for word, rest in LINES if word == "WORKDIR")
    assert f"{folder}/pictures" in page and f"{folder}/build/firmware" in page
