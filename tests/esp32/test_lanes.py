"""Convolutions in two lanes, four lanes and bytes are exact at the bound of what a lane holds."""

import numpy as np
import pytest

from squeezenet_lib.compiler.convolution_plan import filter_taps
from squeezenet_lib.graph import Padding, Tensor, same_padding
from tests.support.single_convolution import (
    assert_exact,
    chain,
    convolution,
    expected_planes,
    lanes_of,
    programs,
)

LANE_BUDGET = 2**16 - 1  # of 16 bits: 255 x 257

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
def test_sums_at_the_bound_of_a_lane(kernel: int, stride: int, lanes: list[int], brightest: int) -> None:
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
        assert_exact(program, pixels, expected)


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (1, 2), (3, 2)])
@pytest.mark.parametrize("size", [(5, 3), (2, 5), (3, 5)])
def test_one_bright_pixel_counts_wherever_it_is(kernel: int, stride: int, size: tuple[int, int]) -> None:
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
            assert_exact(program, pixels, expected_planes(graph, pixels))


@pytest.mark.parametrize("taps", [257, 258])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_chunk_of_257_taps(taps: int, sign: int) -> None:
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
            assert_exact(program, pixels, expected)


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
