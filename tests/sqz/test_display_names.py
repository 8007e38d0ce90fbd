"""Class names for a display: in ASCII, beside the true ones in the file."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from squeezenet_lib.sqz.container import read_sqz, write_sqz
from squeezenet_lib.sqz.display_names import display_names, in_words, need_others
from squeezenet_lib.sqz.header import HEADER, SQZ, TFL, read_header
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.sqz.program import ModelFacts
from squeezenet_lib.sqz.tfl import write_tfl
from tests.support.small_firmware import small_model

TRUE = ("K\u00e4se", "\u65e5\u672c")
SHOWN = ("Kase", "RiBen")


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (TRUE, SHOWN),
        (("defective", "functional"), ("defective", "functional")),
        (("Stra\u00dfe", "\u041c\u043e\u0441\u043a\u0432\u0430"), ("Strasse", "Moskva")),
        (("e\u0301t\u00e9", "x"), ("ete", "x")),  # the accent as a character of its own, and not
        (("K\u00e4se", "Kase"), ("Kase 0", "Kase")),  # two classes stay two
        (("a", "\u200d"), ("a", "class 1")),  # nothing that could be read
    ],
)
def test_names_are_read_in_ascii(names: tuple[str, ...], shown: tuple[str, ...]) -> None:
    assert display_names(names) == shown
    assert need_others(names) == (names != shown)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1, max_size=4))
def test_whatever_the_names_are_the_font_has_them(names: list[str]) -> None:
    for name in display_names(names):
        assert name.isascii() and name and "\0" not in name


def test_what_is_shown_otherwise_is_said_and_not_at_length() -> None:
    assert in_words(("cat", "dog")) == ""
    assert in_words(("cat", *TRUE)).endswith(f"shows {TRUE[0]} as Kase, {TRUE[1]} as RiBen")
    assert in_words([f"{number}\u00e4" for number in range(12)]).endswith("4\u00e4 as 4a and 7 more")


def sqz(names: tuple[str, ...]) -> bytes:
    program = read_sqz(small_model().sqz.read_bytes())
    return write_sqz(replace(program, header=replace(program.header, class_names=names)))[0]


def tfl(names: tuple[str, ...]) -> bytes:
    return write_tfl(b"TFL3", (2, 2, 1), ModelFacts(names), 16, probabilities=True)


@pytest.mark.parametrize(("make", "kind"), [(sqz, SQZ), (tfl, TFL)])
def test_the_file_has_both_and_its_readers_see_the_true_ones(
    make: Callable[[tuple[str, ...]], bytes], kind: object
) -> None:
    data = make(TRUE)
    assert read_header(data, (SQZ, TFL)).class_names == TRUE
    names, flags = HEADER.unpack_from(data)[15:17]
    assert flags & 4
    assert data[:names].endswith(b"Kase\0RiBen\0")


@pytest.mark.parametrize("make", [sqz, tfl])
def test_names_in_ascii_stand_in_the_file_once(make: Callable[[tuple[str, ...]], bytes]) -> None:
    data = make(("cat", "bear"))
    assert data.count(b"cat\0bear\0") == 1
    assert not HEADER.unpack_from(data)[16] & 4


def test_the_runtime_runs_the_program_as_before() -> None:
    with_names, plain = HostRuntime(sqz(TRUE)), HostRuntime(sqz(("cat", "bear")))
    images = small_model().images
    assert (with_names.run(images) == plain.run(images)).all()
