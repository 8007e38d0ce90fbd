"""Train SqueezeNet 1.1 on the network inputs.

With `strategy: multiworker` all machines run this module; the first one alone has a checkpoint and writes.

Reads:  data/processed, train.init_from; models/checkpoint/train of an unfinished run on the same data and
        params; the environment variable TF_CONFIG (multiworker)
Writes: models/float.keras, models/checkpoint/train (until the run is done), metrics/train.json,
        plots/train (confusion.csv, per_class.json, metrics.json, plots/metrics/*/*.tsv)
Params: seed, model, train
"""

from contextlib import nullcontext
from pathlib import Path

from squeezenet_lib.checkpoint import Checkpoint, data_of, run_key
from squeezenet_lib.dataset import load_classes, load_split
from squeezenet_lib.distribution import open_cluster
from squeezenet_lib.initial_weights import initialise
from squeezenet_lib.model import build_squeezenet, save_model, zip_bytes
from squeezenet_lib.outputs import write_json
from squeezenet_lib.params import load_params
from squeezenet_lib.records import curves, print_record, record_quality
from squeezenet_lib.training import fit, make_deterministic
from stages.stage import run

PROCESSED = Path("data/processed")


def main() -> None:
    """Train, keep the best epoch on validation, measure it on the test split."""
    params = load_params()
    train, validation, test = (load_split(PROCESSED, name) for name in ("train", "val", "test"))
    classes = load_classes(PROCESSED)
    cluster = open_cluster(params.train.strategy, params.train.batch_size)
    make_deterministic(params.seed)
    size, _, channels = train.images.shape[1:]
    model = build_squeezenet(size, channels, len(classes), params.model.width, params.model.dropout)
    fresh = initialise(model, Path(params.train.init_from))
    if fresh:
        print(f"{params.train.init_from} does not fit {', '.join(fresh)}: random weights there")
    # the initial weights stand for the seed and the architecture
    key = run_key(*model.get_weights(), *data_of(train), *data_of(validation), params.model, params.train)
    checkpoint = Checkpoint(Path("models/checkpoint/train"), key)
    with curves(Path("plots/train")) if cluster.chief else nullcontext(print_record) as log:
        history = fit(
            model,
            train,
            validation,
            params.train,
            params.model.dropout,
            params.seed,
            checkpoint,
            on_epoch=log,
            cluster=cluster,
        )
    if not cluster.chief:
        return
    save_model(model, Path("models/float.keras"))
    quality = record_quality(model, test, classes, params.train.soft_target_share, Path("plots/train"))
    pictures, seconds = len(train.labels) * len(history), sum(record["seconds"] for record in history)
    write_json(
        Path("metrics/train.json"),
        quality
        | {"epochs": len(history), "images_per_second": round(pictures / seconds, 1)}
        | {"zip_bytes": zip_bytes(model)},
    )
    checkpoint.clear()


if __name__ == "__main__":
    run(main)
