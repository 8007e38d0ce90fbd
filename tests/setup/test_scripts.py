"""setup/debian.sh installs what is missing, or says what to install; setup/python.sh finds an interpreter;
setup/scm.sh lets DVC run in a copy without git.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from squeezenet_lib.paths import ROOT

SETUP = ROOT / "setup"
SHELL_TOOLS = ("sh", "printf")
COMMANDS = ("gcc", "clang", "xtensa-lx106-elf-gcc", "qemu-system-xtensa")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder to be the whole PATH of a machine: it has a shell, and all commands that the project needs."""
    for name in SHELL_TOOLS:
        (tmp_path / name).symlink_to(f"/bin/{name}" if Path(f"/bin/{name}").exists() else f"/usr/bin/{name}")
    for name in COMMANDS:
        command(tmp_path, name, "exit 0")
    command(tmp_path, "id", "echo 1000")
    command(tmp_path, "python3", "exit 0")
    return tmp_path


def command(machine: Path, name: str, script: str) -> None:
    (machine / name).write_text(f"#!/bin/sh\n{script}\n")
    (machine / name).chmod(0o755)


def install(machine: Path, *purpose: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", SETUP / "debian.sh", str(machine / "python3"), *purpose],
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def find_python(machine: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", SETUP / "python.sh"],
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def apt_get(machine: Path, status: int = 0) -> Path:
    """Give the machine an apt-get that writes its arguments to a file, which is returned."""
    log = machine / "apt.log"
    command(machine, "apt-get", f'echo "$@" >> {log}\nexit {status}')
    return log


def test_nothing_is_installed_where_everything_is_there(machine: Path) -> None:
    log = apt_get(machine)
    done = install(machine)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not log.exists()


@pytest.mark.parametrize(
    ("missing", "packages"),
    [
        ("gcc", "gcc libc6-dev"),
        ("clang", "clang libclang-rt-dev"),
        ("xtensa-lx106-elf-gcc", "gcc-xtensa-lx106"),
        ("qemu-system-xtensa", "qemu-system-misc"),
    ],
)
def test_root_installs_the_packages_of_a_missing_command(machine: Path, missing: str, packages: str) -> None:
    (machine / missing).unlink()
    command(machine, "id", "echo 0")
    log = apt_get(machine)
    assert install(machine).returncode == 0
    assert log.read_text().splitlines() == [
        "update -q",
        f"install -y --no-install-recommends {packages}",
    ]


@pytest.mark.parametrize(
    ("purpose", "packages"),
    [
        ((), []),
        (("esp32c3",), ["gcc-riscv64-unknown-elf"]),
        (("site",), ["nodejs", "npm"]),
        (("test",), ["gcc-riscv64-unknown-elf", "nodejs", "npm", "chromium", "chromium-driver"]),
    ],
)
def test_tools_for_the_web_page_and_for_tests_are_installed_only_for_these(
    machine: Path, purpose: tuple[str, ...], packages: list[str]
) -> None:
    command(machine, "id", "echo 0")
    log = apt_get(machine)
    assert install(machine, *purpose).returncode == 0
    asked = log.read_text().splitlines()[-1].split()[3:] if log.exists() else []
    assert asked == packages


@pytest.mark.parametrize(
    ("env", "chips", "asked"),
    [
        ("esp32", "", False),
        ("esp32cam", "", False),
        ("esp32c3", "", True),
        ("esp32s3", "", False),
        ("esp32", "esp32 esp32c3", True),
        ("esp32", "esp32c3", True),
    ],
)
def test_the_compiler_of_a_chip_is_installed_where_it_is_chosen(
    tmp_path: Path, env: str, chips: str, asked: bool
) -> None:
    """In params.yaml, or for the page. Make says what it would run."""
    (tmp_path / "params.yaml").write_text(f"pio:\n  env: {env}  # esp32, esp32c3: bare metal\n")
    (tmp_path / "Makefile").symlink_to(ROOT / "Makefile")
    for name in ("requirements.txt", "setup/debian.sh", "setup/squeezenet-esp32", ".venv/ready"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "setup/debian.sh").write_text('#!/bin/sh\necho "$@"\n')
    (tmp_path / "setup/debian.sh").chmod(0o755)
    (tmp_path / ".venv/ready").touch()
    done = subprocess.run(
        ["make", "--no-print-directory", "chip", f"CHIPS={chips}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (".venv/bin/python esp32c3\n" if asked else "")


def test_another_browser_and_driver_that_are_there_do_as_well(machine: Path) -> None:
    for name in ("npm", "google-chrome", "chromedriver", "riscv64-unknown-elf-gcc"):
        command(machine, name, "exit 0")
    log = apt_get(machine)
    assert install(machine, "test").returncode == 0
    assert not log.exists()


def test_a_compiler_without_the_c_library_s_headers_counts_as_missing(machine: Path) -> None:
    command(machine, "gcc", "exit 1")
    command(machine, "id", "echo 0")
    log = apt_get(machine)
    install(machine)
    assert "gcc libc6-dev" in log.read_text()


def test_python_without_venv_gets_the_package_of_its_version(machine: Path) -> None:
    command(machine, "python3", 'case "$2" in *print*) echo python3.11-venv;; *) exit 1;; esac')
    command(machine, "id", "echo 0")
    log = apt_get(machine)
    assert install(machine).returncode == 0
    assert "install -y --no-install-recommends python3.11-venv" in log.read_text()


def test_others_than_root_use_sudo(machine: Path) -> None:
    (machine / "clang").unlink()
    log = apt_get(machine)
    command(machine, "sudo", 'echo sudo >> $0.log\nexec "$@"')
    assert install(machine).returncode == 0
    assert (machine / "sudo.log").read_text().split() == ["sudo", "sudo"]
    assert log.exists()


def test_without_apt_it_says_what_to_install(machine: Path) -> None:
    (machine / "clang").unlink()
    (machine / "qemu-system-xtensa").unlink()
    done = install(machine)
    assert done.returncode == 1
    assert "not found, in Debian's names: clang libclang-rt-dev qemu-system-misc" in done.stderr
    assert "no apt-get" in done.stderr


def test_without_sudo_it_says_what_root_has_to_run(machine: Path) -> None:
    (machine / "clang").unlink()
    log = apt_get(machine)
    done = install(machine)
    assert done.returncode == 1
    assert "as root, run: apt-get install -y --no-install-recommends clang" in done.stderr
    assert not log.exists()


def test_offline_it_says_what_to_run_later(machine: Path) -> None:
    (machine / "clang").unlink()
    command(machine, "id", "echo 0")
    apt_get(machine, status=100)
    done = install(machine)
    assert done.returncode == 1
    assert "error: apt-get failed" in done.stderr
    assert "install by hand: apt-get install -y --no-install-recommends clang" in done.stderr


def test_python_in_range_is_found_and_others_are_passed_over(machine: Path) -> None:
    command(machine, "python3.13", "exit 127")  # as a version manager's stub for what is not installed
    (machine / "python3").unlink()
    (machine / "python3.11").symlink_to(sys.executable)
    done = find_python(machine)
    assert done.returncode == 0
    assert Path(done.stdout.strip()).name.startswith("python")


def test_without_python_in_range_it_says_how_to_name_one(machine: Path) -> None:
    command(machine, "python3", "exit 1")
    done = find_python(machine)
    assert done.returncode == 1
    assert "no Python 3.11, 3.12 or 3.13 found" in done.stderr and "make PYTHON=" in done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What DVC needs of a copy of the project without git."""
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc/config").write_text((ROOT / ".dvc/config").read_text())
    (tmp_path / "dvc.yaml").write_text("stages: {one: {cmd: echo done}}\n")
    return tmp_path


def in_copy(copy: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        list(map(str, command)),
        cwd=copy,
        env={**os.environ, "PATH": path, "GIT_CEILING_DIRECTORIES": str(copy.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_copy_without_git_runs_and_experiments_are_refused_in_a_sentence(copy: Path) -> None:
    assert "not a git repository" in in_copy(copy, "dvc", "repro").stderr
    first, again = (in_copy(copy, "sh", SETUP / "scm.sh") for _ in range(2))
    assert (first.returncode, again.returncode, again.stdout) == (0, 0, "")
    assert "make frontier" in first.stdout and "git init" in first.stdout
    done = in_copy(copy, "dvc", "repro")
    assert done.returncode == 0 and "echo done" in done.stdout, done.stderr
    assert "Git" in in_copy(copy, "dvc", "exp", "run").stderr


def test_a_copy_that_becomes_a_repository_is_one_for_dvc_too(copy: Path) -> None:
    in_copy(copy, "sh", SETUP / "scm.sh")
    assert in_copy(copy, "git", "init", "-q").returncode == 0
    done = in_copy(copy, "sh", SETUP / "scm.sh")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no_scm" not in (copy / ".dvc/config.local").read_text()
    assert in_copy(copy, "dvc", "config", "core.no_scm").stdout.strip() != "true"


def test_a_repository_is_left_alone(copy: Path) -> None:
    in_copy(copy, "git", "init", "-q")
    assert in_copy(copy, "sh", SETUP / "scm.sh").stdout == ""
    assert not (copy / ".dvc/config.local").exists()


@pytest.mark.parametrize("target", ["demo", "flash", "frontier", "site", "test", "figures", "bench"])
def test_whatever_make_does_with_the_pipeline_it_looks_for_git_first(target: str) -> None:
    done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=True)
    commands = done.stdout.splitlines()
    look = commands.index("setup/scm.sh")
    assert all(look < i for i, line in enumerate(commands) if "dvc repro" in line or " -m stages." in line)
