"""Pictures per second on this machine: the chip's runtime against TFLM's Python interpreter."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from squeezenet_lib.bench.models import BenchModel, draw_pictures
from squeezenet_lib.errors import UserError
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.tflite.tflm import ample_arena, predict_tflm
from squeezenet_lib.tflite.writer import write_graph

_PICTURES = 8
_REPEATS = 3


@dataclass(frozen=True)
class HostSpeed:
    """Pictures per second; each the best of three tries with the same pictures."""

    images_per_second: float
    tflm_images_per_second: float


def host_speed(model: BenchModel) -> HostSpeed:
    """Both on one thread, one after the other. Raises UserError when their scores differ."""
    runtime, tflite = HostRuntime(model.sqz), write_graph(model.graph)
    pictures = draw_pictures(np.random.default_rng(0), _PICTURES, model.subject)
    ours, seconds = _timed(lambda: runtime.run(pictures))
    arena = ample_arena(tflite)
    theirs, tflm_seconds = _timed(lambda: predict_tflm(tflite, pictures, arena))
    if not np.array_equal(ours, theirs):
        raise UserError(
            f"the runtime on this machine and TFLM disagree on {model.subject}; please report it as a fault"
        )
    return HostSpeed(_PICTURES / seconds, _PICTURES / tflm_seconds)


def _timed(work: Callable[[], npt.NDArray[np.int8]]) -> tuple[npt.NDArray[np.int8], float]:
    """The result, and the least time in seconds."""
    best = float("inf")
    for _ in range(_REPEATS):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return result, best
