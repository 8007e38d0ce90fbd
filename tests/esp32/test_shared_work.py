"""The application on two cores, here two threads: its answers, and what becomes of a core that dies."""

import functools
import time
from contextlib import AbstractContextManager

import numpy as np
import pytest

from squeezenet_lib.compiler.planner import plan
from squeezenet_lib.device.hello import Hello, read_hello
from squeezenet_lib.device.protocol import ANSWER, BENCH, CLASSIFY, HELLO, Frame, Reason, frame, link_error
from squeezenet_lib.sqz.container import write_sqz
from squeezenet_lib.tflite.reader import read_graph
from tests.support.camera_desk import HAS_SECOND_CORE, SECOND_CORE_STARTS, SILENT_BEFORE, Desk, camera_desk
from tests.support.small_firmware import CLASSES, SmallModel, small_model

WORKS = HAS_SECOND_CORE | SECOND_CORE_STARTS
SILENT = 9  # of vector_numbers.h
ERR_CORE = -9  # of squeeze_rt.h
HEAD_BYTES = 16


@functools.cache
def for_two() -> bytes:
    """The small model, compiled for two cores."""
    program, _ = plan(read_graph(small_model().tflite), CLASSES, False, "9.8.7", cores=2)
    return write_sqz(program, 15)[0]


def desk_with(sqz: bytes, flags: int) -> AbstractContextManager[Desk]:
    return camera_desk(sqz, small_model().golden.read_bytes(), flags)


def hello(desk: Desk) -> Hello:
    (said,) = desk.say(frame(HELLO)).frames
    return read_hello(said.payload)


def asked(desk: Desk, model: SmallModel, picture: int) -> Frame:
    (answer,) = desk.say(frame(CLASSIFY, model.images[picture].tobytes())).frames
    return answer


def scores(answer: Frame) -> list[int]:
    assert answer.kind == CLASSIFY + ANSWER
    return np.frombuffer(answer.payload[HEAD_BYTES:], np.int8).tolist()


def test_both_cores_give_the_scores_of_one() -> None:
    model = small_model()
    with desk_with(for_two(), WORKS) as desk:
        said = hello(desk)
        assert (said.fields["cores"], said.fields["golden"], said.fields["ram"]) == ("2", "pass 1", "ok")
        for picture, expected in enumerate(model.expected):
            assert scores(asked(desk, model, picture)) == expected.tolist()
        (benched,) = desk.say(frame(BENCH, b"\x05\0")).frames
        assert benched.kind == BENCH + ANSWER
        assert desk.record() == (0, 0)
        assert hello(desk).fields["stack_core1"] == "1234"


@pytest.mark.parametrize(
    ("two", "flags", "why"),
    [
        (True, 0, "single-core part"),
        (True, HAS_SECOND_CORE, "the second did not start"),
        (True, WORKS | SILENT_BEFORE, "the second did not answer in an earlier run"),
        (False, WORKS, "the image's model is for one"),
    ],
)
def test_one_core_does_it_all_and_says_why(two: bool, flags: int, why: str) -> None:
    model = small_model()
    with desk_with(for_two() if two else model.sqz.read_bytes(), flags) as desk:
        said = hello(desk)
        assert (said.fields["cores"], said.fields["mode"]) == (f"1: {why}", "serve")
        assert said.fields["golden"] == "pass 1"
        assert scores(asked(desk, model, 0)) == model.expected[0].tolist()


@pytest.mark.parametrize("looks", [0, 3])
def test_a_core_that_dies_is_a_named_error_in_time_and_the_rest_is_done_on_one(looks: int) -> None:
    """It dies before it takes its work, and in the midst of it."""
    model = small_model()
    with desk_with(for_two(), WORKS) as desk:
        assert hello(desk).fields["cores"] == "2"
        desk.kill_second_core(looks)
        start = time.monotonic()
        died = asked(desk, model, 0)
        assert time.monotonic() - start < 10, "two seconds of patience, on a machine with much to do"
        error = link_error(died.payload)
        assert (error.reason, error.detail) == (Reason.FAILED, ERR_CORE)
        assert "the other core does not answer" in error.text
        assert desk.record() == (SILENT, 1)
        assert hello(desk).fields["cores"] == "1: the second does not answer"
        for picture, expected in enumerate(model.expected):
            assert scores(asked(desk, model, picture)) == expected.tolist()
