"""A graph turned into the program that the chip runs, with its memory plan.

What the plan does: concatenation costs nothing (each operator writes its own channels of the joined tensor);
max pooling is fused into the convolutions before it (requantization never decreases, so pooling the sums is
exact and the larger tensor never exists); a fire module's output takes the place of its input (the squeeze
convolution is done with it by then), and so does what is made pixel by pixel; sums are made in bands, as
large as the peak allows. For two cores most convolutions become two ops, with filters of one each
(core_split.py); all that the two need is there as long as either of them runs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from squeezenet_lib.compiler import convolution_plan, fixed_point
from squeezenet_lib.compiler.convolution_plan import FilterTaps, filter_taps, how_to_measure, scratch_bytes
from squeezenet_lib.compiler.core_split import divided
from squeezenet_lib.compiler.dataflow import Step, Storage, steps_of
from squeezenet_lib.compiler.in_place import places, uses
from squeezenet_lib.compiler.lane_layout import byte_record, lane_record, origin
from squeezenet_lib.compiler.memory_plan import Buffer, MemoryPlan, place
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import (
    Add,
    AddChannels,
    AveragePool2D,
    Conv2D,
    Graph,
    MaxPool2D,
    Mean,
    MultiplyChannels,
    Pad,
    Requantize,
    Softmax,
)
from squeezenet_lib.sqz import limits
from squeezenet_lib.sqz.program import (
    BESIDE,
    BLOCK_WORDS,
    PICTURE,
    Filters,
    Header,
    Negated,
    OpRecord,
    Program,
    TensorRecord,
)

ARENA_LIMIT = 307_200  # bytes that the firmware offers


def plan(
    graph: Graph,
    class_names: tuple[str, ...],
    standardise: bool,
    producer: str,
    arena_limit: int = ARENA_LIMIT,
    cores: int = 1,
) -> tuple[Program, MemoryPlan]:
    """The program for `graph`, the fastest that fits `arena_limit` bytes, and its memory plan.

    cores: 1, or 2 that can share its work.

    Raises UserError naming the tensor when the graph is none that the runtime runs, and with the numbers when
    it does not fit.
    """
    _check_ends(graph, class_names)
    layout = _fitting_layout(steps_of(graph), graph, min(arena_limit, limits.MAX_ARENA), cores)
    _, height, width, channels = graph.input.shape
    memory = layout.memory
    header = Header(
        arena_bytes=memory.arena_bytes,
        picture_offset=memory.at("picture"),
        scores_offset=memory.at("scores"),
        height=height,
        width=width,
        channels=channels,
        class_names=class_names,
        standardise=standardise,
        probabilities=graph.probabilities,
        producer=producer,
    )
    place = places(layout.steps)
    tensors = tuple(
        replace(record, arena_offset=memory.at(place[storage].name))
        for storage, record in layout.records.items()
    )
    ops = tuple(_op(i, step, layout) for i, step in enumerate(layout.steps))
    for op, step in zip(ops, layout.steps, strict=True):
        limits.check_op(op, None if step.source is None else layout.records[step.source])
    return Program(header, tensors, ops), memory


@dataclass(frozen=True)
class _Layout:
    """Steps, the form of each stored tensor, by its step each convolution's taps and its band, and
    where all that lies."""

    steps: list[Step]
    records: dict[Storage, TensorRecord]
    taps: dict[int, FilterTaps]
    bands: dict[int, int]
    memory: MemoryPlan


def _check_ends(graph: Graph, class_names: tuple[str, ...]) -> None:
    shape = graph.input.shape
    if len(shape) != 4 or shape[0] != 1:
        raise UserError(f"the input {graph.input.name!r} has shape {shape}, not (1, height, width, channels)")
    classes = graph.output.shape[-1]
    if any(side != 1 for side in graph.output.shape[:-1]):
        raise UserError(
            f"the output {graph.output.name!r} has shape {graph.output.shape}, not one value a class"
        )
    if any(isinstance(op, Softmax) for op in graph.operators) and not graph.probabilities:
        raise UserError(
            f"the runtime has softmax as the last operator only, and {graph.output.name!r} is made otherwise"
        )
    limits.check_picture(*shape[1:])
    limits.require("the model's number of classes", classes, limits.MAX_CLASSES)
    if classes != len(class_names):
        raise UserError(f"the model has {classes} classes, but {len(class_names)} class names were given")


def _fitting_layout(whole: list[Step], graph: Graph, arena_limit: int, cores: int) -> _Layout:
    """Two lanes where they fit; where the peak is too high, the tensors that form it get four, which are
    slower and take half the memory. What is too large even so is not divided between cores."""
    storages = list(dict.fromkeys(s for step in whole for s in (step.target, step.source) if s is not None))
    limits.require("the model's number of tensors", len(storages), limits.MAX_TENSORS)
    limits.require("the model's number of steps", cores * len(whole), limits.MAX_OPS)
    narrow: set[str] = set()
    undivided: set[str] = set()
    while True:
        records = {s: _record(s, 4 if s.name in narrow else 2) for s in storages}
        for storage, record in records.items():
            limits.check_tensor(storage.tensor.name, record)
        steps = divided(whole, records, undivided) if cores == 2 else whole
        layout = _with_bands(steps, records, graph)
        if layout.memory.arena_bytes <= arena_limit:
            return layout
        names = {s.name for s in storages if s.readers}
        candidates = [b for b in layout.memory.peak_buffers if b.name in names - narrow]
        shared = {step.name for step in steps if step.beside}
        if candidates:
            narrow.add(max(candidates, key=lambda b: b.size).name)
        elif shared:
            undivided |= {steps[layout.memory.peak_op].name} & shared or shared
        else:
            raise _too_large(layout.memory, arena_limit)


def _too_large(memory: MemoryPlan, arena_limit: int) -> UserError:
    parts = sorted(memory.peak_buffers, key=lambda b: -b.size)
    listed = ", ".join(f"{b.name}: {b.size:,}" for b in parts[:4])
    return UserError(
        f"the model needs an arena of {memory.arena_bytes:,} bytes and may have {arena_limit:,}; at its peak "
        f"{memory.lower_bound:,} bytes are in use ({listed}): take smaller pictures or a narrower network"
    )


def _record(storage: Storage, lanes: int) -> TensorRecord:
    if storage.readers:
        return lane_record(storage.tensor, list(storage.readers), lanes)
    return byte_record(storage.tensor)


def _with_bands(steps: list[Step], records: dict[Storage, TensorRecord], graph: Graph) -> _Layout:
    """Places everything with the smallest bands, then lets each band grow as far as the arena does not: those
    of a convolution's two parts together."""
    taps = {
        i: filter_taps(step.operator.weights, step.layer.weights if step.layer else None)
        for i, step in enumerate(steps)
        if isinstance(step.operator, Conv2D)
    }
    choices = {i: convolution_plan.bands(_source_record(steps[i], records), steps[i].pool) for i in taps}
    bands = {i: choice[-1] for i, choice in choices.items()}
    memory = place(_buffers(steps, records, taps, bands, graph))
    for i, choice in choices.items():
        parts = [i, i + 1] if steps[i + 1].beside else [i]
        for band in [] if steps[i].beside else choice[:-1]:
            wider = bands | dict.fromkeys(parts, band)
            grown = place(_buffers(steps, records, taps, wider, graph))
            if grown.arena_bytes <= memory.arena_bytes:
                bands, memory = wider, grown
                break
    return _Layout(steps, records, taps, bands, memory)


