"""The sections of params.yaml: one class for each, with what its keys mean and may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

from squeezenet_lib.params.board import CameraParams, OutputPin
from squeezenet_lib.params.rules import (
    Between,
    ClassNames,
    Even,
    ListOf,
    OperatingPoint,
    OrNull,
    PerClass,
    PerLayer,
    Sha256,
    Start,
    Suited,
    Unknown,
    Whole,
)

# Side of a network input: below it SqueezeNet's last pooling would see less than its window.
SMALLEST_SIZE = 29

# Texts that a key may be: params.yaml is checked against the types, and so is the code that branches.
Source = Literal["solar", "fashion-mnist", "intel", "caltech256", "folder", "archive"]
NearDuplicates = Literal["drop", "keep"]
Strategy = Literal["single", "mirrored", "multiworker"]
ClassBalance = Literal["none", "weights", "sampling"]
Method = Literal["ptq", "qat", "shared"]
Grid = Literal["uniform", "shift"]
Temperature = Literal["fitted", "none"]
Engine = Literal["squeeze_rt", "tflm"]


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

    source: Source
    folder: str | None
    archive: str | None
    archive_sha256: Annotated[str | None, Sha256()]
    limits: ArchiveLimits


@dataclass(frozen=True)
class PreprocessParams:
    """size: side of the network input in pixels, SMALLEST_SIZE or more.

    channels: 1 (grey) or 3 (RGB). standardise: see images.py. classes: null for all, or the names of those to
    take; labels keep the source's order. test_share: of all pictures. pictures_per_class: null, or how many
    pictures of a class may go to training and validation together: a number for every class, or a section of
    names and numbers for some. They are drawn by the seed out of what is left after the test split, which
    stays whole; what the source itself put into val or test is neither left out nor counted.
    validation_share: of the pictures left then. training_share: of the training pictures left in the end, of
    each class alike; neither val nor test depends on it. seed: of all these draws; null for the project's.
    near_duplicates: `drop` leaves out pictures that look like another that stays, see near_duplicates.py;
    `keep` does not look for them. max_unreadable_share: of the files of all classes taken; more is an error.
    """

    size: Annotated[int, Between(SMALLEST_SIZE, 512)]
    channels: Literal[1, 3]
    standardise: bool
    classes: Annotated[list[str] | None, ClassNames()]
    pictures_per_class: Annotated[int | dict[str, int] | None, PerClass(Whole(1, 10_000_000))]
    test_share: Annotated[float, Between(0.05, 0.5)]
    validation_share: Annotated[float, Between(0.05, 0.5)]
    training_share: Annotated[float, Between(0.001, 1.0)]
    seed: Annotated[int | None, OrNull(0, 2**31 - 1)]
    near_duplicates: NearDuplicates
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

    epochs: the fewest. steps: null, or the fewest steps of the optimizer, one a batch: with few pictures they
    are more epochs.

    folds: 1, or in how many parts training and validation pictures are divided, each of which measures a
    network that was trained on the others; the network that is kept is trained as without.
    init_from: weights to start with: imagenet, random (or null), or the name of a .keras file in weights/,
    of an earlier training. strategy: TensorFlow's distribution, see distribution.py; of this stage only.
    learning_rate: the highest; null in the file stands for what suits the start, see rules.py.
    soft_target_share: weight of the source's soft target against the hard class. class_balance: `weights`
    weighs the loss, `sampling` draws all classes equally often. weight_average: decay per step of the
    exponential moving average of the weights that is validated and kept; 0 keeps the optimizer's own.
    """

    init_from: Annotated[str | None, Start()]
    strategy: Strategy
    epochs: Annotated[int, Between(1, 10_000)]
    steps: Annotated[int | None, OrNull(1, 1_000_000)]
    batch_size: Annotated[int, Between(1, 1024)]
    learning_rate: Annotated[float, Suited(1e-7, 1.0)]
    weight_decay: Annotated[float, Between(0.0, 1.0)]
    warmup_epochs: Annotated[int, Between(0, 1000)]
    folds: Annotated[int, Between(1, 100)]
    soft_target_share: Annotated[float, Between(0.0, 1.0)]
    class_balance: ClassBalance
    weight_average: Annotated[float, Between(0.0, 0.9999)]
    augment: AugmentParams


