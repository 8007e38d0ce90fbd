"""models/layers.json: the sparsity of each layer, and the levels that a sensitivity scan proposed."""

import json
from collections.abc import Mapping
from pathlib import Path

from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import write_json


def write_layers(path: Path, sparsity: Mapping[str, float], levels: Mapping[str, int]) -> None:
    """Write both; `levels` is empty when nothing was scanned."""
    write_json(path, {"sparsity": dict(sparsity), "levels": dict(levels)})


def read_levels(path: Path) -> dict[str, int]:
    """The proposed levels by layer. Raises UserError when the file is missing or holds none."""
    try:
        levels: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))["levels"]
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{path} is missing or damaged; run the prune stage first.") from None
    if not levels:
        raise UserError(
            "quantize.per_layer is auto, but the prune stage has scanned nothing; "
            "set prune.per_layer to auto, too."
        )
    return levels
