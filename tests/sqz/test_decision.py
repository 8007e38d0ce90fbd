"""How scores become an answer: in Python, in the runtime and on the page alike; and where a file says so."""

import json
import struct
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from squeezenet_lib.device.emulated_board import EmulatedBoard
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.errors import UserError
from squeezenet_lib.ranking import UNKNOWN
from squeezenet_lib.sqz.container import read_sqz, write_sqz
from squeezenet_lib.sqz.decision import (
    RECORD,
    Decision,
    Statistic,
    as_json,
    decide,
    decide_one,
    from_json,
)
from squeezenet_lib.sqz.header import CRC_START, HEADER, TFL, read_header
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.sqz.program import ModelFacts
from squeezenet_lib.sqz.tfl import write_tfl
from tests.support.one_layer_model import CLASSES, one_layer_model
from tests.support.page_module import bundle_module
from tests.support.small_firmware import firmware

SHAPE = (16, 16, 1)
MANY = len(CLASSES)
Scores = npt.NDArray[np.int8]
# Reads cases as lines of JSON and answers each with a line.
RUNNER = """
import { readFileSync } from "node:fs";
import { decide } from "./decision.mjs";
for (const line of readFileSync(0, "utf8").trimEnd().split("\\n")) {
  const { decision, scores } = JSON.parse(line);
  console.log(JSON.stringify(scores.map((one) => decide(decision, one))));
}
"""


def sqz(decision: Decision | None, classes: int = MANY) -> bytes:
    """A model that decides so. Its program has five classes; of two, only the decision is of use."""
    program = read_sqz(one_layer_model(SHAPE).sqz)
    names = tuple(f"class {index}" for index in range(classes))
    return write_sqz(replace(program, header=replace(program.header, class_names=names, decision=decision)))[
        0
    ]


def with_record(*fields: int) -> bytes:
    """A model whose record has these fields, whatever they are, its checksum right."""
    sound = Decision(1, -20, Statistic.MARGIN, 12)
    whole = sqz(sound)
    record = RECORD.pack(1, -20, Statistic.MARGIN, 12)
    assert whole.count(record) == 1
    changed = whole.replace(record, RECORD.pack(*fields))
    return changed[:12] + struct.pack("<I", zlib.crc32(changed[CRC_START:])) + changed[CRC_START:]


def random_decision(random: np.random.Generator, classes: int) -> Decision | None:
    index = int(random.integers(classes)) if random.integers(3) else None
    score = int(random.integers(-128, 128)) if index is not None else 0
    statistic = Statistic(int(random.integers(3)))
    threshold = {
        Statistic.NONE: 0,
        Statistic.SCORE: int(random.integers(-128, 128)),
        Statistic.MARGIN: int(random.integers(0, 256)),
    }[statistic]
    return None if random.integers(8) == 0 else Decision(index, score, statistic, threshold)


def random_scores(random: np.random.Generator, classes: int) -> Scores:
    """Of all heights, with ties, and near the ends of int8."""
    width = int(random.choice([2, 20, 256]))
    low = int(random.integers(-128, 129 - width))
    return random.integers(low, low + width, (40, classes)).astype(np.int8)


def cases() -> list[tuple[Decision | None, Scores]]:
    random = np.random.default_rng(3)
    return [(random_decision(random, MANY), random_scores(random, MANY)) for _ in range(300)]


# --- the rule ---


@pytest.mark.parametrize(("scores", "answer"), [((5, 7, 7), 1), ((-128, -128, -128), 0), ((127, 3, 126), 0)])
def test_without_a_decision_the_highest_is_it_and_of_equals_the_first(
    scores: tuple[int, ...], answer: int
) -> None:
    assert decide_one(None, scores) == answer


@pytest.mark.parametrize(
    ("scores", "answer"),
    [((100, -20, 90), 1), ((100, -21, 90), 0), ((90, -21, 100), 2), ((-128, 127, -128), 1)],
)
def test_a_class_is_answered_from_its_score_on_and_else_the_best_of_the_others(
    scores: tuple[int, ...], answer: int
) -> None:
    assert decide_one(Decision(1, -20), scores) == answer


def test_a_class_may_need_more_than_the_highest_score() -> None:
    assert decide_one(Decision(0, 100), (99, -5, -6)) == 1


@pytest.mark.parametrize(
    ("decision", "scores", "answer"),
    [
        (Decision(None, 0, Statistic.SCORE, 10), (9, 3, 1), UNKNOWN),
        (Decision(None, 0, Statistic.SCORE, 10), (10, 9, 9), 0),
        (Decision(None, 0, Statistic.MARGIN, 10), (100, 91, 0), UNKNOWN),
        (Decision(None, 0, Statistic.MARGIN, 10), (90, 100, 0), 1),
        # At an operating point: from the class's score, and between the others.
        (Decision(1, -20, Statistic.MARGIN, 10), (100, -11, 0), UNKNOWN),
        (Decision(1, -20, Statistic.MARGIN, 10), (100, -10, 0), 1),
        (Decision(1, -20, Statistic.MARGIN, 10), (100, -29, 0), UNKNOWN),
        (Decision(1, -20, Statistic.MARGIN, 10), (100, -30, 0), 0),
        (Decision(1, -20, Statistic.MARGIN, 10), (100, -30, 91), UNKNOWN),
        (Decision(1, -20, Statistic.SCORE, -10), (100, -11, 0), UNKNOWN),
    ],
)
def test_what_is_not_sure_enough_is_unknown(decision: Decision, scores: tuple[int, ...], answer: int) -> None:
    assert decide_one(decision, scores) == answer


