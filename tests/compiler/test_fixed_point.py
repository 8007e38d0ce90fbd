"""The runtime's fixed-point arithmetic against gemmlowp's definitions, evaluated on unbounded integers."""

import ctypes
import subprocess

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from squeezenet_lib.compiler.fixed_point import quantize_multiplier
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sqz.host_runtime import SOURCES

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
int32 = st.integers(INT32_MIN, INT32_MAX)
multipliers = st.integers(2**30, INT32_MAX)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    path = tmp_path_factory.mktemp("fixed_point") / "fixed_point.so"
    sources = [ROOT / "tests" / "c" / "fixed_point_exports.c", SOURCES / "src" / "requantize.c"]
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", f"-I{SOURCES / 'src'}"]
    subprocess.run(["gcc", *flags, *map(str, sources), "-o", str(path)], check=True)
    return ctypes.CDLL(str(path))


def truncated_division(a: int, b: int) -> int:
    """C's a / b."""
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def doubling_high_multiply(a: int, b: int) -> int:
    """gemmlowp::SaturatingRoundingDoublingHighMul."""
    if a == b == INT32_MIN:
        return INT32_MAX
    nudge = 2**30 if a * b >= 0 else 1 - 2**30
    return truncated_division(a * b + nudge, 2**31)


def divide_by_power_of_two(x: int, exponent: int) -> int:
    """gemmlowp::RoundingDivideByPOT: nearest, halves away from zero."""
    half = 2**exponent // 2
    return (abs(x) + half) // 2**exponent * (1 if x >= 0 else -1)


@given(int32, int32)
@example(INT32_MIN, INT32_MIN)
@example(INT32_MIN, INT32_MAX)
@example(-1, 2**30)
@example(1, 2**30)
def test_rounding_doubling_high_multiply(library: ctypes.CDLL, a: int, b: int) -> None:
    assert library.test_multiply(a, b) == doubling_high_multiply(a, b)


@given(int32, st.integers(0, 31))
@example(INT32_MIN, 31)
@example(-3, 1)
def test_rounding_shift_right(library: ctypes.CDLL, x: int, exponent: int) -> None:
    assert library.test_shift(x, exponent) == divide_by_power_of_two(x, exponent)


@given(int32, multipliers, st.integers(-31, 0))
def test_requantize_to_smaller_values(library: ctypes.CDLL, x: int, multiplier: int, shift: int) -> None:
    expected = divide_by_power_of_two(doubling_high_multiply(x, multiplier), -shift)
    assert library.test_requantize(x, multiplier, shift) == expected
    assert library.test_requantize_called(x, multiplier, shift) == expected


@given(st.data(), multipliers, st.integers(1, 30))
def test_requantize_to_larger_values(
    library: ctypes.CDLL, data: st.DataObject, multiplier: int, shift: int
) -> None:
    x = data.draw(st.integers(-(2 ** (31 - shift)), 2 ** (31 - shift) - 1))
    expected = doubling_high_multiply(x << shift, multiplier)
    assert library.test_requantize(x, multiplier, shift) == expected
    assert library.test_requantize_called(x, multiplier, shift) == expected


@given(int32, int32, multipliers, st.integers(-31, 0))
def test_requantization_never_decreases(
    library: ctypes.CDLL, a: int, b: int, multiplier: int, shift: int
) -> None:
    """Max pooling before requantization rests on this."""
    low, high = sorted((a, b))
    assert library.test_requantize(low, multiplier, shift) <= library.test_requantize(high, multiplier, shift)


# Normalised multipliers, which the fast way takes, at and around the edges of its cases; and others.
MULTIPLIERS = [
    *(2**30 + n for n in (0, 1, 2**14, 2**15 - 1, 2**15, 2**16 - 1, 123_456_789)),
    *(3 * 2**29 + n for n in (-(2**16), -1, 0, 1, 2**15 - 1, 2**15 + 1, 2**16)),
    *(2**31 - n for n in (1, 2, 2**15, 2**15 + 1, 2**16, 98_765_432)),
    *(2**30 - 1, 2**29, 715_827_883, 65_537, 65_536, 255, 2, 1, 0),
]

# Zero point and clamps of the output, as bytes.
OUTPUTS = [(0, 0, 255), (128, 0, 255), (255, 0, 255), (37, 37, 200), (100, 10, 90)]


