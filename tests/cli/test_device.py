"""The command device: what people read, exit statuses, one sentence for each failure."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.cli import device_commands
from squeezenet_lib.cli.command_line import main
from squeezenet_lib.device import serial_port
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.images import load_picture
from squeezenet_lib.paths import ROOT
from squeezenet_lib.tflite.reference import predict_reference
from tests.support.fake_board import CLASSES as FAKE_CLASSES
from tests.support.fake_board import FakeBoard, expected_scores
from tests.support.fake_board import picture as fake_picture
from tests.support.other_model import OTHER_CLASSES, flipped_byte, other_format, other_model, too_large_arena
from tests.support.pty_board import plugged_in
from tests.support.simulated_device import simulate
from tests.support.small_firmware import CLASSES, firmware, small_model

Read = Callable[[], tuple[str, str]]


@pytest.fixture
def read(capsys: pytest.CaptureFixture[str]) -> Read:
    """What has been printed since the last time: stdout, and stderr without what a slow machine waits for."""

    def printed() -> tuple[str, str]:
        captured = capsys.readouterr()
        lines = captured.err.splitlines(keepends=True)
        return captured.out, "".join(line for line in lines if not line.startswith("waiting for "))

    return printed


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    pixels = np.random.default_rng(5).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


# --- info, golden, bench ---


def test_info_tells_all_that_the_board_knows(read: Read) -> None:
    assert simulate("info") == 0
    lines = dict(re.split(r"  +", line, maxsplit=1) for line in read()[0].splitlines())
    assert lines["board"] == "qemu"
    assert lines["model bytes"] == str(small_model().sqz.stat().st_size)
    assert (lines["golden"], lines["class 0"], lines["class 1"]) == ("pass 1", *CLASSES)


def test_info_as_json(read: Read) -> None:
    assert simulate("info", "--json") == 0
    said = json.loads(read()[0])
    assert (said["board"], said["class_names"], said["advice"]) == ("qemu", list(CLASSES), [])


def test_golden_pictures(read: Read) -> None:
    assert simulate("golden") == 0
    assert read()[0] == "passed: 1 pictures gave their known scores\n"


def test_bench(read: Read) -> None:
    assert simulate("bench", "3") == 0
    assert re.fullmatch(r"3 inferences: ([\d,]+ instructions [a-z ]+(, )?){3}\n", read()[0])
    assert simulate("bench", "3", "--json") == 0
    said = json.loads(read()[0])
    assert said["count"] == 3
    assert said["least"] <= said["mean"] <= said["most"]


@pytest.mark.parametrize("count", ["0", "1001", "many"])
def test_a_benchmark_of_an_impossible_length(count: str, read: Read) -> None:
    with pytest.raises(SystemExit, match="2"):
        simulate("bench", count)
    assert "argument N" in read()[1]


# --- classify ---


def test_classes_and_probabilities_likeliest_first(picture: Path, read: Read) -> None:
    assert simulate("classify", picture) == 0
    (printed, _) = read()
    found = re.findall(r"(?:: |, )([a-z ]+) (\d\.\d{3})", printed)
    image = load_picture(picture, (32, 32, 1), standardise=False)
    (scores,) = predict_reference(small_model().tflite, image[np.newaxis])
    assert dict(found) == {
        name: f"{(int(score) + 128) / 256:.3f}" for name, score in zip(CLASSES, scores, strict=True)
    }
    assert float(found[0][1]) >= float(found[1][1])
    assert re.search(r" \([\d,]+ instructions\)$", printed)


def test_a_damaged_picture_fails_and_the_others_are_still_classified(
    picture: Path, tmp_path: Path, read: Read
) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(picture.read_bytes()[:60])
    assert simulate("classify", damaged, picture, "--json") == 1
    out, err = read()
    assert err.startswith("error: ")
    assert str(damaged) in err
    (one,) = json.loads(out)
    assert one["picture"] == str(picture)
    assert sum(one["probabilities"].values()) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("output", ["logits", "probabilities", None])
def test_scores_are_probabilities_where_the_board_says_so(
    output: str | None, picture: Path, read: Read
) -> None:
    """An older board says nothing, and meant them. This one's pictures are not square."""
    board = FakeBoard()
    board.output = output
    with plugged_in(board) as terminal:
        assert at_port(terminal.name, "classify", picture) == 0
        (said, _) = read()
        assert at_port(terminal.name, "classify", picture, "--json") == 0
        (document,) = json.loads(read()[0])
    image = load_picture(picture, (board.height, board.width, 1), standardise=False)
    scores = dict(zip(FAKE_CLASSES, expected_scores(board.image, image.tobytes()), strict=True))
    highest_first = sorted(scores, key=lambda name: -scores[name])
    if output == "logits":
        assert said.startswith(
            f"{picture}: " + ", ".join(f"{name} score {scores[name]}" for name in highest_first)
        )
        assert document["scores"] == scores and "probabilities" not in document
    else:
        probabilities = {name: (score + 128) / 256 for name, score in scores.items()}
        assert said.startswith(
            f"{picture}: " + ", ".join(f"{name} {probabilities[name]:.3f}" for name in highest_first)
        )
        assert document["probabilities"] == probabilities and "scores" not in document


@pytest.mark.parametrize("channels", [2, 4])
def test_a_model_that_takes_no_pictures_is_named_before_any_is_opened(
    channels: int, picture: Path, read: Read
) -> None:
    board = FakeBoard()
    board.channels = channels
    board.scenes = [fake_picture(3).tobytes()]
    sentence = (
        f"error: the model's input has {channels} channels, and a picture has 1 (grey) or 3 (colour): "
        "classify arrays with the command `run`\n"
    )
    with plugged_in(board) as terminal:
        for command in (("classify", picture, "none.png"), ("take",), ("watch",), ("repeat", "on")):
            assert at_port(terminal.name, *command) == 1
            assert read() == ("", sentence)
        assert at_port(terminal.name, "repeat", "off") == 0
    assert board.scenes and not board.repeating


