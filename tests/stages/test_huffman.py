"""The huffman stage, in a folder that holds what the stages before it leave."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from squeezenet_lib.coding.entropy import layer_entropy_bits
from squeezenet_lib.errors import UserError
from squeezenet_lib.sqz.container import read_sqz
from squeezenet_lib.sqz.decision import Decision, Statistic, as_json
from squeezenet_lib.sqz.header import read_header
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.version import version
from stages import huffman
from tests.support.random_network import random_network


def test_the_file_holds_the_tflites_weights_and_what_a_chip_needs_to_know(pipeline: Path) -> None:
    huffman.main()
    program = read_sqz((pipeline / "models/model.sqz").read_bytes())
    assert program.header.class_names == ("functional", "defective")
    assert program.header.standardise
    assert program.header.producer == version()
    graph = read_graph(random_network().tflite)
    for conv, filters in zip(graph.convolutions, program.convolutions, strict=True):
        assert np.array_equal(conv.weights, filters.weights)


def test_how_scores_become_an_answer_is_in_the_file(pipeline: Path) -> None:
    huffman.main()
    plain = Path("models/model.sqz").read_bytes()
    assert read_header(plain).decision is None
    decision = Decision(1, -40, Statistic.MARGIN, 9)
    Path("models/decision.json").write_text(json.dumps({"decision": as_json(decision)}))
    huffman.main()
    assert read_header(Path("models/model.sqz").read_bytes()).decision == decision


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "models/decision.json is missing; run the decide stage first"),
        ("{}", "models/decision.json is no decision"),
        ("[", "models/decision.json is no decision"),
        (
            '{"decision": {"class": 2, "class_score": 0, "unknown": "none", "threshold": 0}}',
            "models/decision.json is no decision between 2 classes; run the decide stage again",
        ),
        (
            '{"decision": {"class": 1, "class_score": 0, "unknown": "mood", "threshold": 0}}',
            "models/decision.json is no decision",
        ),
    ],
)
def test_a_decision_that_is_none_is_one_sentence(pipeline: Path, content: str | None, sentence: str) -> None:
    Path("models/decision.json").unlink()
    if content is not None:
        Path("models/decision.json").write_text(content)
    with pytest.raises(UserError, match=sentence):
        huffman.main()


def test_it_tells_what_the_weights_are_coded_in(pipeline: Path, capsys: pytest.CaptureFixture[str]) -> None:
    huffman.main()
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("weights: ")]
    kind = r"\d+ layers (plain|runs \d+|joint \d+|pairs)( \+ \d bits)?"
    assert re.fullmatch(rf"weights: {kind}(, {kind})*", line)
    assert sum(map(int, re.findall(r"(\d+) layers", line))) == 26


def test_metrics_leave_no_byte_out(pipeline: Path) -> None:
    huffman.main()
    metrics = json.loads((pipeline / "metrics/huffman.json").read_text())
    sections = ("code_bytes", "table_bytes", "filter_bytes", "program_bytes")
    assert metrics["sqz_bytes"] == (pipeline / "models/model.sqz").stat().st_size
    assert metrics["sqz_bytes"] == sum(metrics[name] for name in sections)
    weights = [conv.weights for conv in read_graph(random_network().tflite).convolutions]
    assert metrics["entropy_bytes"] == pytest.approx(layer_entropy_bits(weights) / 8)
    assert metrics["bits_per_weight"] > metrics["entropy_bits_per_weight"]
    assert metrics["ratio"] == metrics["float32_bytes"] / metrics["sqz_bytes"]


def test_a_file_for_two_cores_has_the_same_layers(pipeline: Path, capsys: pytest.CaptureFixture[str]) -> None:
    huffman.main()
    before = json.loads((pipeline / "metrics/huffman.json").read_text())
    params = yaml.safe_load((pipeline / "params.yaml").read_text())
    params["huffman"]["cores"] = 2
    (pipeline / "params.yaml").write_text(yaml.safe_dump(params))
    capsys.readouterr()
    huffman.main()
    program = read_sqz((pipeline / "models/model.sqz").read_bytes())
    assert program.cores == 2
    after = json.loads((pipeline / "metrics/huffman.json").read_text())
    assert after["entropy_bytes"] == before["entropy_bytes"]
    assert before["sqz_bytes"] < after["sqz_bytes"] < 1.3 * before["sqz_bytes"]
    assert sum(map(int, re.findall(r"(\d+) layers", capsys.readouterr().out))) == 26


def test_running_twice_gives_the_same_bytes(pipeline: Path) -> None:
    huffman.main()
    first = (pipeline / "models/model.sqz").read_bytes()
    huffman.main()
    assert (pipeline / "models/model.sqz").read_bytes() == first


def test_a_missing_model_is_one_sentence_and_leaves_what_was_there(pipeline: Path) -> None:
    huffman.main()
    kept = (pipeline / "models/model.sqz").read_bytes()
    (pipeline / "models/model.tflite").unlink()
    with pytest.raises(UserError, match=r"models/model.tflite is missing; run the quantize stage first"):
        huffman.main()
    assert (pipeline / "models/model.sqz").read_bytes() == kept
