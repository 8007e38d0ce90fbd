"""What the firmware draws on its display: screens as text art, and that no string draws outside."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.host_screen import Call, screens
from tests.support.screen_art import PAGES, WIDTH, art, expected

CHARACTER, ROWS, COLUMNS = 5, 8, 25
SHOW = b"s"


def text(row: int, column: int, string: bytes) -> Call:
    return Call(b"t", row, column, string)


def large(row: int, string: bytes) -> Call:
    return Call(b"l", row, 0, string)


def boot(step: bytes, ok: bool = True) -> Call:
    return Call(b"b", int(ok), 0, step)


def result(name: bytes, per_mille: int, microseconds: int) -> Call:
    return Call(b"r", per_mille, microseconds, name)


def photograph(name: bytes, per_mille: int, capture: int, prepare: int, microseconds: int) -> Call:
    return Call(b"p", per_mille, capture, name, b"", prepare, microseconds)


def logit(name: bytes, score: int, microseconds: int) -> Call:
    return Call(b"r", score % 2**32, microseconds, name, b"no probability")


def message(line1: bytes, line2: bytes) -> Call:
    return Call(b"m", 0, 0, line1, line2)


def last(*calls: Call) -> bytes:
    return screens(*calls, Call(SHOW))[-1]


# --- screens as they look ---

STEPS = [boot(b"clock"), boot(b"flash"), boot(b"display"), boot(b"ram", ok=False), boot(b"model")]
EVERY_CHARACTER = bytes(range(0x20, 0x7F)) + b"\xfc"


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("font", [text(row, 0, EVERY_CHARACTER[25 * row :]) for row in range(4)]),
        ("font_large", [large(2 * row, EVERY_CHARACTER[33 + 12 * row :]) for row in range(4)]),
        ("boot", STEPS),
        ("boot_moved_up", [*STEPS, *(boot(f"step {i}".encode()) for i in range(6, 11))]),
        ("result", [result(b"defective", 987, 41234)]),
        ("result_two_words", [result(b"rather defective", 987, 41234)]),
        ("result_highest", [result(b"x", 1000, 4_294_967_295)]),
        ("result_long_name", [result(b"a cell with cracks and finger interruptions", 5, 99_950)]),
        ("photograph", [photograph(b"defective", 987, 312_449, 5_120, 41_234)]),
        ("photograph_slow", [photograph(b"a cell with cracks", 5, 2_000_000, 123_456, 4_294_967_295)]),
        ("message", [message(b"no model", b"send one over the serial line, or flash a whole image")]),
        ("message_short", [message(b"pressed", b"the button on GPIO0")]),
    ],
)
def test_screens_look_as_they_did_when_somebody_looked(name: str, calls: list[Call]) -> None:
    assert art(last(*calls)) == expected(name)


# --- text ---


def test_text_stands_where_it_is_put_and_nowhere_else() -> None:
    shown = last(text(3, 7, b"chip"))
    lit = {(at // WIDTH, at % WIDTH // CHARACTER) for at, column in enumerate(shown) if column}
    assert lit == {(3, 7), (3, 8), (3, 9), (3, 10)}


def test_new_text_replaces_the_old() -> None:
    assert last(text(3, 7, b"WWWW"), text(3, 7, b"chip")) == last(text(3, 7, b"chip"))


def test_double_size_is_each_pixel_four_times() -> None:
    small, twice = (
        art(last(call)).splitlines() for call in (text(0, 0, b"Scores: 0.5%"), large(0, b"Scores: 0.5%"))
    )
    expanded = ["".join(2 * pixel for pixel in line[:60]) for line in small[:8]]
    assert [line[:120] for line in twice[:16]] == [line for line in expanded for _ in range(2)]
    assert set("".join(twice[16:])) == {"."}


def test_clearing_leaves_nothing() -> None:
    assert last(result(b"defective", 987, 41234), Call(b"c")) == bytes(PAGES * WIDTH)


@pytest.mark.parametrize("byte", [*range(1, 32), 127, 128, 0xC3, 0xFF])
def test_other_bytes_are_a_box(byte: int) -> None:
    shown = last(text(0, 0, bytes([byte])))
    assert shown[:CHARACTER] == b"\x00\x7f\x41\x7f\x00"
    assert shown == last(text(0, 0, b"\x80"))


# --- whole screens ---


def test_each_screen_is_shown_once() -> None:
    assert len(screens(boot(b"ram"), result(b"x", 1, 1), message(b"x", b"y"), Call(SHOW))) == 4


@pytest.mark.parametrize(
    ("microseconds", "shown"),
    [
        (0, b"0.0 ms"),
        (49, b"0.0 ms"),
        (50, b"0.1 ms"),
        (41_249, b"41.2 ms"),
        (41_250, b"41.3 ms"),
        (99_950, b"100.0 ms"),
        (4_294_967_295, b"4294967.3 ms"),
    ],
)
def test_time_is_rounded_to_tenths_of_a_millisecond(microseconds: int, shown: bytes) -> None:
    row = slice(7 * WIDTH, 8 * WIDTH)
    assert last(result(b"x", 1, microseconds))[row] == last(text(7, 0, shown))[row]


@pytest.mark.parametrize(
    ("per_mille", "shown"), [(0, b"0.0%"), (7, b"0.7%"), (987, b"98.7%"), (1000, b"100.0%")]
)
def test_probability_is_in_percent_and_large(per_mille: int, shown: bytes) -> None:
    rows = slice(4 * WIDTH, 6 * WIDTH)
    assert last(result(b"x", per_mille, 1))[rows] == last(large(4, shown))[rows]


@pytest.mark.parametrize(
    ("score", "shown"), [(0, b"score 0"), (57, b"score 57"), (127, b"score 127"), (-128, b"score -128")]
)
def test_a_score_that_is_no_probability_is_shown_as_it_is(score: int, shown: bytes) -> None:
    assert last(logit(b"x", score, 41_234)) == last(
        Call(b"c"), large(0, b"x"), large(4, shown), text(7, 0, b"41.2 ms")
    )


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (b"twelve chars", [large(0, b"twelve chars")]),
        (b"twelve_chars", [large(0, b"twelve_chars")]),
        (b"twelve chars and more", [large(0, b"twelve chars"), large(2, b"and more")]),
        (b"two bigwords", [large(0, b"two bigwords")]),
        (b"thirteen_char", [text(0, 0, b"thirteen_char")]),
        (b"one thirteen_char", [text(0, 0, b"one thirteen_char")]),
        (b"three words exceeding twolines", [text(0, 0, b"three words exceeding"), text(1, 0, b"twolines")]),
        (b"x" * 60, [text(0, 0, b"x" * 25), text(1, 0, b"x" * 25), text(2, 0, b"x" * 10)]),
        (b"y" * 200, [text(row, 0, b"y" * 25) for row in range(4)]),
        (b"", []),
    ],
)
def test_a_name_is_large_where_two_lines_hold_its_words(name: bytes, lines: list[Call]) -> None:
    assert last(message(name, b"")) == last(Call(b"c"), *lines)


def test_a_boot_after_another_screen_begins_at_the_top() -> None:
    assert last(message(b"x", b"y"), Call(b"c"), boot(b"ram")) == last(boot(b"ram"))


# --- whatever it is given ---

STRINGS = st.binary(max_size=300).map(lambda raw: raw.replace(b"\0", b"\x01"))
NUMBERS = st.one_of(st.integers(0, 30), st.integers(0, 2**32 - 1))
CALLS = st.builds(
    Call,
    st.sampled_from([b"c", b"t", b"l", b"s", b"b", b"r", b"p", b"m"]),
    NUMBERS,
    NUMBERS,
    STRINGS,
    STRINGS,
    NUMBERS,
    NUMBERS,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CALLS, min_size=10, max_size=40))
def test_nothing_is_drawn_outside(calls: list[Call]) -> None:
    for shown in screens(*calls, Call(SHOW)):
        beyond = [shown[page * WIDTH + COLUMNS * CHARACTER : (page + 1) * WIDTH] for page in range(PAGES)]
        assert b"".join(beyond) == bytes(3 * PAGES), "behind the last character"
