"""Placing buffers: those alive together never overlap, and space is used again."""

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from squeezenet_lib.compiler.memory_plan import ALIGNMENT, Buffer, MemoryPlan, place


@st.composite
def buffer_lists(draw: st.DrawFn) -> list[Buffer]:
    count = draw(st.integers(1, 12))
    spans = [sorted(draw(st.tuples(st.integers(0, 9), st.integers(0, 9)))) for _ in range(count)]
    return [Buffer(str(i), draw(st.integers(1, 5000)), *span) for i, span in enumerate(spans)]


def alive_together(a: Buffer, b: Buffer) -> bool:
    return a.first <= b.last and b.first <= a.last


@given(buffer_lists())
def test_buffers_alive_together_never_overlap(buffers: list[Buffer]) -> None:
    memory = place(buffers)
    for a, b in itertools.combinations(memory.buffers, 2):
        apart = a.offset + a.size <= b.offset or b.offset + b.size <= a.offset
        assert apart or not alive_together(a, b), (a, b)


@given(buffer_lists())
def test_placing_changes_offsets_only(buffers: list[Buffer]) -> None:
    memory = place(buffers)
    assert {dataclasses.replace(b, offset=0) for b in memory.buffers} == set(buffers)
    assert all(memory.at(b.name) == b.offset for b in memory.buffers)


@given(buffer_lists())
def test_the_arena_ends_with_its_last_buffer(buffers: list[Buffer]) -> None:
    memory = place(buffers)
    end = max(b.offset + b.size for b in memory.buffers)
    assert end <= memory.arena_bytes < end + ALIGNMENT
    assert memory.arena_bytes % ALIGNMENT == 0
    assert all(b.offset % ALIGNMENT == 0 for b in memory.buffers)


@given(buffer_lists())
def test_the_peak_is_the_op_with_most_bytes_alive(buffers: list[Buffer]) -> None:
    memory = place(buffers)
    alive = [sum(b.size for b in buffers if b.first <= op <= b.last) for op in range(10)]
    assert memory.lower_bound == max(alive) <= memory.arena_bytes
    assert sum(b.size for b in memory.peak_buffers) == memory.lower_bound
    assert all(b.first <= memory.peak_op <= b.last for b in memory.peak_buffers)


@given(buffer_lists())
def test_the_order_of_the_buffers_does_not_count(buffers: list[Buffer]) -> None:
    assert place(buffers) == place(buffers[::-1])


def arena(*buffers: tuple[int, int, int]) -> MemoryPlan:
    return place([Buffer(str(i), *numbers) for i, numbers in enumerate(buffers)])


@pytest.mark.parametrize(
    ("buffers", "arena_bytes"),
    [
        pytest.param([(100, 0, 0), (100, 1, 1), (100, 2, 2)], 112, id="one after the other share a place"),
        pytest.param([(64, 0, 1), (64, 1, 2), (64, 2, 3)], 128, id="a chain takes two places in turn"),
        pytest.param([(64, 0, 9), (32, 0, 1), (32, 2, 3), (16, 1, 2)], 112, id="small ones fit into gaps"),
        pytest.param([(1, 0, 0), (1, 0, 0)], 32, id="each buffer is aligned"),
    ],
)
def test_space_is_used_again(buffers: list[tuple[int, int, int]], arena_bytes: int) -> None:
    assert arena(*buffers).arena_bytes == arena_bytes
