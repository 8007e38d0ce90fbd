"""Pictures to train on from the board's camera: whole, in order, none lost, whatever the line does."""

import json
import struct
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from squeezenet_lib.device.collection import NOTE, Wish, collect
from squeezenet_lib.device.exchange import NoAnswerError, RefusedError
from squeezenet_lib.device.frames import CameraPicture
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.errors import UserError
from squeezenet_lib.frame_pixels import FrameFormat
from squeezenet_lib.images import decode
from tests.support.fake_board import FakeBoard
from tests.support.fake_port import DAMAGE, Damage, FakePort, connected

Seen = tuple[int, int, int, bytes]


def seen(seed: int, kind: FrameFormat = FrameFormat.GREY, width: int = 60, height: int = 90) -> Seen:
    """More than one piece."""
    rows = np.random.default_rng((seed, kind)).integers(0, 256, width * height * kind.pixel_bytes, np.uint8)
    return width, height, int(kind), rows.tobytes()


def as_seen(picture: CameraPicture | None) -> Seen:
    assert picture is not None
    return picture.width, picture.height, int(picture.kind), picture.data


def board_that_sees(*frames: Seen) -> FakePort:
    board = FakeBoard()
    board.frames = list(frames)
    return FakePort(board)


def collected(port: FakePort, wish: Wish) -> int:
    link = connected(port)

    def sleep(seconds: float) -> None:
        port.now += seconds

    return collect(link, link.hello(), wish, clock=port.clock, sleep=sleep)


# --- over the line ---


@pytest.mark.parametrize("kind", FrameFormat)
@pytest.mark.parametrize("size", [(2, 1), (64, 64), (60, 90)])
def test_a_picture_comes_as_the_camera_has_it(kind: FrameFormat, size: tuple[int, int]) -> None:
    """64 x 64 grey is one piece to the byte."""
    frames = [seen(seed, kind, *size) for seed in range(2)]
    link = connected(board_that_sees(*frames))
    assert [as_seen(link.picture()) for _ in frames] == frames
    with pytest.raises(RefusedError, match=r"\(NO_CAMERA\)"):
        link.picture()


@settings(max_examples=200, deadline=None)
@given(st.lists(DAMAGE, max_size=12), st.lists(DAMAGE, max_size=12))
def test_on_a_bad_line_a_picture_is_whole_or_none(to_board: list[Damage], to_host: list[Damage]) -> None:
    port = board_that_sees(*(seen(seed) for seed in range(20)))
    possible = list(port.board.frames)
    link = connected(port)
    port.to_board.damages, port.to_host.damages = to_board, to_host
    for _ in range(2):
        with suppress(NoAnswerError, RefusedError):
            assert as_seen(link.picture()) in possible


def test_a_board_that_starts_again_midway_gives_another_picture_and_no_mixture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = board_that_sees(seen(0), seen(1))
    link, frame = connected(port), FakeBoard._frame

    def reset_once(board: FakeBoard, kind: int, payload: bytes) -> bytes | tuple[int, int]:
        if struct.unpack_from("<I", payload, 4)[0] and len(board.frames) == 1:
            board.reset()
        return frame(board, kind, payload)

    monkeypatch.setattr(FakeBoard, "_frame", reset_once)
    assert as_seen(link.picture()) == seen(1)


def test_a_picture_that_is_lost_again_and_again_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    port = board_that_sees(*(seen(seed) for seed in range(10)))
    link, frame = connected(port), FakeBoard._frame

    def reset(board: FakeBoard, kind: int, payload: bytes) -> bytes | tuple[int, int]:
        if struct.unpack_from("<I", payload, 4)[0]:
            board.reset()
        return frame(board, kind, payload)

    monkeypatch.setattr(FakeBoard, "_frame", reset)
    with pytest.raises(UserError, match="lost the picture 4 times"):
        link.picture()


def test_pieces_whose_sum_is_another_are_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """A board whose memory changes while it sends: each piece is proven, the whole is not."""
    port = board_that_sees(*(seen(seed) for seed in range(10)))
    link, frame = connected(port), FakeBoard._frame

    def other_bytes(board: FakeBoard, kind: int, payload: bytes) -> bytes | tuple[int, int]:
        answer = frame(board, kind, payload)
        assert isinstance(answer, bytes)
        return answer[:-1] + bytes([answer[-1] ^ 1])

    monkeypatch.setattr(FakeBoard, "_frame", other_bytes)
    with pytest.raises(UserError, match="lost the picture 4 times"):
        link.picture()


def test_older_firmware_is_named() -> None:
    port = board_that_sees(seen(0))
    port.board.old = True
    for ask in (BoardLink.picture, BoardLink.camera):
        with pytest.raises(UserError, match="does not know how to give its pictures: flash this version's"):
            ask(connected(port))


