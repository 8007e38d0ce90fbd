"""A download is whole and checked or is not there; what came of a broken one is not fetched again."""

import fcntl
import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.http_download import CONNECTIONS, download
from tests.file_server import FileServer, serve

CONTENT = np.random.default_rng(1).bytes(200_000)
MD5 = hashlib.md5(CONTENT).hexdigest()


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve(FileServer({"file": CONTENT})) as running:
        yield running


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "file"


def fetch(server: FileServer, target: Path, md5: str = MD5) -> None:
    download(f"{server.address}/file", target, md5, "ask a neighbour")


def part_of(target: Path, content: bytes) -> Path:
    """What an earlier run is to have left beside `target`."""
    target.parent.mkdir()
    part = target.parent / ".file.part"
    part.write_bytes(content)
    return part


def test_a_file_is_fetched_once(server: FileServer, target: Path) -> None:
    fetch(server, target)
    fetch(server, target)
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


def test_other_bytes_than_expected_are_not_used(server: FileServer, target: Path) -> None:
    wrong = hashlib.md5(b"").hexdigest()
    with pytest.raises(UserError, match=f"other bytes than expected.*{wrong}.*ask a neighbour") as error:
        fetch(server, target, wrong)
    assert "\n" not in str(error.value)
    assert list(target.parent.iterdir()) == []


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
