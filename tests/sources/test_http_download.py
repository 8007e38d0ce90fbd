"""A download is whole and checked or is not there; what came of a broken one is not fetched again."""

import fcntl
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.sources import http_download
from squeezenet_lib.sources.checksum import Checksum
from squeezenet_lib.sources.http_download import CONNECTIONS, download
from tests.support.file_server import FileServer, serve

CONTENT = np.random.default_rng(1).bytes(200_000)
MD5 = Checksum("md5", hashlib.md5(CONTENT).hexdigest())
SHA256 = Checksum("sha256", hashlib.sha256(CONTENT).hexdigest())
OTHER = np.random.default_rng(2).bytes(200_000)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve(FileServer({"file": CONTENT})) as running:
        yield running


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "file"


def fetch(server: FileServer, target: Path, checksum: Checksum | None = MD5) -> None:
    download(f"{server.address}/file", target, checksum, "ask a neighbour")


def part_of(target: Path, content: bytes) -> Path:
    """What an earlier run is to have left beside `target`."""
    target.parent.mkdir()
    part = target.parent / ".file.part"
    part.write_bytes(content)
    return part


@pytest.mark.parametrize("checksum", [MD5, SHA256, None])
def test_a_file_is_fetched_once(server: FileServer, target: Path, checksum: Checksum | None) -> None:
    fetch(server, target, checksum)
    fetch(server, target, checksum)
    assert target.read_bytes() == CONTENT
    assert server.requests == [("file", None)]
    assert list(target.parent.iterdir()) == [target]


