"""A full disk is said in one sentence that names the folder, wherever it is met."""

import argparse
import errno
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from squeezenet_lib import errors
from squeezenet_lib.cli import command_line
from squeezenet_lib.errors import UserError, in_words
from squeezenet_lib.firmware.build import run_platformio
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sqz.host_runtime import compile_library

SENTENCE = r"no space is left on the disk of {}; make room, then run this again"
# As seen on a file system that was full.
COMPILERS = {
    "gcc": "x.c:1:1: fatal error: error closing /tmp/cc.s: No space left on device\ncompilation terminated.",
    "as": "a.s: Fatal error: can't write 60 bytes to section .text of /tmp/a.o: 'No space left on device'",
    "clang": "fatal error: error in backend: IO failure on output stream: No space left on device",
}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_the_folder_of_the_file_is_named(number: int) -> None:
    found = in_words(OSError(number, os.strerror(number), "data/raw/pictures.zip"))
    assert str(found) == SENTENCE.format("data/raw")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError("Can't write data (file write failed, error message = 'No space left on device')"),  # HDF5
        RuntimeError("models/x.tmp; No space left on device [Op:SaveV2]"),  # TensorFlow
        FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp', '/var/tmp']"),
    ],
)
def test_without_a_file_s_name_the_disk_that_is_full_is_named(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(
        errors.shutil, "disk_usage", lambda folder: SimpleNamespace(free=0 if folder == tmp_path else 1 << 30)
    )
    assert str(in_words(error)) == SENTENCE.format(tmp_path)


@pytest.mark.parametrize("error", [OSError(errno.EIO, "I/O error", "x"), ValueError("no"), KeyError("space")])
def test_other_errors_have_no_such_sentence(error: Exception) -> None:
    assert in_words(error) is None


STAGE = """
from stages.stage import run

def main():
    with open("/dev/full", "w") as file:  # where every write finds no space
        file.write("x")

run(main)
"""


def test_a_stage_that_meets_it_ends_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STAGE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: no space is left on the disk of ")


def test_a_command_that_meets_it_ends_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(options: argparse.Namespace) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", "some/where/x")

    command = SimpleNamespace(add_arguments=lambda parser: None, run=full)
    monkeypatch.setattr(command_line, "_module", lambda name: command)
    assert command_line.main(["predict"]) == 1
    assert capsys.readouterr().err == f"error: {SENTENCE.format('some/where')}\n"


@pytest.mark.parametrize("complaint", COMPILERS.values(), ids=COMPILERS)
def test_a_compiler_s_words_about_it_are_one_sentence(complaint: str, tmp_path: Path) -> None:
    (tmp_path / "cc").write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{complaint}\nEND\nexit 1\n")
    (tmp_path / "cc").chmod(0o755)
    with pytest.raises(UserError, match=r"^no space is left on the disk of \S.*; make room"):
        compile_library(tmp_path, str(tmp_path / "cc"))


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_the_real_compilers_have_such_words(compiler: str, tmp_path: Path) -> None:
    (tmp_path / "libsqueeze_rt.so").symlink_to("/dev/full")
    with pytest.raises(UserError, match=r"^no space is left on the disk of "):
        compile_library(tmp_path, compiler)


def test_another_complaint_of_a_compiler_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / "cc").write_text("#!/bin/sh\necho 'x.c:1: error: unknown type' >&2\nexit 1\n")
    (tmp_path / "cc").chmod(0o755)
    with pytest.raises(UserError, match=r"x\.c:1: error: unknown type"):
        compile_library(tmp_path, str(tmp_path / "cc"))


def test_platformio_s_words_about_it_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python").write_text(
        "#!/bin/sh\necho 'error: x' >&2; echo 'No space left on device'; exit 1\n"
    )
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(UserError, match=r"^no space is left on the disk of "):
        run_platformio(["run"], tmp_path, "building the firmware")