def boundaries(multiplier: int, shift: int) -> np.ndarray:
    """The smallest int32 x whose requantized value is v, for each v from -512 to 512 that has one."""
    if multiplier == 0:
        return np.empty(0, np.int64)
    s = max(-shift, 0)
    v = np.arange(-512, 513, dtype=np.int64)
    # The first rounding's smallest result that the second brings to v: halves go away from zero.
    y = (v << s) - (1 << s >> 1) + ((v <= 0) & (s > 0))
    y = y[np.abs(y) < 2**31]
    x = -((2**30 - (y << 31)) // multiplier)  # smallest x with (x multiplier + 2^30) >> 31 >= y
    x = -(-x >> max(shift, 0))
    return x[(x >= INT32_MIN) & (x <= INT32_MAX)]


def requantized(sums: np.ndarray, multiplier: int, shift: int) -> np.ndarray:
    """Both roundings of int64 sums, on numbers wide enough."""
    high = ((sums << max(shift, 0)) * multiplier + 2**30) >> 31
    half = 1 << max(-shift, 0) >> 1
    return np.sign(high) * ((np.abs(high) + half) >> max(-shift, 0))


def sums_to_try(multiplier: int, shift: int) -> np.ndarray:
    """Around every boundary between two bytes, around powers of two, and the largest.

    What a left shift would take out of 32 bits is left out."""
    x = boundaries(multiplier, shift)
    powers = 2 ** np.arange(32, dtype=np.int64)
    around = np.concatenate([x, powers, -powers, 3 * powers, [0]])[:, None] + np.arange(-2, 3)
    limit = 2 ** (31 - max(shift, 0))
    return np.unique(around[(around >= -limit) & (around < limit)])


def bytes_of(
    library: ctypes.CDLL, function: str, sums: np.ndarray, numbers: tuple[int, int, int, int, int]
) -> np.ndarray:
    given_sums = np.ascontiguousarray(sums, np.int32)
    result = np.empty(len(sums), np.uint8)
    pointers = ctypes.c_void_p(given_sums.ctypes.data), ctypes.c_void_p(result.ctypes.data)
    getattr(library, function)(*numbers, *pointers, len(sums))
    return result


@pytest.mark.parametrize("shift", range(-31, 31))
def test_bytes_at_every_boundary(library: ctypes.CDLL, shift: int) -> None:
    """The fast way and the slow one are exact at both sides of each boundary between two bytes."""
    for multiplier in MULTIPLIERS:
        sums = sums_to_try(multiplier, shift)
        values = requantized(sums, multiplier, shift)
        for zero_point, low, high in OUTPUTS:
            numbers = (multiplier, shift, zero_point, low, high)
            expected = np.clip(values + zero_point, low, high)
            for function in ("test_requantize_run", "test_requantize_exactly"):
                assert np.array_equal(bytes_of(library, function, sums, numbers), expected), (
                    function,
                    numbers,
                )


def test_boundaries_are_where_bytes_change() -> None:
    for multiplier, shift in [
        (2**30, -7),
        (3 * 2**29 + 1, -11),
        (2**31 - 1, 0),
        (2**30 + 5, 3),
        (65_537, -2),
    ]:
        x = boundaries(multiplier, shift)
        assert len(x) > 3
        assert (requantized(x, multiplier, shift) > requantized(x - 1, multiplier, shift)).all()


@given(st.lists(int32, min_size=1, max_size=50), multipliers, st.integers(-31, 0), st.integers(0, 255))
def test_bytes_of_any_sums(
    library: ctypes.CDLL, sums: list[int], multiplier: int, shift: int, zero_point: int
) -> None:
    values = requantized(np.array(sums), multiplier, shift)
    found = bytes_of(library, "test_requantize_run", np.array(sums), (multiplier, shift, zero_point, 0, 255))
    assert np.array_equal(found, np.clip(values + zero_point, 0, 255))


def test_bytes_may_take_the_place_of_their_sums(library: ctypes.CDLL) -> None:
    sums = np.arange(-500, 2500, 3, dtype=np.int32)
    apart = bytes_of(library, "test_requantize_run", sums, (2**30, -2, 3, 0, 255))
    address = ctypes.c_void_p(sums.ctypes.data)
    library.test_requantize_run(2**30, -2, 3, 0, 255, address, address, len(sums))
    assert np.array_equal(sums.view(np.uint8)[: len(sums)], apart)


@given(st.floats(1e-6, 1e3))
def test_multipliers_are_nearest(real: float) -> None:
    multiplier, shift = quantize_multiplier(real)
    assert 2**30 <= multiplier < 2**31
    assert abs(multiplier * 2.0 ** (shift - 31) - real) <= 2.0 ** (shift - 32)


def test_multipliers_at_the_edges() -> None:
    assert quantize_multiplier(0.0) == (0, 0)
    assert quantize_multiplier(2.0**-40) == (0, 0)
    assert quantize_multiplier(1.0) == (2**30, 1)
    assert quantize_multiplier(1.0 - 2.0**-40) == (2**30, 1)
