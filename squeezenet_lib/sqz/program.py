"""The program that the chip runs: header, tensors and ops, as values.

`container` writes and reads them; `esp32_pio/lib/squeeze_rt/src/sqz_format.h` says what each field means."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from squeezenet_lib.sqz.decision import Decision

PICTURE = 255  # as the input of SPREAD or RESCALE
BESIDE = 1  # as `second` of a convolution: it may run while the op before it does; the two are one layer
BLOCK_WORDS = 4  # planes are summed in multiples of so many words


def whole_blocks(words: int) -> int:
    """Words that are summed for the sake of `words`."""
    return -(-words // BLOCK_WORDS) * BLOCK_WORDS


class OpKind(IntEnum):
    SPREAD = 0
    CONV2D = 1
    MAX_POOL = 2
    AVERAGE_POOL = 3
    MEAN = 4
    ADD = 5
    RESCALE = 6
    SOFTMAX = 7
    SCORES = 8
    MULTIPLY_CHANNELS = 9
    ADD_CHANNELS = 10
    AVERAGE_POOL_UP = 11


class Negated(IntEnum):
    """What ADD_CHANNELS takes with the other sign."""

    NOTHING = 0
    CONSTANTS = 1
    INPUT = 2


class Measure(IntEnum):
    """How a convolution finds out how many taps a lane has room for.

    NOTHING: inputs may be 255; taps in lists are counted cautiously. INPUTS: each channel's largest value is
    looked for. WEIGHTS: of taps in lists: inputs may be 255, weights are added up as they are. LARGEST: of
    taps in lists: the largest of all inputs is looked for, and they are counted cautiously.
    """

    NOTHING = 0
    INPUTS = 1
    WEIGHTS = 2
    LARGEST = 3


@dataclass(frozen=True)
class Header:
    """What the model takes and gives. Sizes in bytes, offsets from the start of the arena.

    probabilities: whether a score is one, (score + 128) / 256; else a logit, in the scale of the .tflite's
    output. decision: how scores become an answer; None: the highest decides.
    """

    arena_bytes: int
    picture_offset: int
    scores_offset: int
    height: int
    width: int
    channels: int
    class_names: tuple[str, ...]
    standardise: bool
    probabilities: bool
    producer: str
    decision: Decision | None = None
    total_bytes: int = field(default=0, compare=False)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of a network input: height, width, channels."""
        return self.height, self.width, self.channels

    @property
    def classes(self) -> int:
        return len(self.class_names)


@dataclass(frozen=True)
class ModelFacts:
    """What a model's file says of it and its graph does not: what Header says of them.

    class_names: None: the classes are numbered. producer: None: this version.
    """

    class_names: tuple[str, ...] | None = None
    standardise: bool = False
    decision: Decision | None = None
    producer: str | None = None


@dataclass(frozen=True)
class TensorRecord:
    """Planes in the arena, `plane` bytes each: of bytes, or of words with 2 or 4 lanes (sqz_format.h)."""

    arena_offset: int
    plane: int
    lane_step: int
    channels: int
    height: int
    width: int
    pitch: int
    lanes: int
    phases: int = 1
    pad_top: int = 0
    pad_left: int = 0
    pad_value: int = 0

    @property
    def planes(self) -> int:
        return self.channels * self.phases**2


@dataclass(frozen=True)
class Filters:
    """Fixed-point records: bias, multiplier int32 and shift int8 (filters,); and what belongs to
    convolutions, weights int8 (filters, kernel, kernel, channels), elsewhere (filters, 0, 0, 0)."""

    weights: npt.NDArray[np.int8]
    bias: npt.NDArray[np.int32]
    multiplier: npt.NDArray[np.int32]
    shift: npt.NDArray[np.int8]


@dataclass(frozen=True)
class OpRecord:
    """One step of the program; fields as in sqz_format.h. `name` is for reports and not in the file.

    constants: a byte for each channel, or one for all, of MULTIPLY_CHANNELS and ADD_CHANNELS; else none.
    """

    kind: OpKind
    input: int
    output: int
    second: int = 0
    kernel: int = 0
    kernel_x: int = 0
    stride: int = 0
    pool: int = 0
    pool_stride: int = 0
    pad_top: int = 0
    pad_left: int = 0
    zero_point: int = 0
    clamp_min: int = 0
    clamp_max: int = 255
    measure: Measure = Measure.NOTHING
    lists: int = 0
    output_channel: int = 0
    conv_height: int = 0
    conv_width: int = 0
    origin: int = 0
    band: int = 0
    arena_scratch: int = 0
    tap_words: int = 0
    filters: Filters | None = None
    constants: bytes = b""
    name: str = field(default="", compare=False)

    @property
    def is_beside(self) -> bool:
        """Whether another core may run it while one runs the op before it."""
        return self.kind == OpKind.CONV2D and self.second == BESIDE


@dataclass(frozen=True)
class Program:
    header: Header
    tensors: tuple[TensorRecord, ...]
    ops: tuple[OpRecord, ...]

    @property
    def convolutions(self) -> list[Filters]:
        """The filters of each convolution, in order; those of one that two cores share are together."""
        found: list[Filters] = []
        for op in self.ops:
            if op.kind == OpKind.CONV2D and op.filters is not None:
                found.append(_joined(found.pop(), op.filters) if op.is_beside else op.filters)
        return found

    @property
    def cores(self) -> int:
        """That can share the work: 1 or 2."""
        return 2 if any(op.is_beside for op in self.ops) else 1


def _joined(first: Filters, second: Filters) -> Filters:
    names = [field.name for field in fields(Filters)]
    return Filters(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in names))
