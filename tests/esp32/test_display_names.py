"""What a display shows of class names in other letters: a model in flash, and one sent over the line."""

import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest

from squeezenet_lib.device.hello import read_hello
from squeezenet_lib.device.protocol import ANSWER, CHUNK, CLASSIFY, HELLO, LOAD, frame, result
from squeezenet_lib.sqz.container import read_sqz, write_sqz
from squeezenet_lib.sqz.header import CRC_START, HEADER
from tests.support.camera_desk import Desk, camera_desk
from tests.support.host_screen import Call, screens
from tests.support.one_layer_model import one_layer_model

MODEL = one_layer_model((32, 32, 1), False, softmax=True)
FLAGS_AT = HEADER.size - 4
PICTURE = np.random.default_rng(8).integers(0, 256, (1, 32, 32, 1), np.uint8)
TRUE = ("Äpfel", "Öl", "Käse", "日本", "Ελλάδα")
SHOWN = ("Apfel", "Ol", "Kase", "RiBen", "Ellada")


def renamed(names: tuple[str, ...]) -> bytes:
    program = read_sqz(MODEL.sqz)
    return write_sqz(replace(program, header=replace(program.header, class_names=names)))[0]


def damaged(sqz: bytes, at: int, content: bytes) -> bytes:
    """Other bytes in the file, its checksum right."""
    changed = sqz[:at] + content + sqz[at + len(content) :]
    return changed[:12] + struct.pack("<I", zlib.crc32(changed[CRC_START:])) + changed[CRC_START:]


def name_of(desk: Desk, names: tuple[str, ...]) -> None:
    """Asserts that the display shows the picture's class by its name among `names`."""
    (answer,) = desk.say(frame(CLASSIFY, PICTURE.tobytes()), silent_ms=300).frames
    found = result(answer.payload)
    per_mille = (max(found.scores) + 128) * 1000 // 256
    call = Call(b"r", per_mille, found.microseconds, names[found.class_index].encode())
    assert desk.display() == screens(call)[-1]


def load(desk: Desk, sqz: bytes) -> None:
    for at in range(0, len(sqz), CHUNK):
        head = struct.pack("<II", at, len(sqz))
        (answer,) = desk.say(frame(LOAD, head + sqz[at : at + CHUNK])).frames
        assert answer.kind == LOAD + ANSWER


def names_on_the_line(desk: Desk) -> tuple[str, ...]:
    (answer,) = desk.say(frame(HELLO)).frames
    model = read_hello(answer.payload).model
    assert model is not None
    return model.class_names


def test_names_are_shown_in_ascii_and_are_true_on_the_line() -> None:
    with camera_desk(renamed(TRUE), MODEL.golden) as desk:
        name_of(desk, SHOWN)
        assert names_on_the_line(desk) == TRUE


def test_of_a_model_sent_over_the_line_too_and_of_the_next_one() -> None:
    plain = ("a", "b", "c", "d", "e")
    with camera_desk(renamed(plain), MODEL.golden) as desk:
        name_of(desk, plain)
        load(desk, renamed(TRUE))
        name_of(desk, SHOWN)
        assert names_on_the_line(desk) == TRUE
        load(desk, renamed(plain))
        name_of(desk, plain)


def test_a_file_without_them_has_boxes() -> None:
    """As versions before wrote it."""
    with camera_desk(damaged(renamed(TRUE), FLAGS_AT, bytes(4)), MODEL.golden) as desk:
        name_of(desk, TRUE)


@pytest.mark.parametrize("names", [TRUE, ("a", "b", "c", "d", "e")])
@pytest.mark.parametrize("filled", [b"", b"x", b"\xff"])
def test_a_file_that_claims_them_wrongly_leads_nowhere_else(names: tuple[str, ...], filled: bytes) -> None:
    """Sanitizers watch what is read, and the line goes on."""
    sqz = renamed(names)
    end = HEADER.unpack_from(sqz)[15]
    sqz = damaged(sqz, FLAGS_AT, struct.pack("<I", 4))
    if filled and names is TRUE:
        start = sqz.index(b"\0Apfel\0")
        sqz = damaged(sqz, start, filled * (end - start))
    with camera_desk(sqz, MODEL.golden) as desk:
        (answer,) = desk.say(frame(CLASSIFY, PICTURE.tobytes()), silent_ms=300).frames
        assert answer.kind == CLASSIFY + ANSWER
        assert names_on_the_line(desk) == names
