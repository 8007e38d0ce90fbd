"""What two cores gain: of each step that they share the longer part counts, and that they have to meet.

No emulator here has two of the chip's cores: both parts are counted one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from squeezenet_lib.bench.cores import DE212, count
from squeezenet_lib.bench.models import BenchModel
from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.sqz.program import ModelFacts

# Instructions of a meeting. A call, the own count told, a loop that looks at the other core's and memory
# barriers are about 40; the rest is for what counts do not show: two cores at one memory.
MEETING = 200


@dataclass(frozen=True)
class SharedCount:
    """One inference on two de212 cores. instructions: until both are done. scores: int8 (classes,)."""

    instructions: int
    meetings: int
    arena_bytes: int
    sqz_bytes: int
    scores: npt.NDArray[np.int8]


def count_shared(elfs: Mapping[str, Path], model: BenchModel) -> SharedCount:
    """The same model made for two cores, on the same picture. Raises UserError."""
    names = tuple(f"class {index}" for index in range(model.subject.classes))
    compiled = compile_graph(model.graph, ModelFacts(names), cores=2)
    counted = count(elfs, DE212, compiled.sqz, model.picture)
    beside = [op.is_beside for op in compiled.program.ops]
    meetings = meetings_of(beside)
    return SharedCount(
        critical_path(counted.steps, beside) + MEETING * meetings,
        meetings,
        counted.arena_bytes,
        len(compiled.sqz),
        counted.scores,
    )


def critical_path(steps: Sequence[int], beside: Sequence[bool]) -> int:
    """Of steps one after the other, but for those that are `beside` the one before: the longer one counts."""
    total = before = 0
    for step, shared in zip(steps, beside, strict=True):
        total += max(step - before, 0) if shared else step
        before = step
    return total


def meetings_of(beside: Sequence[bool]) -> int:
    """The cores meet before and after each pair of steps, once between two pairs."""
    second = [index for index, shared in enumerate(beside) if shared]
    return len({index - 1 for index in second} | {index + 1 for index in second})
