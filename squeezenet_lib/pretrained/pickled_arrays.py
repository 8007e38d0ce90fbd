"""Arrays in a pickle, read without letting the pickle do anything else."""

import io
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy._core.multiarray import _reconstruct

# What numpy's arrays name in a pickle, as they did before version 2, too.
ALLOWED: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): _reconstruct,
}


class _Unpickler(pickle.Unpickler):
    """Knows no names but those that arrays need: any other could be a function that does harm."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is no array") from None


def load_arrays(content: bytes) -> Any:
    """The arrays, lists and dictionaries in a pickle. Raises ValueError for anything else and for damage."""
    try:
        return _Unpickler(io.BytesIO(content)).load()
    # unpickling meets damaged bytes with whatever exception it runs into
    except Exception as error:
        raise ValueError(" ".join(str(error).split()) or type(error).__name__) from None
