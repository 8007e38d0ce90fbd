"""Lines to the fake board that lose, flip, repeat and add bytes, and the port at their end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from hypothesis import strategies as st

from squeezenet_lib.device.link import BoardLink
from tests.support.fake_board import FakeBoard

Kind = Literal["drop", "flip", "repeat", "insert", "cut"]


@dataclass
class Damage:
    """At `gap` bytes after the one before. amount: of bytes; flip: the bits; cut: all up to a pause."""

    gap: int
    kind: Kind
    amount: int


@dataclass
class Line:
    """One direction: what becomes of the bytes sent through it."""

    damages: list[Damage] = field(default_factory=list)
    sent: int = 0

    def carry(self, data: bytes) -> bytes:
        out = bytearray()
        dropping = 0
        for byte in data:
            self.sent += 1
            if dropping:
                dropping -= 1
                continue
            out.append(byte)
            if self.damages and self.sent > self.damages[0].gap:
                damage = self.damages.pop(0)
                self.sent = 0
                match damage.kind:
                    case "flip":
                        out[-1] ^= damage.amount
                    case "drop":
                        dropping = damage.amount
                    case "repeat":
                        out += out[-damage.amount :]
                    case "insert":
                        out += np.random.default_rng(damage.amount).bytes(damage.amount)
                    case "cut":
                        break
        return bytes(out)


class FakePort:
    """The port protocol over two lines to a fake board; time passes only while somebody waits."""

    name = "the fake port"

    def __init__(
        self,
        board: FakeBoard,
        to_board: Sequence[Damage] = (),
        to_host: Sequence[Damage] = (),
        baud: int = 115200,
    ) -> None:
        self.board, self.baud, self.now = board, baud, 0.0
        self.to_board, self.to_host = Line(list(to_board)), Line(list(to_host))
        self.reads = 0
        self.closed = False

    def clock(self) -> float:
        return self.now

    def write(self, data: bytes) -> None:
        arrived = self.to_board.carry(data)
        self.board.receive(arrived if self._understood(self.board.baud) else garbled(arrived))

    def read(self, timeout: float) -> bytes:
        self.reads += 1
        assert self.reads < 5000, "it never ends"
        if not self.board.line:
            step = min(timeout, 0.25)
            self.now += step
            self.board.silence(step)
            return b""
        self.now += 0.001
        baud, answer = self.board.line.pop(0)
        return self.to_host.carry(answer) if self._understood(baud) else garbled(answer)

    def set_baud(self, baud: int) -> None:
        self.baud = baud

    def close(self) -> None:
        self.closed = True

    def _understood(self, baud: int) -> bool:
        return self.baud == baud and baud not in self.board.deaf_at


def garbled(data: bytes) -> bytes:
    """As heard at another speed."""
    return bytes(byte | 0x81 for byte in data[::2])


DAMAGE = st.builds(
    Damage,
    st.integers(0, 150),
    st.sampled_from(["drop", "flip", "repeat", "insert", "cut"]),
    st.integers(1, 40),
)


def connected(port: FakePort) -> BoardLink:
    link = BoardLink(port, 1, port.clock)
    link.connect()
    return link
