"""The test split on a board: figures, the plot's data, and every score that is not the reference's."""

import csv
import dataclasses
import json
import re
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from squeezenet_lib.cli.command_line import main
from squeezenet_lib.dataset.arrays import Split, save_split
from squeezenet_lib.device import evaluation
from squeezenet_lib.device.emulated_board import EmulatedBoard
from squeezenet_lib.device.link import BoardLink
from squeezenet_lib.evaluation import accuracy, macro_f1
from squeezenet_lib.images import Shape
from squeezenet_lib.paths import ROOT
from squeezenet_lib.sqz.container import read_sqz, write_sqz
from squeezenet_lib.sqz.decision import Decision, Statistic, decide
from squeezenet_lib.tflite.reference import predict_reference
from tests.support.fake_board import FakeBoard, expected_scores
from tests.support.one_layer_model import one_layer_model
from tests.support.other_model import other_model
from tests.support.pty_board import plugged_in
from tests.support.simulated_device import simulate
from tests.support.small_firmware import firmware, small_model
from tests.support.tflite_edits import Edit, edited

Scores = npt.NDArray[np.int8]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a test split and the small model in their places."""
    model = small_model()
    labels = np.arange(len(model.images)) % 2
    split = Split(model.images, labels.astype(np.int64), np.eye(2, dtype=np.float32)[labels])
    (tmp_path / "data/processed").mkdir(parents=True)
    save_split(tmp_path / "data/processed", "test", split)
    (tmp_path / "models").mkdir()
    (tmp_path / "models/model.sqz").write_bytes(model.sqz.read_bytes())
    (tmp_path / "models/model.tflite").write_bytes(model.tflite)
    shutil.copyfile(ROOT / "params.yaml", tmp_path / "params.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_test_split_on_the_board(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate("evaluate") == 0
    metrics = json.loads((project / "metrics/device.json").read_text())
    model, labels = small_model(), np.arange(12) % 2
    assert metrics.pop("instructions") > 100_000
    assert metrics == {
        "board": "qemu",
        "pictures": 12,
        "agreement": 1.0,
        "accuracy": accuracy(labels, model.expected),
        "macro_f1": macro_f1(labels, model.expected),
    }
    assert capsys.readouterr().out.startswith(
        "12 pictures, all scores as TFLite's reference kernels give them\naccuracy: "
    )
    with (project / "plots/device.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["picture"]) for row in rows] == list(range(12))
    assert [int(row["predicted"]) for row in rows] == model.expected.argmax(axis=1).tolist()
    assert all(int(row["instructions"]) > 100_000 for row in rows)


def test_answers_of_a_model_that_decides_are_counted(project: Path) -> None:
    scores, labels = small_model().expected, np.arange(12) % 2
    decision = Decision(None, 0, Statistic.SCORE, int(np.median(scores.max(axis=1))) + 1)
    program = read_sqz(small_model().sqz.read_bytes())
    header = dataclasses.replace(program.header, decision=decision)
    sqz, _ = write_sqz(dataclasses.replace(program, header=header))
    (project / "models/model.sqz").write_bytes(sqz)
    board = EmulatedBoard(firmware("qemu").elf)
    try:
        link = BoardLink(board)
        link.connect()
        told = evaluation.evaluate(link, link.load(sqz), evaluation.Files(), None)
    finally:
        board.close()
    answers = decide(decision, scores)
    known = answers >= 0
    assert 0 < known.sum() < 12
    metrics = json.loads((project / "metrics/device.json").read_text())
    assert metrics["accuracy"] == accuracy(labels, scores)
    assert metrics["coverage"] == pytest.approx(known.mean())
    assert metrics["accuracy_of_answers"] == pytest.approx((answers == labels)[known].mean())
    assert "coverage: " in told
    with (project / "plots/device.csv").open() as file:
        assert [int(row["predicted"]) for row in csv.DictReader(file)] == answers.tolist()


def test_some_pictures_are_taken_from_the_whole_split(project: Path) -> None:
    assert simulate("evaluate", "--pictures", "3") == 0
    with (project / "plots/device.csv").open() as file:
        assert [row["picture"] for row in csv.DictReader(file)] == ["0", "5", "11"]


def test_a_score_that_differs_fails_and_names_the_picture(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_reference(model: bytes, images: npt.NDArray[np.uint8]) -> Scores:
        scores = predict_reference(model, images)
        scores[1, 0] ^= 1
        return scores

    monkeypatch.setattr(evaluation, "predict_reference", other_reference)
    assert simulate("evaluate", "--pictures", "3") == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert "the board on the emulator disagrees" in line
    assert "on 1 of 3 pictures; picture 5: " in line
    assert json.loads((project / "metrics/device.json").read_text())["agreement"] == pytest.approx(2 / 3)


def test_another_model_than_the_boards_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "models/model.sqz").write_bytes(other_model())
    assert simulate("evaluate") == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert re.search(
        r"another model \(CRC-32 0x[0-9a-f]{8}\) than models/model\.sqz \(0x[0-9a-f]{8}\): load it with", line
    )
    assert not (project / "metrics").exists()


@pytest.mark.parametrize("shape", [(32, 32, 1), (16, 16, 3)])
def test_the_tflite_of_another_model_is_refused_before_the_board_works(
    project: Path, capsys: pytest.CaptureFixture[str], shape: Shape
) -> None:
    """Of five classes; of other pictures."""
    (project / "models/model.tflite").write_bytes(one_layer_model(shape).tflite)
    assert simulate("evaluate") == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert line.startswith(
        "error: models/model.tflite takes other pictures or has other classes than the board's"
    )
    assert not (project / "metrics").exists()


def test_a_tflite_at_which_tflite_would_crash_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def without_scale(edit: Edit) -> None:
        edit.tensors[edit.first("CONV_2D").outputs[0]].quantization.scale = np.zeros(1, np.float32)

    model = project / "models/model.tflite"
    model.write_bytes(edited(model.read_bytes(), without_scale))
    assert simulate("evaluate") == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert re.match(r"error: models/model\.tflite: tensor '.*' has scale 0\.0", line)
    assert not (project / "metrics").exists()


def test_a_real_board_is_timed(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fake board stands for one: with the small model's CRC-32, and scores of its own."""
    sqz = small_model().sqz.read_bytes()

    def its_scores(model: bytes, images: npt.NDArray[np.uint8]) -> Scores:
        return np.array([expected_scores(sqz, image.tobytes()) for image in images], np.int8)

    monkeypatch.setattr(evaluation, "predict_reference", its_scores)
    with plugged_in(FakeBoard(sqz, height=32, width=32)) as terminal:
        assert main(["device", "evaluate", "--port", terminal.name, "--baud", "115200"]) == 0
    metrics = json.loads((project / "metrics/device.json").read_text())
    assert (metrics["board"], metrics["pictures"], metrics["agreement"]) == ("fake", 12, 1.0)
    assert (metrics["latency_median_ms"], metrics["latency_p95_ms"]) == (0.7, 0.7)
    assert "latency median ms: 0.7\n" in capsys.readouterr().out
    with (project / "plots/device.csv").open() as file:
        assert [row["milliseconds"] for row in csv.DictReader(file)] == ["0.7"] * 12


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("models/model.sqz", "models/model.sqz does not exist: run `dvc repro huffman`"),
        ("models/model.tflite", "models/model.tflite is missing; run `dvc repro quantize` first"),
        ("data/processed/test_images.npy", "test_images.npy is missing; run the preprocess stage first"),
    ],
)
def test_missing_files_are_named(
    project: Path, capsys: pytest.CaptureFixture[str], missing: str, sentence: str
) -> None:
    (project / missing).unlink()
    assert simulate("evaluate") == 1
    assert sentence in capsys.readouterr().err
