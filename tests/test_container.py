"""The .sqz file: what is written is read back, and nothing damaged is read at all."""

import dataclasses
import functools

import numpy as np
import pytest

from squeezenet_lib.container import read_sqz, write_sqz
from squeezenet_lib.container_header import SQZ, read_header
from squeezenet_lib.errors import UserError
from squeezenet_lib.host_runtime import HostRuntime
from squeezenet_lib.planner import plan
from squeezenet_lib.program import OpKind, Program
from squeezenet_lib.random_graph import random_model, random_squeezenet

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
    for seed in range(20):
        graph = random_model(np.random.default_rng(seed))
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