# What the stage train alone reads. Other stages that train put these values in their place: they do not
# depend on it, and it must not enter the keys of their checkpoints.
OF_TRAIN_ALONE: Mapping[str, Any] = MappingProxyType(
    {
        "init_from": "",
        "strategy": "single",
        "epochs": 1,
        "steps": None,
        "learning_rate": 0.0,
        "warmup_epochs": 0,
        "folds": 1,
    }
)


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
    per_layer: Annotated[dict[str, float] | Literal["auto"] | None, PerLayer(Between(0.0, 0.99))]
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
    bits (-7 to 7 steps), 6 is 3 bits. grid: which values: `uniform` all whole numbers, `shift` powers of two,
    1, 2, 4 (6 levels) and 8 (8 levels). per_layer: `null`, or other numbers by layer, or `auto`: what the
    sensitivity scan of the prune stage proposed. epochs, learning_rate, distillation: of fine-tuning; the
    teacher is the float network. temperature: `fitted`: probabilities are made to say how often they are
    right, see temperature.py; null: they stay as they come.
    """

    method: Method
    grid: Grid
    levels: Annotated[int, Even(2, 32)]
    per_layer: Annotated[dict[str, int] | Literal["auto"] | None, PerLayer(Even(2, 32))]
    calibration_pictures: Annotated[int, Between(1, 100_000)]
    temperature: Temperature
    epochs: Annotated[int, Between(1, 10_000)]
    learning_rate: Annotated[float, Between(1e-7, 1.0)]
    distillation: Annotated[float, Between(0.0, 1.0)]


@dataclass(frozen=True)
class DecideParams:
    """How scores become an answer; thresholds are chosen on the validation split.

    operating_point: null, or a class and the recall or the precision that it shall have. unknown: `off`,
    `auto`, or the least probability of an answer; what is less sure is "unknown". precision: of `auto`: share
    of the answers that shall be right. foreign: null, or a folder of pictures of no class: only measured.
    """

    operating_point: Annotated[dict[str, Any] | None, OperatingPoint()]
    unknown: Annotated[float | Literal["off", "auto"], Unknown()]
    precision: Annotated[float, Between(0.0, 1.0)]
    foreign: str | None


@dataclass(frozen=True)
class HuffmanParams:
    """max_code_length: of the canonical codes, in bits.

    arena_limit: RAM in bytes that the network may work in; the fastest plan that fits is taken. cores: how
    many can share a picture's work; a file for two runs on one, too.
    """

    max_code_length: Annotated[int, Between(8, 15)]
    arena_limit: Annotated[int, Between(1024, 307_200)]
    cores: Literal[1, 2]


@dataclass(frozen=True)
class TflmExportParams:
    """golden_pictures: test pictures with known scores that the firmware carries for its self-test."""

    golden_pictures: Annotated[int, Between(1, 64)]


@dataclass(frozen=True)
class PioParams:
    """env: PlatformIO's, what the firmware stands on. board: its pins. engine: the library that runs the
    model. light: while a picture is taken. continuous: picture after picture from the start. output: null, or
    a pin that acts when the model decides for a class. The others: how the image sits in the module's flash,
    and the speed of its serial port in baud.

    flash_mode: the quad modes are missing because the chip's ROM cannot boot in them on every flash.
    """

    env: Literal["esp32", "esp32c3", "esp32s3", "esp32cam"]
    board: Literal["ai-thinker", "t-camera-v05", "custom"]
    engine: Engine
    light: bool
    continuous: bool
    camera: CameraParams
    output: Annotated[dict[str, Any] | None, OutputPin()]
    flash_size: Literal["1MB", "2MB", "4MB", "8MB", "16MB"]
    flash_freq: Literal["20m", "26m", "40m", "80m"]
    flash_mode: Literal["dio", "dout"]
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
class LearningCurveParams:
    """The sweep of `make learning-curve`: trainings on all pictures, and with these limits in the place of
    preprocess.pictures_per_class, with `repeats` seeds from `seed` on.
    """

    pictures_per_class: Annotated[list[int], ListOf(Whole(1, 10_000_000))]
    repeats: Annotated[int, Between(1, 100)]


@dataclass(frozen=True)
class Params:
    """The whole file. seed: of splits without a seed of their own, of weights, augmentation, calibration."""

    seed: Annotated[int, Between(0, 2**31 - 1)]
    download: DownloadParams
    preprocess: PreprocessParams
    model: ModelParams
    train: TrainParams
    prune: PruneParams
    quantize: QuantizeParams
    decide: DecideParams
    huffman: HuffmanParams
    tflm_export: TflmExportParams
    pio: PioParams
    emulate: EmulateParams
    frontier: FrontierParams
    learning_curve: LearningCurveParams