def test_of_two_classes_the_margin_is_the_distance_to_the_operating_point() -> None:
    scores = np.array([(-s, s) for s in range(-127, 128)], np.int8)
    answers = decide(Decision(1, -50, Statistic.MARGIN, 20), scores)
    assert [int(scores[answers == answer, 1].max(initial=-128)) for answer in (0, UNKNOWN, 1)] == [
        -70,
        -31,
        127,
    ]


# --- everywhere the same ---


def test_python_and_the_runtime_answer_alike() -> None:
    for decision, scores in cases():
        assert np.array_equal(HostRuntime(sqz(decision)).decide(scores), decide(decision, scores)), decision


def test_python_and_the_page_answer_alike(tmp_path: Path) -> None:
    bundle_module("decision.ts", tmp_path)
    (tmp_path / "run.mjs").write_text(RUNNER)
    lines = [json.dumps({"decision": as_json(d), "scores": s.tolist()}) for d, s in cases()]
    answered = subprocess.run(
        ["node", str(tmp_path / "run.mjs")],
        input="\n".join(lines),
        text=True,
        capture_output=True,
        check=True,
    )
    found = [json.loads(line) for line in answered.stdout.splitlines()]
    assert found == [decide(decision, scores).tolist() for decision, scores in cases()]


def test_the_emulated_chip_answers_as_python_does_and_says_how() -> None:
    board = EmulatedBoard(firmware("qemu").elf)
    try:
        link = BoardLink(board)
        link.connect()
        images = np.random.default_rng(6).integers(0, 256, (6, *SHAPE), np.uint8)
        scores = HostRuntime(sqz(None)).run(images)
        seen = set()
        for decision in (None, *some_decisions(scores)):
            hello = link.load(sqz(decision))
            assert hello.model is not None and hello.model.decision == decision
            results = [link.classify(image) for image in images]
            assert [result.scores for result in results] == [tuple(one) for one in scores.tolist()]
            answers = [result.class_index for result in results]
            assert answers == decide(decision, scores).tolist()
            seen.add(tuple(answers))
        assert len(seen) > 2 and any(UNKNOWN in answers for answers in seen)
    finally:
        board.close()


def some_decisions(scores: Scores) -> list[Decision]:
    """Such as tell these scores apart."""
    middle = int(np.median(scores[:, 0]))
    margins = np.sort(scores.astype(int), axis=1)
    margin = int(np.median(margins[:, -1] - margins[:, -2]))
    return [
        Decision(0, middle),
        Decision(0, middle, Statistic.MARGIN, margin + 1),
        Decision(None, 0, Statistic.SCORE, int(np.median(scores.max(axis=1)))),
    ]


# --- in the file ---


def test_what_is_written_is_read_back() -> None:
    for decision, _ in cases()[:40]:
        assert read_header(sqz(decision)).decision == decision
        assert from_json(as_json(decision)) == decision
        tfl = write_tfl(
            b"TFL3", (2, 2, 1), ModelFacts(("a", "\u00e4", "c", "d", "e"), True, decision), 16, True
        )
        assert read_header(tfl, (TFL,)).decision == decision


def test_without_a_decision_the_file_is_as_it_was_and_with_one_eight_bytes_longer() -> None:
    plain, decided = sqz(None), sqz(Decision(1, -20))
    assert HEADER.unpack_from(plain)[16] & 8 == 0
    assert len(decided) == len(plain) + RECORD.size
    assert HostRuntime(decided).arena_bytes == HostRuntime(plain).arena_bytes


@pytest.mark.parametrize(
    "fields",
    [
        (MANY, 0, 0, 0),
        (0xFFFE, 0, 0, 0),
        (1, 128, 0, 0),
        (1, -129, 0, 0),
        (1, 0, 3, 0),
        (1, 0, Statistic.SCORE, 128),
        (1, 0, Statistic.SCORE, -129),
        (1, 0, Statistic.MARGIN, 256),
        (1, 0, Statistic.MARGIN, -1),
    ],
)
def test_what_no_model_can_decide_by_is_refused_by_python_and_by_the_runtime(fields: tuple[int, ...]) -> None:
    data = with_record(*fields)
    with pytest.raises(UserError, match=r"decides in a way that no model can: run `dvc repro huffman`"):
        read_header(data)
    assert HostRuntime.status(data) == -5
    assert HostRuntime.status(with_record(1, 0, Statistic.MARGIN, 255)) == 0


def test_a_record_that_the_file_is_too_short_for_is_refused() -> None:
    header = write_tfl(b"TFL3", (2, 2, 1), ModelFacts(("a", "b")), 16, True)
    fields = list(HEADER.unpack_from(header))
    fields[16] |= 8
    fields[14] = len(header)  # ops: the record would lie far behind the end
    data = HEADER.pack(*fields) + header[HEADER.size :]
    data = data[:12] + struct.pack("<I", zlib.crc32(data[CRC_START:])) + data[CRC_START:]
    with pytest.raises(UserError, match="decides in a way that no model can"):
        read_header(data, (TFL,))


def test_a_decision_that_does_not_fit_the_model_is_not_written() -> None:
    for impossible in (Decision(MANY), Decision(0, 200), Decision(None, 0, Statistic.MARGIN, 256)):
        with pytest.raises(ValueError, match="is none of a model with 5 classes"):
            sqz(impossible)
