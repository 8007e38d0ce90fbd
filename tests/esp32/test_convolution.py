"""Convolutions of all shapes, weights and codes equal NumPy's, whatever the plan."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.coding.huffman import code_lengths
from squeezenet_lib.graph import Conv2D, Graph, MaxPool2D, Operator, Padding, Tensor, windowed_size
from squeezenet_lib.sqz.program import OpKind, Program
from tests.support.single_convolution import (
    assert_exact,
    chain,
    convolution,
    expected_planes,
    last_planes,
    programs,
)


def drawn_weights(draw: st.DrawFn, shape: tuple[int, ...]) -> np.ndarray:
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["any", "sparse", "zero", "one value", "largest", "levels"]))
    if kind == "zero":
        return np.zeros(shape, np.int8)
    if kind == "one value":
        return np.full(shape, draw(st.integers(-128, 127)), np.int8)
    if kind == "largest":
        return random.choice(np.array([-128, -127, 127], np.int8), shape)
    if kind == "levels":
        return random.integers(-7, 8, shape).astype(np.int8)
    weights = random.integers(-128, 128, shape).astype(np.int8)
    return np.where(random.random(shape) < 0.8, 0, weights).astype(np.int8) if kind == "sparse" else weights


def drawn_padding(draw: st.DrawFn, height: int, width: int, kernel: int, stride: int) -> Padding:
    """Sides below the kernel's, with at least one window, and no row or column that no window reaches."""
    top, left, bottom, right = (draw(st.integers(0, kernel - 1)) for _ in range(4))
    while height + top + bottom < kernel:
        top, bottom = (top + 1, bottom) if top <= bottom else (top, bottom + 1)
    while width + left + right < kernel:
        left, right = (left + 1, right) if left <= right else (left, right + 1)
    bottom -= min(bottom, (height + top + bottom - kernel) % stride)
    right -= min(right, (width + left + right - kernel) % stride)
    return Padding(top, left, bottom, right)


def drawn_convolution(draw: st.DrawFn, source: Tensor) -> Conv2D:
    _, height, width, channels = source.shape
    # A side of 1 takes at most one row of padding on either side.
    kernel = draw(st.integers(1, min(7, 2 * min(height, width) + 1)))
    stride = draw(st.integers(1, 2))
    padding = drawn_padding(draw, height, width, kernel, stride)
    filters = draw(st.integers(1, 4))
    weights = drawn_weights(draw, (filters, kernel, kernel, channels))
    largest = np.abs(weights.astype(np.int64)).sum(axis=(1, 2, 3)) * 255 + 1
    bias = np.array([draw(st.integers(-(2**17), 2**17)) for _ in range(filters)])
    spread = np.array([draw(st.floats(0.1, 8.0)) for _ in range(filters)])
    zero_point = draw(st.sampled_from([-128, -128, -127, 0, 31, 127]))
    low = draw(st.sampled_from([-128, -128, -100, zero_point]))
    high = draw(st.sampled_from([127, 127, max(low, 60)]))
    return convolution(
        source, weights, bias, 250 * spread / largest, stride, padding, zero_point, (low, high)
    )


@st.composite
def networks(draw: st.DrawFn) -> tuple[Graph, np.ndarray]:
    """One or two convolutions, each perhaps with max pooling behind, and a picture."""
    shape = draw(st.integers(1, 26)), draw(st.integers(1, 26)), draw(st.integers(1, 5))
    picture = Tensor(0, "picture", (1, *shape), 1.0, draw(st.sampled_from([-128, 0, -1, 127, 50])))
    operators: list[Operator] = []
    x = picture
    for _ in range(draw(st.integers(1, 2))):
        operators.append(drawn_convolution(draw, x))
        x = operators[-1].output
        if draw(st.integers(0, 2)) == 0 and operators[-1].weights.shape[1] > 1 and min(x.shape[1:3]) >= 2:
            window = draw(st.integers(2, min(4, *x.shape[1:3])))
            stride = draw(st.integers(1, 3))
            size = windowed_size(*x.shape[1:3], Padding(), (window, window), stride)
            output = Tensor(x.index + 1, f"pool{x.index}", (1, *size, x.shape[3]), 1.0, x.zero_point)
            operators.append(MaxPool2D(x, output, window, stride, Padding(), -128, 127))
            x = output
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pixels = random.choice(np.array([0, 255], np.uint8), shape) if draw(st.booleans()) else None
    return chain(picture, operators), pixels if pixels is not None else random.integers(
        0, 256, shape, np.uint8
    )


