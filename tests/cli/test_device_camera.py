"""The commands of `device` about a board's camera."""

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.cli.command_line import main
from squeezenet_lib.cli.device_camera import preview
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.device.protocol import Photograph
from squeezenet_lib.images import decode
from tests.support.fake_board import CLASSES as FAKE_CLASSES
from tests.support.fake_board import FakeBoard, expected_scores
from tests.support.fake_board import picture as fake_picture
from tests.support.pty_board import plugged_in
from tests.support.simulated_device import simulate

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


# --- pictures to train on ---


def pictures(folder: Path, count: int) -> list[Path]:
    """Of the size of the emulated camera."""
    folder.mkdir()
    paths = [folder / f"{number}.png" for number in range(count)]
    for path in paths:
        pixels = np.random.default_rng(len(path.name) + count).integers(0, 256, (240, 320), np.uint8)
        Image.fromarray(np.roll(pixels, int(path.stem))).save(path)
    return paths


def test_the_emulated_camera_sees_a_folder_and_collects_it(tmp_path: Path, read: Read) -> None:
    """The small model is grey. In a terminal that is none, paths are printed."""
    sources = pictures(tmp_path / "seen", 3)
    wished = ("collect", "--class", "a cat", "--count", "3", tmp_path / "pictures")
    assert simulate(*wished, "--camera", tmp_path / "seen") == 0
    taken = [tmp_path / "pictures" / "a cat" / f"000{number}.png" for number in (1, 2, 3)]
    said = [*map(str, taken), f"3 pictures of a cat taken into {taken[0].parent}"]
    assert read()[0].splitlines() == said
    for source, path in zip(sources, taken, strict=True):
        assert np.array_equal(decode(path), decode(source))
    assert simulate(*wished, "--camera", tmp_path / "seen") == 0
    assert read()[0] == f"0 pictures of a cat taken into {taken[0].parent}\n"


def test_a_folder_without_pictures_is_nothing_to_see(tmp_path: Path, read: Read) -> None:
    assert simulate("collect", "--class", "cat", tmp_path, "--camera", tmp_path) == 1
    assert f"{tmp_path} has no pictures for the camera" in read()[1]


def test_what_the_emulated_camera_sees_is_no_other_s(tmp_path: Path, read: Read) -> None:
    assert at_port("/dev/null", "take", "--camera", tmp_path) == 1
    assert read()[1].startswith("error: --camera is what the emulated board sees: name --simulate")


def test_the_speed_is_raised_for_collecting_and_set_back(tmp_path: Path, read: Read) -> None:
    board = FakeBoard()
    board.frames = [(4, 5, 0, bytes(range(20)))]
    with plugged_in(board) as terminal:
        assert at_port(terminal.name, "collect", "--class", "cat", "--count", "1", tmp_path) == 0
    assert board.speeds == [921600, 115200]
    assert decode(tmp_path / "cat" / "0001.png").tobytes() == bytes(range(20))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_paths_and_progress_do_not_share_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal, where a bar stands at the end of what was printed."""
    board, terminal = FakeBoard(), Terminal()
    board.frames = [(4, 5, 0, bytes(range(20)))] * 2
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setattr("sys.stderr", terminal)
    with plugged_in(board) as port:
        assert at_port(port.name, "collect", "--class", "cat", "--count", "2", tmp_path) == 0
    shown = [line.split("\r")[-1] for line in terminal.getvalue().split("\n")]
    assert [line for line in shown if ".png" in line] == [str(tmp_path / f"cat/000{n}.png") for n in (1, 2)]
    assert "2/2" in terminal.getvalue()


def test_a_button_that_is_waited_for_is_named(tmp_path: Path, read: Read) -> None:
    board = FakeBoard()
    board.frames, board.presses = [(4, 5, 0, bytes(range(20)))], 1
    with plugged_in(board) as terminal:
        assert at_port(terminal.name, "collect", "--class", "cat", "--count", "1", "--button", tmp_path) == 0
    assert read()[1].startswith("the board's button takes a picture; Ctrl-C ends\n")


def test_every_and_button_exclude_each_other(tmp_path: Path, read: Read) -> None:
    with pytest.raises(SystemExit, match="2"):
        simulate("collect", "--class", "cat", "--every", "0.5s", "--button", tmp_path)
    assert "not allowed with" in read()[1]


def test_the_camera_is_set_and_the_lines_that_keep_it_so_are_printed(read: Read) -> None:
    board = FakeBoard()
    with plugged_in(board) as terminal:
        assert at_port(terminal.name, "camera", "--rotate", "180", "--exposure", "300") == 0
        lines = ["flip: false", "mirror: false", "rotate: 180", "warmup_frames: 5", "exposure: 300"]
        wanted = "pio:\n  camera:\n" + "".join(f"    {line}\n" for line in [*lines, "white_balance: auto"])
        assert read()[0] == wanted
        assert board.camera == bytes([3, 5, 44, 1, 0])
        assert at_port(terminal.name, "camera") == 0
        assert read()[0] == wanted
        assert at_port(terminal.name, "camera", "--flip", "on", "--exposure", "auto") == 0
        assert "mirror: true\n    rotate: 0\n" in read()[0]


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("--exposure", "bright", "'bright'; it has to be auto or a whole number from 0 to 1200"),
        ("--exposure", "1201", "1201; it has to be auto or a whole number from 0 to 1200"),
        ("--warmup-frames", "51", "51; it has to be a whole number from 0 to 50"),
        ("--warmup-frames", "-1", "'-1'; it has to be a whole number from 0 to 50"),
        ("--rotate", "45", "45; it has to be one of 0, 90, 180, 270"),
    ],
)
def test_what_the_camera_may_do_is_what_params_say(option: str, value: str, allowed: str, read: Read) -> None:
    board = FakeBoard()
    before = board.camera
    with plugged_in(board) as terminal:
        assert at_port(terminal.name, "camera", f"{option}={value}") == 1
    assert read()[1] == f"error: {option} is {allowed}.\n"
    assert board.camera == before


def test_a_preview_has_the_picture_s_colours() -> None:
    """Red above, blue below, in lines of two halves each."""
    pixels = np.zeros((96, 96, 3), np.uint8)
    pixels[:48, :, 0], pixels[48:, :, 2] = 200, 100
    lines = preview(pixels).split("\n")
    assert len(lines) == 24
    assert lines[0] == 48 * "\x1b[38;2;200;0;0;48;2;200;0;0m\u2580" + "\x1b[0m"
    assert lines[-1] == 48 * "\x1b[38;2;0;0;100;48;2;0;0;100m\u2580" + "\x1b[0m"
    assert "38;2;7;7;7" in preview(np.full((240, 320, 1), 7, np.uint8))


def test_the_board_goes_on_alone_and_stops(read: Read) -> None:
    board = FakeBoard()
    with plugged_in(board) as terminal:
        assert at_port(terminal.name, "repeat", "on") == 0
        assert board.repeating
        assert at_port(terminal.name, "repeat", "off") == 0
        assert not board.repeating
