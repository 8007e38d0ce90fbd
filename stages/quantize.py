"""Convert the pruned network to full int8; with `shared`, first fine-tune it with few weight values.

Reads:  models/pruned.keras, models/float.keras (the teacher), models/layers.json, data/processed;
        models/checkpoint/quantize of an unfinished run
Writes: models/model.tflite, models/checkpoint/quantize (until the run is done), metrics/quantize.json,
        plots/quantize (confusion, reliability before and after; for shared and qat also training curves)
Params: seed, quantize, model.dropout, train.batch_size, train.weight_decay, train.soft_target_share,
        train.class_balance, train.weight_average, train.augment (all but the first two not for ptq)
"""

from dataclasses import replace
from typing import assert_never

from squeezenet_lib import evaluation
from squeezenet_lib.compression.fine_tuning import FineTuning
from squeezenet_lib.compression.layer_choices import read_levels
from squeezenet_lib.compression.quantization import (
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
from squeezenet_lib.compression.temperature import fit_temperature, record_calibration
from squeezenet_lib.compression.weight_sharing import layer_grids, share_weights
from squeezenet_lib.dataset.arrays import load_classes, load_split
from squeezenet_lib.outputs import replace_when_done, write_json, zipped_bytes
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import OF_TRAIN_ALONE
from squeezenet_lib.paths import (
    CHECKPOINTS,
    FLOAT_MODEL,
    LAYERS,
    METRICS,
    PLOTS,
    PROCESSED,
    PRUNED_MODEL,
    TFLITE_MODEL,
)
from squeezenet_lib.tflite.reference import predict_reference
from squeezenet_lib.training.checkpoint import Checkpoint, data_of, run_key
from squeezenet_lib.training.loop import Training, make_deterministic
from squeezenet_lib.training.network import folded_float32_bytes, load_model, zip_bytes
from squeezenet_lib.training.prediction import predict
from squeezenet_lib.training.records import curves, write_confusion
from stages.stage import run

CURVES = PLOTS / "quantize"


def main() -> None:
    """Quantize, count zeros and values, measure on the test split as for the float and the pruned network."""
    params = load_params()
    make_deterministic(params.seed)
    pruned, teacher = (load_model(path) for path in (PRUNED_MODEL, FLOAT_MODEL))
    train, validation, test = (load_split(PROCESSED, name) for name in ("train", "val", "test"))
    recipe = replace(params.train, **OF_TRAIN_ALONE)
    start = (*pruned.get_weights(), *teacher.get_weights(), *data_of(train), *data_of(validation))
    key = run_key(*start, params.seed, params.model.dropout, params.quantize, recipe)
    training = Training(train, validation, recipe, params.model.dropout, params.seed)
    tuning = FineTuning(training, teacher, params.quantize)
    checkpoint = Checkpoint(CHECKPOINTS / "quantize", key)
    calibration = calibration_pictures(train.images, params.quantize.calibration_pictures, params.seed)
    measured: dict[str, float] = {}
    match params.quantize.method:
        case "shared":
            proposed = read_levels(LAYERS) if params.quantize.per_layer == "auto" else {}
            grids = layer_grids(pruned, params.quantize, proposed)
            with curves(CURVES) as log:
                shared, layers = share_weights(pruned, grids, tuning, checkpoint, log)
            converted = store_levels(quantize_after_training(shared, calibration), shared, layers)
            check_levels(check_quantized(converted), grids, shared)
            accuracy = evaluation.accuracy(test.labels, predict(shared, test.images))
            measured = {"shared_accuracy": accuracy, "shared_zip_bytes": zip_bytes(shared)}
        case "qat":
            with curves(CURVES) as log:
                converted = quantize_in_training(pruned, tuning, checkpoint, log)
        case "ptq":
            converted = quantize_after_training(pruned, calibration)
        case unknown:
            assert_never(unknown)
    uncalibrated, temperature = predict_reference(converted, test.images), 1.0
    if params.quantize.temperature == "fitted":
        converted, temperature = fit_temperature(converted, validation)
    graph = check_quantized(converted)
    check_zeros(pruned, graph)
    scores = predict_reference(converted, test.images)
    write_confusion(CURVES / "confusion.csv", test.labels, scores, load_classes(PROCESSED))
    metrics = evaluation.summary(test.labels, scores) | {
        "float32_bytes": folded_float32_bytes(pruned),
        "float_tflite_bytes": len(float32_tflite(teacher)),
        "tflite_bytes": len(converted),
        "tflite_zip_bytes": zipped_bytes({"model.tflite": converted}),
        "zeros": zero_share(graph),
        "max_distinct_values": max_distinct_values(graph),
        "temperature": temperature,
        **record_calibration(CURVES, test.labels, uncalibrated, scores),
        **measured,
    }
    with replace_when_done(TFLITE_MODEL) as temporary:
        temporary.write_bytes(converted)
    write_json(METRICS / "quantize.json", metrics)
    checkpoint.clear()
    print(
        f"int8 accuracy {metrics['accuracy']:.4f}; zeros {metrics['zeros']:.4f}; at most "
        f"{metrics['max_distinct_values']} weight values in a layer; "
        f"{metrics['float32_bytes']} bytes as float32, {metrics['tflite_bytes']} as .tflite"
    )


if __name__ == "__main__":
    run(main)
