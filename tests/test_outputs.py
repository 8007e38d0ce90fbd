"""Outputs appear whole or not at all."""

import json
import os
import random
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from squeezenet_lib.outputs import add_member, replace_when_done, write_json, zipped_bytes


def test_a_file_is_replaced_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "new" / "file"
    with replace_when_done(target) as temporary:
        temporary.write_text("content")
        assert not target.exists()
    assert target.read_text() == "content"
    assert list(target.parent.iterdir()) == [target]


def test_a_folder_replaces_a_folder_with_content(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "old").touch()
    with replace_when_done(target) as temporary:
        temporary.mkdir()
        (temporary / "new").touch()
    assert [path.name for path in target.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_failure_leaves_the_earlier_output(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "output"
    target.write_text("earlier")

    def fail() -> None:
        with replace_when_done(target) as temporary:
            temporary.mkdir() if kind == "folder" else temporary.write_text("half")
            raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        fail()
    assert target.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [target]


def test_json_keeps_its_order_and_refuses_nan(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"z": 1, "a": "é"})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "z": 1,\n  "a": "é"\n}\n'
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"z": float("nan")})
    assert json.loads((tmp_path / "a.json").read_text()) == {"z": 1, "a": "é"}


def test_equal_members_give_equal_archives(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            add_member(archive, "member", b"content", zipfile.ZIP_STORED)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert zipfile.ZipFile(tmp_path / "one").getinfo("member").date_time[0] == 1980


def ended_process() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_what_a_killed_process_left_is_removed_by_the_next_that_writes_the_output(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    dead = ended_process()
    for left in (f"{dead}.tmp", f"{dead}.old", f"{dead}.folder", f"{os.getpid()}.old"):
        name = f".folder.{left}"
        (tmp_path / name).mkdir()
        (tmp_path / name / "half").touch()
    (tmp_path / f".folder.{dead + 1}.tmp.png").touch()
    (tmp_path / f".other.{dead}.tmp").touch()
    (tmp_path / ".folder.1.tmp").touch()  # its process runs
    with replace_when_done(target) as temporary:
        temporary.mkdir()
    assert {path.name for path in tmp_path.iterdir()} == {
        "folder",
        f".folder.{dead + 1}.tmp.png",
        f".other.{dead}.tmp",
        ".folder.1.tmp",
    }


@pytest.mark.parametrize("moment", ["before the block ends", "between the renames"])
def test_a_kill_leaves_a_whole_folder_or_none(tmp_path: Path, moment: str) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    (target / "old").touch()
    code = f"""
import os, pathlib, signal
from squeezenet_lib.outputs import replace_when_done
rename = pathlib.Path.rename
def rename_once(*arguments):
    pathlib.Path.rename = lambda *arguments: os.kill(os.getpid(), signal.SIGKILL)
    return rename(*arguments)
pathlib.Path.rename = rename_once
with replace_when_done(pathlib.Path({str(target)!r})) as temporary:
    temporary.mkdir()
    (temporary / "half").touch()
    if {moment == "before the block ends"}:
        os.kill(os.getpid(), signal.SIGKILL)
    (temporary / "new").touch()
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    if moment == "before the block ends":
        assert [path.name for path in target.iterdir()] == ["old"]
    else:
        assert not target.exists()
    with replace_when_done(target) as temporary:
        temporary.mkdir()
        (temporary / "new").touch()
    assert [path.name for path in target.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_download_takes_less_where_bytes_repeat(tmp_path: Path) -> None:
    members = {"zeros": bytes(5000), "random": random.Random(1).randbytes(5000)}
    with zipfile.ZipFile(tmp_path / "members.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert zipped_bytes(members) == (tmp_path / "members.zip").stat().st_size < 6000
