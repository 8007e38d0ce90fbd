"""Pickles give arrays and nothing else."""

import os
import pickle
from typing import Any

import numpy as np
import pytest

from squeezenet_lib.pretrained.pickled_arrays import load_arrays


@pytest.mark.parametrize("protocol", [3, 4])  # others name other functions
def test_arrays_are_read_as_they_were(protocol: int) -> None:
    arrays = {"a": [np.arange(6, dtype=np.float32).reshape(2, 3), np.zeros(2, np.float32)]}
    read = load_arrays(pickle.dumps(arrays, protocol))
    assert list(read) == ["a"]
    assert all(map(np.array_equal, read["a"], arrays["a"]))
    assert read["a"][0].dtype == np.float32


def test_names_that_numpy_had_before_its_version_2_are_known() -> None:
    content = pickle.dumps(np.arange(3), 3)
    old = content.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    assert old != content
    assert np.array_equal(load_arrays(old), np.arange(3))


class Harmful:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch harmed",)


def test_a_pickle_that_calls_something_is_refused_before_it_does(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"it names \w+\.system, which is no array"):
        load_arrays(pickle.dumps([np.zeros(2), Harmful()], 3))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no pickle", pickle.dumps(np.zeros(9), 3)[:-30]])
def test_what_is_no_pickle_or_cut_short_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        load_arrays(content)
