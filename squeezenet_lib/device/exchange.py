"""A request to a board and its answer: asked again where the line fails, all tries within one limit.

The limit is the seconds that the board may be silent without cause (`patience`, --timeout) and, beside them,
what the request's way over the line and the board's own work may take. It holds for all tries together,
whatever else comes meanwhile: another program's text or noise does not prolong it. A board that gets on does:
one that says which step of its start it takes, or that a request arrived damaged.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from squeezenet_lib.device import protocol
from squeezenet_lib.device.messages import (
    SELF_TEST,
    boot_steps,
    explain_refusal,
    explain_silence,
    no_answer,
    without_firmware,
)
from squeezenet_lib.device.protocol import ANSWER, ERROR, VERSION, Frame, LinkError, Reason, Splitter, frame
from squeezenet_lib.errors import UserError
from squeezenet_lib.processes import SAID_AFTER, say

PATIENCE = 10.0  # seconds; a board that was reset when its port was opened answers after one or two
ANSWER_SECONDS = 2.0  # after which an answer that takes no work is lost
SELF_TEST_SECONDS = 60.0  # that its pictures may take, at the start or when asked
# After word of a damaged frame: it may be about an earlier one, and the answer be about to come.
_PAUSE_SECONDS = 0.25
_DAMAGED_TRIES = 5  # whose way and work are added to the limit
_BOOT_STEPS = 12  # more than there are: a board that starts again and again does not get on
# An answer whose head has come is waited for while the line brings the rest.
_SILENCE_SECONDS = 0.5
_LONGEST_ANSWER = 1 << 17  # bytes
_BITS_PER_BYTE = 10  # start and stop bit
_TEXT_KEPT = 20_000


class Port(Protocol):
    """A line to a board. read: what has come, b"" after `timeout` seconds of silence."""

    @property
    def name(self) -> str: ...
    @property
    def baud(self) -> int: ...
    def read(self, timeout: float) -> bytes: ...
    def write(self, data: bytes) -> None: ...
    def set_baud(self, baud: int) -> None: ...
    def close(self) -> None: ...


class NoAnswerError(UserError):
    """The board stayed silent, or nothing whole came through."""


class RefusedError(UserError):
    """The board understood the request and did not do it; `error` says why."""

    def __init__(self, error: LinkError) -> None:
        super().__init__(explain_refusal(error))
        self.error = error


@dataclass(frozen=True)
class Work:
    """What a board does before it answers, such as "to classify a picture", and the seconds that it takes.

    usual: after these, and those that any answer may take, the request is sent again. longest: these do not
    count as silence.
    """

    words: str
    usual: float = 0.0
    longest: float = 0.0


NO_WORK = Work("to answer")


class _Start:
    """A board's start while it is asked, of which it prints the steps. end: until when it is waited for."""

    def __init__(self, text: str) -> None:
        self._before = len(boot_steps(text))
        self._steps: list[str] = []
        self.end = 0.0

    def gets_on(self, text: str) -> bool:
        """Whether `text` tells of a step that was not taken before, in a start that began anew or not."""
        before, self._steps = self._steps, boot_steps(text)[self._before :]
        return len(before) < _BOOT_STEPS and not set(self._steps) <= set(before)

    @property
    def tests_itself(self) -> bool:
        return self._steps[-1] == SELF_TEST


