"""The memory plan: buffers alive together never overlap; the arena is what the architecture promises."""

import dataclasses
import functools
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from squeezenet_lib.container import OpKind
from squeezenet_lib.errors import UserError
from squeezenet_lib.planner import ALIGNMENT, Buffer, MemoryPlan, place, plan
from squeezenet_lib.tflite_graph import Graph, MaxPool2D, read_graph
from tests.random_network import random_network

CLASSES = ("a", "b")


@functools.cache
def graph() -> Graph:
    return read_graph(random_network().tflite)


def assert_valid(memory: MemoryPlan) -> None:
    for a, b in itertools.combinations(memory.buffers, 2):
        together = a.first <= b.last and b.first <= a.last
        apart = a.offset + a.size <= b.offset or b.offset + b.size <= a.offset
        assert apart or not together, (a, b)
    for buffer in memory.buffers:
        assert buffer.offset % ALIGNMENT == 0
        assert buffer.offset + buffer.size <= memory.arena_bytes


@st.composite
def buffer_lists(draw: st.DrawFn) -> list[Buffer]:
    count = draw(st.integers(1, 12))
    spans = [sorted(draw(st.tuples(st.integers(0, 9), st.integers(0, 9)))) for _ in range(count)]
    return [Buffer(str(i), draw(st.integers(1, 5000)), *span) for i, span in enumerate(spans)]


@given(buffer_lists())
def test_buffers_alive_together_never_overlap(buffers: list[Buffer]) -> None:
    memory = place(buffers)
    assert_valid(memory)
    assert {dataclasses.replace(b, offset=0) for b in memory.buffers} == set(buffers)


@given(buffer_lists())
def test_the_arena_is_at_least_what_is_alive_at_the_peak(buffers: list[Buffer]) -> None:
    memory = place(buffers)
    assert memory.arena_bytes >= sum(b.size for b in memory.peak_buffers)


def test_the_plan_of_a_network_is_valid() -> None:
    program, memory = plan(graph(), CLASSES, False, "0")
    assert_valid(memory)
    assert program.header.arena_bytes == memory.arena_bytes


def test_pooling_and_concatenation_leave_no_step_of_their_own() -> None:
    program, _ = plan(graph(), CLASSES, False, "0")
    kinds = [op.kind for op in program.ops]
    assert kinds == [OpKind.PICTURE] + [OpKind.CONV2D] * 26 + [OpKind.MEAN, OpKind.SOFTMAX]
    pooled = [op for op in program.ops if op.pool]
    assert len(pooled) == 5  # conv1 and the two expand layers of fire3 and of fire5


def test_the_default_network_needs_less_than_half_of_tflms_arena() -> None:
    """TFLM takes 210,604 bytes for 96x96x1 at full width (measured with its interpreter for 32 bits)."""
    full = random_network(size=96, width=1.0)
    _, memory = plan(read_graph(full.tflite), CLASSES, False, "0")
    assert memory.arena_bytes < 210_604 / 2


def test_class_names_have_to_fit_the_model() -> None:
    with pytest.raises(UserError, match="has 2 classes, but 3 class names"):
        plan(graph(), ("a", "b", "c"), False, "0")


def test_a_pooled_tensor_that_is_also_used_otherwise_is_refused_by_name() -> None:
    pool = next(op for op in graph().operators if isinstance(op, MaxPool2D))
    second = dataclasses.replace(pool, window=2)
    broken = dataclasses.replace(graph(), operators=(*graph().operators, second))
    with pytest.raises(UserError, match="the runtime cannot run what reads tensor"):
        plan(broken, CLASSES, False, "0")


def test_a_model_without_softmax_is_refused() -> None:
    with pytest.raises(UserError, match="does not end in a softmax"):
        plan(dataclasses.replace(graph(), operators=graph().operators[:-1]), CLASSES, False, "0")
