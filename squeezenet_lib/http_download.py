"""A file fetched over HTTP: checked, with progress, and resumed where an earlier try broke off."""

import fcntl
import hashlib
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError, URLError

from tqdm import tqdm

from squeezenet_lib.errors import UserError

CHUNK_BYTES = 1 << 16
TIMEOUT_SECONDS = 30.0
# A connection that breaks is taken up again at once while it brings something, this often.
CONNECTIONS = 10
RANGE_NOT_SATISFIABLE = 416


def download(url: str, target: Path, md5: str, advice: str) -> None:
    """Make `target` the file at `url`, whose MD5 is `md5` in hexadecimal; nothing to do when it is already.

    What has come is kept beside `target` when the connection breaks, and the next call goes on from there.
    Raises UserError when the server cannot be reached, breaks off again and again or delivers other bytes,
    and when another process is fetching the file; `advice`, what else the user can do, ends the sentence.
    """
    if target.is_file() and file_md5(target) == md5:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    with part.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"Another process is fetching {target}; wait for it, then run again.") from None
        resumed = file.tell() > 0
        _receive(url, file, target.name, advice)
        if resumed and file_md5(part) != md5:  # what was kept may belong to another version of the file
            _empty(file)
            _receive(url, file, target.name, advice)
        if file_md5(part) != md5:
            part.unlink()
            raise UserError(f"{url} delivers other bytes than expected (MD5 is not {md5}); {advice}.")
        part.replace(target)


def file_md5(path: Path) -> str:
    """MD5 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def _receive(url: str, file: BinaryIO, name: str, advice: str) -> None:
    """Append to `file` what is missing of `url`."""
    reason = ""
    for _ in range(CONNECTIONS):
        start = file.tell()
        reason = _connect(url, file, name)
        if not reason:
            return
        if file.tell() <= start:
            break
    kept = f"; {file.tell()} bytes are kept, the next run goes on from there" if file.tell() else ""
    raise UserError(f"{url} cannot be fetched ({reason}){kept}; {advice}.")


def _connect(url: str, file: BinaryIO, name: str) -> str:
    """One request for what follows the bytes of `file`; returns why it broke off, empty when all came."""
    start = file.tell()
    request = urllib.request.Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
    except HTTPError as error:
        error.close()
        # Nothing follows: the file is complete, or not this one; its checksum will tell.
        return "" if start and error.code == RANGE_NOT_SATISFIABLE else f"HTTP status {error.code}"
    except (URLError, OSError, HTTPException) as error:
        return _words(error)
    with response:
        if start and response.status != 206:  # a server without ranges sends everything
            _empty(file)
            start = 0
        elif start and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            return "the server sends another part than asked for"
        rest: int | None = response.length
        total = None if rest is None else start + rest
        with tqdm(
            total=total, initial=start, desc=name, unit="B", unit_scale=True, mininterval=1
        ) as progress:
            while True:
                try:
                    chunk = response.read(CHUNK_BYTES)
                except (OSError, HTTPException) as error:
                    break_reason = _words(error)
                    break
                if not chunk:
                    break_reason = "" if total is None else "the connection broke"
                    break
                file.write(chunk)
                progress.update(len(chunk))
        file.flush()
    return "" if file.tell() == total else break_reason


def _empty(file: BinaryIO) -> None:
    file.seek(0)
    file.truncate()


def _words(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    return " ".join(str(reason).split()) or type(error).__name__
