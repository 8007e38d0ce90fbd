"""Which of equal files stays."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from squeezenet_lib.dataset.duplicates import find_duplicates

pictures = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d", None]),
        st.integers(0, 1),
        st.sampled_from(["", "train", "val", "test"]),
    )
)


def test_the_one_in_the_test_split_stays_then_val_then_the_first() -> None:
    splits = ["", "train", "val", "test", "test"]
    for count, stays in ((2, 0), (3, 2), (5, 3)):
        found = find_duplicates(["x"] * count, ["cat"] * count, splits[:count])
        assert found.copy_of == {index: stays for index in range(count) if index != stays}
        assert found.contradictory == []


def test_equal_files_in_two_classes_are_all_left_out_wherever_they_are() -> None:
    found = find_duplicates(["x", "y", "x", "x"], ["cat", "cat", "cat", "dog"], ["", "", "test", ""])
    assert found.contradictory == [[0, 2, 3]]
    assert found.copy_of == {}


def test_unreadable_files_are_equal_to_nothing() -> None:
    found = find_duplicates([None, None, "x"], ["cat", "dog", "cat"], ["", "", ""])
    assert (found.copy_of, found.contradictory) == ({}, [])


@given(pictures)
def test_what_is_left_is_each_file_once_and_no_file_is_lost_without_a_contradiction(
    pictures: list[tuple[str | None, int, str]],
) -> None:
    digests, classes, splits = ([picture[part] for picture in pictures] for part in range(3))
    found = find_duplicates(digests, classes, splits)
    out = set(found.copy_of).union(*found.contradictory)
    left = [digest for index, digest in enumerate(digests) if digest and index not in out]
    assert len(left) == len(set(left))
    classes_of = defaultdict(set)
    for digest, class_number in zip(digests, classes, strict=True):
        classes_of[digest].add(class_number)
    assert set(left) == {digest for digest in digests if digest and len(classes_of[digest]) == 1}
