"""The smallest tensor arena that TFLM accepts, tried out in processes that may die of it.

    python -P arena_probe.py AMPLE < model.tflite

prints it in bytes. AMPLE is an arena that surely suffices. One that is too small is not always refused: some
of TFLM's checks compare unsigned differences or are missing, and it writes outside of its arena or follows a
null pointer (https://github.com/tensorflow/tflite-micro/issues/2037). So each is tried in a child of its own,
and what has not ended well there has not fitted. The program stands alone and imports little, so that
children, which are forks of it, are cheap.
"""

from __future__ import annotations

import math
import os
import re
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from tflite_micro.python.tflite_micro.runtime import Interpreter

ALIGNMENT = 16  # of everything in an arena, in bytes
SECONDS = 10  # of a processor's time that a try has at least: damaged memory may mean an endless loop
_ARENA_TOTAL = re.compile(rb"Arena allocation total (\d+) bytes")


def smallest_arena(model: bytes, ample: int) -> int:
    """What the interpreter reports to have used of an `ample` arena, where an arena of that size will do,
    else the smallest multiple of 16 that does: planning a small network's memory takes more than running it.

    Raises RuntimeError when TFLM refuses the model. A model that crashes TFLM whatever its arena ends this
    process.
    """
    start = time.process_time()
    interpreter = _interpreter(model, ample)
    scores = _scores(interpreter)
    limit = SECONDS + math.ceil(10 * (time.process_time() - start))

    def fits(size: int) -> bool:
        return _survives(lambda: _scores(_interpreter(model, size)) == scores, limit)

    def suffices(size: int) -> bool:
        # TFLM may take what is left for huge when it is less than nothing, by less than its alignment, and
        # come through by luck. With 16 bytes more it has no such luck.
        return fits(size) and fits(size + ALIGNMENT)

    reported = _reported(interpreter)
    return reported if suffices(reported) else _first(suffices, reported + -reported % ALIGNMENT, ample)


def _first(suffices: Callable[[int], bool], least: int, most: int) -> int:
    """The smallest of least, least + 16, ..., most that suffices; the last does, as all above the result do.

    Steps double until one suffices: the result lies near `least`.
    """
    step, low, high = ALIGNMENT, least - ALIGNMENT, least
    while high < most and not suffices(high):
        low, high, step = high, min(high + step, most), 2 * step
    while high - low > ALIGNMENT:
        middle = low + (high - low) // (2 * ALIGNMENT) * ALIGNMENT
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high


def _survives(attempt: Callable[[], bool], seconds: int) -> bool:
    """Whether the attempt returns True in a child, within `seconds` of a processor's time."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash is expected: it leaves no core file
            signal.setitimer(signal.ITIMER_PROF, seconds)
            status = 0 if attempt() else 1
        except RuntimeError:  # "TFLM failed to allocate tensors"
            pass
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _interpreter(model: bytes, arena: int) -> Interpreter:
    from tflite_micro.python.tflite_micro import runtime

    return runtime.Interpreter.from_bytes(model, arena_size=arena)


def _scores(interpreter: Interpreter) -> bytes:
    """What the model says of a picture of zeros."""
    interpreter.set_input(np.zeros(interpreter.get_input_details(0)["shape"], np.int8), 0)
    interpreter.invoke()
    return bytes(interpreter.get_output(0).tobytes())


def _reported(interpreter: Interpreter) -> int:
    with _standard_error_to_file() as report:
        interpreter.print_allocations()
        report.seek(0)
        found = _ARENA_TOTAL.search(report.read())
    if found is None:
        raise RuntimeError("tflite-micro's report has no line 'Arena allocation total ... bytes'")
    return int(found[1])


@contextmanager
def _standard_error_to_file() -> Iterator[BinaryIO]:
    """Send file descriptor 2 to a temporary file: TFLM's C++ code prints only there."""
    saved = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield file
        finally:
            os.dup2(saved, 2)
            os.close(saved)


if __name__ == "__main__":
    print(smallest_arena(sys.stdin.buffer.read(), int(sys.argv[1])))
