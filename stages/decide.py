"""Choose on the validation split how scores become an answer, and measure what that gives.

The scores are those of TensorFlow Lite's reference kernels, as everywhere.

Reads:  models/model.tflite, data/processed, the folder decide.foreign
Writes: models/decision.json, metrics/decide.json, plots/decide (precision over recall of the class that the
        operating point is of, or else of the one that is missed most; accuracy over coverage)
Params: decide, preprocess.standardise
"""

from pathlib import Path
from typing import Any

from squeezenet_lib.dataset.arrays import load_classes, load_split
from squeezenet_lib.decide import curves
from squeezenet_lib.decide.choice import choose
from squeezenet_lib.decide.foreign import foreign_inputs
from squeezenet_lib.decide.measures import before_and_after, foreign_acceptance
from squeezenet_lib.outputs import write_json, write_table
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import DECISION, METRICS, PLOTS, PROCESSED
from squeezenet_lib.sqz.decision import as_json, in_words
from squeezenet_lib.tflite.reference import predict_reference
from stages.int8_model import read_int8_model
from stages.stage import run

TABLES = PLOTS / "decide"


def main() -> None:
    """The test split has no part in the choice."""
    params = load_params()
    model = read_int8_model()
    classes = load_classes(PROCESSED)
    splits = {"validation": load_split(PROCESSED, "val"), "test": load_split(PROCESSED, "test")}
    labels = {name: split.labels for name, split in splits.items()}
    scores = {name: predict_reference(model, split.images) for name, split in splits.items()}
    decision = choose(params.decide, classes, labels["validation"], scores["validation"])
    index = decision.class_index if decision else None
    if index is None:
        index = curves.most_missed(labels["validation"], scores["validation"])
    metrics: dict[str, Any] = {
        name: before_and_after(decision, index, labels[name], scores[name]) for name in splits
    }
    if params.decide.foreign is not None:
        shape = splits["test"].images.shape[1:]
        foreign = foreign_inputs(Path(params.decide.foreign), shape, params.preprocess.standardise)
        accepted = foreign_acceptance(decision, predict_reference(model, foreign))
        metrics["foreign"] = {"pictures": len(foreign), "taken_for_a_class": accepted}
    for name in splits:
        tables = {
            "precision_recall": curves.precision_recall(index, labels[name], scores[name]),
            "accuracy_coverage": curves.accuracy_coverage(decision, labels[name], scores[name]),
        }
        for kind, rows in tables.items():
            write_table(TABLES / f"{kind}_{name}.csv", rows)
    write_json(METRICS / "decide.json", metrics)
    write_json(DECISION, {"decision": as_json(decision), "curve_of": classes[index]})
    print(in_words(decision, classes))
    for when, found in metrics["test"].items():
        print(
            f"{when}: {share(found['coverage'])} of the test pictures get an answer, which is right for "
            f"{share(found['accuracy'])} of them; of {classes[index]} {share(found['missed'])} are missed"
        )


def share(value: float | None) -> str:
    """Of nothing there is none."""
    return "none" if value is None else f"{100 * value:.1f} %"


if __name__ == "__main__":
    run(main)
