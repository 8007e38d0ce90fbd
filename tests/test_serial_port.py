"""Serial ports by pyserial: a board at a pseudo terminal, and ports that cannot be had."""

import errno
import termios
from dataclasses import dataclass

import pytest
import serial

from squeezenet_lib import serial_port
from squeezenet_lib.board_link import BoardLink
from squeezenet_lib.errors import UserError
from squeezenet_lib.serial_port import SerialPort, find_port
from tests.fake_board import FakeBoard, expected_scores, model_file, picture
from tests.pty_board import plugged_in


def test_a_conversation_with_another_speed_in_between() -> None:
    board = FakeBoard()
    board.print("rst:0x1 (POWERON_RESET)\r\nboot step=ready\r\n")
    with plugged_in(board, boot_seconds=0.3) as terminal:
        link = BoardLink(SerialPort(terminal.name, 115200))
        assert link.connect().board == "fake"
        assert "boot step=ready" in link.text
        assert terminal.speed() == termios.B115200
        assert link.set_baud(921600)
        assert terminal.speed() == termios.B921600
        new = model_file(seed=2)
        link.load(new)
        for number in range(3):
            assert link.classify(picture(number)).scores == expected_scores(new, picture(number).tobytes())
        link.close()
        assert board.baud == 115200


def test_reading_waits_no_longer_than_asked() -> None:
    with plugged_in(FakeBoard()) as terminal:
        port = SerialPort(terminal.name, 115200)
        assert port.read(0.0) == b""
        port.close()


def test_a_board_that_is_unplugged() -> None:
    with plugged_in(FakeBoard()) as terminal:
        link = BoardLink(SerialPort(terminal.name, 115200))
        link.connect()
        terminal.unplug()
        with pytest.raises(
            UserError, match=rf"connection to {terminal.name} broke .*: plug the board in again"
        ):
            link.hello()


def test_a_port_that_another_program_uses() -> None:
    with plugged_in(FakeBoard()) as terminal:
        port = SerialPort(terminal.name, 115200)
        with pytest.raises(UserError, match="cannot be opened: another program uses it"):
            SerialPort(terminal.name, 115200)
        port.close()


def test_a_port_that_does_not_exist() -> None:
    with pytest.raises(
        UserError, match="/dev/ttyNONE cannot be opened: it does not exist: plug the board in"
    ):
        SerialPort("/dev/ttyNONE", 115200)


def test_a_port_that_belongs_to_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(port: serial.Serial) -> None:
        raise serial.SerialException(errno.EACCES, "could not open port")

    monkeypatch.setattr(serial.Serial, "open", refuse)
    with pytest.raises(UserError, match=r"sudo usermod -aG dialout \$USER"):
        SerialPort("/dev/ttyUSB0", 115200)


def test_the_lines_that_reset_a_board_are_released_before_the_port_is_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    states = []
    monkeypatch.setattr(
        serial.Serial, "open", lambda port: states.append((port.dtr, port.rts, port.exclusive))
    )
    SerialPort("/dev/ttyUSB0", 115200)
    assert states == [(False, False, True)]


# --- which port ---


@dataclass
class Listed:
    device: str
    description: str = "n/a"
    vid: int | None = None


BUILT_IN = Listed("/dev/ttyS0")
BOARD = Listed("/dev/ttyUSB1", "CP2102 USB to UART Bridge", 0x10C4)
OTHER = Listed("/dev/ttyACM0", "Debug Probe", 0x0D28)


def ports(monkeypatch: pytest.MonkeyPatch, *listed: Listed) -> None:
    monkeypatch.setattr(serial_port.list_ports, "comports", lambda: list(listed))


def test_the_only_usb_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    ports(monkeypatch, BUILT_IN, BOARD)
    assert find_port() == "/dev/ttyUSB1"


def test_several_usb_ports_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    ports(monkeypatch, BOARD, BUILT_IN, OTHER)
    listed = r"/dev/ttyACM0 \(Debug Probe\), /dev/ttyUSB1 \(CP2102 USB to UART Bridge\)"
    with pytest.raises(UserError, match=f"{listed}: name the board's with --port"):
        find_port()


def test_without_a_usb_port_the_others_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    ports(monkeypatch, BUILT_IN)
    with pytest.raises(UserError, match=r"only /dev/ttyS0, which may be named with --port: .* driver"):
        find_port()
    ports(monkeypatch)
    with pytest.raises(
        UserError, match="no USB serial port was found, no other one either: plug the board in"
    ):
        find_port()
