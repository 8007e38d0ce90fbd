"""What the application finds when it starts, on this machine: its memory, and a flash to be read right."""

import pytest

from squeezenet_lib.device.hello import read_hello
from squeezenet_lib.device.protocol import BENCH, HELLO, Reason, frame, link_error
from squeezenet_lib.sqz.container import read_header
from tests.support.camera_desk import camera_desk
from tests.support.one_layer_model import one_layer_model

MODEL = one_layer_model((32, 32, 1), False)
ARENA = read_header(MODEL.sqz).arena_bytes


@pytest.mark.parametrize("missing", [16, ARENA // 2])
def test_a_model_larger_than_the_memory_is_refused_and_never_runs(missing: int) -> None:
    """A module can have less memory than the build counted on; AddressSanitizer watches its end."""
    with camera_desk(MODEL.sqz, MODEL.golden, memory=ARENA - missing) as desk:
        said, benched = desk.say(frame(HELLO), frame(BENCH, b"\x01\0")).frames
        report = read_hello(said.payload)
        assert report.model is None
        assert report.fields["model"] == "refused: arena too small"
        assert report.fields["golden"].startswith("fail")
        assert link_error(benched.payload).reason == Reason.NO_MODEL


def test_a_model_that_just_fits_answers() -> None:
    with camera_desk(MODEL.sqz, MODEL.golden, memory=ARENA) as desk:
        (said,) = desk.say(frame(HELLO)).frames
        assert read_hello(said.payload).fields["golden"].startswith("pass")


@pytest.mark.parametrize(("right", "settings"), [(0, 3), (1, 3), (2, 3), (3, 3)])
def test_a_flash_that_misreads_is_read_in_another_way(right: int, settings: int) -> None:
    with camera_desk(MODEL.sqz, MODEL.golden, flash=(right, settings)) as desk:
        (said,) = desk.say(frame(HELLO)).frames
        fields = read_hello(said.payload).fields
        assert (fields["flash_model"], fields["flash_golden"]) == ("ok", "ok")
        assert desk.flash()[0] == right, "it stays with the first that reads right"


@pytest.mark.parametrize("settings", [0, 3])
def test_a_flash_that_never_reads_right_is_corrupt_and_read_as_at_first(settings: int) -> None:
    with camera_desk(MODEL.sqz, MODEL.golden, flash=(9, settings)) as desk:
        (said,) = desk.say(frame(HELLO)).frames
        fields = read_hello(said.payload).fields
        assert (fields["flash_model"], fields["flash_golden"]) == ("corrupt", "corrupt")
        setting, reads = desk.flash()
        assert setting == 0
        assert reads <= settings + 3, "each is tried once"
