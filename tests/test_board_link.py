"""The conversation with a board: on a good line it succeeds, on a bad one it is right or says so."""

import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.board_link import BoardLink, NoAnswerError, RefusedError
from squeezenet_lib.errors import UserError
from squeezenet_lib.serial_protocol import ANSWER, CLASSIFY, HELLO, Reason, cobs_encode, frame
from tests.fake_board import (
    CLASSES,
    CYCLES_PER_US,
    MICROSECONDS,
    Damage,
    FakeBoard,
    FakePort,
    expected_scores,
    header_crc,
    model_file,
    picture,
)

DAMAGE = st.builds(
    Damage,
    st.integers(0, 150),
    st.sampled_from(["drop", "flip", "repeat", "insert", "cut"]),
    st.integers(1, 40),
)


def connected(port: FakePort) -> BoardLink:
    link = BoardLink(port, 1, port.clock)
    link.connect()
    return link


# --- a good line ---


def test_hello_tells_what_the_board_and_its_model_are() -> None:
    port = FakePort(FakeBoard())
    hello = BoardLink(port, clock=port.clock).connect()
    assert (hello.board, hello.safe, hello.fields["version"]) == ("fake", False, "1.2.3")
    assert hello.model is not None
    assert hello.model.class_names == CLASSES
    assert hello.model.crc32 == header_crc(port.board.image)
    assert hello.model.picture_bytes == 20
    assert port.now < 0.1, "nothing was waited for"


@given(st.integers(0, 2**32), st.integers(1, 0xFFFF))
def test_on_a_good_line_every_picture_gets_its_scores(seed: int, first_sequence: int) -> None:
    port = FakePort(FakeBoard())
    link = BoardLink(port, first_sequence, port.clock)
    link.connect()
    for number in range(3):
        result = link.classify(picture(seed + number))
        assert result.scores == expected_scores(port.board.image, picture(seed + number).tobytes())
        assert result.class_index == result.scores.index(max(result.scores))
        assert (result.microseconds, result.cycles) == (MICROSECONDS, MICROSECONDS * CYCLES_PER_US)


def test_sequence_numbers_go_round_and_leave_out_0() -> None:
    port = FakePort(FakeBoard())
    seen = []
    board_command = port.board._command

    def command(kind: int, sequence: int, payload: bytes) -> None:
        seen.append(sequence)
        board_command(kind, sequence, payload)

    port.board._command = command  # type: ignore[method-assign]
    link = BoardLink(port, 0xFFFE, port.clock)
    for _ in range(3):
        link.hello()
    assert seen == [0xFFFF, 1, 2]


def test_golden_and_bench() -> None:
    link = connected(FakePort(FakeBoard()))
    assert link.golden().passed
    bench = link.bench(7)
    assert (bench.count, bench.total) == (7, 7 * MICROSECONDS * CYCLES_PER_US)


def test_a_picture_of_another_shape_is_not_sent() -> None:
    with pytest.raises(ValueError, match=r"\(4, 5, 1\), not uint8 \(5, 4, 1\)"):
        connected(FakePort(FakeBoard())).classify(np.zeros((5, 4, 1), np.uint8))


def test_text_between_answers_is_kept() -> None:
    port = FakePort(FakeBoard())
    port.board.print("rst:0x1 (POWERON_RESET)\r\nboot step=ready\r\n")
    link = connected(port)
    port.board.print("panic? no, just talk\n")
    link.hello()
    assert link.text == "rst:0x1 (POWERON_RESET)\r\nboot step=ready\r\npanic? no, just talk\n"


# --- a bad line ---


@settings(max_examples=300)
@given(st.lists(DAMAGE, max_size=40), st.lists(DAMAGE, max_size=40), st.integers(0, 2**32))
def test_on_a_bad_line_a_result_is_right_or_none(
    to_board: list[Damage], to_host: list[Damage], seed: int
) -> None:
    port = FakePort(FakeBoard(), to_board, to_host)
    link = BoardLink(port, 1, port.clock)
    for number in range(4):
        try:
            if number == 0:
                link.connect()
            result = link.classify(picture(seed + number))
        except NoAnswerError:
            continue
        assert result.scores == expected_scores(port.board.image, picture(seed + number).tobytes())
    assert port.now < 4 * 5 * 21, "no try waits for longer than 20 s"
    # The damages are used up, or the line falls still: the next one succeeds.
    port.to_board.damages.clear()
    port.to_host.damages.clear()
    assert link.connect().board == "fake"


