"""Serial ports by pyserial: a board at a pseudo terminal, and ports that cannot be had."""

import errno
import termios
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import serial

from squeezenet_lib.device import serial_port
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.device.serial_port import SerialPort, find_port, public_name, usb_bridge
from squeezenet_lib.errors import UserError
from tests.support.fake_board import FakeBoard, expected_scores, model_file, picture
from tests.support.pty_board import plugged_in


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


def test_a_port_behind_which_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit holds for all that is written, not for each part of it."""
    monkeypatch.setattr(serial_port, "_WRITE_SECONDS", 0.3)
    with plugged_in(FakeBoard(), boot_seconds=2.0) as terminal:
        port = SerialPort(terminal.name, 921600)
        begin = time.monotonic()
        with pytest.raises(UserError, match=rf"{terminal.name} takes no more bytes, what is behind"):
            port.write(bytes(100_000))
        assert time.monotonic() - begin < 1.9
        port.close()


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


def test_a_reset_pulls_en_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """RTS is EN's line, DTR GPIO0's: with both the chip would go on, with DTR alone wait for a download."""
    lines: list[tuple[bool, bool]] = []
    monkeypatch.setattr(serial_port, "_RESET_SECONDS", 0)
    with plugged_in(FakeBoard()) as terminal:
        port = SerialPort(terminal.name, 115200)
        for update in ("_update_rts_state", "_update_dtr_state"):
            monkeypatch.setattr(
                serial.Serial, update, lambda port: lines.append((port._rts_state, port._dtr_state))
            )
        assert port.reset()
        port.close()
    assert lines == [(True, False), (True, False), (False, False), (False, False)]


def test_a_port_without_the_reset_line_says_so() -> None:
    with plugged_in(FakeBoard()) as terminal:
        port = SerialPort(terminal.name, 115200)
        assert not port.reset()
        port.close()


def test_a_reset_of_a_board_that_is_unplugged(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(port: serial.Serial) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with plugged_in(FakeBoard()) as terminal:
        port = SerialPort(terminal.name, 115200)
        monkeypatch.setattr(serial.Serial, "_update_rts_state", gone)
        with pytest.raises(UserError, match=rf"connection to {terminal.name} broke"):
            port.reset()
        port.close()


# --- which port ---


@dataclass
class Listed:
    device: str
    description: str = "n/a"
    vid: int | None = None
    pid: int | None = None
    product: str | None = None


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


def test_the_usb_bridge_of_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    named = Listed("/dev/ttyUSB2", "CP2102N - CP2102N", 0x10C4, 0xEA60, "CP2102N")
    ports(monkeypatch, BUILT_IN, OTHER, named)
    assert usb_bridge("/dev/ttyUSB2") == "10c4:ea60 CP2102N"
    assert usb_bridge("/dev/ttyACM0") == "0d28:0000"
    assert usb_bridge("/dev/ttyS0") is None
    assert usb_bridge("/dev/ttyUSB9") is None


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("/dev/ttyUSB0", "/dev/ttyUSB0"),
        ("COM3", "COM3"),
        ("/home/somebody/board", "board"),
        ("rfc2217://somebody.example:4000", "rfc2217://..."),
    ],
)
def test_a_name_for_everybody_tells_of_nobody(name: str, public: str) -> None:
    assert public_name(name) == public


def test_a_link_s_target_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """udev's names carry the serial number of the bridge."""
    monkeypatch.setattr(Path, "resolve", lambda path: Path("/dev/ttyUSB2"))
    ports(monkeypatch, Listed("/dev/ttyUSB2", "n/a", 0x10C4, 0xEA60))
    link = "/dev/serial/by-id/usb-Silicon_Labs_CP2102_0001-if00-port0"
    assert public_name(link) == "/dev/ttyUSB2"
    assert usb_bridge(link) == "10c4:ea60"
