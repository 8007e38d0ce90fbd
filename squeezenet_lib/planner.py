"""A graph turned into the program that the chip runs, with its memory plan.

What the plan does: concatenation costs nothing (each convolution writes its own channels of the joined
tensor); max pooling is fused into the convolutions before it (requantization never decreases, so pooling the
sums is exact and the larger tensor never exists); a fire module's output takes the place of its input (the
squeeze convolution is done with it by then). Buffers are placed greedily, largest first, at the lowest
address that no buffer alive at the same time takes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from squeezenet_lib.container import SUM_BLOCK, Filters, Header, OpKind, OpRecord, Program, TensorRecord
from squeezenet_lib.errors import UserError
from squeezenet_lib.tflite_graph import Concatenation, Conv2D, Graph, MaxPool2D, Mean, Softmax, Tensor

ALIGNMENT = 16
MAX_CLASSES = 511


@dataclass(frozen=True)
class Buffer:
    """Bytes of the arena that are in use from op `first` to op `last`, both included."""

    name: str
    size: int
    first: int
    last: int
    offset: int = 0


@dataclass(frozen=True)
class MemoryPlan:
    """Placed buffers. `peak_op` is the op during which the buffers alive add up to the most."""

    buffers: tuple[Buffer, ...]
    arena_bytes: int
    peak_op: int

    def at(self, name: str) -> int:
        """Offset of a buffer in the arena."""
        return next(b.offset for b in self.buffers if b.name == name)

    @property
    def peak_buffers(self) -> list[Buffer]:
        return [b for b in self.buffers if b.first <= self.peak_op <= b.last]


def quantize_multiplier(real: float) -> tuple[int, int]:
    """A real multiplier >= 0 as (multiplier, shift), value = multiplier x 2^(shift - 31).

    TensorFlow Lite's QuantizeMultiplier: multiplier has 31 bits; below 2^-32 the value becomes 0.
    """
    if real == 0.0:
        return 0, 0
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * 2**31 + 0.5)
    if multiplier == 2**31:
        multiplier //= 2
        shift += 1
    return (0, 0) if shift < -31 else (multiplier, shift)


def place(buffers: list[Buffer]) -> MemoryPlan:
    """Gives every buffer an offset such that buffers alive at the same time do not overlap."""
    placed: list[Buffer] = []
    for buffer in sorted(buffers, key=lambda b: (-b.size, b.first, b.name)):
        offset = 0
        for other in sorted(placed, key=lambda b: b.offset):
            together = other.first <= buffer.last and buffer.first <= other.last
            if together and offset < other.offset + other.size and other.offset < offset + buffer.size:
                offset = -(-(other.offset + other.size) // ALIGNMENT) * ALIGNMENT
        placed.append(replace(buffer, offset=offset))
    end = max(b.offset + b.size for b in placed)
    steps = range(min(b.first for b in placed), max(b.last for b in placed) + 1)
    peak = max(steps, key=lambda op: sum(b.size for b in placed if b.first <= op <= b.last))
    return MemoryPlan(tuple(placed), -(-end // ALIGNMENT) * ALIGNMENT, peak)


@dataclass(frozen=True)
class _Destination:
    """Where a graph tensor's values end up: channels of a stored tensor, perhaps pooled on the way."""

    stored: Tensor
    channel: int
    pool: MaxPool2D | None


def plan(
    graph: Graph, class_names: tuple[str, ...], standardise: bool, producer: str
) -> tuple[Program, MemoryPlan]:
    """The program for `graph` and its memory plan.

    Raises UserError naming the tensor when the graph is none that the runtime runs.
    """
    return _Planner(graph).program(class_names, standardise, producer)