@settings(max_examples=150, deadline=None)
@given(networks())
def test_convolutions_equal_numpy(network: tuple[Graph, np.ndarray]) -> None:
    graph, picture = network
    expected = expected_planes(graph, picture)
    for program in programs(graph):
        assert_exact(program, picture, expected)


def plain_lengths(weights: np.ndarray) -> list[int]:
    """Of the code words when each weight has one of its own."""
    return list(code_lengths(np.bincount(weights.ravel().astype(np.int64) + 128)).values())


@pytest.mark.parametrize("zero", [0, 3, 15, 40])
def test_code_words_of_all_lengths(zero: int) -> None:
    """Sixteen symbols, each rarer than the one before; the weight 0 is frequent, rare, or none of them."""
    counts = [1, 1]
    while len(counts) < 16:
        counts.append(counts[-1] + counts[-2])
    symbols = np.arange(-zero, 16 - zero, dtype=np.int8)
    random = np.random.default_rng(zero)
    weights = random.permutation(np.repeat(symbols, counts[::-1])).reshape(41, 1, 1, 63)
    assert sorted(plain_lengths(weights)) == [*range(1, 16), 15]
    picture = Tensor(0, "picture", (1, 5, 4, 63), 1.0, 7)
    bias = 7.5 * weights.sum(axis=(1, 2, 3), dtype=np.int64)  # about what makes the mean 0
    graph = chain(picture, [convolution(picture, weights, bias, np.full(41, 0.02), 2)])
    pixels = random.integers(0, 256, (5, 4, 63), np.uint8)
    expected = expected_planes(graph, pixels)
    assert len(np.unique(expected)) > 25
    assert_exact(programs(graph)[0], pixels, expected)


def with_band(program: Program, band: int) -> Program:
    """The program with other bands, and for their sums more memory than any needs."""
    header = dataclasses.replace(program.header, arena_bytes=program.header.arena_bytes + 2**16)
    end = program.header.arena_bytes
    ops = tuple(
        dataclasses.replace(op, band=band, arena_scratch=end) if op.kind == OpKind.CONV2D else op
        for op in program.ops
    )
    return dataclasses.replace(program, header=header, ops=ops)


@pytest.mark.parametrize("pool", [False, True])
def test_bands_do_not_show(pool: bool) -> None:
    """The same sums, whatever the number of words, or rows of windows, that is made at a time."""
    random = np.random.default_rng(3)
    picture = Tensor(0, "picture", (1, 33, 41, 3), 1.0, -3)
    weights = random.integers(-128, 128, (5, 3, 3, 3)).astype(np.int8)
    bias, multipliers = random.integers(-999, 999, 5), np.full(5, 0.005)
    conv = convolution(picture, weights, bias, multipliers, 1, Padding(1, 1, 1, 1), 4)
    output = Tensor(2, "pool", (1, 16, 20, 5), 1.0, 4)
    pooling = [MaxPool2D(conv.output, output, 3, 2, Padding(), -128, 127)] if pool else []
    graph = chain(picture, [conv, *pooling])
    pixels = random.integers(0, 256, (33, 41, 3), np.uint8)
    expected = expected_planes(graph, pixels)
    two, four = programs(graph)
    for program, bands in (
        ((two, range(1, 9)), (four, range(1, 5)))
        if pool
        else (
            (two, range(8, 700, 88)),
            (four, range(4, 350, 60)),
        )
    ):
        for band in bands:
            assert np.array_equal(last_planes(with_band(program, band), pixels), expected), band
