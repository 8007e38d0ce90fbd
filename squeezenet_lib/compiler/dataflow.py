"""A graph as the steps of a program: what is fused, where each tensor is stored, and in which form.

Some operators leave no step behind. A concatenation's inputs are written where the joined tensor is; max
pooling is done by the convolutions before it. A tensor is stored in lanes when convolutions read it and
nothing else does, as bytes otherwise; where both are needed a step spreads the bytes into lanes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from squeezenet_lib.compiler.lane_layout import LaneReader
from squeezenet_lib.compiler.pooling_first import pooling_first
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import (
    Add,
    AddChannels,
    AveragePool2D,
    Concatenation,
    Conv2D,
    Graph,
    MaxPool2D,
    Mean,
    MultiplyChannels,
    Operator,
    Pad,
    Requantize,
    Softmax,
    Tensor,
    inputs_of,
)
from squeezenet_lib.sqz.limits import MAX_KERNEL, MAX_STRIDE
from squeezenet_lib.sqz.program import OpKind

_KINDS: dict[type, OpKind] = {
    Conv2D: OpKind.CONV2D,
    MaxPool2D: OpKind.MAX_POOL,
    AveragePool2D: OpKind.AVERAGE_POOL,
    Mean: OpKind.MEAN,
    Add: OpKind.ADD,
    MultiplyChannels: OpKind.MULTIPLY_CHANNELS,
    AddChannels: OpKind.ADD_CHANNELS,
    Pad: OpKind.RESCALE,
    Requantize: OpKind.RESCALE,
    Softmax: OpKind.SOFTMAX,
}


@dataclass(frozen=True)
class Storage:
    """A graph tensor in the arena: in lanes for these readers, or as bytes when there are none."""

    tensor: Tensor
    geometry: tuple[int, ...] | None = None  # of the readers
    readers: tuple[LaneReader, ...] = field(default=(), compare=False)

    @property
    def name(self) -> str:
        form = "bytes" if self.geometry is None else "lanes " + " ".join(map(str, self.geometry))
        return f"tensor {self.tensor.index} {self.tensor.name}, {form}"


@dataclass(frozen=True)
class Step:
    """One op of the program. No source: the picture. No target: the scores.

    layer: of a part of a convolution, all of it. beside: the second part: it may run while the step before
    it does.
    """

    kind: OpKind
    name: str
    operator: Operator | None
    source: Storage | None
    target: Storage | None
    second: Storage | None = None
    channel: int = 0
    pool: MaxPool2D | None = None
    layer: Conv2D | None = None
    beside: bool = False


@dataclass(frozen=True)
class _Destination:
    """Where an operator's output ends up: channels of a stored tensor, perhaps pooled on the way."""

    tensor: Tensor
    channel: int
    pool: MaxPool2D | None


def steps_of(graph: Graph) -> list[Step]:
    """The program's steps in order. Raises UserError naming the tensor when the runtime cannot run it."""
    return list(_Dataflow(pooling_first(graph)).steps())


