"""Convert the pruned network to full int8; with `shared`, first fine-tune it with few weight values.

Reads:  models/pruned.keras, models/float.keras (the teacher), models/layers.json, data/processed;
        models/checkpoint/quantize of an unfinished run
Writes: models/model.tflite, models/checkpoint/quantize (until the run is done), metrics/quantize.json,
        plots/quantize (confusion.csv; for shared and qat also training curves)
Params: seed, quantize, model.dropout, train.batch_size, train.weight_decay, train.soft_target_share,
        train.class_balance, train.weight_average, train.augment (all but the first two not for ptq)
"""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

from squeezenet_lib import evaluation
from squeezenet_lib.checkpoint import Checkpoint, data_of, run_key
from squeezenet_lib.dataset import load_classes, load_split
from squeezenet_lib.layer_choices import read_levels
from squeezenet_lib.model import folded_float32_bytes, load_model, zip_bytes
from squeezenet_lib.outputs import add_member, replace_when_done, write_json
from squeezenet_lib.params import load_params
from squeezenet_lib.prediction import predict
from squeezenet_lib.quantization import (
    calibration_pictures,
    check_levels,
    check_quantized,
    check_zeros,
    float32_tflite,
    max_distinct_values,
    quantize_after_training,
    quantize_in_training,
    store_levels,
    zero_share,
)
from squeezenet_lib.records import curves, write_confusion
from squeezenet_lib.tflite_reference import predict_reference
from squeezenet_lib.training import make_deterministic
from squeezenet_lib.weight_sharing import layer_levels, share_weights
from stages.stage import run

PROCESSED = Path("data/processed")
MODELS = Path("models")
PLOTS = Path("plots/quantize")


def main() -> None:
    """Quantize, count zeros and values, measure on the test split as for the float and the pruned network."""
    params = load_params()
    make_deterministic(params.seed)
    pruned, teacher = (load_model(MODELS / f"{name}.keras") for name in ("pruned", "float"))
    train, validation, test = (load_split(PROCESSED, name) for name in ("train", "val", "test"))
    # what train alone reads must not enter the key: this stage does not depend on it
    recipe = replace(
        params.train, init_from="", strategy="single", epochs=1, learning_rate=0.0, warmup_epochs=0
    )
    start = (*pruned.get_weights(), *teacher.get_weights(), *data_of(train), *data_of(validation))
    key = run_key(*start, params.seed, params.model.dropout, params.quantize, recipe)
    fine_tuning = (params.quantize, recipe, params.model.dropout, params.seed)
    checkpoint = Checkpoint(MODELS / "checkpoint/quantize", key)
    calibration = calibration_pictures(train.images, params.quantize.calibration_pictures, params.seed)
    measured: dict[str, float] = {}
    if params.quantize.method == "shared":
        proposed = read_levels(MODELS / "layers.json") if params.quantize.per_layer == "auto" else {}
        levels = layer_levels(pruned, params.quantize, proposed)
        with curves(PLOTS) as log:
            shared, layers = share_weights(
                pruned, levels, teacher, train, validation, *fine_tuning, checkpoint, log
            )
        converted = store_levels(quantize_after_training(shared, calibration), shared, layers)
        check_levels(check_quantized(converted), levels, shared)
        accuracy = evaluation.accuracy(test.labels, predict(shared, test.images))
        measured = {"shared_accuracy": accuracy, "shared_zip_bytes": zip_bytes(shared)}
    elif params.quantize.method == "qat":
        with curves(PLOTS) as log:
            converted = quantize_in_training(
                pruned, teacher, train, validation, *fine_tuning, checkpoint, log
            )
    else:
        converted = quantize_after_training(pruned, calibration)
    graph = check_quantized(converted)
    check_zeros(pruned, graph)
    scores = predict_reference(converted, test.images)
    write_confusion(PLOTS / "confusion.csv", test.labels, scores, load_classes(PROCESSED))
    metrics = evaluation.summary(test.labels, scores) | {
        "float32_bytes": folded_float32_bytes(pruned),
        "float_tflite_bytes": len(float32_tflite(teacher)),
        "tflite_bytes": len(converted),
        "tflite_zip_bytes": _zipped(converted),
        "zeros": zero_share(graph),
        "max_distinct_values": max_distinct_values(graph),
        **measured,
    }
    with replace_when_done(MODELS / "model.tflite") as temporary:
        temporary.write_bytes(converted)
    write_json(Path("metrics/quantize.json"), metrics)
    checkpoint.clear()
    print(
        f"int8 accuracy {metrics['accuracy']:.4f}; zeros {metrics['zeros']:.4f}; at most "
        f"{metrics['max_distinct_values']} weight values in a layer; "
        f"{metrics['float32_bytes']} bytes as float32, {metrics['tflite_bytes']} as .tflite"
    )


def _zipped(content: bytes) -> int:
    """Size of a .zip with the .tflite in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        add_member(archive, "model.tflite", content, zipfile.ZIP_DEFLATED)
    return len(file.getvalue())


if __name__ == "__main__":
    run(main)
