"""The frames of the serial link: nothing but a whole frame is taken for one, whatever is on the line."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from squeezenet_lib.device import protocol
from squeezenet_lib.device.protocol import (
    ANSWER,
    CLASSIFY,
    ERROR,
    HELLO,
    Bench,
    Frame,
    Golden,
    LinkError,
    Reason,
    Splitter,
    cobs_decode,
    cobs_encode,
    frame,
    split,
)
from squeezenet_lib.errors import UserError
from squeezenet_lib.ranking import UNKNOWN

# Runs without 0x00 around the lengths where COBS starts another block.
RUNS = st.builds(lambda n, byte: bytes([byte]) * n, st.integers(250, 260) | st.just(508), st.integers(1, 255))
DATA = st.lists(st.binary(max_size=40) | RUNS | st.just(b"\0"), max_size=6).map(b"".join)
KINDS = st.sampled_from([HELLO, CLASSIFY, HELLO | ANSWER, CLASSIFY | ANSWER, ERROR])
FRAMES = st.builds(Frame, KINDS, st.integers(0, 0xFFFF), DATA)
TEXT = st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=30)


def encoded(item: Frame | str) -> bytes:
    return item.encode() if isinstance(item, str) else frame(item.kind, item.payload, item.sequence)


# --- COBS ---


def stuffed_as_the_chip_does(data: bytes) -> bytes:
    """link_send.c, byte by byte."""
    out, block = bytearray(), bytearray()
    for byte in data:
        if len(block) == 254:
            out += bytes([255]) + block
            block.clear()
        if byte == 0:
            out += bytes([len(block) + 1]) + block
            block.clear()
        else:
            block.append(byte)
    return bytes(out) + bytes([len(block) + 1]) + bytes(block)


@given(DATA)
def test_stuffing_is_the_chips_and_is_undone(data: bytes) -> None:
    stuffed = cobs_encode(data)
    assert 0 not in stuffed
    assert stuffed == stuffed_as_the_chip_does(data)
    assert cobs_decode(stuffed) == data


@pytest.mark.parametrize(
    ("data", "stuffed"),
    [("", "01"), ("00", "0101"), ("0000", "010101"), ("11220033", "0311220233"), ("11000000", "0211010101")],
)
def test_the_examples_that_everybody_has(data: str, stuffed: str) -> None:
    assert cobs_encode(bytes.fromhex(data)).hex() == stuffed


@pytest.mark.parametrize("broken", ["05112233", "00", "0311", "031100", "02"])
def test_what_is_no_stuffing_is_refused(broken: str) -> None:
    with pytest.raises(ValueError, match="not COBS"):
        cobs_decode(bytes.fromhex(broken))


# --- frames ---


def test_a_frame_byte_by_byte() -> None:
    """As link.h says; CRC-32 of 01 02 0500 02000000 2a00."""
    crc = struct.pack("<I", zlib.crc32(bytes.fromhex("01020500020000002a00")))
    assert (
        frame(CLASSIFY, b"*\0", 5) == b"\0" + cobs_encode(bytes.fromhex("01020500020000002a00") + crc) + b"\0"
    )


@given(st.lists(FRAMES | TEXT, max_size=6), st.integers(1, 40))
def test_frames_and_text_are_told_apart_however_the_bytes_come(items: list[Frame | str], step: int) -> None:
    stream = b"".join(map(encoded, items))
    frames = [item for item in items if isinstance(item, Frame)]
    text = "".join(item for item in items if isinstance(item, str))
    assert split(stream) == (frames, text)
    splitter = Splitter()
    found = [item for at in range(0, len(stream), step) for item in splitter.feed(stream[at : at + step])]
    assert [item for item in found if isinstance(item, Frame)] == frames
    assert "".join(item for item in found if isinstance(item, str)) + splitter.rest == text


@given(FRAMES, FRAMES, st.data())
def test_after_a_damaged_frame_the_next_one_is_whole(
    first: Frame, second: Frame, data: st.DataObject
) -> None:
    line = bytearray(encoded(first))
    at = data.draw(st.integers(0, len(line) - 1), label="position")
    match data.draw(st.sampled_from(["flip", "drop", "repeat", "cut"]), label="damage"):
        case "flip":
            line[at] ^= data.draw(st.integers(1, 255), label="bits")
        case "drop":
            del line[at]
        case "repeat":
            line.insert(at, line[at])
        case "cut":
            del line[at:]
    frames, _ = split(bytes(line) + encoded(second))
    # A 0x00 more or less, at an end, does no harm.
    assert frames[-1:] == [second]
    assert frames in ([second], [first, second])


@given(FRAMES, st.integers(0, 40))
def test_the_head_of_a_frame_is_known_once_it_has_come(item: Frame, bytes_come: int) -> None:
    splitter = Splitter()
    come = encoded(item)[: bytes_come + 2]
    splitter.feed(come)
    head = splitter.head
    if len(come) < len(encoded(item)):  # else it has ended
        assert (head is not None) == (len(cobs_start(come)) >= 8)
    if head is not None:
        assert (head.version, head.kind, head.sequence) == (1, item.kind, item.sequence)
        assert head.length == len(item.payload)


def cobs_start(come: bytes) -> bytes:
    """What the blocks of a frame's first bytes hold: each followed by the 0x00 that its end may stand for."""
    data, left, code = bytearray(), 0, 255
    for byte in come[1:]:
        if left == 0:
            if code != 255:
                data.append(0)
            code = byte
            left = byte - 1
        else:
            data.append(byte)
            left -= 1
    return bytes(data) + (b"\0" if left == 0 and code != 255 else b"")


