"""MLPerf Tiny's runner and the firmware: its lines, and the expressions with which it reads the answers.

From mlcommons/tiny, benchmark/runner: device_under_test.py and serial_device.py.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.device.emulated_board import EmulatedBoard
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.tflite.reference import predict_reference
from tests.support.one_layer_model import one_layer_model
from tests.support.small_firmware import emulated_firmware, firmware, small_model

LINE_BYTES = 31  # of data in one `db` command, as the runner cuts it


class Runner:
    """serial_device.SerialDevice over any port."""

    def __init__(self, board: EmulatedBoard) -> None:
        self.board = board
        self.heard = b""

    def send_command(self, command: str) -> list[str]:
        """The lines of the answer."""
        self.board.write(f"{command}%".encode())
        lines: list[str] = []
        while not lines or "m-ready" not in lines[-1]:
            while b"\n" not in self.heard:
                data = self.board.read(10)
                assert data, f"no response to {command}"
                self.heard += data
            line, _, self.heard = self.heard.partition(b"\n")
            lines.append(line.decode().strip("\r\0"))
        return lines

    def load(self, data: bytes) -> list[str]:
        answer = self.send_command(f"db load {len(data)}")
        for at in range(0, len(data), LINE_BYTES):
            answer = self.send_command(f"db {data[at : at + LINE_BYTES].hex()}")
        return answer


@pytest.fixture
def board() -> Iterator[EmulatedBoard]:
    board = EmulatedBoard(firmware("qemu").elf)
    BoardLink(board).connect()
    yield board
    board.close()


def only(expression: str, lines: list[str]) -> str:
    """What the expression's group catches in the one line that matches."""
    (found,) = [match for line in lines if (match := re.match(expression, line))]
    return found[found.re.groups]


def test_name_profile_and_time(board: EmulatedBoard) -> None:
    runner = Runner(board)
    assert only(r"^m-(name)-dut-\[([^]]+)]$", runner.send_command("name")) == "squeezenet-esp32"
    profile = runner.send_command("profile")
    assert only(r"^m-(profile)-\[([^]]+)]$", profile).startswith("ULPMark for tinyML")
    assert only(r"^m-(model)-\[([^]]+)]$", profile) == "squeezenet"
    first, second = (int(only(r"^m-lap-us-([0-9]+)$", runner.send_command("timestamp"))) for _ in range(2))
    assert second > first


def test_a_picture_is_loaded_and_inferred_and_its_scores_come_back(board: EmulatedBoard) -> None:
    runner = Runner(board)
    for picture, expected in zip(small_model().images[:3], small_model().expected, strict=False):
        assert runner.load(picture.tobytes()) == ["m-load-done", "m-ready"]
        answer = runner.send_command("infer 4 1")
        laps = [int(found[1]) for line in answer if (found := re.match(r"^m-lap-us-([0-9]+)$", line))]
        assert len(laps) == 2
        assert laps[1] > laps[0]
        for lines in (answer, runner.send_command("results")):
            scores = only(r"^m-results-\[([^\]]+)\]$", lines).split(",")
            assert [float(score) for score in scores] == [(int(score) + 128) / 256 for score in expected]


def test_logits_are_no_probabilities_and_come_back_as_they_are(tmp_path: Path) -> None:
    """Of a model whose pictures are not square, either."""
    shape = (24, 40, 3)
    model = one_layer_model(shape)
    picture = np.random.default_rng(3).integers(0, 256, shape, np.uint8)
    board = EmulatedBoard(emulated_firmware(tmp_path, model.sqz, model.golden))
    with closing(board):
        told = BoardLink(board).connect().model
        assert told is not None and (told.shape, told.probabilities) == (shape, False)
        runner = Runner(board)
        runner.load(picture.tobytes())
        scores = only(r"^m-results-\[([^\]]+)\]$", runner.send_command("infer 1 0")).split(",")
    (expected,) = predict_reference(model.tflite, picture[np.newaxis])
    assert [float(score) for score in scores] == expected.tolist()
    assert min(expected) < 0


def test_the_frames_of_the_link_are_answered_in_between(board: EmulatedBoard) -> None:
    runner, link = Runner(board), BoardLink(board)
    picture, expected = small_model().images[1], small_model().expected[1]
    runner.load(picture.tobytes())
    link.hello()
    assert link.classify(small_model().images[2]).scores == tuple(small_model().expected[2])
    scores = only(r"^m-results-\[([^\]]+)\]$", runner.send_command("infer 1 0")).split(",")
    assert [float(score) for score in scores] == [(int(score) + 128) / 256 for score in expected]


@pytest.mark.parametrize(
    "command", ["infer 1 0", "db 00", "db load 7", "infer 0 0", "db zz", "start", "infer x"]
)
def test_what_cannot_be_done_is_an_error_and_the_board_is_ready(board: EmulatedBoard, command: str) -> None:
    error, ready = Runner(board).send_command(command)
    assert re.match(r"^e-\[.+\]$", error)
    assert ready == "m-ready"
