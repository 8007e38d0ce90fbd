"""Zero most weights of the trained network and fine-tune the others.

Reads:  models/float.keras, data/processed; models/checkpoint/prune of an unfinished run
Writes: models/pruned.keras, models/layers.json, models/checkpoint/prune (until the run is done),
        metrics/prune.json, plots/prune (confusion.csv, per_class.json, metrics.json, plots/metrics/*/*.tsv;
        with `per_layer: auto` sensitivity.csv and sensitivity.svg)
Params: seed, model.dropout, prune, train.batch_size, train.weight_decay, train.soft_target_share,
        train.class_balance, train.weight_average, train.augment
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from squeezenet_lib.checkpoint import Checkpoint, data_of, run_key
from squeezenet_lib.dataset import Split, load_classes, load_split
from squeezenet_lib.layer_choices import write_layers
from squeezenet_lib.model import load_model, save_model, zip_bytes
from squeezenet_lib.outputs import write_json
from squeezenet_lib.params import Params, load_params
from squeezenet_lib.pruning import layer_sparsities, layer_sparsity, prune, total_sparsity
from squeezenet_lib.records import curves, record_quality
from squeezenet_lib.sensitivity import Scan, sensitivity_scan
from squeezenet_lib.sensitivity_report import write_picture, write_table
from squeezenet_lib.training import make_deterministic, training_targets
from stages.stage import run

PLOTS = Path("plots/prune")
PROCESSED = Path("data/processed")


def main() -> None:
    """Prune, prove the zeros, measure on the test split."""
    params = load_params()
    train, validation, test = (load_split(PROCESSED, name) for name in ("train", "val", "test"))
    make_deterministic(params.seed)
    model = load_model(Path("models/float.keras"))
    # what train alone reads must not enter the key: this stage does not depend on it
    recipe = replace(
        params.train, init_from="", strategy="single", epochs=1, learning_rate=0.0, warmup_epochs=0
    )
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
    checkpoint = Checkpoint(Path("models/checkpoint/prune"), key)
    with curves(PLOTS) as log:
        pruned = prune(
            model,
            sparsity,
            train,
            validation,
            params.prune,
            recipe,
            params.model.dropout,
            params.seed,
            checkpoint,
            on_epoch=log,
        )
    save_model(pruned, Path("models/pruned.keras"))
    quality = record_quality(pruned, test, load_classes(PROCESSED), recipe.soft_target_share, PLOTS)
    if scan:
        write_table(PLOTS / "sensitivity.csv", scan.measurements)
        write_picture(PLOTS / "sensitivity.svg", scan.measurements, scan.proposal)
    write_layers(Path("models/layers.json"), sparsity, scan.proposal.levels if scan else {})
    sizes = {"sparsity": total_sparsity(pruned), "zip_bytes": zip_bytes(pruned)}
    write_json(Path("metrics/prune.json"), quality | sizes | {"per_layer": layer_sparsity(pruned)})
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
