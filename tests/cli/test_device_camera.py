"""The commands of `device` about a board's camera."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from squeezenet_lib.cli.command_line import main
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.device.protocol import Photograph
from tests.support.fake_board import CLASSES as FAKE_CLASSES
from tests.support.fake_board import FakeBoard, expected_scores
from tests.support.fake_board import picture as fake_picture
from tests.support.pty_board import plugged_in

Read = Callable[[], tuple[str, str]]


@pytest.fixture
def read(capsys: pytest.CaptureFixture[str]) -> Read:
    """What has been printed since the last time: stdout, and stderr without what a slow machine waits for."""

    def printed() -> tuple[str, str]:
        captured = capsys.readouterr()
        lines = captured.err.splitlines(keepends=True)
        return captured.out, "".join(line for line in lines if not line.startswith("waiting for "))

    return printed


def at_port(name: str, *arguments: str | Path) -> int:
    return main(["device", *map(str, arguments), "--port", name, "--baud", "115200"])


TAKEN = r"(.+ \d\.\d{3}, ){2}.+ \d\.\d{3} \(camera 312\.4 ms, preparation 5\.1 ms, inference 0\.7 ms\)"


def test_a_picture_of_the_board_s_camera(read: Read) -> None:
    board = FakeBoard()
    scene = fake_picture(3).tobytes()
    board.scenes = [scene, scene]
    scores = expected_scores(board.image, scene)
    best = FAKE_CLASSES[scores.index(max(scores))]
    with plugged_in(board) as terminal:
        assert at_port(terminal.name, "take") == 0
        printed = read()[0]
        assert re.fullmatch(TAKEN + "\n", printed)
        assert printed.startswith(f"{best} {(max(scores) + 128) / 256:.3f}, ")
        assert at_port(terminal.name, "take", "--json") == 0
        said = json.loads(read()[0])
        assert next(iter(said["probabilities"])) == best
        assert (said["capture_us"], said["prepare_us"], said["microseconds"]) == (312_449, 5_120, 700)
        assert at_port(terminal.name, "take") == 1
        assert read()[1].startswith("error: the board refuses (NO_CAMERA): ")


def watched(board: FakeBoard, monkeypatch: pytest.MonkeyPatch, *options: str) -> None:
    """`device watch` until the board has no more to see, then Ctrl-C."""
    take = BoardLink.take

    def take_or_interrupt(link: BoardLink) -> Photograph:
        if not board.scenes:
            raise KeyboardInterrupt
        return take(link)

    monkeypatch.setattr(BoardLink, "take", take_or_interrupt)
    with plugged_in(board) as terminal:
        assert at_port(terminal.name, "watch", *options) == 0


def test_watching_prints_a_line_a_picture_until_ctrl_c(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    board = FakeBoard()
    board.scenes = [fake_picture(seed).tobytes() for seed in range(3)]
    watched(board, monkeypatch)
    assert re.fullmatch(f"({TAKEN}\n){{3}}", read()[0])


@pytest.mark.parametrize("decides", [True, False])
def test_watching_in_json_prints_an_event_a_picture(
    decides: bool, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A board with a rule for "unknown" decides by it; one without, for the highest score."""
    board = FakeBoard()
    scenes = [fake_picture(seed).tobytes() for seed in range(8)]
    board.scenes = list(scenes)
    scores = [expected_scores(board.image, scene) for scene in scenes]
    sure = sorted(max(found) for found in scores)[4]
    if decides:
        board.decision = (f"unknown=score<{sure}",)
        classify = FakeBoard._classify

        def decided(fake: FakeBoard, kind: int, payload: bytes) -> bytes | tuple[int, int]:
            best = max(expected_scores(fake.image, payload))
            fake.answer = None if best >= sure else 0xFFFF
            return classify(fake, kind, payload)

        monkeypatch.setattr(FakeBoard, "_classify", decided)
    before = datetime.now(UTC)
    watched(board, monkeypatch, "--json")
    after = datetime.now(UTC)
    lines = read()[0].splitlines()
    assert len(lines) == len(scenes)
    times = []
    for line, found in zip(lines, scores, strict=True):
        event = json.loads(line)
        times.append(datetime.fromisoformat(event.pop("time")))
        best = FAKE_CLASSES[found.index(max(found))]
        assert event == {
            "class": best,
            "score": (max(found) + 128) / 256,
            "decision": None if decides and max(found) < sure else best,
            "milliseconds": (312_449 + 5_120 + 700) / 1000,
        }
    assert before - timedelta(milliseconds=1) <= times[0] and times == sorted(times) and times[-1] <= after


def test_watching_ends_when_the_camera_fails(read: Read) -> None:
    with plugged_in(FakeBoard()) as terminal:
        assert at_port(terminal.name, "watch") == 1
    assert "(NO_CAMERA)" in read()[1]


def test_the_board_goes_on_alone_and_stops(read: Read) -> None:
    board = FakeBoard()
    with plugged_in(board) as terminal:
        assert at_port(terminal.name, "repeat", "on") == 0
        assert board.repeating
        assert at_port(terminal.name, "repeat", "off") == 0
        assert not board.repeating
