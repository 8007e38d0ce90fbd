"""What a board can be asked for over the serial link."""

from __future__ import annotations

import random
import struct
import time
import zlib
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import numpy.typing as npt

from squeezenet_lib.device import frames, protocol
from squeezenet_lib.device.exchange import (
    ANSWER_SECONDS,
    NO_WORK,
    PATIENCE,
    SELF_TEST_SECONDS,
    Exchange,
    NoAnswerError,
    Port,
    RefusedError,
    Work,
)
from squeezenet_lib.device.hello import Hello, Model, inference_seconds, read_hello
from squeezenet_lib.device.protocol import (
    BAUD,
    BENCH,
    CAMERA,
    CHUNK,
    CLASSIFY,
    FRAME,
    GOLDEN,
    HELLO,
    LOAD,
    REPEAT,
    TAKE,
    Bench,
    Golden,
    Photograph,
    Reason,
    Result,
)
from squeezenet_lib.errors import UserError
from squeezenet_lib.processes import say
from squeezenet_lib.sqz.decision import decide_one
from squeezenet_lib.sqz.header import CRC_START

# A board that is reset when its port is opened hears nothing before it has started.
_START_EVERY = 1.0
_INFERENCE_SECONDS = 10.0  # until hello or the first result says how long one takes
_USUAL_SECONDS = 2.0  # of an inference or a self-test: to ask earlier than they end does no harm
_CAMERA_SECONDS = 5.0  # a camera that sees nothing says so after 4
_FALL_BACK_SECONDS = 3.0  # the chip leaves a speed at which it hears nothing after 2 s
_CONFIRM_EVERY = 0.5
_CONFIRM_SECONDS = 1.5
_RESTARTS = 3  # of loading a model, and of taking a picture


