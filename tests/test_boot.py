"""What the application finds when it starts, on this machine: the model has to fit into the memory."""

import pytest

from squeezenet_lib.board_report import hello
from squeezenet_lib.container import read_header
from squeezenet_lib.serial_protocol import BENCH, HELLO, Reason, frame, link_error
from tests.camera_desk import camera_desk
from tests.square_model import square_model

MODEL = square_model(32, 1, False)
ARENA = read_header(MODEL.sqz).arena_bytes


@pytest.mark.parametrize("missing", [16, ARENA // 2])
def test_a_model_larger_than_the_memory_is_refused_and_never_runs(missing: int) -> None:
    """A module can have less memory than the build counted on; AddressSanitizer watches its end."""
    with camera_desk(MODEL.sqz, MODEL.golden, memory=ARENA - missing) as desk:
        said, benched = desk.say(frame(HELLO), frame(BENCH, b"\x01\0")).frames
        report = hello(said.payload)
        assert report.model is None
        assert report.fields["model"] == "refused: arena too small"
        assert report.fields["golden"].startswith("fail")
        assert link_error(benched.payload).reason == Reason.NO_MODEL


def test_a_model_that_just_fits_answers() -> None:
    with camera_desk(MODEL.sqz, MODEL.golden, memory=ARENA) as desk:
        (said,) = desk.say(frame(HELLO)).frames
        assert hello(said.payload).fields["golden"].startswith("pass")
