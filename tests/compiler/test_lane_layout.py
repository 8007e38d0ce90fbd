"""Planes in lanes: each tap of each output is found where the layout says, in every lane."""

from collections.abc import Iterator

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from squeezenet_lib.compiler.lane_layout import LaneReader, byte_record, lane_record, origin
from squeezenet_lib.graph import Conv2D, MaxPool2D, Padding, Tensor, same_padding, windowed_size
from squeezenet_lib.sqz.program import TensorRecord, whole_blocks


def reader(
    source: Tensor, kernel: int, stride: int, padding: Padding, pool: tuple[int, int] | None
) -> LaneReader:
    size = windowed_size(*source.shape[1:3], padding, (kernel, kernel), stride)
    output = Tensor(1, "convolved", (1, *size, 1), 1.0, 0)
    weights = np.ones((1, kernel, kernel, source.shape[3]), np.int8)
    scales, bias = np.ones(1, np.float32), np.zeros(1, np.int32)
    conv = Conv2D(source, output, weights, scales, bias, stride, padding, -128, 127)
    if pool is None:
        return LaneReader(conv, None)
    rows, columns = windowed_size(*size, Padding(), (pool[0], pool[0]), pool[1])
    pooled = Tensor(2, "pooled", (1, rows, columns, 1), 1.0, 0)
    return LaneReader(conv, MaxPool2D(output, pooled, *pool, Padding(), -128, 127))


@st.composite
def read_tensors(draw: st.DrawFn) -> tuple[Tensor, list[LaneReader]]:
    """A tensor, and convolutions that can share a stored form of it: as in a fire module, or one alone."""
    height, width = draw(st.integers(3, 20)), draw(st.integers(3, 20))
    source = Tensor(
        0, "source", (1, height, width, draw(st.integers(1, 3))), 1.0, draw(st.integers(-128, 127))
    )
    stride = draw(st.integers(1, 2))
    pool = draw(st.sampled_from([None, None, (2, 2), (3, 2), (3, 1), (2, 3)]))
    if stride == 1:
        kernels = draw(st.lists(st.integers(1, 7), min_size=1, max_size=3))
        kernels = [k for k in kernels if min(height, width) >= 2 or k <= 3]
        readers = [reader(source, k, 1, same_padding(height, width, (k, k), 1), pool) for k in kernels]
    else:
        kernel = draw(st.integers(1, 7))
        padding = same_padding(height, width, (kernel, kernel), stride)
        readers = [reader(source, kernel, stride, padding, pool)]
    sizes = readers[0].output_shape
    if pool is not None and min(sizes) < pool[0]:
        readers = [LaneReader(r.conv, None) for r in readers]
    return source, readers


def stored_plane(record: TensorRecord, pixels: np.ndarray, phase: tuple[int, int]) -> np.ndarray:
    """(words, lanes): the phase of a plane (height, width) as sqz_format.h describes it."""
    s, words = record.phases, record.plane // 4
    positions = np.arange(words)[:, None] + record.lane_step * np.arange(record.lanes)
    y = positions // record.pitch * s + phase[0] - record.pad_top
    x = positions % record.pitch * s + phase[1] - record.pad_left
    inside = (y >= 0) & (y < record.height) & (x >= 0) & (x < record.width)
    plane = np.full(positions.shape, record.pad_value)
    plane[inside] = pixels[y[inside], x[inside]]
    return plane


def sums_made(record: TensorRecord, r: LaneReader) -> Iterator[tuple[int, int, int]]:
    """(y, x, lane) of each of the convolution's outputs that the runtime makes.

    With pooling, a lane makes whole windows, and rows that windows of two lanes share are made twice."""
    height, width = r.output_shape
    if r.pool is None:
        for y, x in np.ndindex(height, width):
            yield y, x, (y * record.pitch + x) // record.lane_step
        return
    rows = record.lane_step // (r.pool.stride * record.pitch)
    for row, i, x in np.ndindex(r.pool.output.shape[1], r.pool.window, width):
        yield row * r.pool.stride + i, x, row // rows


def windows(conv: Conv2D, pixels: np.ndarray, pad_value: int) -> np.ndarray:
    """(height, width, kernel, kernel): the pixels that each output weighs."""
    p, kernel = conv.padding, conv.weights.shape[1]
    padded = np.pad(pixels, ((p.top, p.bottom), (p.left, p.right)), constant_values=pad_value)
    found = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel))
    return found[:: conv.stride, :: conv.stride]


@settings(max_examples=60, deadline=None)
@given(read_tensors(), st.sampled_from([2, 4]))
def test_each_tap_is_found_as_many_words_away_in_every_lane(
    case: tuple[Tensor, list[LaneReader]], lanes: int
) -> None:
    source, readers = case
    record = lane_record(source, readers, lanes)
    assert record.pad_value == source.zero_point + 128
    pixels = np.arange(record.height * record.width).reshape(record.height, record.width) + 1000
    s = record.phases
    planes = {phase: stored_plane(record, pixels, phase) for phase in np.ndindex(s, s)}
    for r in readers:
        first, expected = origin(record, r.conv), windows(r.conv, pixels, record.pad_value)
        made = np.array(list(sums_made(record, r)))
        y, x, lane = made.T
        assert lane.max() < lanes
        word = first + y * record.pitch + x - lane * record.lane_step
        for i, j in np.ndindex(expected.shape[2:]):
            tap = i // s * record.pitch + j // s
            assert np.array_equal(planes[i % s, j % s][word + tap, lane], expected[y, x, i, j])


@given(read_tensors())
def test_four_lanes_take_about_half_of_two(case: tuple[Tensor, list[LaneReader]]) -> None:
    source, readers = case
    two, four = (lane_record(source, readers, lanes) for lanes in (2, 4))
    overlaps = [record.plane // 4 - words_swept(record, readers) for record in (two, four)]
    assert overlaps[0] == overlaps[1]  # it does not depend on them
    assert four.lane_step <= two.lane_step


def words_swept(record: TensorRecord, readers: list[LaneReader]) -> int:
    """Of each lane, in whole blocks; with pooling less what its last window shares with the next one."""
    if readers[0].pool is None and record.lane_step == record.pitch:
        return whole_blocks(max(r.output_shape[1] for r in readers))
    return record.lane_step


@given(read_tensors(), st.sampled_from([2, 4]))
def test_a_lane_holds_a_row_where_there_are_no_more_rows_than_lanes(
    case: tuple[Tensor, list[LaneReader]], lanes: int
) -> None:
    source, readers = case
    record = lane_record(source, readers, lanes)
    if readers[0].pool is None:
        rows = max(r.output_shape[0] for r in readers)
        assert (record.lane_step == record.pitch) == (rows <= lanes)


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 5), st.integers(-128, 127))
def test_bytes_have_no_padding_but_whole_words(
    height: int, width: int, channels: int, zero_point: int
) -> None:
    record = byte_record(Tensor(0, "x", (1, height, width, channels), 1.0, zero_point))
    assert (record.lanes, record.phases, record.pitch, record.lane_step) == (1, 1, width, 0)
    assert record.plane % 4 == 0
    assert height * width <= record.plane < height * width + 4
    assert (record.planes, record.pad_value) == (channels, zero_point + 128)


def test_a_vector_is_one_pixel_a_channel() -> None:
    record = byte_record(Tensor(0, "logits", (1, 7), 1.0, 3))
    assert (record.height, record.width, record.channels, record.plane) == (1, 1, 7, 4)
