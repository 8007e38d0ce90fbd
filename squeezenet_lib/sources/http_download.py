"""A file fetched over HTTP: checked, with progress, and resumed where an earlier try broke off."""

import fcntl
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit

from tqdm import tqdm

from squeezenet_lib.errors import UserError
from squeezenet_lib.interrupts import OverdueError, limited
from squeezenet_lib.processes import announced
from squeezenet_lib.sources.checksum import Checksum, file_checksum

CHUNK_BYTES = 1 << 16
TIMEOUT_SECONDS = 30.0
# A connection that breaks is taken up again at once while it brings something, this often.
CONNECTIONS = 10
# However the server doles it out, so many bytes have to come in so many seconds, over all connections.
LEAST_BYTES, STALL_SECONDS = 1000, 60.0
RANGE_NOT_SATISFIABLE = 416
# What an address may hold as it is (RFC 3986); anything else, such as a space, is escaped.
ADDRESS_CHARACTERS = "!#$%&'()*+,/:;=?@[]~"


def download(url: str, target: Path, checksum: Checksum | None, advice: str) -> None:
    """Make `target` the file at `url`; nothing to do when it is already.

    Without a checksum, whatever is at `target` counts as the file. What has come is kept beside `target` when
    the connection breaks, and the next call goes on from there. Whether the parts belong together is told by
    the checksum or, without one, by the server's mark of the version.
    Raises UserError when the server cannot be reached, breaks off again and again or delivers other bytes,
    and when another process is fetching the file; `advice`, what else the user can do, ends the sentence.
    """
    if target.is_file():
        if _is_expected(target, checksum):
            return
        advice = f"what is at {target} is another file ({checksum} is expected); {advice}"
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    mark = target.with_name(f".{target.name}.version")
    version = mark if checksum is None else None
    with part.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"Another process is fetching {target}; wait for it, then run again.") from None
        if not version:
            mark.unlink(missing_ok=True)
        resumed = file.tell() > 0
        _receive(url, file, target.name, version, advice)
        if resumed and not _is_expected(part, checksum):  # what was kept may be of another version
            _empty(file)
            _receive(url, file, target.name, version, advice)
        mark.unlink(missing_ok=True)
        if not _is_expected(part, checksum):
            part.unlink()
            raise UserError(f"{url} delivers other bytes than expected ({checksum}); {advice}.")
        part.replace(target)


def _is_expected(path: Path, checksum: Checksum | None) -> bool:
    return checksum is None or file_checksum(path, checksum.algorithm) == checksum


def _receive(url: str, file: BinaryIO, name: str, version: Path | None, advice: str) -> None:
    """Append to `file` what is missing of `url`.

    `version`: where the server's mark of what is in `file` is kept; without a mark nothing is resumed. None
    where the checksum will tell: servers may well differ in their marks of the same bytes.
    """
    reason = ""
    try:
        with limited(STALL_SECONDS) as get_on:
            for _ in range(CONNECTIONS):
                if version and not version.is_file():
                    _empty(file)
                start = file.tell()
                reason = _connect(url, file, name, version, get_on)
                if not reason:
                    return
                if file.tell() <= start:
                    break
    except OverdueError:
        reason = f"fewer than {LEAST_BYTES} bytes came in {STALL_SECONDS:.0f} s"
    kept = ""
    if file.tell() and (not version or version.is_file()):
        kept = f"; {file.tell()} bytes are kept, the next run goes on from there"
    raise UserError(f"{url} cannot be fetched ({reason}){kept}; {advice}.")


def _connect(url: str, file: BinaryIO, name: str, version: Path | None, get_on: Callable[[], None]) -> str:
    """One request for what follows the bytes of `file`; returns why it broke off, empty when all came.

    get_on: is called whenever LEAST_BYTES have come.
    """
    start = file.tell()
    headers = {}
    if start:
        headers["Range"] = f"bytes={start}-"
        if version:
            headers["If-Range"] = version.read_text("latin-1")
    try:
        request = urllib.request.Request(quote(url, safe=ADDRESS_CHARACTERS), headers=headers)
        with announced(f"{urlsplit(url).netloc} to answer"):
            response = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)
    except HTTPError as error:
        error.close()
        # Nothing follows: the file is complete, or not this one; its checksum will tell.
        return "" if start and error.code == RANGE_NOT_SATISFIABLE else f"HTTP status {error.code}"
    except (URLError, OSError, HTTPException, ValueError) as error:
        return _words(error)
    with response:
        if response.status != 206:  # a server without ranges sends everything, as one with another version
            _empty(file)
            start = 0
            if version:
                _note_version(response.headers, version)
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            return "the server sends another part than asked for"
        rest: int | None = response.length
        total = None if rest is None else start + rest
        with tqdm(
            total=total, initial=start, desc=name, unit="B", unit_scale=True, mininterval=1
        ) as progress:
            fresh = 0
            while True:
                try:
                    chunk = response.read1(CHUNK_BYTES)  # what has come: `read` waits for all of it
                except (OSError, HTTPException) as error:
                    break_reason = _words(error)
                    break
                if not chunk:
                    break_reason = "" if total is None else "the connection broke"
                    break
                file.write(chunk)
                progress.update(len(chunk))
                fresh += len(chunk)
                if fresh >= LEAST_BYTES:
                    get_on()
                    fresh = 0
        file.flush()
    return "" if file.tell() == total else break_reason


def _note_version(headers: HTTPMessage, version: Path) -> None:
    """Keep what may be sent back as If-Range (RFC 9110): a strong ETag, else the date of the last change."""
    tag = headers.get("ETag", "")
    mark = tag if tag.startswith('"') else headers.get("Last-Modified", "")
    if mark:
        version.write_text(mark, "latin-1")
    else:
        version.unlink(missing_ok=True)


def _empty(file: BinaryIO) -> None:
    file.seek(0)
    file.truncate()


def _words(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    return " ".join(str(reason).split()) or type(error).__name__
