"""Outputs that appear whole or not at all, with bytes that depend on their content only."""

import csv
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from squeezenet_lib import processes

# The earliest date that a zip member can carry.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@contextmanager
def replace_when_done(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it to `path` when the block ends without an exception.

    The caller creates a file or a directory at the temporary path. When the block raises, what it wrote is
    removed and an earlier output stays as it was. The name carries the process id because a stage can outlive
    the `dvc` that started it and meet its successor; what killed processes left of `path` is removed.
    A kill leaves `path` as it was, as it shall be, or, when it is a directory, at the worst not there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        if path.is_dir():  # a directory cannot be renamed onto one that has content
            retired = path.with_name(f".{path.name}.{os.getpid()}.old")
            path.rename(retired)
            temporary.rename(path)
            _remove(retired)
        else:
            temporary.replace(path)
    finally:
        _remove(temporary)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` as indented UTF-8 JSON, keys in the given order. NaN and infinity raise ValueError."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write the file in UTF-8, whole or not at all."""
    with replace_when_done(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as CSV under the names of the first one's columns; without rows the file is empty."""
    with replace_when_done(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]) if rows else [], lineterminator="\n")
        if rows:
            table.writeheader()
        table.writerows(rows)


def add_member(archive: zipfile.ZipFile, name: str, content: bytes, compression: int) -> None:
    """Add one member with a fixed date and fixed permissions, so that equal contents give equal archives."""
    info = zipfile.ZipInfo(name, ZIP_DATE)
    info.compress_type = compression
    info.external_attr = 0o644 << 16
    archive.writestr(info, content)


def zipped_bytes(members: Mapping[str, bytes]) -> int:
    """Size of a .zip of these members, by name: what a download of them would take."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            add_member(archive, name, content, zipfile.ZIP_DEFLATED)
    return len(file.getvalue())


def _sweep(path: Path) -> None:
    """Remove temporary names of `path`, with any suffix, whose process is gone or had this one's number."""
    for left in path.parent.iterdir():
        match = re.fullmatch(rf"\.{re.escape(path.name)}\.(\d+)\.\w+", left.name)
        if match and (int(match[1]) == os.getpid() or not processes.runs(int(match[1]))):
            with suppress(FileNotFoundError):  # another process sweeps, too
                _remove(left)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
