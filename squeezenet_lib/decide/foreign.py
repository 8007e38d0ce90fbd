"""Pictures that belong to no class, from a folder of the user's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError
from squeezenet_lib.images import Shape, load_picture


def foreign_inputs(folder: Path, shape: Shape, standardise: bool) -> npt.NDArray[np.uint8]:
    """All files in `folder` and below as network inputs (N, H, W, C).

    Raises UserError when it is no folder or empty, and for a file that is no picture.
    """
    if not folder.is_dir():
        raise UserError(f"decide.foreign names {folder}, which is no folder: name one with pictures, or null")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    if not files:
        raise UserError(f"decide.foreign names {folder}, which is empty: name one with pictures, or null")
    return np.stack([load_picture(path, shape, standardise) for path in files])
