"""One command line: which commands there are, how fast it says so, and how each ends."""

import argparse
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from squeezenet_lib.cli import command_line
from squeezenet_lib.cli.command_line import COMMANDS, INSTALLED, main, positive
from squeezenet_lib.errors import UserError
from squeezenet_lib.paths import ROOT

# What takes most of a second or more to import, and what only some commands need.
HEAVY = ("tensorflow", "tf_keras", "tflite_micro", "matplotlib", "esptool", "platformio", "dvc", "serial")


def imported_by(*arguments: str) -> set[str]:
    """Top-level modules that a call has imported when it ends."""
    code = (
        "import sys\nfrom squeezenet_lib.cli.command_line import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def pretend(monkeypatch: pytest.MonkeyPatch, work: object) -> None:
    """Let each command be one that takes nothing and does `work`."""
    module = SimpleNamespace(add_arguments=lambda parser: None, run=work)
    monkeypatch.setattr(command_line, "_module", lambda name: module)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    printed = " ".join(capsys.readouterr().out.split())
    for name, about in COMMANDS.items():
        assert f"{name} {about}" in printed


@pytest.mark.parametrize("command", ["", *COMMANDS, "device info"])
def test_help_imports_nothing_that_takes_long(command: str) -> None:
    assert not imported_by(*command.split(), "--help") & set(HEAVY)


def test_what_nobody_reads_any_more_ends_without_a_word() -> None:
    code = (
        "from types import SimpleNamespace\nfrom squeezenet_lib.cli import command_line\nimport sys\n"
        "def run(options):\n  while True: print('a picture: cat 0.9, dog 0.1')\n"
        "command_line._module = lambda name: SimpleNamespace(add_arguments=lambda parser: None, run=run)\n"
        "sys.exit(command_line.main(['predict']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline() == "a picture: cat 0.9, dog 0.1\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


@pytest.mark.parametrize("arguments", [[], ["fly"], ["--", "predict"], ["--port", "x", "flash"]])
def test_a_wrong_call_ends_with_2_and_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: ")


def refuse(_: argparse.Namespace) -> None:
    raise UserError("the board is green: paint it")


def interrupt(_: argparse.Namespace) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("work", "status", "said"),
    [
        (lambda _: None, 0, ""),
        (lambda _: 3, 3, ""),
        (refuse, 1, "error: the board is green: paint it\n"),
        (interrupt, 130, "interrupted\n"),
    ],
)
def test_every_command_ends_alike(
    work: object,
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pretend(monkeypatch, work)
    for name in COMMANDS:
        assert main([name]) == status
        assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("called", "name"),
    [("/x/.venv/bin/squeezenet-esp32", INSTALLED), ("/x/__main__.py", "python -m squeezenet_lib")],
)
def test_messages_name_the_program_as_it_was_called(
    called: str, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [called])
    assert main(["run", "none.sqz", "x.npy", "-o", "y.npy"]) == 1
    assert f"make it with `{name} compile`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "wrong"), [("fast", "fast is no whole number"), ("0", "0 is not at least 1")]
)
def test_a_number_that_is_none_is_named(text: str, wrong: str) -> None:
    assert positive("3") == 3
    with pytest.raises(argparse.ArgumentTypeError, match=wrong):
        positive(text)


def test_setup_installs_it_for_use_from_any_folder(tmp_path: Path) -> None:
    command = Path(sys.executable).parent / INSTALLED
    done = subprocess.run([command, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"usage: {INSTALLED} ")


def test_in_a_checkout_its_own_code_runs(tmp_path: Path) -> None:
    """Such as the copy of an experiment: the environment is shared, the code is not."""
    (tmp_path / "squeezenet_lib/cli").mkdir(parents=True)
    (tmp_path / "squeezenet_lib/__init__.py").touch()
    (tmp_path / "squeezenet_lib/cli/command_line.py").write_text("def main(): print('mine')")
    command = Path(sys.executable).parent / INSTALLED
    done = subprocess.run([command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "mine\n"
