"""The command compile: a .tflite becomes a .sqz, or one clear sentence and nothing changed."""

import dataclasses
import functools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.cli.command_line import main
from squeezenet_lib.graph import Requantize
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sqz.container import read_sqz
from squeezenet_lib.sqz.decision import Decision, Statistic, as_json
from squeezenet_lib.sqz.header import read_header
from squeezenet_lib.tflite.reader import read_graph
from squeezenet_lib.tflite.writer import write_graph
from squeezenet_lib.version import version
from stages import huffman
from tests.support.one_layer_model import one_layer_model
from tests.support.tflite_edits import Edit, edited

DECISION = Decision(2, -40, Statistic.MARGIN, 7)


@functools.cache
def tflite() -> bytes:
    return write_graph(random_squeezenet(np.random.default_rng(0), 32, 1, 3, 0.125, 0.8))


def compile_in(folder: Path, *options: str, model: bytes | None = None) -> int:
    (folder / "model.tflite").write_bytes(tflite() if model is None else model)
    return main(["compile", str(folder / "model.tflite"), "-o", str(folder / "out" / "model.sqz"), *options])


def test_the_sqz_holds_the_models_weights_and_numbered_classes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compile_in(tmp_path) == 0
    sqz = (tmp_path / "out" / "model.sqz").read_bytes()
    program = read_sqz(sqz)
    assert program.header.class_names == ("0", "1", "2")
    assert program.header.producer == version()
    assert not program.header.standardise
    for conv, filters in zip(read_graph(tflite()).convolutions, program.convolutions, strict=True):
        assert np.array_equal(conv.weights, filters.weights)
    printed = capsys.readouterr().out
    assert f"model.sqz: {len(sqz):,} bytes; the .tflite has {len(tflite()):,}" in printed
    assert "pictures: 32 x 32 x 1, as they are; 3 classes: 0, 1, 2; convolutions: 26" in printed
    assert f"arena: {program.header.arena_bytes:,} bytes" in printed


@pytest.mark.parametrize("given", ["list", "file"])
def test_class_names_come_from_a_list_or_a_file(tmp_path: Path, given: str) -> None:
    (tmp_path / "names.txt").write_text("Katze\n\n großer Hund \nMaus\n", encoding="utf-8")
    names = {"list": "Katze, großer Hund,Maus", "file": str(tmp_path / "names.txt")}[given]
    assert compile_in(tmp_path, "--classes", names) == 0
    header = read_header((tmp_path / "out" / "model.sqz").read_bytes())
    assert header.class_names == ("Katze", "großer Hund", "Maus")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--classes", "a,b"], "the model has 3 classes, but 2 class names"),
        (["--classes", "a,,b"], "the class name '' of --classes is empty"),
        (["--classes", "a,b,a"], "the class name 'a' of --classes is given 2 times"),
        (["--classes", "a\x07,b,c"], r"the class name 'a\x07' of --classes is empty or cannot be printed"),
        (["--classes", "names.txt"], "--classes names.txt is neither a file nor a list"),
        (["--arena-limit", "2000"], "may have 2,000"),
    ],
)
def test_wrong_options_are_refused_and_change_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "model.sqz").write_bytes(b"earlier")
    assert compile_in(tmp_path, *options) == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["model.sqz"]
    assert (tmp_path / "out" / "model.sqz").read_bytes() == b"earlier"
    errors = capsys.readouterr().err
    assert errors.startswith("error: ")
    assert message in errors


def test_a_model_that_cannot_run_is_refused_with_file_operator_and_tensor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(edit: Edit) -> None:
        edit.first("SOFTMAX").opcodeIndex = edit.code("LOGISTIC")

    assert compile_in(tmp_path, model=edited(tflite(), change)) == 1
    errors = capsys.readouterr().err
    assert (
        f"{tmp_path / 'model.tflite'}: the runtime cannot run LOGISTIC, which makes tensor 'scores'" in errors
    )
    assert not (tmp_path / "out").exists()


def test_files_that_cannot_be_used_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_bytes(tflite())
    for arguments, message in (
        ([tmp_path / "none", "-o", tmp_path / "x.sqz"], f"{tmp_path / 'none'} does not exist"),
        ([tmp_path / "file", "-o", tmp_path], f"the output {tmp_path} is a folder"),
        ([tmp_path / "file", "-o", tmp_path / "file"], "or the model itself"),
        ([tmp_path / "file", "-o", tmp_path / "file" / "x.sqz"], "cannot be read or written"),
    ):
        assert main(["compile", *map(str, arguments)]) == 1
        assert message in capsys.readouterr().err
    assert (tmp_path / "file").read_bytes() == tflite()