class _Planner:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.steps = [op for op in graph.operators if isinstance(op, Conv2D | Mean | Softmax)]
        self.stored: dict[int, int] = {}  # index of a stored graph tensor -> index of its record
        self.records: list[TensorRecord] = []
        self.buffers: list[Buffer] = []
        self._check_ends()

    def program(
        self, class_names: tuple[str, ...], standardise: bool, producer: str
    ) -> tuple[Program, MemoryPlan]:
        _, height, width, channels = self.graph.input.shape
        classes = self.graph.output.shape[-1]
        if len(class_names) != classes:
            raise UserError(f"the model has {classes} classes, but {len(class_names)} class names are given")
        last = len(self.steps)  # op 0 unpacks the picture, op i is step i - 1
        self.buffers += [Buffer("picture", height * width * channels, -1, 0)]
        self.buffers += [Buffer("scores", classes, last, last + 1)]
        self._store(self.graph.input)
        for step in self.steps[:-1]:
            self._store(self._destination(step.output).stored)
        self._add_scratch()

        memory = place(self.buffers)
        ops = [OpRecord(OpKind.PICTURE, 0, self.stored[self.graph.input.index])]
        ops += [self._op(i + 1, step, memory) for i, step in enumerate(self.steps)]
        tensors = tuple(
            replace(record, arena_offset=memory.at(f"tensor {i}")) for i, record in enumerate(self.records)
        )
        header = Header(
            arena_bytes=memory.arena_bytes,
            picture_offset=memory.at("picture"),
            scores_offset=memory.at("scores"),
            height=height,
            width=width,
            channels=channels,
            class_names=class_names,
            standardise=standardise,
            producer=producer,
        )
        return Program(header, tensors, tuple(ops)), memory

    def _check_ends(self) -> None:
        picture = self.graph.input
        if len(picture.shape) != 4 or picture.shape[0] != 1:
            raise UserError(
                f"the input {picture.name!r} has shape {picture.shape}, not (1, height, width, channels)"
            )
        if not self.steps or not isinstance(self.steps[-1], Softmax):
            raise UserError("the model does not end in a softmax, which the runtime needs for its scores")
        if self.graph.output.shape[-1] > MAX_CLASSES:
            raise UserError(
                f"the model has {self.graph.output.shape[-1]} classes; at most {MAX_CLASSES} are possible"
            )

    def _readers(self, tensor: Tensor) -> list[Conv2D | MaxPool2D | Mean | Softmax | Concatenation]:
        def reads(op: Conv2D | MaxPool2D | Mean | Softmax | Concatenation) -> bool:
            inputs = op.inputs if isinstance(op, Concatenation) else (op.input,)
            return any(t.index == tensor.index for t in inputs)

        return [op for op in self.graph.operators if reads(op)]

    def _destination(self, tensor: Tensor) -> _Destination:
        """Follows concatenation and pooling to the tensor that is kept in the arena."""
        channel, pool = 0, None
        while True:
            readers = self._readers(tensor)
            reader = readers[0] if len(readers) == 1 else None
            if isinstance(reader, Concatenation) and pool is None:
                before = [t.index for t in reader.inputs].index(tensor.index)
                channel += sum(t.shape[-1] for t in reader.inputs[:before])
            elif isinstance(reader, MaxPool2D) and pool is None:
                pool = reader
            elif any(isinstance(r, Concatenation | MaxPool2D) for r in readers):
                raise UserError(
                    f"the runtime cannot run what reads tensor {tensor.name!r}: pooling or concatenation "
                    "of a tensor that is also used otherwise"
                )
            else:
                return _Destination(tensor, channel, pool)
            tensor = reader.output

    def _store(self, tensor: Tensor) -> None:
        """Gives a tensor its record and buffer, once."""
        if tensor.index in self.stored:
            return
        convolutions = [r for r in self._readers(tensor) if isinstance(r, Conv2D)]
        pads = [_padding(conv) for conv in convolutions] or [((0, 0), (0, 0))]
        height, width, channels = tensor.shape[1:] if len(tensor.shape) == 4 else (1, 1, tensor.shape[-1])
        record = TensorRecord(
            0, channels, height, width,
            pad_top=max(rows[0] for rows, _ in pads),
            pad_left=max(columns[0] for _, columns in pads),
            pad_bottom=max(rows[1] for rows, _ in pads),
            pad_right=max(columns[1] for _, columns in pads),
            pad_value=tensor.zero_point + 128,
        )  # fmt: skip
        readers = [i + 1 for i, step in enumerate(self.steps) if step.input.index == tensor.index]
        writers = [i + 1 for i, step in enumerate(self.steps) if self._writes(step, tensor)] or [0]
        if not readers:
            raise UserError(f"nothing reads tensor {tensor.name!r}")
        index = len(self.records)
        self.stored[tensor.index] = index
        self.records.append(record)
        # A block of sums may read past the last pixel, never past the block.
        size = record.channels * record.plane_bytes + SUM_BLOCK
        self.buffers.append(Buffer(f"tensor {index}", size, min(writers), max(readers)))

    def _writes(self, step: Conv2D | Mean | Softmax, tensor: Tensor) -> bool:
        return not isinstance(step, Softmax) and self._destination(step.output).stored.index == tensor.index

    def _add_scratch(self) -> None:
        for i, step in enumerate(self.steps):
            if isinstance(step, Conv2D):
                words = step.weights[0].size + _sums(step, self.records[self.stored[step.input.index]])
                self.buffers.append(Buffer(f"scratch {i + 1}", 4 * words, i + 1, i + 1))

    def _op(self, number: int, step: Conv2D | Mean | Softmax, memory: MemoryPlan) -> OpRecord:
        if step.input.index not in self.stored:
            raise UserError(
                f"tensor {step.input.name!r} is read before anything the runtime runs has made it"
            )
        source = self.stored[step.input.index]
        if isinstance(step, Softmax):
            return _softmax(step, source)
        target = self._destination(step.output)
        output = self.stored[target.stored.index]
        if isinstance(step, Mean):
            return _mean(step, source, output)
        (top, _), (left, _) = _padding(step)
        record = self.records[source]
        return OpRecord(
            OpKind.CONV2D,
            source,
            output,
            kernel=step.weights.shape[1],
            stride=step.stride,
            origin_y=record.pad_top - top,
            origin_x=record.pad_left - left,
            pool=target.pool.window if target.pool else 0,
            pool_stride=target.pool.stride if target.pool else 0,
            zero_point=step.output.zero_point + 128,
            clamp_min=step.clamp_min + 128,
            clamp_max=step.clamp_max + 128,
            output_channel=target.channel,
            conv_height=step.output.shape[1],
            conv_width=step.output.shape[2],
            arena_scratch=memory.at(f"scratch {number}"),
            filters=_filters(step),
        )


