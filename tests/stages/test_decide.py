"""The decide stage, in a folder that holds what the stages before it leave."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from squeezenet_lib.dataset.arrays import Split, save_split
from squeezenet_lib.errors import UserError
from squeezenet_lib.sqz.decision import Decision, Statistic, decide, read_decision
from squeezenet_lib.tflite.reference import predict_reference
from stages import decide as stage
from tests.support.random_network import random_network

NETWORK = random_network()


@pytest.fixture
def project(pipeline: Path) -> Path:
    """With a validation and a test split, of which the network gets some right."""
    Path("models/decision.json").unlink()
    scores = predict_reference(NETWORK.tflite, NETWORK.images)
    labels = scores.argmax(axis=1)
    labels[np.argsort(scores.max(axis=1))[:4]] ^= 1  # it errs where it is least sure
    for name in ("val", "test"):
        split = Split(NETWORK.images, labels, np.eye(2, dtype=np.float32)[labels])
        save_split(Path("data/processed"), name, split)
    return pipeline


def run(**values: Any) -> tuple[Decision | None, dict[str, Any]]:
    """With these params: what was decided, and the metrics."""
    params = yaml.safe_load(Path("params.yaml").read_text())
    params["decide"].update(values)
    Path("params.yaml").write_text(yaml.safe_dump(params))
    stage.main()
    decision = read_decision(Path("models/decision.json"), 2)
    return decision, json.loads(Path("metrics/decide.json").read_text())


def test_by_default_the_highest_score_decides(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    decision, metrics = run()
    assert decision is None
    for split in ("validation", "test"):
        assert metrics[split]["decided"] == metrics[split]["highest"]
        assert metrics[split]["highest"]["coverage"] == 1.0
    assert "foreign" not in metrics
    assert capsys.readouterr().out.startswith("the class of the highest score is the answer\n")


def test_what_is_wanted_is_chosen_on_validation_and_measured_on_both_splits(project: Path) -> None:
    point = {"class": "defective", "recall": 1.0}
    decision, metrics = run(operating_point=point, unknown="auto", precision=0.9)
    assert decision is not None and decision.class_index == 1 and decision.rejects
    scores = predict_reference(NETWORK.tflite, NETWORK.images)
    labels = np.load("data/processed/val_labels.npy")
    answers = decide(decision, scores)
    assert metrics["test"]["decided"]["coverage"] == pytest.approx(np.mean(answers >= 0))
    assert metrics["validation"]["decided"]["accuracy"] >= 0.9
    assert metrics["test"]["highest"]["accuracy"] == pytest.approx(np.mean(scores.argmax(axis=1) == labels))


def test_the_test_split_has_no_part_in_the_choice(project: Path) -> None:
    before, _ = run(unknown="auto", precision=0.8)
    labels = np.load("data/processed/test_labels.npy")
    np.save("data/processed/test_labels.npy", 1 - labels)
    after, metrics = run()
    assert after == before
    assert metrics["test"]["decided"] != metrics["validation"]["decided"]


def test_tables_are_there_to_choose_on(project: Path) -> None:
    run(operating_point={"class": "functional", "recall": 0.5})
    for kind, columns in (
        ("precision_recall", ["recall", "precision", "probability"]),
        ("accuracy_coverage", ["coverage", "accuracy", "threshold"]),
    ):
        for split in ("validation", "test"):
            rows = list(csv.DictReader(Path(f"plots/decide/{kind}_{split}.csv").read_text().splitlines()))
            assert list(rows[0]) == columns
            assert all(0 <= float(row[column]) <= 1 for row in rows for column in columns[:2])
    assert json.loads(Path("models/decision.json").read_text())["curve_of"] == "functional"


def test_foreign_pictures_are_counted(project: Path) -> None:
    for number, pixels in enumerate(NETWORK.images[:3, :, :, 0]):
        path = Path("foreign/a") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    params = yaml.safe_load(Path("params.yaml").read_text())
    params["preprocess"]["standardise"] = False
    Path("params.yaml").write_text(yaml.safe_dump(params))
    _, metrics = run(foreign="foreign")
    assert metrics["foreign"] == {"pictures": 3, "taken_for_a_class": 1.0}
    decision, metrics = run(unknown=1.0)
    assert decision == Decision(None, 0, Statistic.SCORE, 127)
    accepted = np.mean(decide(decision, predict_reference(NETWORK.tflite, NETWORK.images[:3])) >= 0)
    assert metrics["foreign"]["taken_for_a_class"] == pytest.approx(accepted)


@pytest.mark.parametrize(("folder", "sentence"), [("none", "is no folder"), ("empty", "is empty")])
def test_a_folder_without_pictures_is_named(project: Path, folder: str, sentence: str) -> None:
    Path("empty").mkdir()
    with pytest.raises(UserError, match=f"decide.foreign names {folder}, which {sentence}"):
        run(foreign=folder)
    assert not Path("models/decision.json").exists()


def test_a_missing_model_is_one_sentence(project: Path) -> None:
    Path("models/model.tflite").unlink()
    with pytest.raises(UserError, match=r"models/model.tflite is missing; run the quantize stage first"):
        run()
