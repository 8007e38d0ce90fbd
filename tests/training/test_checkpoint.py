"""The state of an unfinished run on disk."""

from pathlib import Path

import numpy as np

from squeezenet_lib.training.checkpoint import Checkpoint, State, run_key

STATE = State({"weights": [np.arange(3), np.eye(2)], "best": []}, [{"epoch": 1, "loss": 0.5}])


def test_a_saved_state_comes_back(tmp_path: Path) -> None:
    Checkpoint(tmp_path, "key").save(STATE)
    state = Checkpoint(tmp_path, "key").load()
    assert state is not None
    assert state.history == STATE.history
    assert state.arrays["best"] == []
    for loaded, saved in zip(state.arrays["weights"], STATE.arrays["weights"], strict=True):
        assert np.array_equal(loaded, saved)
        assert loaded.dtype == saved.dtype


def test_more_than_ten_arrays_keep_their_order(tmp_path: Path) -> None:
    Checkpoint(tmp_path, "key").save(State({"weights": [np.array(i) for i in range(120)]}, []))
    state = Checkpoint(tmp_path, "key").load()
    assert state is not None
    assert [int(array) for array in state.arrays["weights"]] == list(range(120))


def test_other_keys_missing_and_damaged_files_are_ignored(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "folder", "key")
    assert checkpoint.load() is None
    checkpoint.save(STATE)
    assert Checkpoint(tmp_path / "folder", "other").load() is None
    (path,) = (tmp_path / "folder").iterdir()
    whole = path.read_bytes()
    directory = whole.rindex(b"PK\1\2")
    unknown_method = whole[: directory + 10] + b"\x63" + whole[directory + 11 :]
    for damaged in (whole[:-30], whole[:100], b"", unknown_method, whole.replace(b"'descr'", b"('descr")):
        path.write_bytes(damaged)
        assert checkpoint.load() is None


def test_a_cleared_checkpoint_leaves_nothing(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "run", "key")
    checkpoint.save(STATE)
    checkpoint.clear()
    assert checkpoint.load() is None
    assert not (tmp_path / "run").exists()
    checkpoint.clear()


def test_the_key_depends_on_every_part() -> None:
    array = np.arange(4)
    keys = [
        run_key(array, 1),
        run_key(array, 2),
        run_key(array + 1, 1),
        run_key(array.reshape(2, 2), 1),
        run_key(array.astype(np.int32), 1),
    ]
    assert len(set(keys)) == 5
    assert run_key(np.arange(4), 1) == keys[0]
