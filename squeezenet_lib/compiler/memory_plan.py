"""Where buffers lie in the arena.

Buffers are placed greedily, largest first, at the lowest address that no buffer alive at the same time takes.
Where that leaves gaps, the buffer that ended highest goes first in another attempt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

ALIGNMENT = 16
_ATTEMPTS = 12


@dataclass(frozen=True)
class Buffer:
    """Bytes of the arena that are in use from op `first` to op `last`, both included."""

    name: str
    size: int
    first: int
    last: int
    offset: int = 0


@dataclass(frozen=True)
class MemoryPlan:
    """Placed buffers. `peak_op` is the op during which the buffers alive add up to the most."""

    buffers: tuple[Buffer, ...]
    arena_bytes: int
    peak_op: int

    def at(self, name: str) -> int:
        """Offset of a buffer in the arena."""
        return next(b.offset for b in self.buffers if b.name == name)

    @property
    def peak_buffers(self) -> list[Buffer]:
        return [b for b in self.buffers if b.first <= self.peak_op <= b.last]

    @property
    def lower_bound(self) -> int:
        """Bytes alive at the peak: no placement of these buffers takes less."""
        return sum(b.size for b in self.peak_buffers)


def place(buffers: list[Buffer]) -> MemoryPlan:
    """Gives every buffer an offset such that buffers alive at the same time do not overlap."""
    order = sorted(buffers, key=lambda b: (-b.size, b.first, b.name))
    best = _place_in_order(order)
    for _ in range(_ATTEMPTS):
        if best.arena_bytes <= _aligned(best.lower_bound):
            break
        plan = _place_in_order(order)
        if plan.arena_bytes < best.arena_bytes:
            best = plan
        highest = max(plan.buffers, key=lambda b: b.offset + b.size)
        order = [b for b in order if b.name == highest.name] + [b for b in order if b.name != highest.name]
    return best


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _place_in_order(order: list[Buffer]) -> MemoryPlan:
    placed: list[Buffer] = []
    for buffer in order:
        offset = 0
        for other in sorted(placed, key=lambda b: b.offset):
            together = other.first <= buffer.last and buffer.first <= other.last
            if together and offset < other.offset + other.size and other.offset < offset + buffer.size:
                offset = _aligned(other.offset + other.size)
        placed.append(replace(buffer, offset=offset))
    end = max(b.offset + b.size for b in placed)
    steps = range(min(b.first for b in placed), max(b.last for b in placed) + 1)
    peak = max(steps, key=lambda op: sum(b.size for b in placed if b.first <= op <= b.last))
    return MemoryPlan(tuple(placed), _aligned(end), peak)
