"""Convolutions in two lanes, four lanes and bytes are exact, also at the bound of what a lane holds."""

import ctypes
import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.container import write_sqz
from squeezenet_lib.convolution_plan import filter_taps
from squeezenet_lib.errors import UserError
from squeezenet_lib.fixed_point import quantize_multiplier
from squeezenet_lib.graph import (
    Conv2D,
    Graph,
    MaxPool2D,
    Mean,
    Operator,
    Padding,
    Tensor,
    same_padding,
    windowed_size,
)
from squeezenet_lib.host_runtime import ARENA_ALIGNMENT, compile_library
from squeezenet_lib.huffman import code_lengths
from squeezenet_lib.planner import plan
from squeezenet_lib.program import OpKind, Program

LANE_BUDGET = 2**16 - 1  # of 16 bits: 255 x 257
SQZ_MODEL_BYTES = 64  # at least sizeof(sqz_model)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    return ctypes.CDLL(str(compile_library(tmp_path_factory.mktemp("lanes"), "gcc")))


def last_planes(library: ctypes.CDLL, program: Program, picture: np.ndarray) -> np.ndarray:
    """What the last convolution leaves, int8 (height, width, channels), for a picture uint8 (H, W, C)."""
    sqz = write_sqz(program)[0]
    blob = ctypes.create_string_buffer(sqz, len(sqz))
    model = ctypes.create_string_buffer(SQZ_MODEL_BYTES)
    assert library.sqz_open(model, blob, ctypes.c_size_t(len(sqz))) == 0
    memory = np.full(program.header.arena_bytes + ARENA_ALIGNMENT, 0xA5, np.uint8)
    arena = memory[-memory.ctypes.data % ARENA_ALIGNMENT :][: program.header.arena_bytes]
    offset = program.header.picture_offset
    arena[offset : offset + picture.size] = picture.ravel()
    last = max(i for i, op in enumerate(program.ops) if op.kind == OpKind.CONV2D)
    for index in range(last + 1):
        size = ctypes.c_size_t(arena.size)
        assert library.sqz_run_op(model, ctypes.c_void_p(arena.ctypes.data), size, index) == 0
    out = program.tensors[program.ops[last].output]
    assert out.lanes == 1
    planes = arena[out.arena_offset : out.arena_offset + out.planes * out.plane].reshape(out.planes, -1)
    pixels = planes[:, : out.height * out.width].reshape(out.channels, out.height, out.width)
    return (pixels ^ 0x80).view(np.int8).transpose(1, 2, 0)


def requantized(sums: np.ndarray, conv: Conv2D) -> np.ndarray:
    """TFLite's two roundings of int64 sums (height, width, filters), zero point and clamp."""
    result = np.empty(sums.shape, np.int8)
    for f, filter_scale in enumerate(conv.filter_scales):
        real = conv.input.scale * float(filter_scale) / conv.output.scale
        multiplier, shift = quantize_multiplier(real)
        high = (sums[..., f] * 2 ** max(shift, 0) * multiplier + 2**30) >> 31
        half = 2 ** -min(shift, 0) // 2
        value = np.sign(high) * ((np.abs(high) + half) >> -min(shift, 0))
        result[..., f] = np.clip(value + conv.output.zero_point, conv.clamp_min, conv.clamp_max)
    return result


