"""What display and line show of a model whose file says how it decides."""

from dataclasses import replace

import numpy as np
import pytest

from squeezenet_lib.device.hello import read_hello
from squeezenet_lib.device.protocol import CLASSIFY, HELLO, TAKE, Result, frame, photograph, result
from squeezenet_lib.frame_pixels import FrameFormat
from squeezenet_lib.ranking import UNKNOWN
from squeezenet_lib.sqz.container import read_sqz, write_sqz
from squeezenet_lib.sqz.decision import Decision, Statistic
from squeezenet_lib.sqz.host_runtime import HostRuntime
from tests.support.camera_desk import Desk, camera_desk
from tests.support.host_frame import Frame as CameraFrame
from tests.support.host_screen import Call, screens
from tests.support.one_layer_model import one_layer_model

MODEL = one_layer_model((32, 32, 1), False, softmax=True)
PICTURE = np.random.default_rng(8).integers(0, 256, (1, 32, 32, 1), np.uint8)
(SCORES,) = HostRuntime(MODEL.sqz).run(PICTURE).astype(int).tolist()
BEST = int(np.argmax(SCORES))
OTHER = (BEST + 1) % len(SCORES)
NAMES = ("K\u00e4se", "b", "c", "d", "e")
SHOWN = ("Kase", "b", "c", "d", "e")
UNSURE = Decision(None, 0, Statistic.SCORE, 127)
AT_A_POINT = Decision(OTHER, SCORES[OTHER])


def deciding(decision: Decision | None) -> bytes:
    program = read_sqz(MODEL.sqz)
    header = replace(program.header, decision=decision, class_names=NAMES)
    return write_sqz(replace(program, header=header))[0]


def classify(desk: Desk) -> Result:
    (answer,) = desk.say(frame(CLASSIFY, PICTURE.tobytes()), silent_ms=300).frames
    return result(answer.payload)


@pytest.mark.parametrize(
    ("decision", "answer", "name", "score"),
    [
        (None, BEST, SHOWN[BEST], SCORES[BEST]),
        (AT_A_POINT, OTHER, SHOWN[OTHER], SCORES[OTHER]),
        (UNSURE, UNKNOWN, "unknown", SCORES[BEST]),
    ],
)
def test_line_and_display_have_the_answer_and_the_line_all_scores(
    decision: Decision | None, answer: int, name: str, score: int
) -> None:
    assert SCORES[BEST] < 127
    with camera_desk(deciding(decision), MODEL.golden) as desk:
        found = classify(desk)
        assert (found.class_index, found.scores) == (answer, tuple(SCORES))
        per_mille = (score + 128) * 1000 // 256
        assert desk.display() == screens(Call(b"r", per_mille, found.microseconds, name.encode()))[-1]


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (None, {}),
        (AT_A_POINT, {"class_score": f"{OTHER}:{SCORES[OTHER]}"}),
        (UNSURE, {"unknown": "score<127"}),
        (
            Decision(0, -128, Statistic.MARGIN, 255),
            {"class_score": "0:-128", "unknown": "margin<255"},
        ),
    ],
)
def test_hello_says_how_it_decides(decision: Decision | None, told: dict[str, str]) -> None:
    with camera_desk(deciding(decision), MODEL.golden) as desk:
        (answer,) = desk.say(frame(HELLO)).frames
    hello = read_hello(answer.payload)
    assert {key: hello.fields[key] for key in ("class_score", "unknown") if key in hello.fields} == told
    assert hello.model is not None
    assert hello.model.decision == decision


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (Decision(2, -128), "class=2 name=c scores="),  # which is answered whatever it scores
        (UNSURE, "class=unknown scores="),
        (None, "class="),
    ],
)
def test_what_the_button_brings_is_printed_with_its_answer_and_all_scores(
    decision: Decision | None, words: str
) -> None:
    with camera_desk(deciding(decision), MODEL.golden) as desk:
        desk.see(CameraFrame(bytes(1600), 40, 40, 40, FrameFormat.GREY))
        found = photograph(desk.say(frame(TAKE)).frames[0].payload).result
        text = desk.press()
    assert text.startswith(f"button camera {words}")
    assert (f" scores={','.join(map(str, found.scores))} " in text) == (decision is not None)