def test_an_empty_file_of_names_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "names.txt").write_text("\n \n")
    assert compile_in(tmp_path, "--classes", str(tmp_path / "names.txt")) == 1
    assert f"{tmp_path / 'names.txt'} holds no class name: write one a line" in capsys.readouterr().err


def test_standardisation_is_stored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compile_in(tmp_path, "--standardise") == 0
    assert read_header((tmp_path / "out" / "model.sqz").read_bytes()).standardise
    assert "32 x 32 x 1, standardised; " in capsys.readouterr().out


def test_it_says_what_pixels_and_scores_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compile_in(tmp_path) == 0
    said = capsys.readouterr().out
    assert "\npixels 0 to 255 are -1 to 0.992188 to the network; its scores are probabilities\n" in said
    assert compile_in(tmp_path, model=one_layer_model().tflite) == 0
    assert "; its scores are logits, no probabilities: 0.02 x (score - 0)\n" in capsys.readouterr().out


@pytest.mark.parametrize(("channels", "warned"), [(1, False), (2, True), (3, False), (4, True)])
def test_it_warns_of_a_model_that_takes_no_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], channels: int, warned: bool
) -> None:
    assert compile_in(tmp_path, model=one_layer_model((8, 12, channels)).tflite) == 0
    told = capsys.readouterr().err
    if warned:
        assert told.startswith(
            f"warning: a picture has 1 (grey) or 3 (colour) channels, and the model takes {channels}: "
        )
        assert len(told.splitlines()) == 1
    else:
        assert told == ""


def test_a_softmax_elsewhere_than_at_the_end_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the two, the scores were the softmax's, or the runtime refused the file."""
    graph = read_graph(one_layer_model(softmax=True).tflite)
    logits, softmax = graph.operators[-1].input, graph.operators[-1]
    scaled = dataclasses.replace(graph.output, index=9, name="scaled", scale=0.01)
    for changed in (
        dataclasses.replace(graph, output=logits),
        dataclasses.replace(
            graph, output=scaled, operators=(*graph.operators, Requantize(softmax.output, scaled))
        ),
    ):
        assert compile_in(tmp_path, model=write_graph(changed)) == 1
        assert "the runtime has softmax as the last operator only, and " in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the pipeline's outputs so far; standardised and decided, unlike a file from elsewhere."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["preprocess"]["standardise"] = True
    params["huffman"] |= {"max_code_length": 9, "cores": 2}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    (tmp_path / "models").mkdir()
    (tmp_path / "models/model.tflite").write_bytes(tflite())
    (tmp_path / "models/decision.json").write_text(json.dumps({"decision": as_json(DECISION)}))
    (tmp_path / "data/processed").mkdir(parents=True)
    (tmp_path / "data/processed/classes.json").write_text('["a", "b", "c"]')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_pipelines_own_model_becomes_the_pipelines_own_file(pipeline: Path) -> None:
    huffman.main()
    assert main(["compile", str(pipeline / "models/model.tflite"), "-o", "again.sqz"]) == 0
    assert Path("again.sqz").read_bytes() == Path("models/model.sqz").read_bytes()
    header = read_header(Path("again.sqz").read_bytes())
    assert header.standardise and header.decision == DECISION
    assert read_sqz(Path("again.sqz").read_bytes()).cores == 2


def test_options_overrule_the_pipeline(pipeline: Path) -> None:
    options = ["--no-standardise", "--classes", "x,y,z", "--cores", "1"]
    assert main(["compile", "models/model.tflite", "-o", "other.sqz", *options]) == 0
    header = read_header(Path("other.sqz").read_bytes())
    assert not header.standardise
    assert header.class_names == ("x", "y", "z")
    assert read_sqz(Path("other.sqz").read_bytes()).cores == 1


def test_layers_are_divided_between_two_cores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compile_in(tmp_path, "--cores", "2") == 0
    program = read_sqz((tmp_path / "out" / "model.sqz").read_bytes())
    count = sum(op.is_beside for op in program.ops)
    assert count > 10
    assert f"convolutions: 26, {count} of them shared by two cores\n" in capsys.readouterr().out


def test_compiling_needs_no_tensorflow(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(tflite())
    code = (
        "import sys; from squeezenet_lib.cli.command_line import main; "
        "status = main(sys.argv[1:]); assert 'tensorflow' not in sys.modules; sys.exit(status)"
    )
    arguments = ["compile", tmp_path / "model.tflite", "-o", tmp_path / "model.sqz"]
    subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, check=True)
