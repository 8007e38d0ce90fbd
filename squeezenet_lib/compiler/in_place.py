"""Which steps write their output over their input: pixel by pixel, and nobody reads the input any more."""

from __future__ import annotations

from collections.abc import Sequence

from squeezenet_lib.compiler.dataflow import Step, Storage
from squeezenet_lib.graph import Add, AddChannels, MultiplyChannels, Requantize


def uses(steps: Sequence[Step]) -> dict[Storage, list[int]]:
    """The steps that read or write each stored tensor, in order."""
    found: dict[Storage, list[int]] = {}
    for number, step in enumerate(steps):
        for storage in dict.fromkeys((step.target, step.source, step.second)):
            if storage is not None:
                found.setdefault(storage, []).append(number)
    return found


def places(steps: Sequence[Step]) -> dict[Storage, Storage]:
    """By stored tensor, the one in whose place it lies: itself, or one that nobody needs any more by then."""
    used = uses(steps)
    place = {storage: storage for storage in used}
    for number, step in enumerate(steps):
        if not isinstance(step.operator, Add | AddChannels | MultiplyChannels | Requantize):
            continue
        target = step.target
        assert target is not None
        for source in (step.source, step.second):
            if (
                source is not None
                and source.geometry is None is target.geometry
                and _sides(source) == _sides(target)
                and used[source][-1] == number == used[target][0]
            ):
                place[target] = place[source]
                break
    return place


def _sides(storage: Storage) -> tuple[int, int, int]:
    tensor = storage.tensor
    return tensor.height, tensor.width, tensor.channels