@pytest.mark.parametrize("head", [(5, 0, 10, 0, 0, 2, 5, 9, 0), (5, 0, 10, 0, 0, 2, 4, 0, 0)])
def test_a_picture_of_no_known_format_or_size_is_named(
    head: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def strange(board: FakeBoard, kind: int, payload: bytes) -> bytes:
        rows = bytes(10)
        numbers = (*struct.unpack_from("<II", payload), 10, 0xE38A6876, *head[4:])
        return struct.pack("<IIIIIHHBB", *numbers) + rows

    monkeypatch.setattr(FakeBoard, "_frame", strange)
    with pytest.raises(UserError, match="a picture of format"):
        connected(board_that_sees()).picture()


# --- into a folder ---


@pytest.mark.parametrize("kind", FrameFormat)
def test_files_hold_the_pixels_and_say_how_they_came(kind: FrameFormat, tmp_path: Path) -> None:
    """The fake board's model has one channel."""
    frames = [seen(seed, kind) for seed in range(3)]
    assert collected(board_that_sees(*frames), Wish(tmp_path, "Käse", 3)) == 3
    for number, (width, height, _, rows) in enumerate(frames, 1):
        path = tmp_path / "Käse" / f"{number:04}.png"
        picture = CameraPicture(rows, width, height, kind, 0, 0)
        assert np.array_equal(decode(path), picture.pixels(1))
        with Image.open(path) as opened:
            told = json.loads(opened.text[NOTE])  # type: ignore[attr-defined]
        assert (told["format"], told["width"], told["height"]) == (kind.name.lower(), width, height)
        assert told["settings"] == {
            "flip": False,
            "mirror": False,
            "rotate": 0,
            "warmup_frames": 5,
            "exposure": "auto",
            "white_balance": "auto",
        }
        assert (told["camera"], told["board"], told["firmware"]) == ("painted", "fake", "1.2.3")
    assert len(list((tmp_path / "Käse").iterdir())) == 3


def test_the_same_command_goes_on_where_it_ended_and_overwrites_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "cat"
    assert collected(board_that_sees(seen(0), seen(1)), Wish(tmp_path, "cat", 2)) == 2
    (folder / "0001.png").unlink()
    (folder / "IMG_7.jpg").write_bytes(b"somebody else's")
    before = (folder / "0002.png").read_bytes()
    assert collected(board_that_sees(seen(2), seen(3)), Wish(tmp_path, "cat", 3)) == 2
    names = ["0002.png", "0003.png", "0004.png", "IMG_7.jpg"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert (folder / "0002.png").read_bytes() == before
    assert collected(board_that_sees(), Wish(tmp_path, "cat", 3)) == 0


def test_a_board_that_is_unplugged_loses_nothing_that_was_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = board_that_sees(*(seen(seed) for seed in range(5)))
    write = FakePort.write

    def unplugged(port: FakePort, data: bytes) -> None:
        if len(port.board.frames) == 2 and len(data) > 20:
            raise UserError("the connection to the fake port broke")
        write(port, data)

    monkeypatch.setattr(FakePort, "write", unplugged)
    with pytest.raises(
        UserError, match=r"broke \(2 of 5 pictures are in .*the same command goes on from there"
    ):
        collected(port, Wish(tmp_path, "cat", 5))
    assert sorted(path.name for path in (tmp_path / "cat").iterdir()) == ["0001.png", "0002.png"]
    for number in (1, 2):
        assert decode(tmp_path / "cat" / f"000{number}.png").tobytes() == seen(number - 1)[3]


class SlowPort(FakePort):
    """A line that takes its time."""

    def read(self, timeout: float) -> bytes:
        data = super().read(timeout)
        self.now += 10 * len(data) / self.baud
        return data


def test_a_time_shorter_than_a_picture_takes_is_refused_with_the_number(tmp_path: Path) -> None:
    board = FakeBoard()
    board.frames = [seen(seed, width=320, height=240) for seed in range(2)]
    with pytest.raises(
        UserError, match=r"takes 6\.[5-9] s to come over the line at 115200 .*--every is 0\.5 s"
    ):
        collected(SlowPort(board), Wish(tmp_path, "cat", 2, every=0.5))
    assert [path.name for path in (tmp_path / "cat").iterdir()] == ["0001.png"]


def test_pictures_are_so_many_seconds_apart(tmp_path: Path) -> None:
    board = FakeBoard()
    board.frames = [seen(seed) for seed in range(3)]
    port, at = SlowPort(board), []
    link = connected(port)

    def sleep(seconds: float) -> None:
        port.now += seconds

    def show(path: Path, pixels: object, held: int) -> None:
        at.append(port.now)

    collect(link, link.hello(), Wish(tmp_path, "cat", 3, every=2.0), show, port.clock, sleep)
    apart = [later - earlier for earlier, later in pairwise(at)]
    assert apart == pytest.approx([2, 2], abs=0.1)


def test_presses_of_the_button_take_them(tmp_path: Path) -> None:
    port = board_that_sees(seen(0), seen(1))
    link, waits = connected(port), []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        port.board.presses += len(waits) in (3, 7)

    assert collect(link, link.hello(), Wish(tmp_path, "cat", 2, button=True), sleep=sleep) == 2
    assert len(waits) == 7


@pytest.mark.parametrize("name", ["", "a/b", ".hidden", "what?", ".."])
def test_a_class_that_is_no_folder_s_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be a folder's name"):
        collected(board_that_sees(seen(0)), Wish(tmp_path, name, 1))


def test_link_has_pictures_of_its_own_number(tmp_path: Path) -> None:
    """What an earlier program left held is not taken for a new picture."""
    port = board_that_sees(seen(0), seen(1))
    first = connected(port)
    assert as_seen(first.picture()) == seen(0)
    second = BoardLink(port, 1, port.clock)
    second.connect()
    assert as_seen(second.picture()) == seen(1)