def test_what_comes_without_an_end_is_not_held_for_ever() -> None:
    splitter = Splitter()
    found = [item for _ in range(1000) for item in splitter.feed(b"tick " * 200)]
    assert sum(map(len, found)) + len(splitter.rest) == 1_000_000
    assert len(splitter.rest) < 300_000
    (after,) = [item for item in splitter.feed(frame(HELLO)) if isinstance(item, Frame)]
    assert after.kind == HELLO


def test_a_frame_with_another_length_than_its_header_says_is_none() -> None:
    body = struct.pack("<BBHI", 1, HELLO, 1, 3) + b"four"
    whole = b"\0" + cobs_encode(body + struct.pack("<I", zlib.crc32(body))) + b"\0"
    assert split(whole)[0] == []


def test_a_frame_of_another_version_is_shown_as_such() -> None:
    body = struct.pack("<BBHI", 2, HELLO, 9, 99) + b"whatever comes"
    whole = b"\0" + cobs_encode(body + struct.pack("<I", zlib.crc32(body))) + b"\0"
    assert split(whole)[0] == [Frame(HELLO, 9, b"whatever comes", version=2)]


# --- answers ---


def test_a_result() -> None:
    payload = struct.pack("<HHIII3b", 1, 3, 41_234, 9_896_160, 0xDEADBEEF, -128, 127, 1)
    found = protocol.result(payload)
    assert (found.class_index, found.scores) == (1, (-128, 127, 1))
    assert (found.microseconds, found.cycles, found.model_crc32) == (41_234, 9_896_160, 0xDEADBEEF)


def test_a_result_that_is_no_class() -> None:
    assert protocol.result(struct.pack("<HHIII2b", 0xFFFF, 2, 1, 1, 1, 5, 4)).class_index == UNKNOWN


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        struct.pack("<HHIII", 0, 0, 1, 1, 1),
        struct.pack("<HHIII2b", 0, 3, 1, 1, 1, 5, 4),
        struct.pack("<HHIII2b", 2, 2, 1, 1, 1, 5, 5),
    ],
    ids=[
        "empty",
        "no class",
        "a score missing",
        "no such class",
    ],
)
def test_a_result_that_contradicts_itself_is_refused(payload: bytes) -> None:
    with pytest.raises(UserError, match="cannot read: a result; flash its firmware"):
        protocol.result(payload)


def test_a_photograph_is_a_result_with_times() -> None:
    payload = struct.pack("<HHIII2b", 1, 2, 3, 4, 5, -1, 1)
    found = protocol.photograph(struct.pack("<II", 312_449, 5_120) + payload)
    assert (found.capture_us, found.prepare_us) == (312_449, 5_120)
    assert found.result == protocol.result(payload)


def test_the_other_answers() -> None:
    assert protocol.golden(struct.pack("<BBH", 1, 0, 4)) == Golden(True, 4, "")
    assert protocol.golden(struct.pack("<BBH", 0, 0, 4) + b"picture 2") == Golden(False, 4, "picture 2")
    packed = struct.pack("<HHIIQ", 10, 240, 100, 300, 1 << 33)
    assert protocol.bench(packed) == Bench(10, 240, 100, 300, 1 << 33)
    assert protocol.held_bytes(b"\0\4\0\0") == 1024
    assert protocol.link_error(struct.pack("<Bb", 8, -4) + b"damaged") == LinkError(8, -4, "damaged")


@pytest.mark.parametrize("read", ["golden", "bench", "held_bytes", "photograph", "link_error"])
def test_an_answer_cut_short_is_refused(read: str) -> None:
    with pytest.raises(UserError, match="cannot read"):
        getattr(protocol, read)(b"\1")


def test_reasons_have_names() -> None:
    assert LinkError(Reason.REFUSED, 0, "").name == "REFUSED"
    assert LinkError(77, 0, "").name == "reason 77", "of a later version"
