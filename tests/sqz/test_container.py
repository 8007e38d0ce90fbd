"""The .sqz file: what is written is read back, and nothing damaged is read at all."""

import dataclasses
import functools
import struct
import zlib

import numpy as np
import pytest

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.coding.code_table import pack_table
from squeezenet_lib.coding.weight_coding import CodedLayer
from squeezenet_lib.compiler.planner import plan
from squeezenet_lib.errors import UserError
from squeezenet_lib.sqz import container
from squeezenet_lib.sqz.container import read_sqz, write_sqz
from squeezenet_lib.sqz.header import CRC_START, SQZ, packed_names, read_header
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.sqz.program import OpKind, Program
from squeezenet_lib.tflite.reader import read_graph
from tests.support.coded_weights import coded_in_pairs
from tests.support.random_model import random_model
from tests.support.small_tflite import small
from tests.support.unsigned_tflite import write_unsigned

ERR_VERSION = -3
CLASSES = ("functional", "défectueux")


@functools.cache
def program() -> Program:
    graph = random_squeezenet(np.random.default_rng(0), 32, 1, 2, width=0.125, sparsity=0.8)
    return plan(graph, CLASSES, standardise=True, producer="1.2.3")[0]


@functools.cache
def sqz() -> bytes:
    return write_sqz(program())[0]


def assert_same(read: Program, written: Program) -> None:
    assert read.header == written.header
    assert read.tensors == written.tensors
    for ours, theirs in zip(read.ops, written.ops, strict=True):
        assert dataclasses.replace(ours, filters=None) == dataclasses.replace(theirs, filters=None)
        assert (ours.filters is None) == (theirs.filters is None)
        if ours.filters is not None and theirs.filters is not None:
            for field in dataclasses.fields(ours.filters):
                found, expected = getattr(ours.filters, field.name), getattr(theirs.filters, field.name)
                assert found.dtype == expected.dtype
                assert np.array_equal(found, expected), field.name


def test_what_is_written_is_read_back() -> None:
    assert_same(read_sqz(sqz()), program())


def test_programs_of_all_kinds_of_ops_are_read_back() -> None:
    kinds: set[OpKind] = set()
    unsigned = read_graph(write_unsigned(read_graph(small())))  # the only one whose averages are rounded up
    for graph in [unsigned, *(random_model(np.random.default_rng(seed)) for seed in range(20))]:
        names = tuple(str(i) for i in range(graph.output.shape[-1]))
        written = plan(graph, names, standardise=False, producer="0")[0]
        assert_same(read_sqz(write_sqz(written)[0]), written)
        kinds |= {op.kind for op in written.ops}
    assert kinds == set(OpKind)


def test_writing_twice_gives_the_same_bytes() -> None:
    assert write_sqz(program())[0] == sqz()


def test_sections_account_for_every_byte() -> None:
    data, sections = write_sqz(program())
    assert sum(dataclasses.astuple(sections)) == len(data)


def test_header_says_what_the_model_takes() -> None:
    header = read_header(sqz())
    assert (header.height, header.width, header.channels) == (32, 32, 1)
    assert header.class_names == CLASSES
    assert header.standardise
    assert header.producer == "1.2.3"
    assert header.total_bytes == len(sqz())


def test_a_flipped_bit_in_any_byte_is_refused_by_python_and_by_the_runtime() -> None:
    random = np.random.default_rng(1)
    assert HostRuntime.status(sqz()) == 0
    for position in range(len(sqz())):
        damaged = bytearray(sqz())
        damaged[position] ^= 1 << int(random.integers(8))
        with pytest.raises(UserError):
            read_header(bytes(damaged))
        assert HostRuntime.status(bytes(damaged)) < 0


def test_a_file_cut_short_or_grown_is_refused_by_python_and_by_the_runtime() -> None:
    for data in [sqz()[:length] for length in (0, 3, 4, 63, 64, 1000, len(sqz()) - 1)] + [sqz() + b"\0"]:
        with pytest.raises(UserError):
            read_sqz(data)
        assert HostRuntime.status(data) < 0


def test_errors_say_what_to_do() -> None:
    damaged = bytearray(sqz())
    damaged[-1] ^= 1
    with pytest.raises(UserError, match=r"damaged .* run `dvc repro huffman`"):
        read_sqz(bytes(damaged))
    with pytest.raises(UserError, match=f"has format 9; this version reads format {SQZ.format}"):
        read_sqz(sqz()[:4] + b"\x09" + sqz()[5:])


