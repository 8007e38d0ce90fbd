"""No command of `device` waits for ever for a board that is mute, and none hides what it waits for."""

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.cli.command_line import main
from squeezenet_lib.cli.device import COMMANDS
from squeezenet_lib.device import report
from squeezenet_lib.device.exchange import PATIENCE
from tests.support.fake_board import FakeBoard, model_file
from tests.support.pty_board import plugged_in

LOG = b"I (1234) wifi: sta is connected, disconnect before connecting to new ap\r\n"
TIMEOUT = 1.0
SLOW_MACHINE = 4.0


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What each command is called with, in a folder where its files are."""
    monkeypatch.chdir(tmp_path)
    for name in ("FIRST", "SILENCE", "LISTEN"):
        monkeypatch.setattr(report, f"_{name}_SECONDS", 0.2)
    Image.fromarray(np.zeros((4, 4), np.uint8)).save("picture.png")
    Path("model.sqz").write_bytes(model_file())
    return {
        "classify": ["picture.png"],
        "repeat": ["on"],
        "load": ["model.sqz"],
        "bench": ["1000"],
        "collect": ["--class", "cat", "pictures"],
    }


def seconds(command: str, port: str, *arguments: str, timeout: float = TIMEOUT) -> float:
    begin = time.monotonic()
    status = main(
        ["device", command, "--port", port, "--baud", "115200", "--timeout", str(timeout), *arguments]
    )
    assert status == (0 if command == "report" else 1)
    return time.monotonic() - begin


@pytest.mark.parametrize(
    "chatter", [b"", LOG, bytes(64), b"\xff\x00\x81" * 20], ids=["mute", "text", "zeros", "noise"]
)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_port_without_our_board_is_given_up(
    command: str, chatter: bytes, arguments: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    board = FakeBoard()
    board.deaf = True
    with plugged_in(board, chatter=chatter) as terminal:
        assert seconds(command, terminal.name, *arguments.get(command, [])) < TIMEOUT + SLOW_MACHINE
    assert f"the board on {terminal.name} does not answer: " in capsys.readouterr().err


def test_what_it_waits_for_is_said_after_two_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    board = FakeBoard()
    board.deaf = True
    with plugged_in(board) as terminal:
        assert seconds("info", terminal.name, "--json", timeout=3.0) < 3 + SLOW_MACHINE
    out, err = capsys.readouterr()
    assert out == ""
    assert f"waiting for the board on {terminal.name} to answer, up to 3 s (--timeout)\n" in err
    assert err.count("waiting for the board") == 1


@pytest.mark.parametrize("wrong", ["0", "-1", "soon", "nan", "inf", "86400"])
def test_a_time_that_is_none(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["device", "info", f"--timeout={wrong}"])
    assert f"argument --timeout: {wrong} is " in capsys.readouterr().err


def test_without_the_option_it_is_about_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    assert PATIENCE == 10
    with pytest.raises(SystemExit, match="0"):
        main(["device", "info", "--help"])
    assert "(10)" in " ".join(capsys.readouterr().out.split())
