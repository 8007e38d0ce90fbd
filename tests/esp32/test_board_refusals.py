"""Refusals, and changes of speed: nobody is lost, and people are told why."""

import struct
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from squeezenet_lib.device.exchange import RefusedError
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.device.protocol import ANSWER, BAUD, HELLO, cobs_encode, frame
from squeezenet_lib.errors import UserError
from tests.support.fake_board import FakeBoard, expected_scores, model_file, picture
from tests.support.fake_port import DAMAGE, Damage, FakePort, connected

# --- refusals and silence ---


def test_another_model_than_before_is_noticed() -> None:
    port = FakePort(FakeBoard())
    link = connected(port)
    link.load(model_file(seed=2))
    port.board.reset()
    with pytest.raises(UserError, match="answers with another model than before: it has started again"):
        link.classify(picture(1))


def test_another_model_than_before_is_noticed_in_a_taken_picture() -> None:
    port = FakePort(FakeBoard())
    link = connected(port)
    link.load(model_file(seed=2))
    port.board.reset()
    port.board.scenes = [picture(1).tobytes()]
    with pytest.raises(UserError, match="answers with another model than before: it has started again"):
        link.take()


def test_a_crashed_board_says_so() -> None:
    port = FakePort(FakeBoard())
    port.board.safe = True
    link = BoardLink(port, 1, port.clock)
    hello = link.connect()
    assert (hello.safe, hello.model, hello.fields["crash"]) == (True, None, "StackOverflow")
    with pytest.raises(RefusedError, match=r"\(SAFE\): why it was not done; `device info` tells where"):
        link.classify(picture(1))


def test_another_version_of_the_link_is_named() -> None:
    port = FakePort(FakeBoard())
    body = struct.pack("<BBHI", 7, 0x81, 2, 0)
    port.board.put(b"\0" + cobs_encode(body + struct.pack("<I", zlib.crc32(body))) + b"\0")
    with pytest.raises(UserError, match="speaks version 7 of the serial link, and this program version 1"):
        BoardLink(port, 1, port.clock).connect()


@pytest.mark.parametrize(
    ("sqz", "name"),
    [
        (model_file(version=4), "REFUSED, status -3"),
        (model_file()[:2000] + b"?" + model_file()[2001:], "REFUSED, status -4"),
        (model_file(arena=4000), "MEMORY"),
    ],
)
def test_a_model_that_is_no_good_is_refused_by_name_and_the_old_one_answers(sqz: bytes, name: str) -> None:
    port = FakePort(FakeBoard())
    link = connected(port)
    with pytest.raises(RefusedError, match=rf"the board refuses \({name}\): .*; the old one still answers"):
        link.load(sqz)
    link.hello()
    assert link.classify(picture(1)).scores == expected_scores(port.board.image, picture(1).tobytes())


def test_loading_tells_how_far_it_is() -> None:
    seen: list[int] = []
    link = connected(FakePort(FakeBoard()))
    link.load(model_file(seed=2), seen.append)
    assert seen == [1024, 2048, 2500]


def test_a_board_that_restarts_while_a_model_is_loaded_gets_all_of_it_again() -> None:
    port = FakePort(FakeBoard())
    link = connected(port)
    new = model_file(seed=2)

    def progress(held: int) -> None:
        if held == 1024 and port.now < 1:
            port.now += 1
            port.board.reset()

    link.load(new, progress)
    assert port.board.model == new


# --- speed ---


def test_both_sides_change_speed_and_go_back_at_the_end() -> None:
    port = FakePort(FakeBoard())
    link = connected(port)
    assert link.set_baud(921600)
    assert (port.baud, port.board.baud) == (921600, 921600)
    link.classify(picture(1))
    link.close()
    assert port.board.baud == 115200
    assert port.closed


def test_a_speed_at_which_nothing_is_heard_is_left() -> None:
    port = FakePort(FakeBoard())
    port.board.deaf_at.add(1_500_000)
    link = connected(port)
    assert not link.set_baud(1_500_000)
    assert (port.baud, port.board.baud) == (115200, 115200)
    link.classify(picture(1))


def test_a_board_that_has_proven_a_speed_and_is_not_heard_is_found_there() -> None:
    """Three answers in a row get lost."""
    port = FakePort(FakeBoard())
    link = connected(port)
    answer = len(frame(BAUD | ANSWER))
    hello = len(frame(HELLO | ANSWER, port.board._hello(HELLO, b"")))
    port.to_host.sent = 0
    port.to_host.damages = [Damage(answer + 5, "flip", 1), Damage(hello, "flip", 1), Damage(hello, "flip", 1)]
    assert link.set_baud(921600)
    assert (port.baud, port.board.baud) == (921600, 921600)
    assert port.to_host.damages == []


def test_a_speed_that_the_board_refuses() -> None:
    with pytest.raises(RefusedError, match="VALUE"):
        connected(FakePort(FakeBoard())).set_baud(300)


@settings(max_examples=300)
@example([Damage(32, "repeat", 18)], [Damage(0, "drop", 1)])  # asked twice in one go, and not heard
@given(st.lists(DAMAGE, max_size=2), st.lists(DAMAGE, max_size=2))
def test_on_a_bad_line_a_change_of_speed_loses_nobody(to_board: list[Damage], to_host: list[Damage]) -> None:
    port = FakePort(FakeBoard())
    link = connected(port)
    port.to_board.damages, port.to_host.damages = list(to_board), list(to_host)
    link.set_baud(921600)
    assert link.classify(picture(1)).scores == expected_scores(port.board.image, picture(1).tobytes())
    assert port.baud == port.board.baud
