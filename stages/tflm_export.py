"""tflm-export: the model for TensorFlow Lite for Microcontrollers: C++ sources, golden vectors, and model.tfl
for the firmware's engine tflm.

Runs the whole test split through the TFLM interpreter, in the arena that it then states, and through TFLite's
reference kernels, and fails unless all scores are equal, bit for bit.

Reads: models/model.tflite, models/decision.json, data/processed.
Writes: build/tflm, metrics/tflm_export.json.
Params: preprocess.standardise, seed, tflm_export.
"""

from pathlib import Path

from squeezenet_lib.dataset.arrays import load_classes, load_split
from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import replace_when_done, write_json
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import DECISION
from squeezenet_lib.sqz.decision import read_decision
from squeezenet_lib.sqz.program import ModelFacts
from squeezenet_lib.sqz.tfl import write_tfl
from squeezenet_lib.tflite.reference import predict_reference
from squeezenet_lib.tflite.tflm import arena_bytes, predict_tflm
from squeezenet_lib.tflite.tflm_sources import (
    Export,
    GoldenVectors,
    choose_golden,
    gives_probabilities,
    golden_binary,
    sources,
)
from stages.stage import run

MODEL = Path("models/model.tflite")
PROCESSED = Path("data/processed")
EXPORT = Path("build/tflm")
METRICS = Path("metrics/tflm_export.json")


def main() -> None:
    params = load_params()
    try:
        model = MODEL.read_bytes()
    except OSError as error:
        raise UserError(f"{MODEL} cannot be read ({error.strerror}); run the quantize stage first.") from None
    test = load_split(PROCESSED, "test")

    arena = arena_bytes(model)
    scores = predict_tflm(model, test.images, arena)
    equal = (scores == predict_reference(model, test.images)).all(axis=1)
    if not equal.all():
        raise UserError(
            f"{MODEL}: TFLM and TFLite's reference kernels differ on {int((~equal).sum())} of {len(equal)} "
            f"test pictures (the first is number {int(equal.argmin())}); please report this model."
        )

    golden = choose_golden(test.labels, params.tflm_export.golden_pictures, params.seed)
    export = Export(
        model=model,
        classes=load_classes(PROCESSED),
        arena_bytes=arena,
        golden=GoldenVectors(pictures=test.images[golden], scores=scores[golden]),
    )
    decision = read_decision(DECISION, len(export.classes))
    facts = ModelFacts(tuple(export.classes), params.preprocess.standardise, decision)
    with replace_when_done(EXPORT) as folder:
        folder.mkdir()
        for name, text in sources(export).items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "golden.bin").write_bytes(golden_binary(export.golden))
        (folder / "model.tfl").write_bytes(model_file(export, facts))
    write_json(
        METRICS,
        {
            "model_bytes": len(model),
            "tflm_arena_bytes": export.arena_bytes,
            "pictures": len(equal),
            "agreement": float(equal.mean()),
        },
    )
    print(
        f"TFLM equals TFLite's reference kernels on all {len(equal)} test pictures; "
        f"its arena takes {export.arena_bytes:,} bytes."
    )


def model_file(export: Export, facts: ModelFacts) -> bytes:
    """What the firmware takes in the place of a .sqz."""
    height, width, channels = export.golden.pictures.shape[1:]
    probabilities = gives_probabilities(export.model)
    return write_tfl(export.model, (height, width, channels), facts, export.arena_bytes, probabilities)


if __name__ == "__main__":
    run(main)
