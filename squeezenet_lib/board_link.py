"""The conversation with a board over the serial link: ask, wait, ask again.

An answer counts when its frame is whole (CRC-32) and carries the request's sequence number. What else comes,
answers to earlier requests, text, noise, is passed over; text is kept, because a board that does not answer
says there why.
"""

from __future__ import annotations

import random
import struct
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import numpy as np
import numpy.typing as npt

from squeezenet_lib import board_report, serial_protocol
from squeezenet_lib.board_messages import explain_refusal, explain_silence, without_firmware
from squeezenet_lib.board_report import Hello, Model
from squeezenet_lib.container import CRC_START
from squeezenet_lib.errors import UserError
from squeezenet_lib.serial_protocol import (
    ANSWER,
    BAUD,
    BENCH,
    CHUNK,
    CLASSIFY,
    ERROR,
    GOLDEN,
    HELLO,
    LOAD,
    VERSION,
    Bench,
    Frame,
    Golden,
    LinkError,
    Reason,
    Result,
    Splitter,
    frame,
)

TRIES = 5
BOOT_TRIES = 15  # of a second: a board resets when its port is opened, and tests itself before it answers
_ANSWER_SECONDS = 2.0
_INFERENCE_SECONDS = 10.0  # until the first result says how long one takes
_GOLDEN_SECONDS = 60.0
# While bytes come, the answer may be under way; on a line that never falls silent, for that long.
_SILENCE_SECONDS = 0.5
_LONGEST_ANSWER_SECONDS = 10.0
# After word of a damaged frame: it may be about an earlier one, and the answer be about to come.
_PAUSE_SECONDS = 0.25
_FALL_BACK_SECONDS = 3.0  # the chip leaves a speed at which it hears nothing after 2 s
_CONFIRM_SECONDS = 0.5
_CONFIRM_TRIES = 3
_BITS_PER_BYTE = 10  # start and stop bit
_TEXT_KEPT = 20_000
_RESTARTS = 3  # of loading a model


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


