"""Zero most weights of the trained network and fine-tune the others.

Reads:  models/float.keras, data/processed; models/checkpoint/prune of an unfinished run
Writes: models/pruned.keras, models/checkpoint/prune (persist; one constant file once the run is done),
        metrics/prune.json, plots/prune (confusion.csv, per_class.json, metrics.json, plots/metrics/*/*.tsv)
Params: seed, model.dropout, prune, train.batch_size, train.weight_decay, train.soft_target_share,
        train.class_balance, train.weight_average, train.augment
"""

from dataclasses import replace
from pathlib import Path

from squeezenet_lib.checkpoint import Checkpoint, data_of, run_key
from squeezenet_lib.dataset import load_classes, load_split
from squeezenet_lib.model import load_model, save_model
from squeezenet_lib.outputs import write_json
from squeezenet_lib.params import load_params
from squeezenet_lib.pruning import layer_sparsity, prune, total_sparsity
from squeezenet_lib.records import curves, record_quality
from squeezenet_lib.training import make_deterministic
from stages.stage import run

PROCESSED = Path("data/processed")


def main() -> None:
    """Prune, prove the zeros, measure on the test split."""
    params = load_params()
    train, validation, test = (load_split(PROCESSED, name) for name in ("train", "val", "test"))
    make_deterministic(params.seed)
    model = load_model(Path("models/float.keras"))
    # what train alone reads must not enter the key: this stage does not depend on it
    recipe = replace(params.train, epochs=1, learning_rate=0.0, warmup_epochs=0)
    key = run_key(
        *model.get_weights(),
        *data_of(train),
        *data_of(validation),
        params.seed,
        params.model.dropout,
        params.prune,
        recipe,
    )
    checkpoint = Checkpoint(Path("models/checkpoint/prune"), key)
    with curves(Path("plots/prune")) as log:
        pruned = prune(
            model,
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
    quality = record_quality(
        pruned, test, load_classes(PROCESSED), recipe.soft_target_share, Path("plots/prune")
    )
    sparsity = {"sparsity": total_sparsity(pruned), "per_layer": layer_sparsity(pruned)}
    write_json(Path("metrics/prune.json"), quality | sparsity)
    checkpoint.clear()


if __name__ == "__main__":
    run(main)
