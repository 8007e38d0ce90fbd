"""The conversation with a board: on a good line it succeeds, on a bad one it is right or says so."""

import math
import struct
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.device.exchange import PATIENCE, NoAnswerError, RefusedError
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.device.protocol import ANSWER, BENCH, CLASSIFY, HELLO, Frame, Reason, frame
from squeezenet_lib.errors import UserError
from squeezenet_lib.ranking import UNKNOWN
from tests.support.fake_board import (
    CAMERA_US,
    CLASSES,
    CYCLES_PER_US,
    MICROSECONDS,
    FakeBoard,
    expected_scores,
    header_crc,
    model_file,
    picture,
)
from tests.support.fake_port import DAMAGE, Damage, FakePort, connected
from tests.support.timed_port import TimedPort

# --- a good line ---


def test_hello_tells_what_the_board_and_its_model_are() -> None:
    port = FakePort(FakeBoard())
    hello = BoardLink(port, clock=port.clock).connect()
    assert (hello.board, hello.safe, hello.fields["version"]) == ("fake", False, "1.2.3")
    assert hello.model is not None
    assert hello.model.class_names == CLASSES
    assert hello.model.crc32 == header_crc(port.board.image)
    assert math.prod(hello.model.shape) == 20
    assert port.now < 0.1, "nothing was waited for"


@settings(deadline=None)
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


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        (("class_score=2:-128",), 2),
        (("unknown=score<127",), 0xFFFF),
        (("class_score=0:127", "unknown=margin<0"), None),
    ],
)
def test_a_board_may_answer_otherwise_when_it_has_said_how(told: tuple[str, ...], answer: int | None) -> None:
    port = FakePort(FakeBoard())
    port.board.decision, port.board.answer = told, answer
    result = connected(port).classify(picture(3))
    best = int(np.argmax(result.scores))
    assert result.class_index == {2: 2, 0xFFFF: UNKNOWN, None: best}[answer]


def test_a_class_that_does_not_follow_from_the_scores_is_refused() -> None:
    port = FakePort(FakeBoard())
    scores = expected_scores(port.board.image, picture(3).tobytes())
    port.board.answer = (int(np.argmax(scores)) + 1) % len(scores)
    with pytest.raises(UserError, match="cannot read: a class that does not follow from the scores"):
        connected(port).classify(picture(3))


@pytest.mark.parametrize(
    "told", ["class_score=3:0", "class_score=1:200", "unknown=mood<3", "unknown=margin<x"]
)
def test_a_rule_that_cannot_be_is_refused(told: str) -> None:
    port = FakePort(FakeBoard())
    port.board.decision = (told,)
    with pytest.raises(UserError, match="cannot read: what it says about itself"):
        connected(port)


def test_sequence_numbers_go_round_and_leave_out_0() -> None:
    port = FakePort(FakeBoard())
    link = BoardLink(port, 0xFFFE, port.clock)
    for _ in range(3):
        link.hello()
    assert port.board.asked == [0xFFFF, 1, 2]


def test_the_camera_s_pictures_get_their_scores_and_times() -> None:
    port = FakePort(FakeBoard())
    port.board.scenes = [picture(seed).tobytes() for seed in range(2)]
    link = connected(port)
    for seed in range(2):
        found = link.take()
        assert (found.capture_us, found.prepare_us) == CAMERA_US
        assert found.result.scores == expected_scores(port.board.image, picture(seed).tobytes())
    with pytest.raises(RefusedError, match=r"\(NO_CAMERA\).*camera's cable"):
        link.take()
    assert link.hello().board == "fake"


@given(st.lists(DAMAGE, max_size=4), st.lists(DAMAGE, max_size=4))
@settings(max_examples=60, deadline=None)
def test_on_a_bad_line_a_taken_picture_has_its_own_scores_or_none(
    to_board: list[Damage], to_host: list[Damage]
) -> None:
    """Asked twice, the board takes two: the scores are those of one of them."""
    port = FakePort(FakeBoard())
    link = connected(port)
    port.to_board.damages, port.to_host.damages = to_board, to_host
    port.board.scenes = [picture(seed).tobytes() for seed in range(20)]
    with suppress(NoAnswerError, RefusedError):
        possible = [expected_scores(port.board.image, scene) for scene in port.board.scenes]
        assert link.take().result.scores in possible


