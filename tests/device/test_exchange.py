"""How long a request is waited for: one limit for all tries, which work, the line and a start may prolong."""

import itertools
import random
import struct

import pytest

from squeezenet_lib.device.exchange import (
    NO_WORK,
    PATIENCE,
    SELF_TEST_SECONDS,
    Exchange,
    NoAnswerError,
    Work,
)
from squeezenet_lib.device.protocol import ANSWER, ERROR, HELLO, Frame, Reason, frame
from tests.support.timed_port import Coming, TimedPort


def every(seconds: float, *pieces: bytes) -> Coming:
    return ((number * seconds, pieces[number % len(pieces)]) for number in itertools.count())


def exchange(port: TimedPort, told: list[str] | None = None, patience: float = PATIENCE) -> Exchange:
    return Exchange(port, 1, port.clock, patience, (told if told is not None else []).append)


def waited(port: TimedPort, work: Work = NO_WORK, patience: float = PATIENCE) -> tuple[float, str]:
    """Seconds until the board is given up, and the sentence."""
    asking = exchange(port, patience=patience)
    with pytest.raises(NoAnswerError) as given_up:
        asking.ask(HELLO, b"", work)
    return port.now, str(given_up.value)


# --- whatever comes that is no answer ---

LOG = b"I (1234) wifi: sta is connected, disconnect before connecting to new ap\r\n"
CHATTER = {
    "nothing": ((), "it prints nothing"),
    "another program's text": (every(0.2, LOG), "its last line was `I (1234) wifi: sta is connected"),
    "text without an end": (every(0.01, b"tick "), "its last line was `tick tick"),
    "a byte now and then": (every(0.45, b"x"), "its last line was `xx"),
    "zeros": (every(0.01, bytes(100)), "it sends zeros and nothing else"),
    "noise": (every(0.01, random.Random(1).randbytes(999)), "what it sends is no text"),
    "noise between zeros": (every(0.02, b"\0\xff\xfe\x81\0"), "what it sends is no text"),
    "answers to somebody else": (every(0.1, frame(HELLO + ANSWER, b"x=y", 77)), "it prints nothing"),
    "the firmware's start, again and again": (
        every(1.5, *(f"\nboot step={step}\n".encode() for step in ("clock", "flash", "ram"))),
        "it stopped while starting",
    ),
}


@pytest.mark.parametrize("name", CHATTER)
def test_what_is_no_answer_does_not_prolong_the_waiting(name: str) -> None:
    chatter, sentence = CHATTER[name]
    port = TimedPort(chatter)
    seconds, said = waited(port)
    starts = 4.5 if "start" in name else 0.0  # it got on once
    assert PATIENCE <= seconds < PATIENCE + starts + 0.5
    assert f"the board on {port.name} does not answer: {sentence}" in said
    assert said.endswith(f"(asked for {seconds:.0f} s; --timeout sets how long)")


@pytest.mark.parametrize("patience", [0.5, 3.0, 60.0])
def test_the_limit_is_what_was_asked_for(patience: float) -> None:
    assert waited(TimedPort(every(0.2, LOG)), patience=patience)[0] == pytest.approx(patience, abs=0.3)


def test_a_request_is_repeated_within_the_limit() -> None:
    port = TimedPort()
    waited(port)
    assert [round(at) for at in port.asked] == [0, 2, 4, 6, 8]


def test_the_work_of_the_board_is_added_and_the_request_repeated_as_usual() -> None:
    port = TimedPort()
    seconds, said = waited(port, Work("to think", usual=18.0, longest=40.0))
    assert seconds == pytest.approx(PATIENCE + 40, abs=0.1)
    assert [round(at) for at in port.asked] == [0, 20, 40]
    assert "(asked for 50 s; " in said


@pytest.mark.parametrize("after", [0.1, 9.5, 49.0])
def test_an_answer_after_long_work_is_taken_to_whichever_try_it_belongs(after: float) -> None:
    port = TimedPort(answer=lambda asked: [(after, frame(asked.kind + ANSWER, b"done", asked.sequence))])
    assert exchange(port).ask(HELLO, b"", Work("to think", 1.0, 40.0)) == b"done"
    assert port.now == pytest.approx(after, abs=0.01)


# --- a board that gets on ---


def starting(*steps: tuple[float, str]) -> Coming:
    return [(at, f"\nboot step={step}\n".encode()) for at, step in steps]


def answering_from(start: float, background: Coming) -> TimedPort:
    """A board that hears nothing before that second."""

    def answer(asked: Frame) -> list[tuple[float, bytes]]:
        return [(0.1, frame(asked.kind + ANSWER, b"here", asked.sequence))] if port.now >= start else []

    port = TimedPort(background, answer)
    return port


def test_each_step_of_its_start_gives_a_board_its_time_anew() -> None:
    port = answering_from(32, starting((1, "clock"), (9, "flash"), (17, "ram"), (25, "model")))
    assert exchange(port).ask(HELLO, every=1.0) == b"here"


