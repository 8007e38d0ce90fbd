"""A typed, checked view of params.yaml: one class for each section, one sentence for each mistake."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast, get_type_hints

import yaml

from squeezenet_lib.errors import UserError
from squeezenet_lib.param_rules import (
    Between,
    ClassNames,
    Even,
    ListOf,
    OneOf,
    PerClass,
    PerLayer,
    Sha256,
    checked,
)

Section = TypeVar("Section")


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may hold. total_bytes: unpacked. member_bytes: of one file. members: with folders."""

    total_bytes: Annotated[int, Between(1, 10**15)]
    member_bytes: Annotated[int, Between(1, 10**12)]
    members: Annotated[int, Between(1, 10**9)]


@dataclass(frozen=True)
class DownloadParams:
    """source: where pictures come from. folder: path of `source: folder`, one sub-folder for each class.

    archive: path or address (http, https) of `source: archive`, a zip or tar of such a folder.
    archive_sha256: its checksum, null where it is not known. limits: of the archive; more is refused.
    """

    source: Annotated[str, OneOf("solar", "fashion-mnist", "intel", "caltech256", "folder", "archive")]
    folder: str | None
    archive: str | None
    archive_sha256: Annotated[str | None, Sha256()]
    limits: ArchiveLimits


@dataclass(frozen=True)
class PreprocessParams:
    """size: side of the network input in pixels; below 29 the last pooling would see less than its window.

    channels: 1 (grey) or 3 (RGB). standardise: see images.py. classes: null for all, or the names of those to
    take; labels keep the source's order. test_share: of all pictures. pictures_per_class: null, or how many
    pictures of a class may go to training and validation together: a number for every class, or a section of
    names and numbers for some. They are drawn by the seed out of what is left after the test split, which
    stays whole; what the source itself put into val or test is neither left out nor counted.
    validation_share: of the pictures left then. max_unreadable_share: of the files of all classes taken; more
    is an error.
    """

    size: Annotated[int, Between(29, 512)]
    channels: Annotated[int, OneOf(1, 3)]
    standardise: bool
    classes: Annotated[list[str] | None, ClassNames()]
    pictures_per_class: Annotated[int | dict[str, int] | None, PerClass(Between(1, 10_000_000))]
    test_share: Annotated[float, Between(0.05, 0.5)]
    validation_share: Annotated[float, Between(0.05, 0.5)]
    max_unreadable_share: Annotated[float, Between(0.0, 1.0)]


@dataclass(frozen=True)
class ModelParams:
    """width: factor on the number of filters of every convolution but the last. dropout: before that one."""

    width: Annotated[float, Between(0.0625, 2.0)]
    dropout: Annotated[float, Between(0.0, 0.9)]


@dataclass(frozen=True)
class AugmentParams:
    """Random changes of training pictures, each up to so much.

    shift: pixels. zoom: share of the side that is left out, or added. contrast, brightness: 1 is half of full
    scale. erase: share of the area that a rectangle of mid-grey hides.
    """

    rotate: bool
    flip: bool
    shift: Annotated[int, Between(0, 64)]
    zoom: Annotated[float, Between(0.0, 0.5)]
    contrast: Annotated[float, Between(0.0, 0.9)]
    brightness: Annotated[float, Between(0.0, 0.9)]
    erase: Annotated[float, Between(0.0, 0.5)]


@dataclass(frozen=True)
class TrainParams:
    """AdamW with a linear warm-up over `warmup_epochs`, then a cosine down to zero.

    init_from: the weights to start with, a .keras file of an earlier training; weights/he_uniform stands for
    random ones. strategy: TensorFlow's distribution, see distribution.py; of this stage only.
    soft_target_share: weight of the source's soft target against the hard class. class_balance: `weights`
    weighs the loss, `sampling` draws all classes equally often. weight_average: decay per step of the
    exponential moving average of the weights that is validated and kept; 0 keeps the optimizer's own.
    """

    init_from: str
    strategy: Annotated[str, OneOf("single", "mirrored", "multiworker")]
    epochs: Annotated[int, Between(1, 10_000)]
    batch_size: Annotated[int, Between(1, 1024)]
    learning_rate: Annotated[float, Between(1e-7, 1.0)]
    weight_decay: Annotated[float, Between(0.0, 1.0)]
    warmup_epochs: Annotated[int, Between(0, 1000)]
    soft_target_share: Annotated[float, Between(0.0, 1.0)]
    class_balance: Annotated[str, OneOf("none", "weights", "sampling")]
    weight_average: Annotated[float, Between(0.0, 0.9999)]
    augment: AugmentParams


@dataclass(frozen=True)
class PruneParams:
    """sparsity: share of zeros in the kernels of every convolution but the first and the last.

    These two stay dense: they hold less than 0.3 % of the weights and are the most sensitive. per_layer:
    `null`, or other sparsities by layer, or `auto`: what the sensitivity scan proposes for `accuracy_budget`,
    the share of validation pictures that the network may lose before it is fine-tuned.
    ramp_share: share of the epochs over which the sparsity grows; the rest of them heals.
    distillation: share of the unpruned network's scores in the targets.
    """

    sparsity: Annotated[float, Between(0.0, 0.99)]
    per_layer: Annotated[dict[str, float] | str | None, PerLayer(Between(0.0, 0.99))]
    accuracy_budget: Annotated[float, Between(0.001, 0.5)]
    epochs: Annotated[int, Between(1, 10_000)]
    learning_rate: Annotated[float, Between(1e-7, 1.0)]
    ramp_share: Annotated[float, Between(0.0, 0.9)]
    distillation: Annotated[float, Between(0.0, 1.0)]


