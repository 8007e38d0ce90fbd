"""Convert the pruned network to full int8.

Reads:  models/pruned.keras, data/processed
Writes: models/model.tflite, metrics/quantize.json, plots/quantize/confusion.csv
Params: seed, quantize, model.dropout, train.batch_size, train.weight_decay, train.soft_target_share,
        train.class_balance, train.weight_average, train.augment (all but the first two for qat only)
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from squeezenet_lib import evaluation
from squeezenet_lib.dataset import load_classes, load_split
from squeezenet_lib.model import folded_float32_bytes, load_model
from squeezenet_lib.outputs import replace_when_done, write_json
from squeezenet_lib.params import Params, load_params
from squeezenet_lib.quantization import (
    calibration_pictures,
    check_quantized,
    check_zeros,
    max_distinct_values,
    quantize_after_training,
    quantize_in_training,
    zero_share,
)
from squeezenet_lib.records import print_record, write_confusion
from squeezenet_lib.tflite_reference import predict_reference
from squeezenet_lib.training import make_deterministic
from stages.stage import run

PROCESSED = Path("data/processed")


def main() -> None:
    """Quantize, count the zeros, measure on the test split: the same measures as for float and pruned."""
    params = load_params()
    make_deterministic(params.seed)
    model = load_model(Path("models/pruned.keras"))
    converted = _quantize(model, params)
    graph = check_quantized(converted)
    check_zeros(model, graph)
    test = load_split(PROCESSED, "test")
    scores = predict_reference(converted, test.images)
    write_confusion(Path("plots/quantize/confusion.csv"), test.labels, scores, load_classes(PROCESSED))
    metrics = evaluation.summary(test.labels, scores) | {
        "float32_bytes": folded_float32_bytes(model),
        "tflite_bytes": len(converted),
        "zeros": zero_share(graph),
        "max_distinct_values": max_distinct_values(graph),
    }
    with replace_when_done(Path("models/model.tflite")) as temporary:
        temporary.write_bytes(converted)
    write_json(Path("metrics/quantize.json"), metrics)
    print(
        f"int8 accuracy {metrics['accuracy']:.4f}; zeros {metrics['zeros']:.4f}; "
        f"{metrics['float32_bytes']} bytes as float32, {metrics['tflite_bytes']} as .tflite"
    )


def _quantize(model: Any, params: Params) -> bytes:
    train = load_split(PROCESSED, "train")
    if params.quantize.method == "ptq":
        count = params.quantize.calibration_pictures
        return quantize_after_training(model, calibration_pictures(train.images, count, params.seed))
    validation = load_split(PROCESSED, "val")
    recipe = replace(params.train, epochs=1, learning_rate=0.0, warmup_epochs=0)
    return quantize_in_training(
        model,
        train,
        validation,
        params.quantize,
        recipe,
        params.model.dropout,
        params.seed,
        on_epoch=print_record,
    )


if __name__ == "__main__":
    run(main)