def convolved(pixels: np.ndarray, conv: Conv2D) -> np.ndarray:
    """The convolution of int8 (height, width, channels), computed with 64 bits."""
    p, s, k = conv.padding, conv.stride, conv.weights.shape[1]
    values = pixels.astype(np.int64) - conv.input.zero_point
    values = np.pad(values, ((p.top, p.bottom), (p.left, p.right), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(values, (k, k), axis=(0, 1))[::s, ::s]
    sums = np.einsum("yxcij,fijc->yxf", windows, conv.weights.astype(np.int64)) + conv.bias
    return requantized(sums, conv)


def pooled(pixels: np.ndarray, pool: MaxPool2D) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(pixels, (pool.window, pool.window), axis=(0, 1))
    return windows[:: pool.stride, :: pool.stride].max(axis=(3, 4))


def expected_planes(graph: Graph, picture: np.ndarray) -> np.ndarray:
    pixels = (picture ^ 0x80).view(np.int8)
    for op in graph.operators:
        if isinstance(op, Conv2D):
            pixels = convolved(pixels, op)
        elif isinstance(op, MaxPool2D):
            pixels = pooled(pixels, op)
    return pixels


def chain(picture: Tensor, operators: list[Operator]) -> Graph:
    """The operators, and what a program has to end with: one value for each class."""
    last = operators[-1].output
    scores = Tensor(1000, "scores", (1, last.shape[-1]), last.scale, last.zero_point)
    return Graph(picture, scores, (*operators, Mean(last, scores)))


def programs(graph: Graph) -> list[Program]:
    """The plan with two lanes (or bytes, where those will do), and that with four if it takes less memory."""
    names = tuple(str(i) for i in range(graph.output.shape[-1]))
    program, memory = plan(graph, names, False, "test", 2**23)
    try:
        return [program, plan(graph, names, False, "test", memory.arena_bytes - 1)[0]]
    except UserError:
        return [program]


def measuring(program: Program, measure: int) -> Program:
    """The program whose convolutions all look for their inputs' largest values, or do not."""
    return dataclasses.replace(
        program, ops=tuple(dataclasses.replace(op, measure=measure) for op in program.ops)
    )


def assert_exact(library: ctypes.CDLL, program: Program, picture: np.ndarray, expected: np.ndarray) -> None:
    for measure in (0, 1):
        assert np.array_equal(last_planes(library, measuring(program, measure), picture), expected), measure


def lanes_of(program: Program) -> list[int]:
    """Of the input of each convolution."""
    return [program.tensors[op.input].lanes for op in program.ops if op.kind == OpKind.CONV2D]


def convolution(
    source: Tensor,
    weights: np.ndarray,
    bias: np.ndarray,
    multipliers: np.ndarray,
    stride: int = 1,
    padding: Padding | None = None,
    zero_point: int = 0,
    clamps: tuple[int, int] = (-128, 127),
) -> Conv2D:
    """Output = sums x multiplier: all scales are 1 but the filters'."""
    padding = padding or Padding()
    window = weights.shape[1], weights.shape[2]
    size = windowed_size(*source.shape[1:3], padding, window, stride)
    output = Tensor(source.index + 1, f"conv{source.index}", (1, *size, len(weights)), 1.0, zero_point)
    return Conv2D(
        source,
        output,
        weights,
        multipliers.astype(np.float32),
        bias.astype(np.int32),
        stride,
        padding,
        *clamps,
    )


# Sums of magnitudes: 257 (one chunk, the most that a lane holds), 258 and more (two chunks and more).
BOUND_FILTERS = {
    "257, positive": [127, 127, 3, 0, 0, 0],
    "257, positive, small first": [3, 127, 127, 0, 0, 0],
    "257, negative": [-127, -127, -3, 0, 0, 0],
    "257, negative, -128": [-128, -128, -1, 0, 0, 0],
    "257, mixed": [127, -128, 1, -1, 0, 0],
    "257, mixed, spread out": [-1, 0, 127, 0, -127, 2],
    "258, positive": [127, 127, 4, 0, 0, 0],
    "258, negative": [-128, -128, -2, 0, 0, 0],
    "258, mixed": [127, -128, 3, 0, 0, 0],
    "258, the last tap alone": [127, -128, 2, -1, 0, 0],
    "all 127": [127] * 6,
    "all -127": [-127] * 6,
    "all -128": [-128] * 6,
    "127 and -128": [127, -128] * 3,
    "257 twice": [127, 127, 3, -128, -128, -1],
}


def bound_filters(brightest: int) -> tuple[np.ndarray, np.ndarray]:
    """Taps (filters, channels), and the largest pixel of each channel: 15 channels, three of them with 1.

    What each filter's taps can add up to is just what a lane holds, or 1 more.
    """
    taps = []
    for room in (LANE_BUDGET, LANE_BUDGET + 1):
        full, rest = divmod(room, 127 * brightest)
        last, rest = divmod(rest, brightest)
        magnitudes = np.array([127] * full + [last] + [0] * (11 - full))
        dim = np.array([min(rest, 127), min(max(rest - 127, 0), 127), max(rest - 254, 0)])
        magnitudes = np.concatenate([magnitudes, dim])
        alternating = np.where(np.arange(15) % 2 == 0, 1, -1)
        taps += [magnitudes, -magnitudes, magnitudes * alternating, -magnitudes * alternating]
    largest = np.array([brightest] * 12 + [1] * 3)
    assert set((np.abs(taps) @ largest).tolist()) == {LANE_BUDGET, LANE_BUDGET + 1}
    return np.array(taps), largest


def at_the_bound(
    taps: np.ndarray, largest: np.ndarray, kernel: int, random: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Filters int8 (3 n, kernel, kernel, channels) for taps (n, channels), their biases and multipliers.

    A filter's taps all lie at one place of its window, so that a single pixel can drive its sum to the bound.
    Of three filters with the same taps one shows the low bits of the largest sum, one those of the smallest,
    and one the whole range.
    """
    count, channels = taps.shape
    weights = np.zeros((count, 3, kernel, kernel, channels), np.int8)
    at = random.integers(0, kernel, (count, 2))
    for f in range(count):
        weights[f, :, at[f, 0], at[f, 1]] = taps[f]
    most = np.maximum(taps, 0) @ largest
    least = np.minimum(taps, 0) @ largest
    bias = np.stack([-most, -least, -(most + least) // 2], axis=1).ravel()
    coarse = 250 / (most - least)
    ones = np.ones_like(coarse)
    multipliers = np.stack([ones, ones, coarse], axis=1).ravel()
    return weights.reshape(3 * count, kernel, kernel, channels), bias, multipliers


def extreme_picture(
    taps: np.ndarray, largest: np.ndarray, shape: tuple[int, int], random: np.random.Generator
) -> np.ndarray:
    """Pixels uint8 (*shape, channels): each makes some filter's sum the largest or the smallest possible, or
    has the largest values, or 0, or noise below."""
    kinds = [*np.where(taps > 0, largest, 0), *np.where(taps > 0, 0, largest), largest, 0 * largest]
    kinds += [random.integers(0, largest + 1) for _ in range(8)]
    chosen = random.integers(0, len(kinds), shape)
    chosen[shape[0] // 2, :] = len(taps) - 1  # rows of neighbours that are all at a bound
    chosen[shape[0] // 2 + 1, :] = 2 * len(taps) - 1
    return np.array(kinds, np.uint8)[chosen]


@pytest.mark.parametrize("brightest", [255, 254, 128, 51])
@pytest.mark.parametrize(
    ("kernel", "stride", "lanes"),
    [(1, 1, [1, 1]), (1, 2, [2, 4]), (2, 1, [2, 4]), (3, 1, [2, 4]), (3, 2, [2, 4]), (7, 2, [2, 4])],
)
def test_sums_at_the_bound_of_a_lane(
    library: ctypes.CDLL, kernel: int, stride: int, lanes: list[int], brightest: int
) -> None:
    random = np.random.default_rng(kernel)
    if brightest == 255:
        taps = np.array(list(BOUND_FILTERS.values()))
        largest = np.full(taps.shape[1], 255)
    else:
        taps, largest = bound_filters(brightest)
    weights, bias, multipliers = at_the_bound(taps, largest, kernel, random)
    picture = Tensor(0, "picture", (1, 40, 37, taps.shape[1]), 1.0, -128)
    padding = Padding(kernel // 2, kernel // 2, (kernel - 1) // 2, (kernel - 1) // 2) if stride == 1 else None
    graph = chain(picture, [convolution(picture, weights, bias, multipliers, stride, padding)])
    pixels = extreme_picture(taps, largest, (40, 37), random)
    expected = expected_planes(graph, pixels)
    # Both ends of each filter's range occur, or the test would prove nothing.
    assert (expected[..., 0::3].max(axis=(0, 1)) == 0).all()
    assert (expected[..., 1::3].min(axis=(0, 1)) == 0).all()
    planned = programs(graph)
    assert [lanes_of(program) for program in planned] == [[n] for n in lanes[: len(planned)]]
    assert len(planned) == 2 or kernel == 1
    for program in planned:
        assert_exact(library, program, pixels, expected)


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (1, 2), (3, 2)])
@pytest.mark.parametrize("size", [(5, 3), (2, 5), (3, 5)])
def test_one_bright_pixel_counts_wherever_it_is(
    library: ctypes.CDLL, kernel: int, stride: int, size: tuple[int, int]
) -> None:
    """Looking for a channel's largest value leaves no pixel out."""
    picture = Tensor(0, "picture", (1, *size, 6), 1.0, -128)
    weights = np.array([127, -128], np.int8).repeat(kernel * kernel * 6).reshape(2, kernel, kernel, 6)
    bias = np.array([-255 * 127 * 6, 255 * 128 * 6])
    padding = same_padding(*size, (kernel, kernel), stride)
    graph = chain(picture, [convolution(picture, weights, bias, np.ones(2), stride, padding, 5)])
    for at in np.ndindex(size):
        pixels = np.zeros((*size, 6), np.uint8)
        pixels[at] = 255
        for program in programs(graph):
            assert_exact(library, program, pixels, expected_planes(graph, pixels))


@pytest.mark.parametrize("taps", [257, 258])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_chunk_of_257_taps(library: ctypes.CDLL, taps: int, sign: int) -> None:
    """Weights of magnitude 1 all over the windows: most taps that a chunk can have when pixels are bright."""
    weights = np.zeros((1, 3, 3, 29), np.int8)
    weights.reshape(-1)[:taps] = sign
    alternating = weights * np.where(np.arange(weights.size) % 2 == 0, 1, -1).reshape(weights.shape)
    both = np.concatenate([weights, alternating]).astype(np.int8)
    picture = Tensor(0, "picture", (1, 17, 19, 29), 1.0, -128)
    random = np.random.default_rng(taps)
    for fill in (255, 0, None):
        pixels = np.full((17, 19, 29), fill or 0, np.uint8)
        if fill is None:
            pixels = random.choice(np.array([0, 255], np.uint8), pixels.shape)
        bias = np.array([-sign * 255 * taps if fill else 0, 0])
        graph = chain(picture, [convolution(picture, both, bias, np.array([1.0, 0.25]))])
        expected = expected_planes(graph, pixels)
        planned = programs(graph)
        assert [lanes_of(program) for program in planned] == [[2], [4]]
        for program in planned:
            assert_exact(library, program, pixels, expected)


@pytest.mark.parametrize("name", BOUND_FILTERS)
def test_tap_words_count_a_header_for_each_chunk(name: str) -> None:
    taps = [tap for tap in BOUND_FILTERS[name] if tap != 0]
    chunks, room = 1, LANE_BUDGET
    for tap in taps:
        if 255 * abs(tap) > room:
            chunks, room = chunks + 1, LANE_BUDGET
        room -= 255 * abs(tap)
    assert (chunks == 1) == name.startswith("257,")
    found = filter_taps(np.array([taps, [0] * len(taps)], np.int8).reshape(2, 1, 1, -1))
    assert (found.words, found.filters, found.chunks) == (len(taps) + chunks + 2, 2, chunks + 1)


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
def test_convolutions_equal_numpy(library: ctypes.CDLL, network: tuple[Graph, np.ndarray]) -> None:
    graph, picture = network
    expected = expected_planes(graph, picture)
    for program in programs(graph):
        assert_exact(library, program, picture, expected)


@pytest.mark.parametrize("zero", [0, 3, 15, 40])
def test_code_words_of_all_lengths(library: ctypes.CDLL, zero: int) -> None:
    """Sixteen symbols, each rarer than the one before; the weight 0 is frequent, rare, or none of them."""
    counts = [1, 1]
    while len(counts) < 16:
        counts.append(counts[-1] + counts[-2])
    symbols = np.arange(-zero, 16 - zero, dtype=np.int8)
    random = np.random.default_rng(zero)
    weights = random.permutation(np.repeat(symbols, counts[::-1])).reshape(41, 1, 1, 63)
    assert sorted(code_lengths(weights).values()) == [*range(1, 16), 15]
    picture = Tensor(0, "picture", (1, 5, 4, 63), 1.0, 7)
    bias = 7.5 * weights.sum(axis=(1, 2, 3), dtype=np.int64)  # about what makes the mean 0
    graph = chain(picture, [convolution(picture, weights, bias, np.full(41, 0.02), 2)])
    pixels = random.integers(0, 256, (5, 4, 63), np.uint8)
    expected = expected_planes(graph, pixels)
    assert len(np.unique(expected)) > 25
    assert_exact(library, programs(graph)[0], pixels, expected)


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
def test_bands_do_not_show(library: ctypes.CDLL, pool: bool) -> None:
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
            assert np.array_equal(last_planes(library, with_band(program, band), pixels), expected), band