@dataclass(frozen=True)
class QuantizeParams:
    """method: `ptq` measures ranges on `calibration_pictures` training pictures; `qat` fine-tunes as well;
    `shared` fine-tunes with few weight values, then measures ranges.

    levels: of `shared`, how many values besides zero a filter's weights may have, an even number: 14 is 4
    bits (-7 to 7 steps), 6 is 3 bits. per_layer: `null`, or other numbers by layer, or `auto`: what the
    sensitivity scan of the prune stage proposed. epochs, learning_rate, distillation: of fine-tuning; the
    teacher is the float network.
    """

    method: Annotated[str, OneOf("ptq", "qat", "shared")]
    levels: Annotated[int, Even(2, 32)]
    per_layer: Annotated[dict[str, int] | str | None, PerLayer(Even(2, 32))]
    calibration_pictures: Annotated[int, Between(1, 100_000)]
    epochs: Annotated[int, Between(1, 10_000)]
    learning_rate: Annotated[float, Between(1e-7, 1.0)]
    distillation: Annotated[float, Between(0.0, 1.0)]


@dataclass(frozen=True)
class HuffmanParams:
    """max_code_length: of the canonical codes, in bits.

    arena_limit: RAM in bytes that the network may work in; the fastest plan that fits is taken.
    """

    max_code_length: Annotated[int, Between(8, 15)]
    arena_limit: Annotated[int, Between(1024, 307_200)]


@dataclass(frozen=True)
class TflmExportParams:
    """golden_pictures: test pictures with known scores that the firmware carries for its self-test."""

    golden_pictures: Annotated[int, Between(1, 64)]


@dataclass(frozen=True)
class PioParams:
    """env: PlatformIO's, what the firmware stands on. board: its pins. engine: the library that runs the
    model. light: while a picture is taken. continuous: picture after picture from the start. The others: how
    the image sits in the module's flash, and the speed of its serial port in baud.

    flash_mode: the quad modes are missing because the chip's ROM cannot boot in them on every flash.
    """

    env: Annotated[str, OneOf("esp32", "esp32cam")]
    board: Annotated[str, OneOf("ai-thinker", "t-camera-v05", "custom")]
    engine: Annotated[str, OneOf("squeeze_rt", "tflm")]
    light: bool
    continuous: bool
    flash_size: Annotated[str, OneOf("1MB", "2MB", "4MB", "8MB", "16MB")]
    flash_freq: Annotated[str, OneOf("20m", "26m", "40m", "80m")]
    flash_mode: Annotated[str, OneOf("dio", "dout")]
    baud_rate: Annotated[int, Between(9600, 2_000_000)]


@dataclass(frozen=True)
class EmulateParams:
    """pictures: how many test pictures the emulated chip classifies."""

    pictures: Annotated[int, Between(1, 100_000)]


@dataclass(frozen=True)
class FrontierParams:
    """The sweep of `make frontier`: all pairs of sparsity and levels, with `repeats` seeds from `seed` on."""

    sparsity: Annotated[list[float], ListOf(Between(0.0, 0.99))]
    levels: Annotated[list[int], ListOf(Even(2, 32))]
    repeats: Annotated[int, Between(1, 100)]


@dataclass(frozen=True)
class Params:
    """The whole file. seed: of splits, initial weights, augmentation and calibration."""

    seed: Annotated[int, Between(0, 2**31 - 1)]
    download: DownloadParams
    preprocess: PreprocessParams
    model: ModelParams
    train: TrainParams
    prune: PruneParams
    quantize: QuantizeParams
    huffman: HuffmanParams
    tflm_export: TflmExportParams
    pio: PioParams
    emulate: EmulateParams
    frontier: FrontierParams


def load_params(path: Path = Path("params.yaml")) -> Params:
    """Read and check the file. Raises UserError naming the key, its value and what is allowed."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}).") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not valid YAML: {' '.join(str(error).split())}.") from None
    params = _section(Params, content, str(path), "")
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
    _check_pio(params.pio, path)
    return params


def _check_pio(pio: PioParams, path: Path) -> None:
    """Raise UserError where the values of the section contradict each other."""
    values = {"engine": pio.engine, "light": pio.light, "continuous": pio.continuous}
    for key, value in values.items():
        if pio.env == "esp32" and value in ("tflm", True):
            shown = str(value).lower()
            raise UserError(
                f"{path}: pio.{key} is {shown}; that needs `env: esp32cam`, and pio.env is esp32."
            )
    if pio.env == "esp32cam" and pio.flash_size in ("1MB", "2MB"):
        raise UserError(f"{path}: pio.flash_size is {pio.flash_size}; `env: esp32cam` needs 4MB or more.")


def _section(cls: type[Section], content: Any, path: str, prefix: str) -> Section:
    """One section of the file as its dataclass."""
    where = prefix.rstrip(".") or "the file"
    if not isinstance(content, dict):
        raise UserError(f"{path}: {where} is {content!r}; it has to be a section of keys and values.")
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
