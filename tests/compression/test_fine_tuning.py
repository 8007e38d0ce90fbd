"""Fine-tuning: training with the stage's own epochs and rate, without a warm-up, and with a teacher."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tf_keras

from squeezenet_lib import evaluation
from squeezenet_lib.compression.fine_tuning import FineTuning, fine_tune
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import PruneParams, QuantizeParams
from squeezenet_lib.paths import ROOT
from squeezenet_lib.training.checkpoint import Checkpoint
from squeezenet_lib.training.loop import Hooks, Record, Training, fit, make_deterministic, training_targets
from squeezenet_lib.training.prediction import predict
from tests.support.few_layers import few_layers
from tests.support.tiny_data import tiny_split

PARAMS = load_params(ROOT / "params.yaml")
TRAIN = replace(PARAMS.train, epochs=7, batch_size=8, learning_rate=0.5, warmup_epochs=3)


def built() -> tf_keras.Model:
    make_deterministic(1)
    return few_layers(dropout=0.2)


@pytest.mark.parametrize("section", [PARAMS.prune, PARAMS.quantize])
def test_it_is_a_training_with_the_sections_numbers_and_a_teacher(
    tmp_path: Path, section: PruneParams | QuantizeParams
) -> None:
    section = replace(section, epochs=2, learning_rate=0.01, distillation=0.3)
    training = Training(tiny_split(16, 0), tiny_split(8, 1), TRAIN, dropout=0.2, seed=1)
    tuned, trained, teacher = built(), built(), built()
    records: list[Record] = []
    projections: list[int] = []
    hooks = Hooks(project=lambda: projections.append(len(records)))
    tuning = FineTuning(training, teacher, section)
    fine_tune(tuned, tuning, hooks, Checkpoint(tmp_path / "tuned", ""), records.append)
    assert len(records) == 2
    assert set(projections) == {0, 1}

    alone = replace(training, params=replace(TRAIN, epochs=2, learning_rate=0.01, warmup_epochs=0))
    taught = Hooks(keep_last=True, teacher=teacher, distillation=0.3)
    fit(trained, alone, Checkpoint(tmp_path / "trained", ""), taught)
    for one, other in zip(tuned.get_weights(), trained.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_its_last_epoch_is_kept_however_validation_was_before(tmp_path: Path) -> None:
    section = replace(PARAMS.prune, epochs=3, learning_rate=0.003, distillation=0.0)
    train = tiny_split(16, 0)
    opposite = replace(train, labels=1 - train.labels, targets=train.targets[:, ::-1])
    training = Training(train, opposite, TRAIN, dropout=0.2, seed=1)
    tuned = built()
    records: list[Record] = []
    tuning = FineTuning(training, built(), section)
    fine_tune(tuned, tuning, Hooks(), Checkpoint(tmp_path, ""), records.append)
    losses = [record["val_loss"] for record in records]
    assert losses[-1] != min(losses), "learning the opposite of what validates should get worse"
    targets = training_targets(training.validation, TRAIN.soft_target_share)
    kept = evaluation.cross_entropy(targets, predict(tuned, training.validation.images))
    assert kept == pytest.approx(losses[-1], rel=1e-6)
