"""docs/sqz-format.md: its tables are those of sqz_format.h, its example the file that the library writes."""

import functools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from squeezenet_lib.coding.bit_stream import unpack_bits
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sqz.program import OpKind, Program

FORMAT = ROOT / "esp32_pio" / "lib" / "squeeze_rt" / "src" / "sqz_format.h"
TYPES = {"char": "char", "uint8_t": "u8", "uint16_t": "u16", "uint32_t": "u32", "int16_t": "i16"}


@functools.cache
def document() -> str:
    return (ROOT / "docs" / "sqz-format.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """What is below `### heading`, to the next heading that is no deeper."""
    hashes = heading.split(" ", maxsplit=1)[0]
    found = re.search(
        rf"^{heading}\n(.*?)(?=^#{{2,{len(hashes)}}} |\Z)", document(), re.MULTILINE | re.DOTALL
    )
    assert found, heading
    return found.group(1)


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of each row of the section's tables, heads and rules left out."""
    for line in section(heading).splitlines():
        if line.startswith("| ") and not line.startswith(
            ("| type ", "| at ", "| bits ", "| symbol ", "| `kind`")
        ):
            yield [cell.strip() for cell in line.strip("|").split("|")]


@functools.cache
def example() -> dict[str, Any]:
    """What the page's own lines of Python make."""
    made: dict[str, Any] = {}
    for block in re.findall(
        r"^```python\n(.*?)^```", section("## A worked example"), re.MULTILINE | re.DOTALL
    ):
        exec(block, made)
    return made


def sqz() -> bytes:
    made: bytes = example()["sqz"]
    return made


def program() -> Program:
    made: Program = example()["program"]
    return made


@pytest.mark.parametrize(
    "heading, struct",
    [
        ("## Header", "sqz_header"),
        ("## Tensors", "sqz_tensor"),
        ("## Ops", "sqz_op"),
        ("## Decision", "sqz_decision"),
    ],
)
def test_fields_are_those_of_the_header_file(heading: str, struct: str) -> None:
    text = re.sub(r"/\*.*?\*/", "", FORMAT.read_text(encoding="utf-8"), flags=re.DOTALL)
    (body,) = re.findall(rf"typedef struct(?: \w+)? {{([^}}]*)}} {struct};", text)
    expected = [
        (f"{TYPES[kind]}{size}", f"`{name}`")
        for kind, name, size in re.findall(r"(\w+)\s+(\w+)(\[\d+\])?;", body)
    ]
    assert [(row[0], row[1]) for row in rows(heading) if len(row) == 3] == expected


def test_kinds_of_ops_are_those_of_the_library() -> None:
    assert [(int(row[0]), row[1]) for row in rows("## Ops") if len(row) == 4] == [(k, k.name) for k in OpKind]


def test_the_example_s_bytes_are_the_file_s_each_of_them_in_order() -> None:
    at, data = 0, b""
    for offset, written, _, _ in rows("### The bytes"):
        assert offset == f"0x{at:03x}"
        data += bytes.fromhex(written.strip("`"))
        at = len(data)
    assert data == sqz()


@pytest.mark.parametrize(
    "heading, start, end",
    [
        ("### The records, bit by bit", "0x174", "0x180"),
        ("### The code table, bit by bit", "0x18a", "0x190"),
        ("### The weights, bit by bit", "0x190", "0x194"),
    ],
)
def test_the_example_s_bits_are_those_of_its_bytes(heading: str, start: str, end: str) -> None:
    told = "".join(row[0].strip("`") for row in rows(heading) if len(row) == 3)
    data = sqz()[int(start, 16) : int(end, 16)]
    assert told == "".join(map(str, unpack_bits(data)))
    units = re.search(rf"{start}[^:]*: ((`[0-9a-f]{{4}}` ?)+)\.", section(heading))
    assert units
    assert units.group(1).replace("`", "").split() == [f"{unit:04x}" for unit in np.frombuffer(data, "<u2")]


def test_the_example_s_symbols_are_the_weights_that_the_page_states() -> None:
    told = [int(n) for row in rows("### The weights, bit by bit") for n in row[1].split()]
    (filters,) = program().convolutions
    assert told == [*filters.weights.ravel().tolist(), 0]
    assert [row[1].replace(",", "").split() for row in rows("### The network") if row[0].isdigit()] == [
        [str(n) for n in one.ravel()] for one in filters.weights
    ]


def test_the_example_s_code_words_stand_in_its_table() -> None:
    words = {row[0]: row[1] for row in rows("### The code table, bit by bit") if len(row) == 2}
    used = {row[0] for row in rows("### The weights, bit by bit") if row[1]}
    assert used == set(words.values())