class BoardLink:
    """A conversation over an open port. All methods raise UserError when the board refuses or is silent.

    first_sequence: by default random, so that a late answer to an earlier program's request is none to ours.
    """

    def __init__(
        self,
        port: Port,
        first_sequence: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._port = port
        self._clock = clock
        self._sequence = random.randint(1, 0xFFFF) if first_sequence is None else first_sequence
        self._splitter = Splitter()
        self._text = ""
        self._model: Model | None = None
        self._inference_seconds = _INFERENCE_SECONDS
        self._first_baud = port.baud

    @property
    def port_name(self) -> str:
        return self._port.name

    @property
    def text(self) -> str:
        """The text that came between answers, the latest of it: the boot report, last words."""
        return self._text + self._splitter.rest

    def connect(self) -> Hello:
        """Wait until the board has started."""
        return self.hello(1.0, BOOT_TRIES)

    def hello(self, seconds: float = _ANSWER_SECONDS, tries: int = TRIES) -> Hello:
        """What the board says about itself. Each try waits for `seconds`."""
        hello = board_report.hello(self.ask(HELLO, b"", seconds, tries))
        self._model = hello.model
        return hello

    def classify(self, picture: npt.NDArray[np.uint8]) -> Result:
        """Scores of one finished network input (H, W, C) of the model that the last hello named."""
        model = self._model
        shape = (model.height, model.width, model.channels) if model else picture.shape
        if picture.dtype != np.uint8 or picture.shape != shape:
            raise ValueError(f"the model takes uint8 {shape}, not {picture.dtype} {picture.shape}")
        payload = self.ask(CLASSIFY, picture.tobytes(), self._inference_seconds)
        result = serial_protocol.result(payload)
        if model and (result.model_crc32, len(result.scores)) != (model.crc32, len(model.class_names)):
            raise UserError(
                f"the board on {self._port.name} answers with another model than before: it has started "
                "again and lost the one that was loaded; load it and try again"
            )
        self._inference_seconds = _ANSWER_SECONDS + 3e-6 * result.microseconds
        return result

    def golden(self) -> Golden:
        """Let the board test itself."""
        return serial_protocol.golden(self.ask(GOLDEN, b"", _GOLDEN_SECONDS))

    def bench(self, count: int) -> Bench:
        """Let the board time `count` inferences, 1 to 1,000."""
        one = self._bench(1, self._inference_seconds)
        seconds = 2e-6 * count * one.most / max(1, one.cycles_per_microsecond)
        return self._bench(count, _ANSWER_SECONDS + seconds)

    def _bench(self, count: int, seconds: float) -> Bench:
        return serial_protocol.bench(self.ask(BENCH, struct.pack("<H", count), seconds))

    def load(self, sqz: bytes, progress: Callable[[int], None] = lambda held: None) -> Hello:
        """Put another model into the board's RAM, where it answers until the next reset; then its hello.

        progress: is told how many bytes the board holds. When the board refuses the model, the one in its
        flash answers.
        """
        held, restarts = 0, 0
        while held < len(sqz):
            chunk = struct.pack("<II", held, len(sqz)) + sqz[held : held + CHUNK]
            try:
                now_held = serial_protocol.held_bytes(self.ask(LOAD, chunk, self._inference_seconds))
            except RefusedError as refused:
                if refused.error.reason != Reason.ORDER or restarts == _RESTARTS:
                    raise
                held, restarts = 0, restarts + 1  # it has started again, or a stray frame made it begin anew
                continue
            if not held < now_held <= len(sqz):
                raise serial_protocol.unreadable(f"{now_held} bytes held of {len(sqz)}")
            held = now_held
            progress(held)
        hello = self.hello()
        if hello.model is None or hello.model.crc32 != zlib.crc32(sqz[CRC_START:]):
            raise UserError(
                f"the board on {self._port.name} took the model and answers with another: try again"
            )
        return hello

    def set_baud(self, baud: int) -> bool:
        """Change the speed on both sides, bits in a second; False when the board was not heard at that speed.

        Then both are at the speed from before again.
        """
        before = self._port.baud
        self.ask(BAUD, struct.pack("<I", baud), _FALL_BACK_SECONDS)
        # The board stays at the new speed once it has understood something, even when its answer gets lost.
        for speed, seconds in (
            (baud, _CONFIRM_SECONDS),
            (before, _FALL_BACK_SECONDS),
            (baud, _ANSWER_SECONDS),
        ):
            self._port.set_baud(speed)
            with suppress(NoAnswerError):
                self.hello(seconds, _CONFIRM_TRIES)
                return speed == baud
        raise NoAnswerError(f"the board on {self._port.name} was lost between two speeds: press EN (reset)")

    def close(self) -> None:
        """Leave the board at the speed at which the next program looks for it, and close the port."""
        try:
            if self._port.baud != self._first_baud:
                with suppress(UserError):  # then it is found with --baud, or reset
                    self.ask(BAUD, struct.pack("<I", self._first_baud), _CONFIRM_SECONDS)
        finally:
            self._port.close()

    def ask(self, kind: int, payload: bytes, seconds: float, tries: int = TRIES) -> bytes:
        """The payload of the answer to a request, sent anew after damage or `seconds` without an answer."""
        self._sequence = self._sequence % 0xFFFF + 1  # 0 is for errors about nobody's request
        request = frame(kind, payload, self._sequence)
        seconds += _BITS_PER_BYTE * len(request) / self._port.baud
        for _ in range(tries):
            self._port.write(request)
            answer = self._wait(kind | ANSWER, seconds)
            if answer is not None:
                return answer
            if without_firmware(self.text):
                break
        raise NoAnswerError(f"the board on {self._port.name} does not answer: {explain_silence(self.text)}")

    def _wait(self, kind: int, seconds: float) -> bytes | None:
        """The payload of the answer; None when it is time to ask again."""
        until = self._clock() + seconds
        last = until + _LONGEST_ANSWER_SECONDS
        while (left := min(until, last) - self._clock()) > 0:
            data = self._port.read(left)
            if data:
                until = max(until, self._clock() + _SILENCE_SECONDS)
            for item in self._splitter.feed(data):
                if isinstance(item, str):
                    self._text = (self._text + item)[-_TEXT_KEPT:]
                elif self._is_answer(item, kind):
                    return item.payload
                elif item.kind == ERROR and item.sequence in (0, self._sequence):
                    error = serial_protocol.link_error(item.payload)
                    if error.reason not in (Reason.DAMAGED, Reason.TIMEOUT):
                        raise RefusedError(error)
                    until = self._clock() + _PAUSE_SECONDS
        return None

    def _is_answer(self, item: Frame, kind: int) -> bool:
        if item.version != VERSION:
            raise UserError(
                f"the board on {self._port.name} speaks version {item.version} of the serial link, and this "
                f"program version {VERSION}: flash the firmware that belongs to this program"
            )
        return item.kind == kind and item.sequence == self._sequence
