"""Zero most weights of the trained network and fine-tune the others.

Reads:  models/float.keras, data/processed; models/checkpoint/prune of an unfinished run
Writes: models/pruned.keras, models/layers.json, models/checkpoint/prune (until the run is done),
        metrics/prune.json, plots/prune (confusion.csv, per_class.json, metrics.json, plots/metrics/*/*.tsv;
        with `per_layer: auto` sensitivity.csv and sensitivity.svg)
Params: seed, model.dropout, prune, train.batch_size, train.weight_decay, train.soft_target_share,
        train.class_balance, train.weight_average, train.augment
"""

from dataclasses import replace
from typing import Any

from squeezenet_lib.compression.fine_tuning import FineTuning
from squeezenet_lib.compression.layer_choices import write_layers
from squeezenet_lib.compression.pruning import layer_sparsities, layer_sparsity, prune, total_sparsity
from squeezenet_lib.compression.sensitivity import Scan, sensitivity_scan
from squeezenet_lib.compression.sensitivity_report import write_picture, write_table
from squeezenet_lib.dataset.arrays import Split, load_classes, load_split
from squeezenet_lib.outputs import write_json
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import OF_TRAIN_ALONE, Params
from squeezenet_lib.paths import CHECKPOINTS, FLOAT_MODEL, LAYERS, METRICS, PLOTS, PROCESSED, PRUNED_MODEL
from squeezenet_lib.training.checkpoint import Checkpoint, data_of, run_key
from squeezenet_lib.training.loop import Training, make_deterministic, training_targets
from squeezenet_lib.training.network import load_model, save_model, zip_bytes
from squeezenet_lib.training.records import curves, record_quality
from stages.stage import run

CURVES = PLOTS / "prune"


def main() -> None:
    """Prune, prove the zeros, measure on the test split."""
    params = load_params()
    train, validation, test = (load_split(PROCESSED, name) for name in ("train", "val", "test"))
    make_deterministic(params.seed)
    model = load_model(FLOAT_MODEL)
    recipe = replace(params.train, **OF_TRAIN_ALONE)
    scan = _scan(model, validation, params) if params.prune.per_layer == "auto" else None
    sparsity = layer_sparsities(model, params.prune, scan.proposal.sparsity if scan else {})
    key = run_key(
        *model.get_weights(),
        *data_of(train),
        *data_of(validation),
        params.seed,
        params.model.dropout,
        params.prune,
        sparsity,
        recipe,
    )
    checkpoint = Checkpoint(CHECKPOINTS / "prune", key)
    training = Training(train, validation, recipe, params.model.dropout, params.seed)
    tuning = FineTuning(training, model, params.prune)
    with curves(CURVES) as log:
        pruned = prune(model, sparsity, params.prune.ramp_share, tuning, checkpoint, log)
    save_model(pruned, PRUNED_MODEL)
    quality = record_quality(pruned, test, load_classes(PROCESSED), recipe.soft_target_share, CURVES)
    if scan:
        write_table(CURVES / "sensitivity.csv", scan.measurements)
        write_picture(CURVES / "sensitivity.svg", scan.measurements, scan.proposal)
    write_layers(LAYERS, sparsity, scan.proposal.levels if scan else {})
    sizes = {"sparsity": total_sparsity(pruned), "zip_bytes": zip_bytes(pruned)}
    write_json(METRICS / "prune.json", quality | sizes | {"per_layer": layer_sparsity(pruned)})
    checkpoint.clear()


def _scan(model: Any, validation: Split, params: Params) -> Scan:
    targets = training_targets(validation, params.train.soft_target_share)
    scan = sensitivity_scan(model, validation, targets, params.prune.accuracy_budget)
    print(
        f"proposed by the sensitivity scan: about {scan.proposal.bytes} bytes; validation accuracy "
        f"{scan.proposal.accuracy:.4f} before fine-tuning, {scan.proposal.unpruned_accuracy:.4f} unpruned"
    )
    return scan


if __name__ == "__main__":
    run(main)