def test_a_damaged_file_is_fetched_again(server: FileServer, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(CONTENT[:-1])
    fetch(server, target)
    assert target.read_bytes() == CONTENT


def test_a_connection_that_breaks_is_taken_up_again(server: FileServer, target: Path) -> None:
    server.breaks = [70_000, 1]
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.requests == [("file", None), ("file", "bytes=70000-"), ("file", "bytes=70001-")]


def test_what_an_earlier_run_left_is_not_fetched_again(server: FileServer, target: Path) -> None:
    part_of(target, CONTENT[:123_456])
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.requests == [("file", "bytes=123456-")]


def test_a_part_that_is_the_whole_file_is_taken(server: FileServer, target: Path) -> None:
    part_of(target, CONTENT)
    fetch(server, target)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("left", [b"something else", CONTENT + b"more", bytes(len(CONTENT))])
def test_a_part_of_another_file_is_dropped(server: FileServer, target: Path, left: bytes) -> None:
    part_of(target, left)
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.requests == [("file", f"bytes={len(left)}-"), ("file", None)]


def test_a_server_without_ranges_sends_everything_again(server: FileServer, target: Path) -> None:
    server.ranges = False
    server.breaks = [50_000]
    fetch(server, target)
    assert target.read_bytes() == CONTENT


def test_a_server_need_not_announce_the_length(server: FileServer, target: Path) -> None:
    server.length = False
    fetch(server, target)
    assert target.read_bytes() == CONTENT


def test_another_range_than_asked_for_is_not_appended(server: FileServer, target: Path) -> None:
    part = part_of(target, CONTENT[:1000])
    server.shift = 1
    with pytest.raises(UserError, match="another part than asked for"):
        fetch(server, target)
    assert part.read_bytes() == CONTENT[:1000]


def test_a_connection_that_keeps_breaking_is_given_up_and_what_came_is_kept(
    server: FileServer, target: Path
) -> None:
    server.breaks = [1000] * CONNECTIONS
    with pytest.raises(
        UserError, match=rf"the connection broke.*{CONNECTIONS * 1000} bytes are kept.*neighbour"
    ):
        fetch(server, target)
    assert not target.exists()
    server.requests.clear()
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.requests == [("file", f"bytes={CONNECTIONS * 1000}-")]


def test_a_connection_that_breaks_without_a_byte_is_not_tried_again(server: FileServer, target: Path) -> None:
    server.breaks = [500, 0, 0]
    with pytest.raises(UserError, match="500 bytes are kept"):
        fetch(server, target)
    assert len(server.requests) == 2


@contextmanager
def doling(answer: bytes) -> Iterator[str]:
    """The address of a server that sends one byte after the other, and never the last of them."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with listening.accept()[0] as line, suppress(OSError):
                for byte in answer[:-1]:
                    line.sendall(bytes([byte]))
                    over.wait(0.005)
                over.wait()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/file"
        over.set()
        thread.join()


HEAD = b'HTTP/1.0 200 OK\r\nContent-Length: 200000\r\nETag: "1"\r\n\r\n'


@pytest.mark.parametrize("answer", [HEAD, b"HTTP/1.0 200 OK\r\n" + b"X: y\r\n" * 90, HEAD + CONTENT[:90]])
def test_a_server_that_doles_out_byte_after_byte_is_given_up(
    target: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    """The limit is one for all: each byte comes in time."""
    monkeypatch.setattr(http_download, "STALL_SECONDS", 1.0)
    begin = time.monotonic()
    with doling(answer) as address, pytest.raises(UserError) as failed:
        download(address, target, None, "ask a neighbour")
    assert time.monotonic() - begin < 4
    kept = "; 89 bytes are kept, the next run goes on from there" if b"\r\n\r\n" in answer[:-4] else ""
    reason = f"fewer than 1000 bytes came in 1 s){kept}; ask a neighbour."
    assert str(failed.value).startswith(f"{address} cannot be fetched (") and str(failed.value).endswith(
        reason
    )


def test_what_comes_slowly_and_gets_on_is_fetched(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_download, "STALL_SECONDS", 1.0)
    server.pause = 0.5
    fetch(server, target)
    assert target.read_bytes() == CONTENT


def test_other_bytes_than_expected_are_not_used(server: FileServer, target: Path) -> None:
    wrong = hashlib.sha256(b"").hexdigest()
    with pytest.raises(UserError, match=rf"other bytes than expected \(SHA-256 {wrong}\); ask") as error:
        fetch(server, target, Checksum("sha256", wrong))
    assert "\n" not in str(error.value)
    assert list(target.parent.iterdir()) == []


def test_a_damaged_file_that_cannot_be_fetched_again_is_named(server: FileServer, target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(CONTENT[:-1])
    server.files.clear()
    with pytest.raises(UserError, match=f"404.*{target} is another file.*{MD5.digest}.*neighbour"):
        fetch(server, target)
    assert target.read_bytes() == CONTENT[:-1]


@pytest.mark.parametrize("mark", [{"ETag": '"1"'}, {"Last-Modified": "Tue, 01 Sep 2026 00:00:00 GMT"}])
def test_without_a_checksum_the_servers_mark_tells_that_parts_belong_together(
    server: FileServer, target: Path, mark: dict[str, str]
) -> None:
    server.headers = mark
    server.breaks = [1000, 0]
    with pytest.raises(UserError, match="1000 bytes are kept"):
        fetch(server, target, None)
    fetch(server, target, None)
    assert target.read_bytes() == CONTENT
    assert server.requests[-1] == ("file", "bytes=1000-")
    assert list(target.parent.iterdir()) == [target]


def test_a_file_that_changed_since_the_last_run_is_fetched_anew(server: FileServer, target: Path) -> None:
    server.headers = {"ETag": '"1"'}
    server.breaks = [1000, 0]
    with pytest.raises(UserError, match="1000 bytes are kept"):
        fetch(server, target, None)
    server.headers, server.files["file"] = {"ETag": '"2"'}, OTHER
    server.requests.clear()
    fetch(server, target, None)
    assert target.read_bytes() == OTHER
    assert server.requests == [("file", "bytes=1000-")]


def test_with_a_checksum_the_servers_mark_does_not_matter(server: FileServer, target: Path) -> None:
    server.headers = {"ETag": '"1"'}
    server.breaks = [1000, 0]
    with pytest.raises(UserError, match="1000 bytes are kept"):
        fetch(server, target)
    server.headers = {"ETag": '"2"'}
    server.requests.clear()
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.requests == [("file", "bytes=1000-")]
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("mark", [{}, {"ETag": 'W/"1"'}])
def test_without_a_checksum_and_a_mark_a_broken_download_starts_over(
    server: FileServer, target: Path, mark: dict[str, str]
) -> None:
    server.headers = mark
    server.breaks = [1000, 1500, 0]
    with pytest.raises(UserError, match=r"cannot be fetched \(the connection broke\); ask a neighbour"):
        fetch(server, target, None)
    fetch(server, target, None)
    assert target.read_bytes() == CONTENT
    assert server.requests == [("file", None)] * 4


def test_an_address_may_have_spaces_and_letters_beyond_ascii(server: FileServer, target: Path) -> None:
    server.files["große Bilder/1 %.zip"] = CONTENT
    for name in ("große Bilder/1 %25.zip", "gro%C3%9Fe%20Bilder/1%20%25.zip"):
        target.unlink(missing_ok=True)
        download(f"{server.address}/{name}", target, MD5, "ask a neighbour")
        assert target.read_bytes() == CONTENT


def test_an_address_that_is_none_is_one_sentence(target: Path) -> None:
    for address in ("http://", "http://[::1/file", "nothing"):
        with pytest.raises(UserError, match=r"cannot be fetched \(.+\); ask a neighbour\.$"):
            download(address, target, MD5, "ask a neighbour")


def test_a_missing_file_is_named_with_the_servers_answer(server: FileServer, target: Path) -> None:
    del server.files["file"]
    with pytest.raises(UserError, match=r"127\.0\.0\.1.*/file cannot be fetched \(HTTP status 404\)"):
        fetch(server, target)


def test_no_network_is_one_sentence(target: Path) -> None:
    with socket.socket() as unused:  # bound, not listening: connections are refused
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/file"
        with pytest.raises(UserError, match=r"cannot be fetched \(.*refused\); ask a neighbour\.$") as error:
            download(url, target, MD5, "ask a neighbour")
    assert "\n" not in str(error.value)
    assert not target.exists()


def test_two_processes_do_not_write_the_same_part(server: FileServer, target: Path) -> None:
    part = part_of(target, CONTENT[:10])
    with part.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="Another process"):
            fetch(server, target)
    assert part.read_bytes() == CONTENT[:10]
    assert server.requests == []
