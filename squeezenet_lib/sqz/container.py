"""The .sqz file: everything that the chip needs, in one blob.

Layout (format 4, little endian): `esp32_pio/lib/squeeze_rt/src/sqz_format.h` describes it field by field;
this module is its twin. Reading verifies: length, CRC-32, record bounds, code tables and streams."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

import numpy as np

from squeezenet_lib.coding import huffman
from squeezenet_lib.coding.code_table import CodeTable, unpack_table
from squeezenet_lib.coding.weight_coding import CodedLayer, code_layers
from squeezenet_lib.errors import UserError
from squeezenet_lib.sqz.filter_records import multiplier_dictionary, pack_records, unpack_records
from squeezenet_lib.sqz.header import (
    HEADER,
    OP,
    SQZ,
    TENSOR,
    packed_decision,
    packed_display_names,
    packed_names,
    read_header,
    with_header,
)
from squeezenet_lib.sqz.program import (
    BESIDE,
    Filters,
    Measure,
    OpKind,
    OpRecord,
    Program,
    TensorRecord,
)

BITS_ALIGNMENT = 2
NUMBERS_ALIGNMENT = 4


@dataclass(frozen=True)
class SectionBytes:
    """Where a .sqz file's bytes go; alignment included, so the sum is the file's size."""

    program: int  # header, tensors, ops, decision, class names
    filters: int  # biases, multipliers, shifts, constants of channels
    tables: int
    code: int


class _Writer:
    """Sections one after the other. What is there already, on a place that suits it, is not repeated."""

    def __init__(self, reserved: int) -> None:
        self.data = bytearray(reserved)
        self._offsets: dict[tuple[bytes, int], int] = {}

    def add(self, section: bytes, alignment: int) -> int:
        """Appends a section, unless it is there, and returns its offset."""
        key = section, alignment
        if key not in self._offsets:
            self.data += bytes(-len(self.data) % alignment)
            self._offsets[key] = len(self.data)
            self.data += section
        return self._offsets[key]


def write_sqz(program: Program, max_code_length: int = huffman.MAX_CODE_LENGTH) -> tuple[bytes, SectionBytes]:
    """The program as a .sqz file, and where its bytes go."""
    fixed = HEADER.size + TENSOR.size * len(program.tensors) + OP.size * len(program.ops)
    writer = _Writer(fixed)
    writer.add(packed_decision(program.header), 1)
    writer.add(packed_display_names(program.header), 1)
    names = writer.add(packed_names(program.header), 1)
    ends = [len(writer.data)]
    filters = [_add_filters(writer, op) for op in program.ops]
    constants = [writer.add(op.constants, 1) if op.constants else 0 for op in program.ops]
    ends.append(len(writer.data))
    coded = coded_weights(program, max_code_length)
    tables = [writer.add(layer.table, BITS_ALIGNMENT) for layer in coded]
    ends.append(len(writer.data))
    codes = [(writer.add(layer.code, BITS_ALIGNMENT), len(layer.code)) for layer in coded]
    writer.data += bytes(-len(writer.data) % NUMBERS_ALIGNMENT)

    records = b"".join(map(_pack_tensor, program.tensors))
    streams = iter(zip(tables, codes, strict=True))
    for op, at_filters, at_constants in zip(program.ops, filters, constants, strict=True):
        table, code = next(streams) if _is_coded(op) else (0, (at_constants, len(op.constants)))
        records += _pack_op(op, (at_filters, table, *code))
    writer.data[HEADER.size : fixed] = records
    sizes = np.diff([0, *ends, len(writer.data)]).tolist()
    counts = len(program.tensors), len(program.ops)
    rest = bytes(writer.data[HEADER.size :])
    return with_header(SQZ, program.header, *counts, names, rest), SectionBytes(*sizes)


def coded_weights(program: Program, max_code_length: int = huffman.MAX_CODE_LENGTH) -> list[CodedLayer]:
    """Table and code of each op that is a convolution, as they stand in the program's file."""
    ops = [op for op in program.ops if _is_coded(op)]
    weights = [op.filters.weights for op in ops if op.filters is not None]
    return code_layers(weights, max_code_length, [i for i, op in enumerate(ops) if op.is_beside])


def _is_coded(op: OpRecord) -> bool:
    return op.kind == OpKind.CONV2D and op.filters is not None