def test_a_self_test_gets_the_time_for_its_pictures_and_that_is_said() -> None:
    told: list[str] = []
    port = answering_from(55, starting((1, "model"), (2, "golden"), (54, "ready")))
    assert exchange(port, told).ask(HELLO, every=1.0) == b"here"
    assert told[-1] == f"the board on {port.name} tests itself, which takes up to a minute"


def test_a_self_test_without_end_and_a_board_that_is_ready_and_mute_are_given_up() -> None:
    seconds, _ = waited(TimedPort(starting((1, "golden"))))
    assert seconds == pytest.approx(SELF_TEST_SECONDS + PATIENCE + 1, abs=2)
    seconds, _ = waited(TimedPort(starting((1, "golden"), (5, "ready"))))
    assert seconds == pytest.approx(PATIENCE + 5, abs=2)


def test_what_was_printed_before_the_request_does_not_matter() -> None:
    """Neither does it shorten what the work may take, nor prolong anything."""
    port = TimedPort(
        starting((0.1, "model"), (0.2, "golden"), (0.3, "ready")),
        lambda asked: [
            (1.0 if asked.sequence == 2 else 55.0, frame(asked.kind + ANSWER, b"", asked.sequence))
        ],
    )
    asking = exchange(port)
    asking.ask(HELLO)
    asking.ask(HELLO, b"", Work("to test itself", 8.0, SELF_TEST_SECONDS))
    begin = port.now
    port.answer = lambda asked: []
    with pytest.raises(NoAnswerError):
        asking.ask(HELLO)
    assert port.now - begin == pytest.approx(PATIENCE, abs=0.1)


def test_a_board_that_starts_while_it_is_asked_gets_its_time() -> None:
    """It was reset; all steps were printed before, at its first start."""
    port = answering_from(
        0, starting((0.1, "model"), (0.2, "ready"), (5, "model"), (14, "golden"), (40, "ready"))
    )
    asking = exchange(port)
    asking.ask(HELLO)
    answer, port.answer = port.answer, lambda asked: []
    port.answer = lambda asked: answer(asked) if port.now > 45 else []
    assert asking.ask(HELLO, every=1.0) == b"here"


# --- a slow line ---


def slowly(data: bytes, baud: int, piece: int = 64) -> list[tuple[float, bytes]]:
    return [(10 * at / baud, data[at : at + piece]) for at in range(0, len(data), piece)]


def test_an_answer_whose_head_has_come_is_waited_for_to_its_end() -> None:
    long = b"class=x\n" * 4000
    port = TimedPort(
        answer=lambda asked: slowly(frame(HELLO + ANSWER, long, asked.sequence), 9600), baud=9600
    )
    assert exchange(port, patience=3.0).ask(HELLO) == long
    assert port.now > 33


@pytest.mark.parametrize("then", [b"", b"\xff" * 64])
def test_a_head_alone_is_no_answer(then: bytes) -> None:
    """Its end got lost: the line falls silent, or something else comes for ever."""

    def answer(asked: Frame) -> list[tuple[float, bytes]]:
        whole = frame(HELLO + ANSWER, b"class=x\n" * 50, asked.sequence)
        return [(0.1, whole[:100]), *((0.1 + 0.1 * n, then) for n in range(1, 300) if then)]

    seconds, _ = waited(TimedPort(answer=answer), patience=4.0)
    assert 4 <= seconds < 8


def test_a_large_request_that_arrives_damaged_is_sent_again_on_a_slow_line() -> None:
    """Its way is 70 s long; the board says each time that what came was damaged."""
    payload, tries = bytes(67_500), itertools.count()

    def answer(asked: Frame) -> list[tuple[float, bytes]]:
        damaged = frame(ERROR, struct.pack("<Bb", Reason.DAMAGED, 0), 0)
        whole = frame(asked.kind + ANSWER, b"seen", asked.sequence)
        return [(71.0, damaged if next(tries) < 4 else whole)]

    port = TimedPort(answer=answer, baud=9600)
    assert exchange(port).ask(2, payload) == b"seen"
    port = TimedPort(answer=lambda asked: [(71.0, frame(ERROR, struct.pack("<Bb", 1, 0), 0))], baud=9600)
    asking = exchange(port)
    with pytest.raises(NoAnswerError):
        asking.ask(2, payload)
    assert port.now < PATIENCE + 6 * 72


# --- what is waited for ---


def test_what_is_waited_for_is_said_after_two_seconds_and_once() -> None:
    told: list[tuple[float, str]] = []
    port = TimedPort(every(0.3, LOG))
    asking = Exchange(port, 1, port.clock, tell=lambda line: told.append((port.now, line)))
    for _ in range(2):
        with pytest.raises(NoAnswerError):
            asking.ask(HELLO)
    ((when, line),) = told
    assert when == pytest.approx(2.0, abs=0.05)
    assert line == f"waiting for the board on {port.name} to answer, up to 10 s (--timeout)"


def test_nothing_is_said_about_an_answer_that_comes_soon() -> None:
    told: list[str] = []
    port = TimedPort(answer=lambda asked: [(1.9, frame(asked.kind + ANSWER, b"", asked.sequence))])
    exchange(port, told).ask(HELLO)
    assert told == []
