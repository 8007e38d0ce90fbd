"""A fake board behind a pseudo terminal: to pyserial it is a serial port like any other."""

import os
import pty
import select
import termios
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.support.fake_board import FakeBoard


@dataclass
class Terminal:
    """name: of the port. unplug() makes it go away."""

    name: str
    host_side: int
    board_side: int

    def speed(self) -> int:
        """As the host has set it, a constant of termios."""
        return int(termios.tcgetattr(self.host_side)[4])

    def unplug(self) -> None:
        with suppress(OSError):
            os.close(self.board_side)


@contextmanager
def plugged_in(board: FakeBoard, boot_seconds: float = 0.0, chatter: bytes = b"") -> Iterator[Terminal]:
    """`board` at a port of its own; it reads nothing while it boots. chatter: what another program on it
    sends over and over.
    """
    board_side, host_side = pty.openpty()
    tty.setraw(host_side)
    terminal = Terminal(os.ttyname(host_side), host_side, board_side)
    stop = threading.Event()

    def serve() -> None:
        time.sleep(boot_seconds)
        termios.tcflush(host_side, termios.TCOFLUSH)
        with suppress(OSError, ValueError):  # unplugged
            while not stop.is_set():
                while board.line:
                    os.write(board_side, board.line.pop(0)[1])
                if chatter and select.select([], [board_side], [], 0)[1]:
                    os.write(board_side, chatter)
                if select.select([board_side], [], [], 0.01)[0]:
                    board.receive(os.read(board_side, 4096))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield terminal
    finally:
        stop.set()
        thread.join()
        terminal.unplug()
        os.close(host_side)