def _padding(conv: Conv2D) -> tuple[tuple[int, int], tuple[int, int]]:
    """((top, bottom), (left, right)) of a convolution's input; TensorFlow's SAME puts the odd one last."""
    sides = []
    for axis in (1, 2):
        size, kernel = conv.input.shape[axis], conv.weights.shape[1]
        total = (conv.output.shape[axis] - 1) * conv.stride + kernel - size if conv.same_padding else 0
        total = max(total, 0)
        sides.append((total // 2, total - total // 2))
    return sides[0], sides[1]


def _sums(conv: Conv2D, record: TensorRecord) -> int:
    """Number of 32-bit sums that the runtime keeps for one filter (its sums_count)."""
    height, width = conv.output.shape[1:3]
    if conv.stride > 1:
        return height * width
    run = (height - 1) * record.pitch + width
    return -(-run // SUM_BLOCK) * SUM_BLOCK


def _filters(conv: Conv2D) -> Filters:
    """Per-filter records: input zero point folded into the bias, scales as fixed-point multipliers."""
    scales = [conv.input.scale * float(scale) / conv.output.scale for scale in conv.filter_scales]
    multipliers, shifts = zip(*(quantize_multiplier(scale) for scale in scales), strict=True)
    sums = conv.weights.astype(np.int64).sum(axis=(1, 2, 3))
    bias = conv.bias.astype(np.int64) - (conv.input.zero_point + 128) * sums
    return Filters(
        conv.weights,
        bias.astype(np.int32),  # wraps around as the runtime's sums do
        np.array(multipliers, np.int32),
        np.array(shifts, np.int8),
    )


def _mean(op: Mean, source: int, output: int) -> OpRecord:
    """TensorFlow Lite's QuantizedMeanOrSum: the division by the number of pixels goes into the multiplier."""
    pixels = op.input.shape[1] * op.input.shape[2]
    multiplier, shift = quantize_multiplier(op.input.scale / op.output.scale)
    extra = min(pixels.bit_length() - 1, 32, 31 + shift)
    return OpRecord(
        OpKind.MEAN,
        source,
        output,
        zero_point=op.output.zero_point + 128,
        bias=-(op.input.zero_point + 128) * pixels,
        multiplier=(multiplier << extra) // pixels,
        shift=shift - extra,
    )


def _softmax(op: Softmax, source: int) -> OpRecord:
    """TensorFlow Lite's PreprocessSoftmaxScaling and CalculateInputRadius, for Q5.26 differences."""
    if (op.output.scale, op.output.zero_point) != (1 / 256, -128):
        raise UserError(f"softmax {op.output.name!r} has to have scale 1/256 and zero point -128")
    multiplier, shift = quantize_multiplier(min(op.beta * op.input.scale * 2**26, 2.0**31 - 1))
    diff_min = max(-math.floor(31 * 2**26 / 2**shift), -256)
    if diff_min == 0:  # only differences of 0 are scaled, and the runtime has no shift of 31
        multiplier, shift = 0, 0
    return OpRecord(OpKind.SOFTMAX, source, 0, multiplier=multiplier, shift=shift, diff_min=diff_min)