# The example of docs/sqz-format.md as the version before low bits wrote it.
FORMAT_3 = bytes.fromhex(
    "53515a310300400094010000902ec9f96578616d706c65000000000000000000d00000000000000020000000040004000100"
    "020003000400640100000000000060000000380000000400000001000400040004000201000000000000b000000004000000"
    "00000000020002000200020001010000000000000000000004000000000000000200010001000100010100000000000000ff"
    "0000000000000000000000ff0000000000000000000000000000000000000000000000000000000000000000000000000000"
    "01000100030001000000000000ff00000000020002000200000004000000000006000000740100008a010000900100000400"
    "000004010200000000000000000000ff00000000010000000000000000000000000000000000800100000000000000000000"
    "0000000008020000000000000000000000ff0000000000000000000000000000000000000000000000000000000000000000"
    "000000000000726f7700636f6c756d6e0000000000400000005cf80f028cb0a100000000000000000040ff00037f4831498c"
    "8bce00c0"
)


def test_a_file_of_format_3_is_read_and_runs() -> None:
    written = read_sqz(FORMAT_3)
    weights = written.convolutions[0].weights.reshape(2, 9).tolist()
    assert weights == [[0, -1, 0, 0, 2, 0, 0, -1, 0], [0, 0, 0, -1, 2, -1, 0, 0, 0]]
    now = write_sqz(written)[0]
    assert (now[4], now[:4], now[6:]) == (SQZ.format, FORMAT_3[:4], FORMAT_3[6:])  # without low bits the same
    row = np.zeros((4, 4, 1), np.uint8)
    row[1] = 100
    pictures = np.stack([row, row.transpose(1, 0, 2)])
    assert HostRuntime(FORMAT_3).run(pictures).tolist() == [[-76, -128], [-125, -105]]


@pytest.mark.parametrize("number", [0, SQZ.older[0] - 1, SQZ.format + 1, 0xFFFF])
def test_other_formats_are_refused_by_python_and_by_the_runtime(number: int) -> None:
    other = sqz()[:4] + struct.pack("<H", number) + sqz()[6:]
    with pytest.raises(UserError, match=f"has format {number}; this version reads"):
        read_sqz(other)
    assert HostRuntime.status(other) == ERR_VERSION


def test_pairs_of_weights_in_filters_with_an_odd_number_of_them_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By both: the code itself is a good one."""

    def in_pairs(layers: list[np.ndarray], *_: object) -> list[CodedLayer]:
        table, code = coded_in_pairs(np.concatenate([layer.ravel() for layer in layers]).reshape(1, -1))
        return [CodedLayer(pack_table(table), code)]

    monkeypatch.setattr(container, "code_layers", in_pairs)
    written = read_sqz(FORMAT_3)  # two filters of nine weights
    odd = write_sqz(written)[0]
    with pytest.raises(UserError, match="odd number of weights"):
        read_sqz(odd)
    runtime = HostRuntime(odd)
    with pytest.raises(UserError, match="status -7"):
        runtime.run(np.zeros((1, 4, 4, 1), np.uint8))


def with_names(names: bytes) -> bytes:
    """The file with other bytes in the place of its class names, its checksum right."""
    whole = sqz()
    assert whole.count(packed_names(program().header)) == 1
    changed = whole.replace(packed_names(program().header), names)
    crc = zlib.crc32(changed[CRC_START:])
    return changed[:12] + struct.pack("<I", crc) + changed[CRC_START:]


@pytest.mark.parametrize("byte", [b"\xff", b"\xc3", b"\x80"])
def test_class_names_that_are_no_text_are_refused(byte: bytes) -> None:
    length = len(packed_names(program().header))
    damaged = with_names(byte * (length // 2) + b"\0" + byte * (length - length // 2 - 2) + b"\0")
    for read in (read_header, read_sqz):
        with pytest.raises(UserError, match=r"names its classes in no readable way: run `dvc repro huffman`"):
            read(damaged)


def test_a_producer_that_is_no_text_is_refused() -> None:
    changed = sqz()[:CRC_START] + b"\xff" * 16 + sqz()[CRC_START + 16 :]
    changed = changed[:12] + struct.pack("<I", zlib.crc32(changed[CRC_START:])) + changed[CRC_START:]
    with pytest.raises(UserError, match="in no readable way"):
        read_header(changed)