# --- load ---


def test_load_tells_which_model_answers(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "other.sqz"
    path.write_bytes(other_model())
    assert simulate("load", path) == 0
    arena = firmware("qemu").sizes["arena_bytes"]
    assert read()[0] == (
        f"{path} answers until the next reset: {len(other_model()):,} bytes, arena {arena:,} bytes, "
        f"32x32x1, classes {', '.join(OTHER_CLASSES)}\n"
    )


@pytest.mark.parametrize(
    ("bad", "name"),
    [(other_format, "REFUSED, status -3"), (flipped_byte, "REFUSED, status -4"), (too_large_arena, "MEMORY")],
)
def test_a_model_that_is_refused(tmp_path: Path, read: Read, bad: Callable[[], bytes], name: str) -> None:
    path = tmp_path / "bad.sqz"
    path.write_bytes(bad())
    assert simulate("load", path) == 1
    (line,) = read()[1].splitlines()
    assert line.startswith(f"error: the board refuses ({name}): ")


def test_a_model_that_does_not_exist(tmp_path: Path, read: Read) -> None:
    assert simulate("load", tmp_path / "none.sqz") == 1
    assert "none.sqz does not exist or is no file" in read()[1]


# --- a board at a port ---


def test_info_ends_with_what_to_do(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    hello = FakeBoard._hello
    slow = b"flash_freq=20\nflash_dummy=1\nflash_timing=other: the standard one misread\n"
    monkeypatch.setattr(FakeBoard, "_hello", lambda board, *asked: hello(board, *asked) + slow)
    with plugged_in(FakeBoard()) as terminal:
        assert at_port(terminal.name, "info") == 0
        assert re.match(r"advice +The flash misreads .* \(20 MHz, 1 ", read()[0].splitlines()[-1])
        assert at_port(terminal.name, "info", "--json") == 0
        (sentence,) = json.loads(read()[0])["advice"]
        assert sentence.startswith("The flash misreads ")


def at_port(name: str, *arguments: str | Path) -> int:
    return main(["device", *map(str, arguments), "--port", name, "--baud", "115200"])


def test_a_picture_on_a_board_at_a_port(tmp_path: Path, read: Read) -> None:
    """The speed changes in between; time is given in milliseconds."""
    pixels = np.random.default_rng(1).integers(0, 256, (4, 4), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    board = FakeBoard(height=4, width=4)
    with plugged_in(board) as terminal:
        assert at_port(terminal.name, "classify", tmp_path / "picture.png", "--fast-baud", "460800") == 0
    printed, errors = read()
    assert errors == ""
    scores = expected_scores(board.image, pixels.tobytes())
    assert f"{FAKE_CLASSES[scores.index(max(scores))]} {(max(scores) + 128) / 256:.3f}" in printed
    assert printed.endswith("(0.7 ms)\n")
    assert board.baud == 115200


def test_the_only_usb_port_and_the_speed_of_params_are_taken(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    monkeypatch.chdir(tmp_path)

    class Opened(serial_port.SerialPort):
        def __init__(self, name: str, baud: int) -> None:
            opened.append(baud)
            super().__init__(name, baud)

    params = ROOT / "params.yaml"
    Path("params.yaml").write_text(params.read_text().replace("baud_rate: 115200", "baud_rate: 230400"))
    monkeypatch.setattr(device_commands, "SerialPort", Opened)
    with plugged_in(FakeBoard()) as terminal:
        monkeypatch.setattr(device_commands, "find_port", lambda: terminal.name)
        assert main(["device", "info"]) == 0
    assert opened == [230400]
    assert "board" in read()[0]


def test_no_port(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial_port.list_ports, "comports", list)
    assert main(["device", "info"]) == 1
    out, err = read()
    assert out == ""
    assert err.startswith("error: no USB serial port was found")
    assert len(err.splitlines()) == 1


def test_a_board_without_firmware_says_why_at_once(read: Read) -> None:
    board = FakeBoard()
    board.deaf = True
    board.print("rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT)\r\nwaiting for download\r\n")
    with plugged_in(board, boot_seconds=0.3) as terminal:
        assert at_port(terminal.name, "info") == 1
        assert read()[1].startswith(
            f"error: the board on {terminal.name} does not answer: the chip waits for"
        )


def test_the_emulated_board_has_no_camera(read: Read) -> None:
    assert simulate("take") == 1
    assert "(NO_CAMERA): the camera gives no picture: this board has none" in read()[1]


def test_a_crashed_board_is_asked_for_info_only(picture: Path, read: Read) -> None:
    board = FakeBoard()
    board.safe = True
    with plugged_in(board) as terminal:
        assert at_port(terminal.name, "info") == 0
        assert re.search(r"^crash +StackOverflow$", read()[0], re.MULTILINE)
        assert at_port(terminal.name, "classify", picture) == 1
        assert "no model to run (it crashed: StackOverflow): press EN (reset)" in read()[1]
        assert at_port(terminal.name, "golden") == 1
        assert "(SAFE)" in read()[1]


def test_port_and_simulate_exclude_each_other(read: Read) -> None:
    with pytest.raises(SystemExit, match="2"):
        simulate("info", "--port", "/dev/ttyUSB0")
    assert "not allowed with" in read()[1]


def test_ctrl_c(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(link: BoardLink, count: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(BoardLink, "bench", interrupt)
    assert simulate("bench", "1000") == 130
    assert read() == ("", "interrupted\n")
