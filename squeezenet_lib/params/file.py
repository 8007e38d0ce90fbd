"""params.yaml read and checked: one sentence for each mistake."""

import dataclasses
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

import yaml

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.board import USUAL_CAMERA, PioParams
from squeezenet_lib.params.rules import as_written, checked, suit
from squeezenet_lib.params.sections import Params, QuantizeParams
from squeezenet_lib.paths import PARAMS

Section = TypeVar("Section")

# What quantize.levels may be with `grid: shift`.
SHIFT_LEVELS = (6, 8)


def load_params(path: Path = PARAMS) -> Params:
    """Read and check the file. Raises UserError naming the key, its value and what is allowed."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}); run this in the project's folder."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not valid YAML: {' '.join(str(error).split())}.") from None
    params = _section(Params, suit(content), str(path), "")
    if params.train.warmup_epochs >= params.train.epochs and params.train.warmup_epochs > 0:
        raise UserError(
            f"{path}: train.warmup_epochs is {params.train.warmup_epochs}; it has to be less than "
            f"train.epochs, which is {params.train.epochs}."
        )
    if params.download.source == "folder" and not params.download.folder:
        raise UserError(
            f"{path}: download.folder is empty; `source: folder` needs the path of a folder there."
        )
    if params.download.source == "archive" and not params.download.archive:
        raise UserError(
            f"{path}: download.archive is empty; `source: archive` needs the path or address of one there."
        )
    _check_grid(params.quantize, path)
    _check_pio(params.pio, path)
    return params


def _check_grid(quantize: QuantizeParams, path: Path) -> None:
    """Raise UserError for numbers of values that the grid does not come in."""
    if quantize.grid == "uniform" or quantize.method != "shared":
        return
    if quantize.per_layer == "auto":
        raise UserError(
            f"{path}: quantize.per_layer is auto, which proposes values of `grid: uniform`; with "
            "`grid: shift` it has to be null, or 6 or 8 by layer."
        )
    for key, count in {"levels": quantize.levels, **(quantize.per_layer or {})}.items():
        if count not in SHIFT_LEVELS:
            name = key if key == "levels" else f"per_layer.{key}"
            raise UserError(
                f"{path}: quantize.{name} is {count}; `grid: shift` has 6 values (1, 2, 4 steps and their "
                "negatives), or 8 (8 steps, too)."
            )


def _check_pio(pio: PioParams, path: Path) -> None:
    """Raise UserError where the values of the section contradict each other."""
    values = {"engine": pio.engine, "light": pio.light, "continuous": pio.continuous}
    for key, value in values.items():
        if pio.env != "esp32cam" and value in ("tflm", True):
            shown = str(value).lower()
            raise UserError(
                f"{path}: pio.{key} is {shown}; that needs `env: esp32cam`, and pio.env is {pio.env}."
            )
    if pio.env != "esp32cam" and pio.camera != USUAL_CAMERA:
        raise UserError(
            f"{path}: pio.camera is not as it is in the project's own params.yaml; other settings need "
            f"`env: esp32cam`, and pio.env is {pio.env}."
        )
    if pio.env == "esp32cam" and pio.flash_size in ("1MB", "2MB"):
        raise UserError(f"{path}: pio.flash_size is {pio.flash_size}; `env: esp32cam` needs 4MB or more.")


def _section(cls: type[Section], content: Any, path: str, prefix: str) -> Section:
    """One section of the file as its dataclass."""
    where = prefix.rstrip(".") or "the file"
    if not isinstance(content, dict):
        raise UserError(
            f"{path}: {where} is {as_written(content)}; it has to be a section of keys and values."
        )
    hints = get_type_hints(cls, include_extras=True)
    for key in content:
        if key not in hints:
            raise UserError(f"{path}: {prefix}{key} is unknown; {where} has the keys {', '.join(hints)}.")
    values: dict[str, Any] = {}
    for name, hint in hints.items():
        if name not in content:
            raise UserError(f"{path}: {prefix}{name} is missing; add it (see the project's own params.yaml).")
        if dataclasses.is_dataclass(hint):
            values[name] = _section(cast(Any, hint), content[name], path, f"{prefix}{name}.")
        else:
            values[name] = checked(content[name], hint, f"{path}: {prefix}{name}")
    return cls(**values)
