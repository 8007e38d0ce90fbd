"""The state of unfinished training on disk, so that a killed run continues where it was."""

import hashlib
import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from squeezenet_lib.dataset.arrays import Split
from squeezenet_lib.outputs import replace_when_done

Arrays = list[npt.NDArray[Any]]


@dataclass(frozen=True)
class State:
    """Everything a run needs to continue after an epoch.

    arrays: groups of arrays by name (weights, optimizer and so on). history: one record per finished epoch.
    """

    arrays: dict[str, Arrays]
    history: list[dict[str, float]]


@dataclass(frozen=True)
class Checkpoint:
    """A folder that holds at most one state, which belongs to the run with this key.

    A state with another key is from other data or other params: it is ignored, and replaced by the next save.
    """

    folder: Path
    key: str

    def save(self, state: State) -> None:
        """Replace what is there; a kill at any moment leaves the old or the new state."""
        with replace_when_done(self._file) as temporary:
            temporary.write_bytes(pack_state(state, self.key))

    def load(self) -> State | None:
        """The saved state; None when there is none, it has another key or it cannot be read."""
        try:
            return unpack_state(self._file.read_bytes(), self.key)
        except Exception:  # numpy meets damaged bytes with whatever exception its parsing runs into
            return None

    def clear(self) -> None:
        """Remove the folder: the run has ended."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _file(self) -> Path:
        return self.folder / "state.npz"


def pack_state(state: State, key: str = "") -> bytes:
    """The state as the bytes of an .npz file."""
    named: dict[str, Any] = {
        f"{group}/{index:04d}": array
        for group, arrays in state.arrays.items()
        for index, array in enumerate(arrays)
    }
    about = json.dumps({"key": key, "groups": list(state.arrays), "history": state.history})
    file = io.BytesIO()
    np.savez(file, about=np.array(about), **named)
    return file.getvalue()


def unpack_state(content: bytes, key: str = "") -> State:
    """What pack_state packed. Raises ValueError or what numpy raises for another key and for other bytes."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        about = json.loads(str(file["about"]))
        if about["key"] != key:
            raise ValueError("the state belongs to another run")
        names = sorted(file.files)
        groups = {
            group: [file[name] for name in names if name.startswith(f"{group}/")] for group in about["groups"]
        }
        return State(groups, about["history"])


def data_of(split: Split) -> tuple[npt.NDArray[Any], ...]:
    """Everything of a split that training depends on."""
    return split.images, split.labels, split.targets


def run_key(*parts: Any) -> str:
    """A key for runs on the same inputs: SHA-256 of the arrays' bytes and of the other parts' repr."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode())
    return digest.hexdigest()