class Exchange:
    """Requests over an open port, one at a time.

    first_sequence: by default random, so that a late answer to an earlier program's request is none to ours.
    patience: in seconds. tell: gets a line about each thing that is waited for longer than SAID_AFTER
    seconds, once.
    """

    def __init__(
        self,
        port: Port,
        first_sequence: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
        tell: Callable[[str], None] = say,
    ) -> None:
        self.port, self.patience = port, patience
        self._clock, self._tell = clock, tell
        self._sequence = random.randint(1, 0xFFFF) if first_sequence is None else first_sequence
        self._splitter = Splitter()
        self._text = ""
        self._heard: set[bool] = set()  # of the bytes that came, whether they were zeros alone
        self._damaged = False
        self._told: set[str] = set()

    @property
    def text(self) -> str:
        """The text that came between answers, the latest of it: the boot report, last words."""
        return self._text + self._splitter.rest

    def ask(
        self,
        kind: int,
        payload: bytes = b"",
        work: Work = NO_WORK,
        every: float = ANSWER_SECONDS,
        within: float | None = None,
    ) -> bytes:
        """The payload of the answer to a request, which is sent anew after damage and after `every` seconds.

        within: seconds that hold instead of the patience. Raises NoAnswerError and RefusedError.
        """
        self._sequence = self._sequence % 0xFFFF + 1  # 0 is for errors about nobody's request
        request = frame(kind, payload, self._sequence)
        on_line = _BITS_PER_BYTE * len(request) / self.port.baud
        begin = self._clock()
        end = begin + (self.patience if within is None else within) + work.longest + on_line
        notice = (
            f"waiting for the board on {self.port.name} {work.words}, up to {end - begin:.0f} s (--timeout)"
        )
        start, damaged = _Start(self.text), 0
        while self._clock() < max(end, start.end):
            self.port.write(request)
            until = min(self._clock() + every + work.usual + on_line, max(end, start.end))
            answer = self._wait(kind | ANSWER, until, begin + SAID_AFTER, notice)
            if answer is not None:
                return answer
            if hopeless := without_firmware(self.text):
                raise NoAnswerError(no_answer(self.port.name, hopeless))
            if self._damaged and damaged < _DAMAGED_TRIES:
                damaged += 1
                end += work.longest + on_line
            if within is None and start.gets_on(self.text):
                start.end = self._clock() + self.patience
                if start.tests_itself:
                    start.end += SELF_TEST_SECONDS
                    self._tell_once(f"the board on {self.port.name} tests itself, which takes up to a minute")
        why = no_answer(self.port.name, explain_silence(self.text, only_zeros=self._heard == {True}))
        raise NoAnswerError(f"{why} (asked for {self._clock() - begin:.0f} s; --timeout sets how long)")

    def _wait(self, kind: int, until: float, notice_at: float, notice: str) -> bytes | None:
        """The payload of the answer; None when it is time to ask again."""
        self._damaged = False
        whole_by = None
        while (left := until - (now := self._clock())) > 0:
            if notice not in self._told:
                if now >= notice_at:
                    self._tell_once(notice)
                else:
                    left = min(left, notice_at - now)
            data = self.port.read(left)
            for item in self._take(data):
                if self._is_answer(item, kind):
                    return item.payload
                if item.kind == ERROR and item.sequence in (0, self._sequence):
                    error = protocol.link_error(item.payload)
                    if error.reason not in (Reason.DAMAGED, Reason.TIMEOUT):
                        raise RefusedError(error)
                    self._damaged = True
                    until = self._clock() + _PAUSE_SECONDS
            if data and (length := self._under_way(kind)):
                now = self._clock()
                whole_by = whole_by or now + 1 + 2 * _BITS_PER_BYTE * length / self.port.baud
                until = max(until, min(now + _SILENCE_SECONDS, whole_by))
        return None

    def _take(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes; text is kept."""
        if data:
            self._heard.add(not data.strip(b"\0"))
        frames = []
        for item in self._splitter.feed(data):
            if isinstance(item, str):
                self._text = (self._text + item)[-_TEXT_KEPT:]
            else:
                frames.append(item)
        return frames

    def _is_answer(self, item: Frame, kind: int) -> bool:
        if item.version != VERSION:
            raise UserError(
                f"the board on {self.port.name} speaks version {item.version} of the serial link, and this "
                f"program version {VERSION}: flash the firmware that belongs to this program"
            )
        return item.kind == kind and item.sequence == self._sequence

    def _under_way(self, kind: int) -> int:
        """How many bytes the answer has whose head has come, and not yet its end; 0 when none has."""
        head = self._splitter.head
        wanted = head and (head.version, head.kind, head.sequence) == (VERSION, kind, self._sequence)
        return head.length if head and wanted and head.length < _LONGEST_ANSWER else 0

    def _tell_once(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self._tell(line)