def _source_record(step: Step, records: dict[Storage, TensorRecord]) -> TensorRecord:
    assert step.source is not None
    return records[step.source]


def _buffers(
    steps: list[Step],
    records: dict[Storage, TensorRecord],
    taps: dict[int, FilterTaps],
    bands: dict[int, int],
    graph: Graph,
) -> list[Buffer]:
    _, height, width, channels = graph.input.shape
    last = len(steps) - 1
    buffers = [
        Buffer("picture", height * width * channels, 0, 0),
        Buffer("scores", graph.output.shape[-1], last, last),
    ]
    place = places(steps)
    in_use: dict[Storage, list[int]] = {}
    for storage, numbers in uses(steps).items():
        in_use.setdefault(place[storage], []).extend(numbers)
    for storage, numbers in in_use.items():
        record = records[storage]
        # A block of words may reach past the last one, never past the block.
        size = record.planes * record.plane + 4 * BLOCK_WORDS
        buffers.append(Buffer(storage.name, size, min(numbers), max(numbers)))
    for i, band in bands.items():
        conv = steps[i].operator
        assert isinstance(conv, Conv2D)
        record = _source_record(steps[i], records)
        size = scratch_bytes(int(conv.weights[0].size), taps[i], record, band, steps[i].pool)
        together = i - steps[i].beside, i + steps[i + 1].beside
        buffers.append(Buffer(f"scratch {i}", size, *together))
    return buffers


