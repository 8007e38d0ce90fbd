"""`python -m squeezenet_lib.compile`: a .tflite becomes a .sqz, or one clear sentence and nothing changed."""

import functools
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.compile import main
from squeezenet_lib.container import read_sqz
from squeezenet_lib.container_header import read_header
from squeezenet_lib.random_graph import random_squeezenet
from squeezenet_lib.tflite_graph import read_graph
from squeezenet_lib.tflite_writer import write_graph
from squeezenet_lib.version import version
from tests.tflite_edits import Edit, edited


@functools.cache
def tflite() -> bytes:
    return write_graph(random_squeezenet(np.random.default_rng(0), 32, 1, 3, 0.125, 0.8))


def compile_in(folder: Path, *options: str, model: bytes | None = None) -> int:
    (folder / "model.tflite").write_bytes(tflite() if model is None else model)
    return main([str(folder / "model.tflite"), "-o", str(folder / "out" / "model.sqz"), *options])


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
    assert "picture: 32 x 32 x 1; classes: 3; convolutions: 26" in printed
    assert f"arena: {program.header.arena_bytes:,} of 307,200 bytes" in printed


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
        assert main([str(argument) for argument in arguments]) == 1
        assert message in capsys.readouterr().err
    assert (tmp_path / "file").read_bytes() == tflite()
