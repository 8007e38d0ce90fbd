"""The huffman stage, in a folder that holds what the stages before it leave."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.container import read_sqz
from squeezenet_lib.errors import UserError
from squeezenet_lib.huffman import entropy_bits
from squeezenet_lib.planner import plan
from squeezenet_lib.tflite_graph import read_graph
from squeezenet_lib.version import version
from stages import huffman
from tests.random_network import random_network

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pipeline's folder after quantize."""
    for name, content in (
        ("params.yaml", (ROOT / "params.yaml").read_bytes()),
        ("models/model.tflite", random_network().tflite),
        ("data/processed/classes.json", b'["functional", "defective"]'),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_file_holds_the_tflites_weights_and_what_a_chip_needs_to_know(pipeline: Path) -> None:
    huffman.main()
    program = read_sqz((pipeline / "models/model.sqz").read_bytes())
    assert program.header.class_names == ("functional", "defective")
    assert program.header.standardise
    assert program.header.producer == version()
    graph = read_graph(random_network().tflite)
    for conv, filters in zip(graph.convolutions, program.convolutions, strict=True):
        assert np.array_equal(conv.weights, filters.weights)


def test_it_tells_what_the_weights_are_coded_in(pipeline: Path, capsys: pytest.CaptureFixture[str]) -> None:
    huffman.main()
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("weights: ")]
    assert re.fullmatch(r"weights: \d+ layers (plain|runs \d+|joint \d+)(, \d+ layers \w+( \d+)?)*", line)
    assert sum(map(int, re.findall(r"(\d+) layers", line))) == 26


def test_metrics_leave_no_byte_out(pipeline: Path) -> None:
    huffman.main()
    metrics = json.loads((pipeline / "metrics/huffman.json").read_text())
    sections = ("code_bytes", "table_bytes", "filter_bytes", "program_bytes")
    assert metrics["sqz_bytes"] == (pipeline / "models/model.sqz").stat().st_size
    assert metrics["sqz_bytes"] == sum(metrics[name] for name in sections)
    weights = [conv.weights for conv in read_graph(random_network().tflite).convolutions]
    assert metrics["entropy_bytes"] == pytest.approx(sum(map(entropy_bits, weights)) / 8)
    assert metrics["bits_per_weight"] > metrics["entropy_bits_per_weight"]
    assert metrics["ratio"] == metrics["float32_bytes"] / metrics["sqz_bytes"]


def test_the_weights_are_held_against_other_coders(pipeline: Path) -> None:
    huffman.main()
    metrics = json.loads((pipeline / "metrics/huffman.json").read_text())
    coders = metrics["coders"]
    assert {"gzip -9", "xz -9e", "zstd -19", "brotli 11", "range coder"} < coders.keys()
    assert coders["bound: order-0 entropy"] == int(np.ceil(metrics["entropy_bytes"]))
    assert coders["bound: order-0 entropy"] < coders["range coder"]


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


def test_weights_that_do_not_survive_are_a_defect() -> None:
    graph = read_graph(random_network().tflite)
    program, _ = plan(graph, ("a", "b"), False, "0")
    weights = program.convolutions[3].weights.copy()
    weights.flat[5] += 1
    object.__setattr__(program.convolutions[3], "weights", weights)
    with pytest.raises(AssertionError, match=r"differ from the \.tflite's"):
        huffman.check_weights(graph, program)