def _op(number: int, step: Step, layout: _Layout) -> OpRecord:
    index = {storage: i for i, storage in enumerate(layout.records)}
    record = OpRecord(
        step.kind,
        PICTURE if step.source is None else index[step.source],
        0 if step.target is None else index[step.target],
        second=0 if step.second is None else index[step.second],
        output_channel=step.channel,
        name=step.name,
    )
    op = step.operator
    if step.target is not None:
        record = replace(record, zero_point=step.target.tensor.zero_point + 128)
    if op is None:
        return record
    record = replace(record, zero_point=op.output.zero_point + 128, filters=_filters(step))
    if isinstance(op, Conv2D | MaxPool2D | AveragePool2D | Add | MultiplyChannels | AddChannels):
        record = replace(record, clamp_min=op.clamp_min + 128, clamp_max=op.clamp_max + 128)
    if isinstance(op, MultiplyChannels | AddChannels):
        record = replace(record, constants=fixed_point.constant_bytes(op.constants))
    if isinstance(op, AddChannels):
        return replace(record, second=_negated(op))
    if isinstance(op, MaxPool2D | AveragePool2D | Pad):
        record = replace(record, pad_top=op.padding.top, pad_left=op.padding.left)
    if isinstance(op, MaxPool2D):
        return replace(record, kernel=op.window, kernel_x=op.window, stride=op.stride)
    if isinstance(op, AveragePool2D):
        return replace(record, kernel=op.window_height, kernel_x=op.window_width, stride=op.stride)
    if isinstance(op, Conv2D):
        source = _source_record(step, layout.records)
        taps = layout.taps[number]
        lists = taps.lists(source)
        return replace(
            record,
            second=BESIDE if step.beside else 0,
            kernel=op.weights.shape[1],
            kernel_x=taps.large_room if lists else 0,
            stride=op.stride,
            pool=step.pool.window if step.pool else 0,
            pool_stride=step.pool.stride if step.pool else 0,
            conv_height=op.output.height,
            conv_width=op.output.width,
            origin=0 if source.lanes == 1 else origin(source, op),
            band=layout.bands[number],
            arena_scratch=layout.memory.at(f"scratch {number}"),
            tap_words=taps.decoded_words(source),
            lists=lists,
            measure=how_to_measure(taps, source),
        )
    return record


def _filters(step: Step) -> Filters | None:
    op = step.operator
    if isinstance(op, Conv2D):
        return fixed_point.convolution_records(op)
    if isinstance(op, Mean):
        return fixed_point.mean_records(op)
    if isinstance(op, Add):
        return fixed_point.add_records(op)
    if isinstance(op, MultiplyChannels):
        return fixed_point.multiply_channels_records(op)
    if isinstance(op, AddChannels):
        return fixed_point.add_channels_records(op)
    if isinstance(op, Requantize):
        return fixed_point.requantize_records(op)
    if isinstance(op, Softmax):
        return fixed_point.softmax_records(op)
    return None


def _negated(op: AddChannels) -> Negated:
    if op.negate_input:
        return Negated.INPUT
    return Negated.CONSTANTS if op.negate_constants else Negated.NOTHING
