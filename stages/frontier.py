"""The sweep of `make frontier`: accuracy and size over sparsity, levels and seeds, as DVC experiments.

Not a stage of dvc.yaml: it runs the stages up to huffman many times, in DVC's queue, each experiment in a
folder of its own under .dvc/tmp/exps. Run again, it keeps what is finished and queues what is missing.

Reads:  params.yaml, dvc.yaml, dvc.lock, and of each experiment metrics/{train,prune,quantize,huffman}.json
Writes: plots/frontier.json, plots/frontier.svg
Params: frontier, seed, prune.sparsity, prune.per_layer, quantize.levels, quantize.per_layer, quantize.method
"""

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tqdm import tqdm

from squeezenet_lib.accuracy_plot import frontier_svg
from squeezenet_lib.errors import UserError
from squeezenet_lib.frontier import Record, Setting, by_setting, float_accuracy, record, settings, to_json
from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.params import Params, load_params
from stages import experiments
from stages.experiments import FAILED, FINISHED, QUEUED, RUNNING, Experiment
from stages.stage import run

RECORDS = Path("plots/frontier.json")
PICTURE = Path("plots/frontier.svg")
TARGET = "huffman"  # what follows builds firmware, and its figures are not asked for
VARIED = ("prune.sparsity", "quantize.levels", "seed")
LOOK_EVERY = 10.0  # seconds
PATIENCE = 6  # looks at a queue in which nothing moves


def main() -> None:
    """Queue, wait, draw."""
    parser = argparse.ArgumentParser(
        prog="python -m stages.frontier", description="Sweep sparsity and levels."
    )
    parser.add_argument("--jobs", type=int, default=1, help="experiments at a time (1)")
    jobs = parser.parse_args().jobs
    if jobs < 1:
        raise UserError(f"--jobs is {jobs}; it has to be 1 or more.")
    sweep(load_params(), jobs)


def sweep(params: Params, jobs: int, look_every: float = LOOK_EVERY) -> None:
    """Run what is missing of the sweep and write its records and its picture. Raises UserError."""
    default = default_setting(params)
    pipeline = experiments.load_pipeline(TARGET, VARIED)
    experiments.check_repository(pipeline)
    digest = pipeline.digest()
    swept = settings(params.frontier.sparsity, params.frontier.levels, default)
    seeds = range(params.seed, params.seed + params.frontier.repeats)
    wanted = {name_of(setting, seed, digest): (setting, seed) for seed in seeds for setting in swept}

    known = drop_abandoned(experiments.look_up(wanted), look_every)
    for name, (setting, seed) in wanted.items():
        if name in known and known[name].state == FAILED:
            experiments.forget(name)
        elif name in known:
            continue
        experiments.queue(name, overrides(params, setting, seed), TARGET)
    finished = sum(experiment.state == FINISHED for experiment in known.values())
    print(f"{len(wanted)} experiments, {finished} of them finished already", flush=True)
    if finished < len(wanted):
        known = wait(list(wanted), jobs, look_every)

    records = [
        record(setting, seed, setting == default, known[name].metrics)
        for name, (setting, seed) in wanted.items()
        if name in known and known[name].state == FINISHED
    ]
    if records:
        write(records, default)
    failed = [name for name in wanted if name not in known or known[name].state != FINISHED]
    if failed:
        raise UserError(
            f"{len(failed)} of {len(wanted)} experiments failed: {', '.join(failed)}; "
            f"`dvc queue logs {failed[0]}` shows why, and `make frontier` tries them again."
        )


def default_setting(params: Params) -> Setting:
    """params.yaml's own setting. Raises UserError when its quantization has no levels to sweep."""
    if params.quantize.method != "shared":
        raise UserError(
            f"params.yaml: quantize.method is {params.quantize.method}, which has no levels to sweep; set it "
            f"to shared."
        )
    scanned = "auto" in (params.prune.per_layer, params.quantize.per_layer)
    return Setting(params.prune.sparsity, params.quantize.levels, scanned)


def name_of(setting: Setting, seed: int, digest: str) -> str:
    """Such as frontier-s0.85-l14-seed1-0123abcd."""
    scanned = "-auto" if setting.scanned else ""
    return f"frontier-s{setting.sparsity:g}-l{setting.levels}{scanned}-seed{seed}-{digest}"


def overrides(params: Params, setting: Setting, seed: int) -> dict[str, Any]:
    """What the experiment changes in params.yaml: a pair of the sweep overrules what a scan would choose."""
    changed: dict[str, Any] = dict(zip(VARIED, (setting.sparsity, setting.levels, seed), strict=True))
    for key, per_layer in (
        ("prune.per_layer", params.prune.per_layer),
        ("quantize.per_layer", params.quantize.per_layer),
    ):
        if per_layer == "auto" and not setting.scanned:
            changed[key] = "null"
    return changed


def drop_abandoned(known: Mapping[str, Experiment], look_every: float) -> dict[str, Experiment]:
    """What is left when experiments that died without DVC's notice are off its list."""
    dead = {name for name, experiment in known.items() if experiment.abandoned()}
    if dead:
        time.sleep(look_every)  # one that has just ended is being collected
        known = experiments.look_up(known)
        dead = {name for name in dead if name in known and known[name].abandoned()}
    for name in dead:
        experiments.forget(name, running=True)
    return experiments.look_up(known) if dead else dict(known)


def wait(names: list[str], jobs: int, look_every: float) -> dict[str, Experiment]:
    """Start the queue and wait until it is done with all of `names`; what they came to, by name."""
    experiments.start(jobs)
    unmoved = 0
    before: dict[str, str] = {}
    gone: set[str] = set()
    try:
        with tqdm(total=len(names), bar_format="{n}/{total} done [{elapsed}{postfix}]") as bar:
            while True:
                known = experiments.look_up(names)
                states = {name: experiment.state for name, experiment in known.items()}
                # At the first look without its process an experiment may be about to be collected.
                gone, gone_before = {name for name in known if known[name].abandoned()}, gone
                states |= dict.fromkeys(gone & gone_before, FAILED)
                bar.n = sum(state in (FINISHED, FAILED) for state in states.values())
                bar.set_postfix_str(", ".join(name for name in names if states.get(name) == RUNNING))
                waiting = [name for name, state in states.items() if state in (QUEUED, RUNNING)]
                if not waiting:
                    return known
                # Workers end by themselves when the queue is empty, and can be ended: then others are needed.
                unmoved = unmoved + 1 if states == before and RUNNING not in states.values() else 0
                before = states
                if unmoved == PATIENCE:
                    raise UserError(
                        f"DVC's queue does not start {waiting[0]}; .dvc/tmp/exps/celery/dvc-exp-worker-1.out "
                        f"may say why, and `dvc queue status` shows the queue."
                    )
                if unmoved:
                    experiments.start(jobs)
                time.sleep(look_every)
    except KeyboardInterrupt:
        raise UserError(
            "Stopped waiting; the queue itself goes on: `make frontier` waits again, `dvc queue stop` lets "
            "running experiments be the last."
        ) from None


def write(records: list[Record], default: Setting) -> None:
    """Records and picture, each whole or not at all."""
    with replace_when_done(RECORDS) as temporary:
        temporary.write_text(to_json(records), encoding="utf-8")
    with replace_when_done(PICTURE) as temporary:
        temporary.write_text(
            frontier_svg(by_setting(records), float_accuracy(records), default), encoding="utf-8"
        )
    print(f"{RECORDS} and {PICTURE} hold {len(records)} experiments")


if __name__ == "__main__":
    run(main)
