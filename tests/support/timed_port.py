"""A port at which bytes come at given times, on a clock that runs only while somebody waits."""

from collections.abc import Callable, Iterable

from squeezenet_lib.device.protocol import Frame, Splitter

Coming = Iterable[tuple[float, bytes]]


class TimedPort:
    """background: what comes whatever is asked, (seconds, bytes) in order. answer: what comes because of a
    request, (seconds after it, bytes).
    """

    name = "the timed port"

    def __init__(
        self,
        background: Coming = (),
        answer: Callable[[Frame], list[tuple[float, bytes]]] = lambda asked: [],
        baud: int = 115200,
    ) -> None:
        self.now, self.baud, self.answer = 0.0, baud, answer
        self.asked: list[float] = []  # when
        self._background = iter(background)
        self._next = next(self._background, None)
        self._answers: list[tuple[float, bytes]] = []
        self._splitter = Splitter()

    def clock(self) -> float:
        return self.now

    def write(self, data: bytes) -> None:
        self.asked.append(self.now)
        for asked in self._splitter.feed(data):
            if isinstance(asked, Frame):
                self._answers += [(self.now + after, come) for after, come in self.answer(asked)]
                self._answers.sort(key=lambda coming: coming[0])

    def read(self, timeout: float) -> bytes:
        assert timeout > 0
        until = self.now + timeout
        first_answer = self._answers[0][0] if self._answers else until
        if self._next and self._next[0] <= min(until, first_answer):
            at, data = self._next
            self._next = next(self._background, None)
        elif first_answer < until:
            at, data = self._answers.pop(0)
        else:
            at, data = until, b""
        self.now = max(self.now, at)
        return data

    def set_baud(self, baud: int) -> None:
        self.baud = baud

    def close(self) -> None:
        pass
