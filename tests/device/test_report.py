"""`device report`: a file for an issue, whatever the board does; from it one sees what."""

import re
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from squeezenet_lib.cli.command_line import main
from squeezenet_lib.device import report
from squeezenet_lib.device.serial_port import SerialPort
from squeezenet_lib.version import version
from tests.support.fake_board import CLASSES, FakeBoard
from tests.support.pty_board import Terminal, plugged_in
from tests.support.simulated_device import simulate
from tests.support.small_firmware import ROOT

ROM = (
    "ets Jun  8 2016 00:22:57\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
    "configsip: 0, SPIWP:0xee\r\nload:0x3fff0018,len:4\r\nentry 0x40080000\r\n"
)
SOON = ("--timeout", "1")
BOOT = "\nboot step=clock\nboot step=flash\nboot step=golden\nboot step=ready\nreset=power-on\n"
PANIC = "\npanic cause=29 name=StoreProhibited epc=0x40080123\nregisters a0=0x80081234 a1=0x3ffe0000\n"


class Board(FakeBoard):
    """prints: what it says after each reset. hello: lines that its answer has, too."""

    def __init__(self, *prints: str | bytes, hello: str = "", deaf: bool = False) -> None:
        super().__init__()
        self.prints, self.hello, self.deaf = prints, hello.encode(), deaf

    def reset(self) -> None:
        super().reset()
        for said in self.prints:
            self.put(said.encode() if isinstance(said, str) else said)

    def _hello(self, kind: int, payload: bytes) -> bytes:
        return super()._hello(kind, payload) + self.hello


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where the command runs; nobody waits long."""
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    for name, seconds in {"FIRST": 2.0, "SILENCE": 0.8, "LISTEN": 3.0}.items():
        monkeypatch.setattr(report, f"_{name}_SECONDS", seconds)
    return tmp_path


@contextmanager
def on_desk(board: FakeBoard, restart: Callable[[Terminal], None] | None = None) -> Iterator[Terminal]:
    """`board` at a port whose reset line works, as that of a pseudo terminal does not."""
    with plugged_in(board) as terminal, pytest.MonkeyPatch.context() as patch:

        def reset(port: SerialPort) -> bool:
            if restart:
                restart(terminal)
            else:
                board.reset()
            return True

        patch.setattr(SerialPort, "reset", reset)
        yield terminal


def written(board: FakeBoard, *arguments: str) -> dict[str, str]:
    """What is in the file, by heading."""
    with on_desk(board) as terminal:
        assert main(["device", "report", *SOON, "--port", terminal.name, *arguments]) == 0
    return sections(Path("board-report.txt"))


def sections(path: Path) -> dict[str, str]:
    head, *parts = path.read_text().split("\n## ")
    assert "attach it to an issue" in head
    return {title: body.strip("\n") for title, _, body in (part.partition("\n") for part in parts)}


PRINTED = "What it printed after a reset, at 115200 bits in a second"
MEANS, ANSWERED = "What that means", "What it answered"


def test_a_healthy_board(capsys: pytest.CaptureFixture[str], work: Path) -> None:
    (work / "build/firmware").mkdir(parents=True)
    (work / "build/firmware/firmware.bin").write_bytes(b"")
    (work / "metrics").mkdir()
    (work / "metrics/pio_build.json").write_text('{"image_sha256": "0123abcd"}')
    said = written(Board(ROM + BOOT))
    built = said["What was built"].splitlines()
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert built[:3] == [
        f"version: {version()}",
        f"build/firmware/firmware.bin: SHA-256 {empty}",
        "metrics/pio_build.json: SHA-256 0123abcd",
    ]
    assert {"pio.env: esp32", "pio.flash_freq: 40m", "pio.baud_rate: 115200"} <= set(built)
    assert re.search(r"^esptool: \d+\.\d+\.\d+$", said["With what"], re.MULTILINE)
    assert "usb: unknown" in said["With what"]
    assert said[PRINTED].startswith(
        "    ets Jun  8 2016 00:22:57\n    \n    rst:0x1 (POWERON_RESET),boot:0x13"
    )
    assert said[PRINTED].endswith("    boot step=ready\n    reset=power-on")
    assert said[MEANS] == "nothing that is known to be wrong"
    assert f"class 1      {CLASSES[1]}" in said[ANSWERED]
    out, err = capsys.readouterr()
    assert out == "written: board-report.txt\n"
    assert err == "listening: on a board without automatic reset press EN now\n"


def test_what_is_to_be_done_stands_below_the_answer() -> None:
    said = written(Board(hello="protection=secure-boot\n"))
    assert re.search(r"^advice       The chip's eFuses turn on secure-boot: ", said[ANSWERED], re.MULTILINE)


def test_a_silent_board(capsys: pytest.CaptureFixture[str]) -> None:
    said = written(Board(deaf=True))
    assert said[PRINTED] == "    (nothing)"
    assert re.match(r"the board on /dev/pts/\d+ does not answer: it prints nothing; check", said[MEANS])
    assert said[ANSWERED] == "nothing"
    assert said[MEANS] in capsys.readouterr().err


def test_garbage() -> None:
    said = written(Board(b"\x80\xfe" * 30 + b"ok\\\x07\t\n", deaf=True))
    assert said[PRINTED] == "    " + r"\x80\xfe" * 30 + "ok\\" + r"\x07" + "\t"
    assert "what it sends is no text: name the firmware's speed with --baud" in said[MEANS]


LOOP = "rst:0x10 (RTCWDT_RTC_RESET),boot:0x33 (SPI_FAST_FLASH_BOOT)\r\ninvalid header: 0xffffffff\r\n"


class Babbling:
    """A port whose board starts again and again."""

    name, baud = "the babbling port", 115200

    def read(self, timeout: float) -> bytes:
        time.sleep(0.02)
        return LOOP.encode()

    def write(self, data: bytes) -> None:
        raise AssertionError("a board without firmware was asked")

    def set_baud(self, baud: int) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_boot_loop_is_not_listened_to_for_ever(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report.report(Babbling(), work / "report.txt") == 0
    said = sections(work / "report.txt")
    assert said[PRINTED].endswith("(the line did not fall silent)")
    trouble, *others = said[MEANS].splitlines()
    assert trouble.startswith("the board on the babbling port does not answer: its flash holds no firmware")
    assert any("a watchdog restarted the chip (`rst:0x10 (RTCWDT_RTC_RESET)`)" in other for other in others)
    assert any("GPIO12 was high at reset" in other for other in others)
    assert re.search(r"^the chip started \d+ times within seconds", others[-1])
    assert trouble in capsys.readouterr().err


def test_a_panic() -> None:
    said = written(Board(ROM + "\nboot step=clock\n" + PANIC, deaf=True))
    assert "does not answer: it crashed (panic cause=29 name=StoreProhibited" in said[MEANS]
    assert "registers a0=0x80081234" in said[PRINTED]


def test_a_panic_that_the_board_survived() -> None:
    board = Board(ROM + PANIC + ROM.replace("0x1 (POWERON_RESET)", "0xc (SW_CPU_RESET)") + BOOT)
    board.safe = True
    said = written(board)
    assert said[MEANS].startswith("the firmware crashed (`panic cause=29 name=StoreProhibited`)")
    assert re.search("^crash +StackOverflow$", said[ANSWERED], re.MULTILINE)


def test_the_rom_and_the_firmware_at_their_own_speeds() -> None:
    board = FakeBoard()

    def restart(terminal: Terminal) -> None:
        at_rom_speed = terminal.speed() == termios.B115200
        board.print(ROM if at_rom_speed else "\x01\x02")
        board.print("\x03\x04" if at_rom_speed else BOOT)

    with on_desk(board, restart) as terminal:
        assert main(["device", "report", *SOON, "--port", terminal.name, "--baud", "230400"]) == 0
        assert terminal.speed() == termios.B230400
    said = sections(Path("board-report.txt"))
    first = said[PRINTED + ", the speed of the chip's ROM; the firmware's follows"]
    second = said[PRINTED.replace("115200", "230400")]
    assert "entry 0x40080000" in first and first.endswith(r"\x03\x04")
    assert second.startswith(r"    \x01\x02") and second.endswith("reset=power-on")
    assert said[MEANS] == "nothing that is known to be wrong"


def test_a_port_that_cannot_be_opened(capsys: pytest.CaptureFixture[str]) -> None:
    Path("board-report.txt").write_text("earlier")
    assert main(["device", "report", "--port", "/dev/ttyNONE"]) == 1
    assert "error: the serial port /dev/ttyNONE cannot be opened: it does not" in capsys.readouterr().err
    assert Path("board-report.txt").read_text() == "earlier"


def test_a_port_without_a_reset_line() -> None:
    board = FakeBoard()
    with plugged_in(board) as terminal:
        assert main(["device", "report", *SOON, "--port", terminal.name]) == 0
    said = sections(Path("board-report.txt"))
    assert said[PRINTED] == "    (nothing)\n(the port cannot reset the board)"
    assert "board        fake" in said[ANSWERED]


def test_a_board_that_is_unplugged_meanwhile() -> None:
    board = FakeBoard()

    def restart(terminal: Terminal) -> None:
        terminal.unplug()

    with on_desk(board, restart) as terminal:
        assert main(["device", "report", *SOON, "--port", terminal.name]) == 0
    said = sections(Path("board-report.txt"))
    assert re.match(rf"the connection to {terminal.name} broke", said[MEANS])


def test_a_long_transcript_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_MOST_BYTES", 9)
    assert written(Board(BOOT))[PRINTED] == f"    boot ste\n({len(BOOT) - 9} more bytes are left out)"


def test_whose_computer_it_is_stays_unknown(work: Path) -> None:
    folder = work / "somebody"
    folder.mkdir()
    with on_desk(Board(deaf=True)) as terminal:
        (folder / "port").symlink_to(terminal.name)
        output = folder / "report.txt"
        assert main(["device", "report", *SOON, "--port", str(folder / "port"), "--output", str(output)]) == 0
    text = output.read_text()
    assert "port: port\n" in text and "the board on port does not answer" in text
    assert "somebody" not in text
    assert str(work) not in text


def test_without_params_and_build_it_says_so(monkeypatch: pytest.MonkeyPatch, work: Path) -> None:
    (work / "params.yaml").unlink()
    built = written(Board(), "--baud", "115200")["What was built"]
    assert "build/firmware/firmware.bin: not there\nmetrics/pio_build.json: none\nparams.yaml cannot" in built


@pytest.mark.parametrize("taken", [".", "params.yaml/report.txt"])
def test_a_place_where_no_file_can_be(taken: str, capsys: pytest.CaptureFixture[str]) -> None:
    with on_desk(Board()) as terminal:
        assert main(["device", "report", *SOON, "--port", terminal.name, "--output", taken]) == 1
    assert re.search(rf"error: {re.escape(taken)} .* file with --output", capsys.readouterr().err)
    assert Path("params.yaml").is_file()


def test_ctrl_c_writes_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(port: SerialPort, timeout: float) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(SerialPort, "read", interrupt)
    with on_desk(Board()) as terminal:
        assert main(["device", "report", *SOON, "--port", terminal.name]) == 130
    assert capsys.readouterr().err.endswith("interrupted\n")
    assert not Path("board-report.txt").exists()


def test_the_emulated_board(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_FIRST_SECONDS", "_SILENCE_SECONDS", "_LISTEN_SECONDS"):
        monkeypatch.setattr(report, name, 20.0 if name == "_LISTEN_SECONDS" else 5.0)
    assert simulate("report") == 0
    said = sections(Path("board-report.txt"))
    assert "port: the emulator" in said["With what"]
    assert "    boot step=ready" in said[PRINTED]
    assert "board          qemu" in said[ANSWERED]