def _add_filters(writer: _Writer, op: OpRecord) -> int:
    """Returns the offset of the op's records."""
    if op.filters is None:
        return 0
    if _is_coded(op):
        dictionary = multiplier_dictionary(op.filters)
        at = writer.add(dictionary.astype("<i4").tobytes(), NUMBERS_ALIGNMENT)
        return writer.add(pack_records(op.filters, dictionary, at), BITS_ALIGNMENT)
    numbers = (op.filters.bias.astype("<i4"), op.filters.multiplier.astype("<i4"), op.filters.shift)
    return writer.add(b"".join(part.tobytes() for part in numbers), NUMBERS_ALIGNMENT)


def _pack_tensor(t: TensorRecord) -> bytes:
    sizes = (t.arena_offset, t.plane, t.lane_step, t.channels, t.height, t.width, t.pitch)
    return TENSOR.pack(*sizes, t.lanes, t.phases, t.pad_top, t.pad_left, t.pad_value)


def _pack_op(op: OpRecord, offsets: tuple[int, int, int, int]) -> bytes:
    filters = 0 if op.filters is None else len(op.filters.bias)
    # fmt: off
    return OP.pack(
        op.kind, op.input, op.output, op.second, op.kernel, op.kernel_x, op.stride, op.pool,
        op.pool_stride, op.pad_top, op.pad_left, op.zero_point, op.clamp_min, op.clamp_max,
        op.measure, op.lists, op.output_channel, filters, op.conv_height, op.conv_width, op.origin, op.band,
        op.arena_scratch, op.tap_words, *offsets,
    )
    # fmt: on


def read_sqz(data: bytes) -> Program:
    """The program of a .sqz file, weights decoded; the inverse of write_sqz.

    Raises UserError for a file that is cut short, damaged, or not of this format.
    """
    header = read_header(data)
    tensor_count, op_count = HEADER.unpack_from(data)[13:15]
    try:
        at_ops = HEADER.size + tensor_count * TENSOR.size
        tensors = tuple(
            TensorRecord(*TENSOR.unpack_from(data, HEADER.size + i * TENSOR.size))
            for i in range(tensor_count)
        )
        ops = tuple(_read_op(data, at_ops + i * OP.size, tensors) for i in range(op_count))
    except (ValueError, IndexError, struct.error) as error:
        raise UserError(f"the .sqz file contradicts itself ({error}): {SQZ.remedy}") from error
    return Program(header, tensors, ops)


def read_tables(data: bytes) -> list[CodeTable]:
    """The code of each convolution's weights in a .sqz file that write_sqz made; one that two cores share has
    one."""
    tensor_count, op_count = HEADER.unpack_from(data)[13:15]
    at_ops = HEADER.size + tensor_count * TENSOR.size
    ops = [OP.unpack_from(data, at_ops + i * OP.size) for i in range(op_count)]
    return [unpack_table(data[op[25] :]) for op in ops if op[0] == OpKind.CONV2D and op[3] != BESIDE]


def _read_op(data: bytes, at: int, tensors: tuple[TensorRecord, ...]) -> OpRecord:
    f = OP.unpack_from(data, at)
    filter_count, (at_records, table, code, code_bytes) = f[17], f[24:28]
    kind, kernel = OpKind(f[0]), f[4]
    constants = b"" if kind == OpKind.CONV2D else data[code : code + code_bytes]
    filters = None
    if filter_count != 0 and kind == OpKind.CONV2D:
        shape = (filter_count, kernel, kernel, tensors[f[1]].channels)
        code_table = unpack_table(data[table:])
        if code_table.pairs and math.prod(shape[1:]) % 2 != 0:
            raise ValueError("filters with an odd number of weights are coded in pairs")
        stream = data[code : code + code_bytes]
        weights = huffman.decode(stream, code_table, math.prod(shape)).reshape(shape)
        records = unpack_records(data, at_records, filter_count)
        filters = Filters(weights, records.bias, records.multiplier, records.shift)
    elif filter_count != 0:
        numbers = np.frombuffer(data, "<i4", 2 * filter_count, at_records).astype(np.int32)
        shifts = np.frombuffer(data, np.int8, filter_count, at_records + numbers.nbytes)
        weights = np.empty((filter_count, 0, 0, 0), np.int8)
        filters = Filters(weights, numbers[:filter_count], numbers[filter_count:], shifts)
    # fmt: off
    return OpRecord(
        kind=kind, input=f[1], output=f[2], second=f[3], kernel=kernel, kernel_x=f[5], stride=f[6],
        pool=f[7], pool_stride=f[8], pad_top=f[9], pad_left=f[10], zero_point=f[11], clamp_min=f[12],
        clamp_max=f[13], measure=Measure(f[14]), lists=f[15], output_channel=f[16], conv_height=f[18],
        conv_width=f[19], origin=f[20], band=f[21], arena_scratch=f[22], tap_words=f[23], filters=filters,
        constants=constants,
    )
    # fmt: on
