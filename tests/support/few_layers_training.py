"""A training of few_layers() as a process of its own.

python -m tests.support.few_layers_training FOLDER EPOCHS LAST: prints a line an epoch, and leaves
weights.npz, or is killed after the epoch LAST.
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import ROOT
from squeezenet_lib.training.checkpoint import Checkpoint
from squeezenet_lib.training.loop import Record, Training, fit, make_deterministic
from squeezenet_lib.training.records import print_record
from tests.support.few_layers import few_layers
from tests.support.tiny_data import tiny_split

if __name__ == "__main__":
    folder, (epochs, last) = Path(sys.argv[1]), map(int, sys.argv[2:])

    def after(record: Record) -> None:
        print_record(record)
        if record["epoch"] == last:
            os.kill(os.getpid(), signal.SIGKILL)

    params = replace(
        load_params(ROOT / "params.yaml").train,
        epochs=epochs,
        batch_size=16,
        learning_rate=0.01,
        weight_average=0.9,
    )
    make_deterministic(1)
    network = few_layers(dropout=0.2)
    training = Training(tiny_split(64, 0), tiny_split(32, 1), params, dropout=0.2, seed=1)
    fit(network, training, Checkpoint(folder / "checkpoint", "key"), on_epoch=after)
    np.savez(folder / "weights.npz", *network.get_weights())
