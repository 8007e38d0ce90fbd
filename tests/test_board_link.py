"""The conversation with a board: on a good line it succeeds, on a bad one it is right or says so."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.board_link import BoardLink, NoAnswerError
from squeezenet_lib.errors import UserError
from squeezenet_lib.serial_protocol import ANSWER, CLASSIFY, HELLO, Reason, frame
from tests.fake_board import (
    CLASSES,
    CYCLES_PER_US,
    MICROSECONDS,
    FakeBoard,
    expected_scores,
    header_crc,
    model_file,
    picture,
)
from tests.fake_port import DAMAGE, Damage, FakePort, connected

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
    link = BoardLink(port, 0xFFFE, port.clock)
    for _ in range(3):
        link.hello()
    assert port.board.asked == [0xFFFF, 1, 2]


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
    for number in range(3):
        link.classify(picture(number))
    assert port.board.asked == [2, 3, 4, 5]


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
        assert port.now < 1000, "it never ends"
        return b"\0U\0U\0U"

    port.read = babble  # type: ignore[method-assign]
    with pytest.raises(NoAnswerError):
        link.hello()
    assert port.now < 65
