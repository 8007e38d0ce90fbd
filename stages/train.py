"""Train SqueezeNet 1.1 on the network inputs.

With `strategy: multiworker` all machines run this module; the first one alone has a checkpoint and writes.

Reads:  data/processed; models/imagenet, or the file in weights/ that train.init_from names;
        models/checkpoint/train of an unfinished run on the same data and params; the environment variable
        TF_CONFIG (multiworker)
Writes: models/float.keras, models/checkpoint/train (until the run is done; a folder for each of `folds` in
        it), metrics/train.json, plots/train (confusion.csv, per_class.json, metrics.json,
        plots/metrics/*/*.tsv)
Params: seed, model, train, preprocess.seed, preprocess.standardise
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from squeezenet_lib.dataset.arrays import Split, load_classes, load_split
from squeezenet_lib.dataset.folds import Fold, folds_of
from squeezenet_lib.dataset.splits import seed_of_splits
from squeezenet_lib.outputs import write_json
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import Params
from squeezenet_lib.paths import CHECKPOINTS, FLOAT_MODEL, METRICS, PLOTS, PROCESSED
from squeezenet_lib.starts.initial_weights import Start, initialise
from squeezenet_lib.training.checkpoint import Checkpoint, data_of, run_key
from squeezenet_lib.training.cross_validation import cross_validate
from squeezenet_lib.training.distribution import Cluster, open_cluster
from squeezenet_lib.training.loop import Record, Training, fit, make_deterministic, of_one_training
from squeezenet_lib.training.network import build_squeezenet, save_model, zip_bytes
from squeezenet_lib.training.records import curves, print_record, record_quality
from stages.stage import run

CHECKPOINT = CHECKPOINTS / "train"
Log = AbstractContextManager[Callable[[Record], None]]


@dataclass(frozen=True)
class Trained:
    """model: with the weights of the best epoch. history: a record for each epoch."""

    model: Any
    start: Start
    history: list[Record]


def main() -> None:
    """Train, keep the best epoch on validation, measure it on the test split; measure the recipe on folds."""
    params = load_params()
    train, validation, test = (load_split(PROCESSED, name) for name in ("train", "val", "test"))
    classes = load_classes(PROCESSED)
    cluster = open_cluster(params.train.strategy, params.train.batch_size)
    quiet: Log = nullcontext(print_record)
    seed = seed_of_splits(params.preprocess.seed, params.seed)
    several = params.train.folds > 1
    folds = folds_of(train, validation, params.train.folds, seed, classes) if several else None
    log = curves(PLOTS / "train") if cluster.chief else quiet
    kept = train_network(train, validation, params, cluster, "", log)

    def of_fold(fold: Fold, number: int) -> Any:
        return train_network(fold.train, fold.validation, params, cluster, f"fold{number}", quiet).model

    measured = {"folds": cross_validate(folds, of_fold)} if folds else {}
    if not cluster.chief:
        return
    save_model(kept.model, FLOAT_MODEL)
    quality = record_quality(kept.model, test, classes, params.train.soft_target_share, PLOTS / "train")
    pictures = len(train.labels) * len(kept.history)
    seconds = sum(record["seconds"] for record in kept.history)
    write_json(
        METRICS / "train.json",
        quality
        | {"start": kept.start.name, "epochs": len(kept.history), "training_pictures": len(train.labels)}
        | {"images_per_second": round(pictures / seconds, 1), "zip_bytes": zip_bytes(kept.model)}
        | measured,
    )
    Checkpoint(CHECKPOINT, "").clear()


def train_network(
    train: Split, validation: Split, params: Params, cluster: Cluster, folder: str, log: Log
) -> Trained:
    """A training from the start that params name, or from its checkpoint. folder: of that, in CHECKPOINT."""
    make_deterministic(params.seed)
    size, _, channels = train.images.shape[1:]
    classes = train.targets.shape[1]
    model = build_squeezenet(size, channels, classes, params.model.width, params.model.dropout)
    start = initialise(model, params.train.init_from, train.images, params.preprocess.standardise)
    print(f"starts from {start.said}; learning rate up to {params.train.learning_rate}")
    recipe = of_one_training(params.train, len(train.labels))
    # the initial weights stand for the seed and the architecture
    key = run_key(*model.get_weights(), *data_of(train), *data_of(validation), params.model, recipe)
    training = Training(train, validation, recipe, params.model.dropout, params.seed)
    with log as on_epoch:
        history = fit(
            model, training, Checkpoint(CHECKPOINT / folder, key), on_epoch=on_epoch, cluster=cluster
        )
    return Trained(model, start, history)


if __name__ == "__main__":
    run(main)
