"""site/src/protocol.ts speaks as serial_protocol.py does, and finds frames between text and noise."""

import json
import subprocess
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from squeezenet_lib.device.protocol import CLASSIFY, HELLO, Frame, cobs_encode, frame, split
from tests.support.page_module import bundle_module

# Takes {"encode": [[type, sequence, payload]], "streams": [pieces]}, bytes in hexadecimal.
RUNNER = """
import { readFileSync } from "node:fs";
import { encodeFrame, Receiver } from "./protocol.mjs";
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const bytes = (text) => new Uint8Array(Buffer.from(text, "hex"));
const { encode, streams } = JSON.parse(readFileSync(0, "utf8"));
const heard = streams.map((pieces) => {
  const found = [];
  const receiver = new Receiver({
    frame: ({ type, sequence, payload }) => found.push(["frame", type, sequence, hex(payload)]),
    text: (text) => found.push(["text", text]),
    damage: () => found.push(["damage"]),
  });
  for (const piece of pieces) {
    piece === "silence" ? receiver.silence() : receiver.take(bytes(piece));
  }
  return found;
});
const encoded = encode.map(([type, sequence, payload]) =>
  hex(encodeFrame({ type, sequence, payload: bytes(payload) })));
console.log(JSON.stringify({ encoded, heard }));
"""


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("node")
    bundle_module("protocol.ts", folder)
    (folder / "run.mjs").write_text(RUNNER)
    return folder / "run.mjs"


def run(runner: Path, request: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        ["node", runner], input=json.dumps(request), capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def hear(runner: Path, *pieces: bytes | str) -> list[list[Any]]:
    """What a receiver makes of these pieces, text joined where it came in several."""
    sent = [piece.hex() if isinstance(piece, bytes) else piece for piece in pieces]
    (found,) = run(runner, {"encode": [], "streams": [sent]})["heard"]
    joined: list[list[Any]] = []
    for item in found:
        if joined and joined[-1][0] == item[0] == "text":
            joined[-1][1] += item[1]
        else:
            joined.append(item)
    return joined


def payloads() -> list[bytes]:
    """Random ones, and runs around COBS's block of 254 bytes, with and without zeros at their ends."""
    random = np.random.default_rng(6)
    made = [random.integers(0, 256, length, np.uint8).tobytes() for length in (0, 1, 2, 1024, 9216)]
    made += [random.integers(0, 3, 700, np.uint8).tobytes()]
    for length in range(236, 262):  # the header's 8 and the CRC's 4 bytes come on top
        made += [b"\x55" * length, b"\0" + b"\x55" * length, b"\x55" * length + b"\0"]
    return [*made, bytes(600), b"\xff" * 600]


def test_frames_are_those_of_the_python_twin(runner: Path) -> None:
    requests = [(CLASSIFY, 1 + 257 * index, payload) for index, payload in enumerate(payloads())]
    encoded = run(
        runner, {"encode": [[kind, seq, data.hex()] for kind, seq, data in requests], "streams": []}
    )["encoded"]
    for (kind, sequence, payload), made in zip(requests, encoded, strict=True):
        assert bytes.fromhex(made) == frame(kind, payload, sequence)
        assert split(bytes.fromhex(made)) == ([Frame(kind, sequence, payload)], "")


def test_frames_are_heard_in_pieces_of_any_length(runner: Path) -> None:
    random = np.random.default_rng(7)
    stream = b"".join(frame(CLASSIFY, payload, index + 1) for index, payload in enumerate(payloads()))
    cuts = sorted(random.integers(0, len(stream), 300).tolist())
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    expected = [["frame", CLASSIFY, index + 1, data.hex()] for index, data in enumerate(payloads())]
    assert hear(runner, *pieces) == expected


def test_text_is_heard_before_between_and_behind_frames(runner: Path) -> None:
    heard = hear(
        runner, b"boot step=ram\nboot st", b"ep=model\n", frame(HELLO), b"panic cause=0\r\n", frame(HELLO)
    )
    hello = ["frame", HELLO, 1, ""]
    assert heard == [
        ["text", "boot step=ram\nboot step=model\n"],
        hello,
        ["text", "panic cause=0\r\n"],
        hello,
    ]


def test_text_is_handed_on_as_it_comes(runner: Path) -> None:
    assert hear(runner, frame(HELLO), b"re", "silence") == [["frame", HELLO, 1, ""], ["text", "re"]]
    assert hear(runner, b"half a li") == [["text", "half a li"]]


@pytest.mark.parametrize("at", range(1, 22))
def test_a_flipped_byte_is_damage_and_the_next_frame_is_whole(runner: Path, at: int) -> None:
    damaged = bytearray(frame(CLASSIFY, b"0123456789"))
    damaged[at] ^= 0x81
    heard = hear(runner, bytes(damaged), frame(HELLO, b"", 9))
    assert heard[-1] == ["frame", HELLO, 9, ""]
    assert all(item[0] != "frame" for item in heard[:-1])


def test_a_lost_delimiter_costs_no_other_frame(runner: Path) -> None:
    first, second = frame(HELLO, b"", 1), frame(HELLO, b"", 2)
    expected = [["frame", HELLO, 1, ""], ["frame", HELLO, 2, ""]]
    assert hear(runner, first[:-1], second) == expected
    assert hear(runner, first, second[1:]) == expected


def test_a_frame_that_breaks_off_is_damage_once_the_line_is_silent(runner: Path) -> None:
    assert hear(runner, frame(HELLO)[:7], "silence", b"boot\n") == [["damage"], ["text", "boot\n"]]


def test_another_version_is_no_frame(runner: Path) -> None:
    body = b"\x02\x81\x01\x00\x00\x00\x00\x00"
    foreign = b"\0" + cobs_encode(body + zlib.crc32(body).to_bytes(4, "little")) + b"\0"
    assert hear(runner, foreign) == [["damage"]]