@settings(max_examples=200)
@given(st.lists(DAMAGE, max_size=2), st.lists(DAMAGE, max_size=2), st.integers(0, 2**32))
def test_a_few_damages_are_made_good(to_board: list[Damage], to_host: list[Damage], seed: int) -> None:
    port = FakePort(FakeBoard(), to_board, to_host)
    link = connected(port)
    for number in range(3):
        result = link.classify(picture(seed + number))
        assert result.scores == expected_scores(port.board.image, picture(seed + number).tobytes())


@settings(max_examples=100)
@given(st.lists(DAMAGE, max_size=12), st.lists(DAMAGE, max_size=12))
def test_a_model_arrives_whole_or_not_at_all(to_board: list[Damage], to_host: list[Damage]) -> None:
    for damage in (*to_board, *to_host):
        damage.gap *= 20
    new = model_file(seed=2)
    port = FakePort(FakeBoard(), to_board, to_host)
    link = BoardLink(port, 1, port.clock)
    try:
        link.connect()
        hello = link.load(new)
    except UserError:
        assert port.board.model in (port.board.image, new)
        return
    assert port.board.model == new
    assert hello.model is not None
    assert hello.model.crc32 == header_crc(new)


def test_word_of_damage_leads_to_a_second_try_at_once() -> None:
    port = FakePort(FakeBoard(), to_board=[Damage(10, "flip", 1)])
    assert connected(port).text == ""
    assert port.now < 1


def test_a_stale_word_of_damage_does_not_make_every_request_go_out_twice() -> None:
    port = FakePort(FakeBoard())
    link = connected(port)
    port.board._error(0, Reason.DAMAGED, 0)
    link.classify(picture(1))
    assert port.now < 0.1


def test_answers_to_other_requests_are_passed_over() -> None:
    port = FakePort(FakeBoard())
    link = connected(port)
    wrong = struct.pack("<HHIII3b", 0, 3, 1, 40, header_crc(port.board.image), 3, 2, 1)
    for kind, sequence in (
        (CLASSIFY | ANSWER, 2),
        (CLASSIFY | ANSWER, 4),
        (HELLO | ANSWER, 3),
        (CLASSIFY, 3),
    ):
        port.board.put(frame(kind, wrong, sequence))
    assert link.classify(picture(1)).scores == expected_scores(port.board.image, picture(1).tobytes())


def test_a_line_that_babbles_for_ever_is_given_up() -> None:
    port = FakePort(FakeBoard())
    link = connected(port)

    def babble(timeout: float) -> bytes:
        port.now += 0.02
        return b"\0U\0U\0U"

    port.read = babble  # type: ignore[method-assign]
    with pytest.raises(NoAnswerError):
        link.hello()
    assert port.now < 65


# --- refusals and silence ---


def test_another_model_than_before_is_noticed() -> None:
    port = FakePort(FakeBoard())
    link = connected(port)
    link.load(model_file(seed=2))
    port.board.reset()
    with pytest.raises(UserError, match="answers with another model than before: it has started again"):
        link.classify(picture(1))


def test_a_crashed_board_says_so() -> None:
    port = FakePort(FakeBoard())
    port.board.safe = True
    link = BoardLink(port, 1, port.clock)
    hello = link.connect()
    assert (hello.safe, hello.model, hello.fields["crash"]) == (True, None, "StackOverflow")
    with pytest.raises(RefusedError, match=r"\(SAFE\): why it was not done; `info` tells where it crashed"):
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
    hello = len(frame(HELLO | ANSWER, port.board._hello(HELLO, b"")))
    port.to_host.damages = [Damage(20, "flip", 1), Damage(hello, "flip", 1), Damage(hello, "flip", 1)]
    assert link.set_baud(921600)
    assert (port.baud, port.board.baud) == (921600, 921600)
    assert port.to_host.damages == []


def test_a_speed_that_the_board_refuses() -> None:
    with pytest.raises(RefusedError, match="VALUE"):
        connected(FakePort(FakeBoard())).set_baud(300)


@given(st.lists(DAMAGE, max_size=2), st.lists(DAMAGE, max_size=2))
def test_on_a_bad_line_a_change_of_speed_loses_nobody(to_board: list[Damage], to_host: list[Damage]) -> None:
    port = FakePort(FakeBoard())
    link = connected(port)
    port.to_board.damages, port.to_host.damages = list(to_board), list(to_host)
    link.set_baud(921600)
    assert link.classify(picture(1)).scores == expected_scores(port.board.image, picture(1).tobytes())
    assert port.baud == port.board.baud
