"""How large a model may be for the runtime to take it, and what the fields of a .sqz hold.

The twin of `esp32_pio/lib/squeeze_rt/src/sqz_limits.h`.
"""

from __future__ import annotations

from squeezenet_lib.errors import UserError
from squeezenet_lib.sqz.program import OpKind, OpRecord, TensorRecord

MAX_ARENA = 1 << 24  # bytes
MAX_SIDE = 2048
MAX_PITCH = 4096
MAX_CHANNELS = 4096
MAX_PICTURE_CHANNELS = 64
MAX_CLASSES = 4095  # softmax's fixed-point sum of their exponentials has 12 bits before the point
MAX_FILTER_WEIGHTS = 0xFFFF
MAX_STRIDE = 16
MAX_KERNEL = 64
MAX_TAP_OFFSET = 0xFFFF  # words from a filter window's first word to its last
MAX_TENSORS = 254  # 255 stands for the picture
MAX_OPS = 0xFFFF
_BYTE, _HALF = 0xFF, 0xFFFF  # what fields of one and two bytes hold


def require(what: str, number: int, limit: int) -> None:
    """Raise UserError when `number` is above `limit`. what: such as "the stride of 'conv1'"."""
    if number > limit:
        raise UserError(f"{what} is {number:,}; the runtime takes {limit:,} at most")


def check_picture(height: int, width: int, channels: int) -> None:
    """Raise UserError for a picture that is too large."""
    require("the picture's height", height, MAX_SIDE)
    require("the picture's width", width, MAX_SIDE)
    require("the picture's number of channels", channels, MAX_PICTURE_CHANNELS)


def check_tensor(name: str, record: TensorRecord) -> None:
    """Raise UserError naming the tensor when the runtime refuses it."""
    of = f"of tensor {name!r}"
    require(f"the height {of}", record.height, MAX_SIDE)
    require(f"the width {of}", record.width, MAX_SIDE)
    require(f"the number of channels {of}", record.channels, MAX_CHANNELS)
    require(f"the stride of what reads tensor {name!r}", record.phases, MAX_STRIDE)
    require(f"the width with its padding {of}", record.pitch, MAX_PITCH)
    require(f"the padding {of}", max(record.pad_top, record.pad_left), _BYTE)
    require(f"the size of a plane in bytes {of}", max(record.plane, record.lane_step), MAX_ARENA)


def check_op(op: OpRecord, source: TensorRecord | None) -> None:
    """Raise UserError naming the step when the runtime refuses it. source: what it reads, if no picture."""
    of = f"of {op.name!r}"
    require(f"the padding {of}", max(op.pad_top, op.pad_left), _BYTE)
    if op.kind == OpKind.CONV2D:
        assert source is not None
        _check_convolution(of, op, source)
    else:
        require(f"the window {of}", max(op.kernel, op.kernel_x), _BYTE)
        require(f"the stride {of}", op.stride, _BYTE)


def _check_convolution(of: str, op: OpRecord, source: TensorRecord) -> None:
    assert op.filters is not None
    require(f"the kernel's side {of}", op.kernel, MAX_KERNEL)
    require(f"the stride {of}", op.stride, MAX_STRIDE)
    require(f"the number of filters {of}", len(op.filters.bias), MAX_CHANNELS)
    require(f"a filter's number of weights {of}", op.filters.weights[0].size, MAX_FILTER_WEIGHTS)
    require(f"the output's side {of}", max(op.conv_height, op.conv_width), MAX_SIDE)
    require(f"the pooling window {of}", op.pool, MAX_KERNEL)
    require(f"the pooling stride {of}", op.pool_stride, MAX_STRIDE)
    require(f"the padding {of}, in words,", max(op.origin, op.band), _HALF)
    apart = (op.kernel - 1) // source.phases * (source.pitch + 1)
    last_tap = (source.planes - 1) * (source.plane // 4) + apart
    require(f"the input {of}, in words,", max(source.planes, source.plane // 4, last_tap), MAX_TAP_OFFSET)