class BoardLink:
    """A conversation over an open port. All methods raise UserError when the board refuses or is silent.

    first_sequence, patience, tell: as of Exchange.
    """

    def __init__(
        self,
        port: Port,
        first_sequence: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
        tell: Callable[[str], None] = say,
    ) -> None:
        self._port = port
        self._exchange = Exchange(port, first_sequence, clock, patience, tell)
        self._model: Model | None = None
        self._usual, self._longest = _USUAL_SECONDS, _INFERENCE_SECONDS  # of an inference
        self._first_baud = port.baud
        self._picture = random.randint(1, 0xFFFFFFFF)  # an earlier program's is none of ours

    @property
    def baud(self) -> int:
        """The line's speed, bits in a second."""
        return self._port.baud

    @property
    def port_name(self) -> str:
        return self._port.name

    @property
    def text(self) -> str:
        """The text that came between answers, the latest of it: the boot report, last words."""
        return self._exchange.text

    def connect(self, within: float | None = None) -> Hello:
        """Wait until the board has started. within: seconds, another limit than the patience."""
        return self.hello(_START_EVERY, within)

    def hello(self, every: float = ANSWER_SECONDS, within: float | None = None) -> Hello:
        """What the board says about itself. It is asked again `every` seconds."""
        hello = read_hello(self._exchange.ask(HELLO, b"", NO_WORK, every, within))
        if hello.model and hello.model != self._model:
            self._usual, self._longest = _USUAL_SECONDS, inference_seconds(hello, hello.model)
        self._model = hello.model
        return hello

    def classify(self, picture: npt.NDArray[np.uint8]) -> Result:
        """Scores of one finished network input (H, W, C) of the model that the last hello named."""
        model = self._model
        shape = model.shape if model else picture.shape
        if picture.dtype != np.uint8 or picture.shape != shape:
            raise ValueError(f"the model takes uint8 {shape}, not {picture.dtype} {picture.shape}")
        work = Work("to classify a picture", self._usual, self._longest)
        result = protocol.result(self._exchange.ask(CLASSIFY, picture.tobytes(), work))
        self._note(result)
        return result

    def take(self) -> Photograph:
        """Let the board's camera take a picture, and the board classify it."""
        camera = _CAMERA_SECONDS
        work = Work("to take and classify a picture", camera + self._usual, camera + self._longest)
        photograph = protocol.photograph(self._exchange.ask(TAKE, b"", work))
        self._note(photograph.result)
        return photograph

    def picture(self, after_press: bool = False) -> frames.CameraPicture | None:
        """Let the board's camera take a picture, and get it as the camera has it, whole and proven.

        after_press: when the board's button has been pressed since this was asked last; None: it has not.
        """
        trigger = frames.AFTER_PRESS if after_press else frames.AT_ONCE
        for _ in range(1 + _RESTARTS):
            self._picture = self._picture % 0xFFFFFFFF + 1
            try:
                first = self._piece(0, trigger)
                if first.total == 0:
                    return None
                data = bytearray(first.data)
                while len(data) < first.total:
                    data += self._piece(len(data), trigger, first).data
            except RefusedError as refused:
                if refused.error.reason != Reason.ORDER:
                    raise
                trigger = frames.AT_ONCE  # something else took a picture, or the board has started again
                continue
            whole = frames.whole(bytes(data), first)
            if whole is not None:
                return whole
        raise UserError(
            f"the board on {self._port.name} lost the picture {1 + _RESTARTS} times while it came over the "
            "line: check cable and power supply, and try again"
        )

    def camera(self, wanted: frames.CameraSettings | None = None) -> frames.CameraSettings:
        """What the board's camera does; wanted: from now on, until the board's next reset."""
        try:
            told = self._exchange.ask(CAMERA, wanted.payload if wanted else b"")
        except RefusedError as refused:
            raise self._older(refused) from None
        return frames.camera_settings(told)

    def _older(self, refused: RefusedError) -> UserError:
        """For a command that older firmware does not know."""
        if refused.error.reason != Reason.TYPE:
            return refused
        return UserError(
            f"the firmware of the board on {self._port.name} does not know how to give its pictures: flash "
            "this version's with `make flash`"
        )

    def _piece(self, offset: int, trigger: int, first: frames.Piece | None = None) -> frames.Piece:
        """The piece from `offset` on, of the picture that `first` begins."""
        work = NO_WORK if first else Work("to take a picture", _CAMERA_SECONDS, _CAMERA_SECONDS)
        asked = frames.request(self._picture, offset, trigger)
        try:
            found = frames.piece(self._exchange.ask(FRAME, asked, work))
        except RefusedError as refused:
            raise self._older(refused) from None
        if (found.picture, found.offset) != (self._picture, offset) or not found.belongs_to(first or found):
            raise protocol.unreadable("a piece of another picture")
        return found

    def repeat(self, on: bool) -> None:
        """Let the board take and classify picture after picture on its own, or end that."""
        work = Work("to end the picture that it takes", _CAMERA_SECONDS, _CAMERA_SECONDS + self._longest)
        self._exchange.ask(REPEAT, bytes([on]), work)

    def _note(self, result: Result) -> None:
        """Hold a result against the model that the last hello named; learn how long an inference takes."""
        model = self._model
        if model and (result.model_crc32, len(result.scores)) != (model.crc32, len(model.class_names)):
            raise UserError(
                f"the board on {self._port.name} answers with another model than before: it has started "
                "again and lost the one that was loaded; load it and try again"
            )
        if model and decide_one(model.decision, result.scores) != result.class_index:
            raise protocol.unreadable("a class that does not follow from the scores")
        self._usual = self._longest = 3e-6 * result.microseconds

    def golden(self) -> Golden:
        """Let the board test itself."""
        work = Work("to test itself", 4 * _USUAL_SECONDS, SELF_TEST_SECONDS)
        return protocol.golden(self._exchange.ask(GOLDEN, b"", work))

    def bench(self, count: int) -> Bench:
        """Let the board time `count` inferences, 1 to 1,000."""
        one = self._bench(1, Work("to time an inference", self._usual, self._longest))
        seconds = 1e-6 * count * one.most / max(1, one.cycles_per_microsecond)
        return self._bench(count, Work(f"to time {count} inferences", 2 * seconds, 3 * seconds))

    def _bench(self, count: int, work: Work) -> Bench:
        return protocol.bench(self._exchange.ask(BENCH, struct.pack("<H", count), work))

    def load(self, sqz: bytes, progress: Callable[[int], None] = lambda held: None) -> Hello:
        """Put another model into the board's RAM, where it answers until the next reset; then its hello.

        progress: is told how many bytes the board holds. When the board refuses the model, the one in its
        flash answers.
        """
        held, restarts = 0, 0
        work = Work("to take a part of the model")
        while held < len(sqz):
            chunk = struct.pack("<II", held, len(sqz)) + sqz[held : held + CHUNK]
            try:
                now_held = protocol.held_bytes(self._exchange.ask(LOAD, chunk, work))
            except RefusedError as refused:
                if refused.error.reason != Reason.ORDER or restarts == _RESTARTS:
                    raise
                held, restarts = 0, restarts + 1  # it has started again, or a stray frame made it begin anew
                continue
            if not held < now_held <= len(sqz):
                raise protocol.unreadable(f"{now_held} bytes held of {len(sqz)}")
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
        self._exchange.ask(BAUD, struct.pack("<I", baud))
        patience = self._exchange.patience
        # The board stays at the new speed once it has understood something, even when its answer gets lost.
        for speed, every, within in (
            (baud, _CONFIRM_EVERY, _CONFIRM_SECONDS),
            (before, _FALL_BACK_SECONDS, _FALL_BACK_SECONDS + patience / 2),
            (baud, ANSWER_SECONDS, patience / 2),
        ):
            self._port.set_baud(speed)
            with suppress(NoAnswerError):
                self.hello(every, within)
                return speed == baud
        raise NoAnswerError(f"the board on {self._port.name} was lost between two speeds: press EN (reset)")

    def close(self) -> None:
        """Leave the board at the speed at which the next program looks for it, and close the port."""
        try:
            if self._port.baud != self._first_baud:
                with suppress(UserError):  # then it is found with --baud, or reset
                    request = struct.pack("<I", self._first_baud)
                    self._exchange.ask(BAUD, request, NO_WORK, _CONFIRM_EVERY, 4 * _CONFIRM_EVERY)
        finally:
            self._port.close()
