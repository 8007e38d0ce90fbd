"""One spelling for each name, on one line."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from squeezenet_lib.dataset.names import UniqueNames, composed, is_utf8, looks, shown, shown_list, written

FILE_NAMES = st.binary(min_size=1, max_size=20).map(
    lambda name: name.replace(b"/", b"").replace(b"\0", b"").decode("utf-8", "surrogateescape") or "x"
)


def test_two_ways_to_write_a_character_are_one() -> None:
    forms = [unicodedata.normalize(form, "Käfer 각") for form in ("NFC", "NFD")]
    assert forms[0] != forms[1]
    assert composed(forms[0]) == composed(forms[1])


def test_bytes_that_are_no_utf8_are_written_as_text() -> None:
    name = b"caf\xe9.png".decode("utf-8", "surrogateescape")
    assert not is_utf8(name)
    assert written(name) == r"caf\xe9.png"
    assert is_utf8("café.png") and written("café.png") == "café.png"


def test_what_a_terminal_would_obey_is_shown_as_text() -> None:
    assert shown('Icon\r\n\x1b[2J\u202e \'ä, "é" ') == r"Icon\r\n\x1b[2J\u202e 'ä, " + '"é" '
    assert shown_list(["a", "b\n", "c"], 2) == r"a, b\n, ..."


def test_names_that_differ_in_what_nobody_sees_look_alike() -> None:
    assert {looks(name) for name in ("big cat", " big  cat", "big cat\u200b", "\ufeffbig\u00a0cat")} == {
        "big cat"
    }
    assert looks("Cat") != looks("cat")


@given(st.lists(FILE_NAMES))
def test_each_name_is_handed_out_once_and_can_be_written_and_shown(names: list[str]) -> None:
    unique = UniqueNames()
    given_names = [unique.of(f"cat/{name}") for name in names]
    assert len(set(given_names)) == len(names)
    for name in given_names:
        name.encode("utf-8")
        assert composed(name) == name
        assert shown(name).isprintable()
