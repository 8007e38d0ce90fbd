"""How a plane is stored for convolutions: in lanes (sqz_format.h), so that every tap is an aligned word."""

from __future__ import annotations

from dataclasses import dataclass

from squeezenet_lib.graph import Conv2D, MaxPool2D, Tensor
from squeezenet_lib.sqz.program import TensorRecord, whole_blocks


@dataclass(frozen=True)
class LaneReader:
    """A convolution that reads a tensor in lanes, and the max pooling that is fused into it."""

    conv: Conv2D
    pool: MaxPool2D | None

    @property
    def output_shape(self) -> tuple[int, int]:
        """Height and width before pooling."""
        return self.conv.output.height, self.conv.output.width

    @property
    def geometry(self) -> tuple[int, ...]:
        """What readers of one stored tensor have to have in common."""
        padding = self.conv.padding
        phase = () if self.conv.stride == 1 else (padding.top, padding.left)
        pooling = () if self.pool is None else (*self.output_shape, self.pool.window, self.pool.stride)
        return (self.conv.stride, *phase, len(pooling), *pooling)


def pooled_rows(reader: LaneReader, lanes: int) -> int:
    """Rows of the pooled output that each lane makes."""
    assert reader.pool is not None
    return -(-reader.pool.output.height // lanes)


def lane_record(tensor: Tensor, readers: list[LaneReader], lanes: int) -> TensorRecord:
    """The layout that serves all `readers`, whose geometry is the same; not yet placed in the arena.

    Padding on the left also serves as the padding on the right of the row above, when the stride is 1.
    """
    height, width, channels = tensor.height, tensor.width, tensor.channels
    stride = readers[0].conv.stride
    top = max(r.conv.padding.top for r in readers)
    left = max(r.conv.padding.left for r in readers)
    # Columns that windows reach to the right of the picture.
    right = max(
        (r.output_shape[1] - 1) * stride + r.conv.weights.shape[1] - r.conv.padding.left - width
        for r in readers
    )
    if stride == 1:
        left = max(left, right)
        pitch = left + width
    else:
        pitch = -(-(left + width + max(right, 0)) // stride)
    record = TensorRecord(
        arena_offset=0, plane=0, lane_step=0, channels=channels, height=height, width=width, pitch=pitch,
        lanes=lanes, phases=stride, pad_top=top, pad_left=left, pad_value=tensor.zero_point + 128,
    )  # fmt: skip
    pool = readers[0].pool
    if pool is not None:
        step = pooled_rows(readers[0], lanes) * pool.stride * pitch
        swept = step + max(pool.window - pool.stride, 0) * pitch
    elif max(r.output_shape[0] for r in readers) <= lanes:  # a row of outputs in each lane
        step, swept = pitch, whole_blocks(max(r.output_shape[1] for r in readers))
    else:
        positions = max((r.output_shape[0] - 1) * pitch + r.output_shape[1] for r in readers)
        step = swept = whole_blocks(-(-positions // lanes))
    reach = max(origin(record, r.conv) + last_tap(record, r.conv) for r in readers)
    return TensorRecord(**{**vars(record), "lane_step": step, "plane": 4 * (swept + reach)})


def origin(record: TensorRecord, conv: Conv2D) -> int:
    """Position of the first filter window in the padded plane."""
    down, across = record.pad_top - conv.padding.top, record.pad_left - conv.padding.left
    return down // record.phases * record.pitch + across // record.phases


def last_tap(record: TensorRecord, conv: Conv2D) -> int:
    """Position of a filter's last tap, counted from its window's first, within a phase."""
    return int(conv.weights.shape[1] - 1) // record.phases * (record.pitch + 1)


def byte_record(tensor: Tensor) -> TensorRecord:
    """Planes of bytes, each on a multiple of 4."""
    height, width, channels = tensor.height, tensor.width, tensor.channels
    return TensorRecord(
        arena_offset=0, plane=-(-height * width // 4) * 4, lane_step=0, channels=channels, height=height,
        width=width, pitch=width, lanes=1, pad_value=tensor.zero_point + 128,
    )  # fmt: skip