class _Dataflow:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.makers: dict[int, Operator] = {op.output.index: op for op in graph.operators}
        self.fused = [op for op in graph.operators if isinstance(op, MaxPool2D) and self._can_fuse(op)]
        self.spread: set[str] = set()

    def readers(self, tensor: Tensor) -> list[Operator]:
        return [op for op in self.graph.operators if any(t.index == tensor.index for t in inputs_of(op))]

    def _sole_reader(self, tensor: Tensor) -> Operator | None:
        """The operator that alone reads it, once; nothing when the tensor is the graph's output."""
        readers = self.readers(tensor)
        if len(readers) != 1 or tensor.index == self.graph.output.index:
            return None
        once = sum(t.index == tensor.index for t in inputs_of(readers[0])) == 1
        return readers[0] if once else None

    def _can_fuse(self, pool: MaxPool2D) -> bool:
        padding = pool.padding
        plain = (padding.top, padding.left, padding.bottom, padding.right) == (0, 0, 0, 0)
        return (
            plain
            and pool.window <= MAX_KERNEL
            and pool.stride <= MAX_STRIDE
            and (pool.clamp_min, pool.clamp_max) == (-128, 127)
            and self._sole_reader(pool.input) is pool
            and self._made_by_convolutions(pool.input)
        )

    def _made_by_convolutions(self, tensor: Tensor) -> bool:
        """Whether all of it is written by convolutions that read lanes anyway."""
        maker = self.makers.get(tensor.index)
        if isinstance(maker, Concatenation):
            return all(self._sole_reader(t) is maker and self._made_by_convolutions(t) for t in maker.inputs)
        return isinstance(maker, Conv2D) and any(
            isinstance(op, Conv2D) and not _reads_bytes(op) for op in self.readers(maker.input)
        )

    def _destination(self, tensor: Tensor) -> _Destination:
        """Follows pooling that is fused, and concatenation, to the tensor that is stored."""
        channel, pool = 0, None
        while True:
            reader = self._sole_reader(tensor)
            if isinstance(reader, MaxPool2D) and any(reader is fused for fused in self.fused):
                pool = reader
            elif isinstance(reader, Concatenation):
                before = [t.index for t in reader.inputs].index(tensor.index)
                channel += sum(t.shape[-1] for t in reader.inputs[:before])
            else:
                return _Destination(tensor, channel, pool)
            tensor = reader.output

    def _lane_reader(self, conv: Conv2D) -> LaneReader:
        return LaneReader(conv, self._destination(conv.output).pool)

    def _lane_groups(self, tensor: Tensor) -> dict[tuple[int, ...], tuple[LaneReader, ...]]:
        """By geometry, the convolutions that read the tensor in lanes."""
        groups: dict[tuple[int, ...], list[LaneReader]] = {}
        convolutions = [op for op in self.readers(tensor) if isinstance(op, Conv2D)]
        for conv in sorted(convolutions, key=_reads_bytes):  # those that need lanes first
            reader = self._lane_reader(conv)
            if reader.geometry in groups or not _reads_bytes(conv) or reader.pool is not None:
                groups.setdefault(reader.geometry, []).append(reader)
        return {geometry: tuple(readers) for geometry, readers in groups.items()}

    def _stored(self, tensor: Tensor) -> Storage:
        """The form in which a tensor's makers write it."""
        groups = self._lane_groups(tensor)
        in_lanes = sum(len(group) for group in groups.values())
        writers = [
            op
            for op in self.graph.operators
            if not isinstance(op, Concatenation) and not any(op is fused for fused in self.fused)
            if self._destination(op.output).tensor.index == tensor.index
        ]
        copied = any(True for _ in self._copied_inputs(tensor))
        direct = (
            len(groups) == 1
            and (not writers or all(geometry[0] == 1 for geometry in groups))  # they write one phase
            and in_lanes == len(self.readers(tensor))
            and tensor.index != self.graph.output.index
            and all(isinstance(op, Conv2D) for op in writers)
            and not copied
        )
        return Storage(tensor, *next(iter(groups.items()))) if direct else Storage(tensor)

    def _copied_inputs(self, tensor: Tensor) -> Iterator[tuple[Concatenation, int]]:
        """Concatenations that end up in `tensor`, and which of their inputs have to be copied there."""
        for op in self.graph.operators:
            if isinstance(op, Concatenation) and self._destination(op.output).tensor.index == tensor.index:
                for i, part in enumerate(op.inputs):
                    if self._sole_reader(part) is not op or part.index == self.graph.input.index:
                        yield op, i

    def steps(self) -> Iterator[Step]:
        picture = self.graph.input
        stored = self._stored(picture)
        kind = OpKind.SPREAD if stored.readers else OpKind.RESCALE
        yield Step(kind, "picture", None, None, stored)
        for op in self.graph.operators:
            if isinstance(op, Concatenation):
                yield from self._copies(op)
            elif not any(op is fused for fused in self.fused):
                yield from self._step(op)
        if not any(isinstance(op, Softmax) for op in self.graph.operators):
            yield Step(OpKind.SCORES, "scores", None, self._bytes(self.graph.output), None)

    def _bytes(self, tensor: Tensor) -> Storage:
        destination = self._destination(tensor)
        stored = self._stored(tensor)
        if destination.tensor.index != tensor.index or stored.readers:
            raise UserError(f"the runtime cannot run what reads tensor {tensor.name!r}")
        return stored

    def _source(self, op: Operator, tensor: Tensor) -> Iterator[Step | Storage]:
        """The stored tensor as `op` reads it, after the step that spreads it into lanes if one is needed."""
        stored = self._stored(tensor)
        if isinstance(op, Conv2D):
            reader = self._lane_reader(op)
            group = self._lane_groups(tensor).get(reader.geometry, ())
            if any(r.conv is op for r in group):
                lanes = Storage(tensor, reader.geometry, group)
                if not stored.readers and lanes.name not in self.spread:
                    self.spread.add(lanes.name)
                    yield Step(OpKind.SPREAD, f"{tensor.name} in lanes", None, stored, lanes)
                yield lanes
                return
        yield self._bytes(tensor)

    def _step(self, op: Operator) -> Iterator[Step]:
        sources: list[Storage] = []
        for tensor in inputs_of(op):
            if tensor.index not in self.makers and tensor.index != self.graph.input.index:
                raise UserError(f"tensor {tensor.name!r} is read before anything has made it")
            for item in self._source(op, tensor):
                if isinstance(item, Step):
                    yield item
                else:
                    sources.append(item)
        target = self._destination(op.output)
        rounds_up = isinstance(op, AveragePool2D) and op.halves_up
        yield Step(
            OpKind.AVERAGE_POOL_UP if rounds_up else _KINDS[type(op)],
            op.output.name,
            op,
            sources[0],
            None if isinstance(op, Softmax) else self._stored(target.tensor),
            sources[1] if len(sources) > 1 else None,
            target.channel,
            target.pool,
        )

    def _copies(self, op: Concatenation) -> Iterator[Step]:
        target = self._destination(op.output)
        for i, part in enumerate(op.inputs):
            if any(joined is op and i == j for joined, j in self._copied_inputs(target.tensor)):
                channel = target.channel + sum(t.shape[-1] for t in op.inputs[:i])
                name = f"{part.name} into {op.output.name}"
                yield Step(
                    OpKind.RESCALE,
                    name,
                    None,
                    self._bytes(part),
                    self._stored(target.tensor),
                    channel=channel,
                )


def _reads_bytes(conv: Conv2D) -> bool:
    """Whether planes of bytes will do: each output has one pixel of each channel as its input."""
    padding = conv.padding
    unpadded = (padding.top, padding.left, padding.bottom, padding.right) == (0, 0, 0, 0)
    return conv.weights.shape[1] == 1 and conv.stride == 1 and unpadded