def test_picture_after_picture_is_switched_on_and_off() -> None:
    port = FakePort(FakeBoard())
    link = connected(port)
    for on in (True, False):
        link.repeat(on)
        assert port.board.repeating is on


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


# --- a board that stops answering ---


def load(link: BoardLink) -> object:
    return link.load(model_file(seed=2))


@pytest.mark.parametrize(
    ("ask", "work"),
    [
        (BoardLink.hello, 0),
        (lambda link: link.classify(picture(1)), 0),
        (BoardLink.take, 5),
        (lambda link: link.repeat(True), 5),
        (BoardLink.golden, 60),
        (lambda link: link.bench(1000), 0),
        (load, 0),
        (lambda link: link.set_baud(921600), 0),
    ],
)
def test_a_board_that_falls_silent_is_given_up(ask: Callable[[BoardLink], object], work: float) -> None:
    """The times of camera and self-test are added; an inference of so few pixels takes none."""
    port = FakePort(FakeBoard())
    link = connected(port)
    port.board.deaf = True
    with pytest.raises(NoAnswerError, match="does not answer: it prints nothing"):
        ask(link)
    assert port.now == pytest.approx(PATIENCE + work, abs=0.3)


def test_a_board_that_is_lost_at_a_change_of_speed_is_given_up() -> None:
    """It answers once more, at the old speed, and never again."""
    port = FakePort(FakeBoard())
    link = connected(port)
    write = port.write

    def deafen(data: bytes) -> None:
        write(data)
        port.board.deaf = True

    port.write = deafen  # type: ignore[method-assign]
    with pytest.raises(NoAnswerError, match="was lost between two speeds: press EN"):
        link.set_baud(921600)
    assert port.now < PATIENCE + 6


def test_a_benchmark_is_waited_for_as_long_as_it_has_to_take() -> None:
    """1000 inferences of 300 ms each, after one that told so."""
    asked: list[int] = []

    def answer(request: Frame) -> list[tuple[float, bytes]]:
        if request.kind == HELLO:
            return [(0.1, frame(HELLO | ANSWER, FakeBoard()._hello(HELLO, b""), request.sequence))]
        (count,) = struct.unpack("<H", request.payload)
        asked.append(count)
        body = struct.pack("<HHIIQ", count, 240, 72_000_000, 72_000_000, 72_000_000 * count)
        return [(0.3 * count, frame(BENCH | ANSWER, body, request.sequence))]

    port = TimedPort(answer=answer)
    link = BoardLink(port, 1, port.clock, tell=lambda line: None)
    link.connect()
    assert link.bench(1000).count == 1000
    assert asked == [1, 1000]
    assert port.now == pytest.approx(300.4, abs=0.1)


# --- a bad line ---


@settings(max_examples=300, deadline=None)
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
    assert port.now < 4 * (PATIENCE + 1.5)
    # The damages are used up, or the line falls still: the next one succeeds.
    port.to_board.damages.clear()
    port.to_host.damages.clear()
    assert link.connect().board == "fake"


@settings(max_examples=200, deadline=None)
@given(st.lists(DAMAGE, max_size=2), st.lists(DAMAGE, max_size=2), st.integers(0, 2**32))
def test_a_few_damages_are_made_good(to_board: list[Damage], to_host: list[Damage], seed: int) -> None:
    port = FakePort(FakeBoard(), to_board, to_host)
    link = connected(port)
    for number in range(3):
        result = link.classify(picture(seed + number))
        assert result.scores == expected_scores(port.board.image, picture(seed + number).tobytes())


@settings(max_examples=100, deadline=None)
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
    assert port.now < PATIENCE + 0.5
