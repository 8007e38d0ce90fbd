"""The runtime's fixed-point arithmetic against gemmlowp's definitions, evaluated on unbounded integers."""

import ctypes
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from squeezenet_lib.host_runtime import SOURCES
from squeezenet_lib.planner import quantize_multiplier

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
int32 = st.integers(INT32_MIN, INT32_MAX)
multipliers = st.integers(2**30, INT32_MAX)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    path = tmp_path_factory.mktemp("fixed_point") / "fixed_point.so"
    source = Path(__file__).parent / "c" / "fixed_point_exports.c"
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", f"-I{SOURCES / 'src'}"]
    subprocess.run(["gcc", *flags, str(source), "-o", str(path)], check=True)
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


@given(st.data(), multipliers, st.integers(1, 30))
def test_requantize_to_larger_values(
    library: ctypes.CDLL, data: st.DataObject, multiplier: int, shift: int
) -> None:
    x = data.draw(st.integers(-(2 ** (31 - shift)), 2 ** (31 - shift) - 1))
    assert library.test_requantize(x, multiplier, shift) == doubling_high_multiply(x << shift, multiplier)


@given(int32, int32, multipliers, st.integers(-31, 0))
def test_requantization_never_decreases(
    library: ctypes.CDLL, a: int, b: int, multiplier: int, shift: int
) -> None:
    """Max pooling before requantization rests on this."""
    low, high = sorted((a, b))
    assert library.test_requantize(low, multiplier, shift) <= library.test_requantize(high, multiplier, shift)


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
