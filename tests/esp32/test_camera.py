"""From camera to class, by the application on this machine; the reference: images.py and the host runtime."""

import re
from collections.abc import Iterator

import numpy as np
import pytest

from squeezenet_lib.device.emulator import run_elf
from squeezenet_lib.device.hello import read_hello
from squeezenet_lib.device.protocol import (
    ANSWER,
    CLASSIFY,
    ERROR,
    HELLO,
    LOAD,
    REPEAT,
    TAKE,
    Frame,
    Photograph,
    Reason,
    frame,
    link_error,
    photograph,
    result,
    split,
)
from squeezenet_lib.frame_pixels import FrameFormat
from squeezenet_lib.sqz.host_runtime import HostRuntime
from tests.support.camera_desk import HAS_CAMERA, WANTS_CONTINUOUS, WANTS_LIGHT, Desk, camera_desk
from tests.support.host_frame import Frame as CameraFrame
from tests.support.host_frame import by_images, packed
from tests.support.host_screen import Call, screens
from tests.support.one_layer_model import CLASSES, one_layer_model
from tests.support.small_firmware import firmware

TAKEN_US = 50_000  # by the camera of tests/c/host_board.c; each look at its clock takes a bit longer


def camera_frame(kind: FrameFormat, width: int, height: int, seed: int = 1, padding: int = 0) -> CameraFrame:
    """A scene: areas of different brightness under noise, others for each size."""
    random = np.random.default_rng((seed, kind, width))
    shape = (height, width, kind.pixel_bytes)
    down, across = random.permutation(9) * 20, random.permutation(9) * 8
    areas = np.add.outer(down[np.arange(height) * 9 // height], across[np.arange(width) * 9 // width])
    return packed(
        (areas[:, :, np.newaxis] + random.integers(0, 30, shape)).clip(0, 255).astype(np.uint8), kind, padding
    )


MODEL = one_layer_model((32, 32, 1), False)
PICTURE = np.random.default_rng(8).integers(0, 256, (1, 32, 32, 1), np.uint8)  # for CLASSIFY
SCENE = camera_frame(FrameFormat.GREY, 160, 120)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with camera_desk(MODEL.sqz, MODEL.golden) as desk:
        desk.see(SCENE)
        yield desk


def expected(sqz: bytes, seen: CameraFrame) -> tuple[int, ...]:
    """Scores that the picture has by the reference."""
    runtime = HostRuntime(sqz)
    header = runtime.header
    image = by_images(seen, header.shape, header.standardise)
    return tuple(runtime.run(image[np.newaxis])[0].tolist())


def scores_of_picture() -> tuple[int, ...]:
    return tuple(HostRuntime(MODEL.sqz).run(PICTURE)[0].tolist())


def scores_of_scene() -> tuple[int, ...]:
    return expected(MODEL.sqz, SCENE)


def taken(answer: Frame) -> Photograph:
    assert (answer.kind, answer.sequence) == (TAKE + ANSWER, 1)
    return photograph(answer.payload)


def refusal(answer: Frame) -> tuple[Reason, str]:
    assert answer.kind == ERROR
    error = link_error(answer.payload)
    return Reason(error.reason), error.text


# --- a picture on request ---

FRAMES = [
    camera_frame(FrameFormat.GREY, 320, 240),
    camera_frame(FrameFormat.YUV422, 320, 240, padding=64),
    camera_frame(FrameFormat.RGB565, 320, 240),
    camera_frame(FrameFormat.RGB888, 96, 96),
    camera_frame(FrameFormat.RGB888, 640, 480),
    camera_frame(FrameFormat.BGR888, 160, 120, padding=3),
    camera_frame(FrameFormat.RGB565, 20, 31),
    camera_frame(FrameFormat.BGR888, 33, 40),
    camera_frame(FrameFormat.GREY, 4096, 33),
]


@pytest.mark.parametrize("size", [(33, 33), (24, 40), (40, 24)])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("standardise", [False, True])
def test_scores_are_those_of_the_reference_for_every_format_and_size(
    size: tuple[int, int], channels: int, standardise: bool
) -> None:
    model = one_layer_model((*size, channels), standardise)
    wanted = [expected(model.sqz, seen) for seen in FRAMES]
    assert len(set(wanted)) == len(FRAMES), "a network that says one thing proves nothing"
    with camera_desk(model.sqz, model.golden) as desk:
        for seen, scores in zip(FRAMES, wanted, strict=True):
            desk.see(seen)
            (answer,) = desk.say(frame(TAKE)).frames
            assert taken(answer).result.scores == scores, (seen.kind, seen.width, seen.height)


def test_the_answer_tells_the_times_and_is_else_that_of_classify(desk: Desk) -> None:
    (answer,) = desk.say(frame(TAKE)).frames
    found = taken(answer)
    assert TAKEN_US <= found.capture_us < TAKEN_US + 10
    assert found.prepare_us < 10
    image = by_images(SCENE, (32, 32, 1), False)
    (again,) = desk.say(frame(CLASSIFY, image.tobytes())).frames
    assert found.result == result(again.payload)


@pytest.mark.parametrize("softmax", [True, False])
def test_the_display_shows_class_and_times_when_the_line_has_been_silent(softmax: bool) -> None:
    """And how probable the class is, or its score where nobody can say."""
    model = one_layer_model((32, 32, 1), False, softmax)
    with camera_desk(model.sqz, model.golden) as desk:
        desk.see(SCENE)
        (answer,) = desk.say(frame(TAKE), silent_ms=195).frames
        before = desk.display()
        desk.say(silent_ms=10)
        assert desk.display() != before
        shown = desk.display()
    found = taken(answer)
    best, score = found.result.class_index, max(found.result.scores)
    value, unit = ((score + 128) * 1000 // 256, b"") if softmax else (score % 2**32, b"no probability")
    times = (found.prepare_us, found.result.microseconds)
    call = Call(b"p", value, found.capture_us, CLASSES[best].encode(), unit, *times)
    assert shown == screens(call)[-1]


@pytest.mark.parametrize(("softmax", "output"), [(True, "probabilities"), (False, "logits")])
def test_hello_tells_what_the_scores_are(softmax: bool, output: str) -> None:
    model = one_layer_model((32, 32, 1), False, softmax)
    with camera_desk(model.sqz, model.golden) as desk:
        (said,) = desk.say(frame(HELLO)).frames
    assert read_hello(said.payload).fields["output"] == output


def test_a_take_with_a_payload_is_refused(desk: Desk) -> None:
    answers = desk.say(frame(TAKE, b"x"), frame(TAKE)).frames
    assert refusal(answers[0])[0] == Reason.LENGTH
    assert taken(answers[1]).result.scores == scores_of_scene()
    assert desk.pictures() == (1, 0)


def test_a_loaded_model_gets_its_own_input(desk: Desk) -> None:
    """Another size and three channels; its frame is prepared between the arena and the model."""
    sqz = one_layer_model((8, 8, 3)).sqz
    (held,) = desk.say(frame(LOAD, bytes(4) + len(sqz).to_bytes(4, "little") + sqz)).frames
    assert held.kind == LOAD + ANSWER
    (answer,) = desk.say(frame(TAKE)).frames
    assert taken(answer).result.scores == expected(sqz, SCENE)


# --- a camera that gives none ---


def test_a_failing_camera_is_named_on_line_and_display_and_the_rest_goes_on(desk: Desk) -> None:
    desk.fail("no frame for 4 s")
    answers = desk.say(frame(TAKE), frame(CLASSIFY, PICTURE.tobytes(), 2)).frames
    assert refusal(answers[0]) == (Reason.NO_CAMERA, "the camera gives no picture: no frame for 4 s")
    assert result(answers[1].payload).scores == scores_of_picture()
    desk.say(frame(TAKE), silent_ms=250)
    assert desk.display() == screens(Call(b"m", 0, 0, b"no picture", b"no frame for 4 s"))[-1]
    desk.see(SCENE)
    (answer,) = desk.say(frame(TAKE)).frames
    assert taken(answer).result.scores == scores_of_scene()


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (CameraFrame(bytes(100), 20, 20, 20, FrameFormat.GREY), "frame cut short"),
        (CameraFrame(bytes(100), 0, 20, 20, FrameFormat.GREY), "impossible size"),
        (CameraFrame(bytes(5000), 4097, 1, 4097, FrameFormat.GREY), "impossible size"),
        (CameraFrame(bytes(100), 20, 2, 10, FrameFormat.GREY), "stride shorter than a row"),
    ],
)
def test_a_frame_that_is_none_is_refused(desk: Desk, bad: CameraFrame, why: str) -> None:
    desk.see(bad)
    answers = desk.say(frame(TAKE)).frames
    assert refusal(answers[0]) == (Reason.NO_CAMERA, f"the camera gives no picture: {why}")
    desk.see(SCENE)
    (answer,) = desk.say(frame(TAKE)).frames
    assert taken(answer).result.scores == scores_of_scene()


def test_a_frame_is_prepared_in_what_the_model_leaves_of_the_memory() -> None:
    arena, need = HostRuntime(MODEL.sqz).arena_bytes, 4 * 32 + SCENE.height
    for spare, enough in ((need - need % 16, False), (need + -need % 16, True)):
        with camera_desk(MODEL.sqz, MODEL.golden, memory=arena + -arena % 16 + spare) as desk:
            desk.see(SCENE)
            (answer,) = desk.say(frame(TAKE)).frames
            if enough:
                assert taken(answer).result.scores == scores_of_scene()
            else:
                assert refusal(answer)[1].endswith("scratch memory too small or misaligned")


def test_a_board_whose_camera_did_not_answer_at_boot_says_so() -> None:
    with camera_desk(MODEL.sqz, MODEL.golden, flags=0) as desk:
        booted = [Call(b"b", 1, 0, b"clock and flash"), Call(b"b", 0, 0, b"camera")]
        booted += [Call(b"b", 1, 0, step) for step in (b"flash content", b"model", b"RAM", b"self-test")]
        assert desk.display() == screens(*booted)[-1]
        said, repeat = desk.say(frame(HELLO), frame(REPEAT, b"\1")).frames
        assert read_hello(said.payload).fields["camera"] == "none: nothing to see"
        assert refusal(repeat) == (Reason.NO_CAMERA, "the camera gives no picture: nothing to see")
        assert desk.press() == "button: no picture: nothing to see\n"


def test_a_board_without_a_camera_gives_the_same_named_error() -> None:
    """The bare-metal firmware, in QEMU."""
    line = frame(TAKE, b"", 1) + frame(REPEAT, b"\1", 2) + frame(HELLO, b"", 3)
    answers, _ = split(run_elf(firmware("qemu").elf, line, timeout=60).output)
    wanted = (Reason.NO_CAMERA, "the camera gives no picture: this board has none")
    assert [refusal(answer) for answer in answers[:2]] == [wanted] * 2
    assert read_hello(answers[2].payload).fields["camera"] == "none: this board has none"


def test_hello_names_camera_engine_and_memory(desk: Desk) -> None:
    (said,) = desk.say(frame(HELLO)).frames
    fields = read_hello(said.payload).fields
    assert (fields["camera"], fields["engine"], fields["memory_kind"]) == (
        "painted",
        "squeeze_rt",
        "internal",
    )


@pytest.mark.parametrize("channels", [2, 4])
def test_a_model_that_takes_no_pictures_is_run_and_says_so_to_the_camera(channels: int) -> None:
    model = one_layer_model((16, 16, channels))
    pixels = np.random.default_rng(channels).integers(0, 256, (1, 16, 16, channels), np.uint8)
    why = "no grey or colour input of at most 786432 bytes"
    with camera_desk(model.sqz, model.golden) as desk:
        desk.see(SCENE)
        refused, answered = desk.say(frame(TAKE), frame(CLASSIFY, pixels.tobytes(), 2)).frames
        assert refusal(refused) == (Reason.NO_CAMERA, f"the camera gives no picture: {why}")
        assert result(answered.payload).scores == tuple(HostRuntime(model.sqz).run(pixels)[0].tolist())
        assert desk.press() == f"button: no picture: {why}\n"
        assert desk.display() == screens(Call(b"m", 0, 0, b"no picture", why.encode()))[-1]


# --- the button and the light ---


def printed(who: str) -> str:
    scores = scores_of_scene()
    best = scores.index(max(scores))
    return rf"{who} camera class={best} name={CLASSES[best]} capture_us=5000\d prepare_us=\d us=\d\n"


def test_a_press_takes_one_picture(desk: Desk) -> None:
    assert re.fullmatch(printed("button"), desk.press())
    assert re.fullmatch(printed("button"), desk.press())
    assert desk.pictures() == (2, 0)


def test_the_light_shines_while_a_picture_is_taken_and_at_no_other_time() -> None:
    with camera_desk(MODEL.sqz, MODEL.golden, HAS_CAMERA | WANTS_LIGHT) as desk:
        desk.see(SCENE)
        desk.say(frame(TAKE))
        desk.press()
        assert desk.pictures() == (2, 2)


# --- picture after picture ---


def test_picture_after_picture_until_asked_to_end(desk: Desk) -> None:
    (on,) = desk.say(frame(REPEAT, b"\1"), silent_ms=500).frames
    assert (on.kind, on.payload) == (REPEAT + ANSWER, b"")
    several, _ = desk.pictures()
    assert several > 5
    assert re.fullmatch(f"({printed('repeat')}){{4,}}", desk.say(silent_ms=500).text)
    desk.say(frame(REPEAT, b"\0"))
    before = desk.pictures()
    assert desk.say(silent_ms=2000).text == ""
    assert desk.pictures() == before


def test_requests_are_answered_between_the_pictures(desk: Desk) -> None:
    desk.say(frame(REPEAT, b"\1"), silent_ms=600)
    request = frame(CLASSIFY, PICTURE.tobytes())
    half, rest = request[:500], request[500:]
    taken_before = desk.pictures()
    desk.say(half, silent_ms=450)
    assert desk.pictures() == taken_before, "the picture on its way lies where the camera's would"
    (answer,) = desk.say(rest).frames
    assert result(answer.payload).scores == scores_of_picture()
    text = desk.say(silent_ms=600).text
    assert re.match(printed("repeat"), text)


def test_after_a_request_the_line_is_given_time(desk: Desk) -> None:
    """Asking again after damage has to get through, even though the chip reads nothing while it works."""
    desk.say(frame(REPEAT, b"\1"), silent_ms=395)
    assert desk.pictures() == (0, 0)
    desk.say(silent_ms=10)
    assert desk.pictures() != (0, 0)


def test_a_press_ends_it_and_takes_no_picture(desk: Desk) -> None:
    desk.say(frame(REPEAT, b"\1"), silent_ms=600)
    before = desk.pictures()
    assert desk.press() == "button: no more pictures\n"
    assert desk.pictures() == before
    assert desk.say(silent_ms=1000).text == ""
    assert re.fullmatch(printed("button"), desk.press())


def test_a_camera_that_fails_in_between_is_asked_again_after_a_second(desk: Desk) -> None:
    desk.say(frame(REPEAT, b"\1"))
    desk.fail("overheated")
    assert desk.say(silent_ms=2300).text == 2 * "repeat: no picture: overheated\n"
    assert desk.display() == screens(Call(b"m", 0, 0, b"no picture", b"overheated"))[-1]
    desk.see(SCENE)
    assert re.match(printed("repeat"), desk.say(silent_ms=1200).text)


def test_an_image_may_start_that_way() -> None:
    flags = HAS_CAMERA | WANTS_CONTINUOUS
    with camera_desk(MODEL.sqz, MODEL.golden, flags) as desk:
        desk.see(SCENE)
        assert re.match(printed("repeat"), desk.say(silent_ms=450).text)


@pytest.mark.parametrize(("payload", "reason"), [(b"\2", Reason.VALUE), (b"", Reason.LENGTH)])
def test_neither_on_nor_off_is_refused(desk: Desk, payload: bytes, reason: Reason) -> None:
    (answer,) = desk.say(frame(REPEAT, payload), silent_ms=600).frames
    assert refusal(answer)[0] == reason
    assert desk.pictures() == (0, 0)
