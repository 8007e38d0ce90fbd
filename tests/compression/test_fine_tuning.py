"""Fine-tuning: training with the stage's own epochs and rate, without a warm-up, and with a teacher."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tf_keras

from squeezenet_lib.compression.fine_tuning import FineTuning, fine_tune
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import PruneParams, QuantizeParams
from squeezenet_lib.paths import ROOT
from squeezenet_lib.training.checkpoint import Checkpoint
from squeezenet_lib.training.loop import Hooks, Record, Training, fit, make_deterministic
from squeezenet_lib.training.network import build_squeezenet
from tests.support.tiny_data import tiny_split

PARAMS = load_params(ROOT / "params.yaml")
TRAIN = replace(PARAMS.train, epochs=7, batch_size=8, learning_rate=0.5, warmup_epochs=3)


def built() -> tf_keras.Model:
    make_deterministic(1)
    return build_squeezenet(32, 1, 2, width=0.0625, dropout=0.2)


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
    taught = Hooks(teacher=teacher, distillation=0.3)
    fit(trained, alone, Checkpoint(tmp_path / "trained", ""), taught)
    for one, other in zip(tuned.get_weights(), trained.get_weights(), strict=True):
        assert np.array_equal(one, other)
