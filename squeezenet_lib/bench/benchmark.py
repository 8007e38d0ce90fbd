"""Counts the instructions of random models in an emulator, and sets them beside TensorFlow Lite Micro's."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from squeezenet_lib.bench import peers
from squeezenet_lib.bench.cores import (
    CORES,
    DE212,
    LX106,
    RV32,
    CodeSize,
    Count,
    build_cores,
    code_size,
    count,
)
from squeezenet_lib.bench.host import HostSpeed, host_speed
from squeezenet_lib.bench.models import EIGHT_BIT, TYPICAL, BenchModel, Subject, draw
from squeezenet_lib.bench.two_cores import SharedCount, count_shared
from squeezenet_lib.errors import UserError
from squeezenet_lib.sqz.host_runtime import HostRuntime
from squeezenet_lib.tflite.tflm_sources import GoldenVectors, golden_binary


@dataclass(frozen=True)
class Result:
    """A model and its inference on each core, and on two of the chip's."""

    model: BenchModel
    counts: Mapping[str, Count]
    shared: SharedCount


def measure(elfs: Mapping[str, Path], subject: Subject) -> Result:
    """Run a model on every core.

    Raises UserError when a core's scores are not those of the runtime on this machine.
    """
    model = draw(subject)
    (expected,) = HostRuntime(model.sqz).run(model.picture[np.newaxis])
    counts = {core: count(elfs, core, model.sqz, model.picture) for core in CORES}
    shared = count_shared(elfs, model)
    scores = {core: counted.scores for core, counted in counts.items()} | {"shared": shared.scores}
    for core, found in scores.items():
        if not np.array_equal(found, expected):
            raise UserError(
                f"the {core} core gives {subject} the scores {found.tolist()}, this machine "
                f"{expected.tolist()}; please report it as a fault"
            )
    for core, counted in counts.items():
        if len(counted.steps) != len(model.work):
            raise UserError(f"the {core} core runs {len(counted.steps)} steps of {len(model.work)}")
    return Result(model, counts, shared)


def row(result: Result, size: CodeSize) -> dict[str, Any]:
    """A model's entry of metrics/bench.json. Instructions are lx106's, but where another core is named."""
    model, (lx106, de212, rv32) = result.model, (result.counts[core] for core in (LX106, DE212, RV32))
    work = zip(model.work, lx106.steps, de212.steps, rv32.steps, strict=True)
    return {
        "model": model.subject.input,
        "sparsity": model.subject.sparsity,
        "levels": model.subject.levels,
        "instructions": lx106.instructions,
        "instructions_de212": de212.instructions,
        "instructions_rv32": rv32.instructions,
        "macs": model.macs,
        "nonzero_macs": model.nonzero_macs,
        "instructions_per_mac": round(lx106.instructions / model.macs, 4),
        "instructions_per_nonzero_mac": round(lx106.instructions / model.nonzero_macs, 4),
        "decode_per_weight": round(lx106.decoding / model.weights, 3),
        "decode_per_nonzero": round(lx106.decoding / model.nonzero_weights, 2),
        "arena_bytes": model.arena_bytes,
        "stack_bytes": de212.stack_bytes,
        "text_bytes": size.text_bytes,
        "image_text_bytes": size.image_text_bytes,
        "sqz_bytes": len(model.sqz),
        "two_cores": two_cores(result),
        "layers": [
            {
                "name": step.name,
                "macs": step.macs,
                "nonzero_macs": step.nonzero_macs,
                "instructions": counted,
                "instructions_de212": counted_de212,
                "instructions_rv32": counted_rv32,
            }
            for step, counted, counted_de212, counted_rv32 in work
        ],
    }


def two_cores(result: Result) -> dict[str, Any]:
    """Of the same model made for two cores of an ESP32. of_one: the wait, as a share of one core's."""
    shared, one = result.shared, result.counts[DE212].instructions
    return {
        "instructions_de212": shared.instructions,
        "of_one": round(shared.instructions / one, 4),
        "meetings": shared.meetings,
        "arena_bytes": shared.arena_bytes,
        "sqz_bytes": shared.sqz_bytes,
    }


def growth_row(result: Result) -> dict[str, Any]:
    """One point of the curves of cost against input size and width."""
    model = result.model
    return {
        "model": model.subject.input,
        "width": model.subject.width,
        "sparsity": model.subject.sparsity,
        "levels": model.subject.levels,
        "instructions": result.counts[LX106].instructions,
        "instructions_de212": result.counts[DE212].instructions,
        "instructions_rv32": result.counts[RV32].instructions,
        "macs": model.macs,
        "nonzero_macs": model.nonzero_macs,
        "arena_bytes": model.arena_bytes,
    }


def host_row(model: BenchModel, speed: HostSpeed) -> dict[str, Any]:
    return {
        "model": model.subject.input,
        "sparsity": model.subject.sparsity,
        "levels": model.subject.levels,
        "images_per_second": round(speed.images_per_second, 1),
        "tflm_images_per_second": round(speed.tflm_images_per_second, 1),
    }


def firmware_size(work: Path, model: BenchModel) -> CodeSize:
    """Size of the code in the firmware for the chip; which model is in it makes no difference."""
    pictures = model.picture[np.newaxis]
    golden = golden_binary(GoldenVectors(pictures, HostRuntime(model.sqz).run(pictures)))
    (work / "model.sqz").write_bytes(model.sqz)
    (work / "golden.bin").write_bytes(golden)
    return code_size(work, work / "model.sqz", work / "golden.bin")


def bench(work: Path, subjects: Sequence[Subject], growth: Sequence[Subject]) -> dict[str, Any]:
    """All that the benchmark tells, measured anew; builds in `work`. Raises UserError."""
    elfs = build_cores(work)
    chosen = list(dict.fromkeys([*subjects, *growth]))
    results: dict[Subject, Result] = {}
    workers = ThreadPoolExecutor(os.cpu_count())
    try:
        found = workers.map(lambda subject: measure(elfs, subject), chosen)
        for subject, result in zip(chosen, found, strict=True):
            results[subject] = result
            millions = result.counts[LX106].instructions / 1e6
            print(f"[{len(results)}/{len(chosen)}] {subject}: {millions:.1f} M instructions", flush=True)
    finally:
        workers.shutdown(cancel_futures=True)  # Ctrl-C does not wait for models that nobody has begun
    size = firmware_size(work, results[subjects[0]].model)
    # On their own: nothing else runs while the clock does.
    timed = [results[s].model for s in subjects if (s.sparsity, s.levels) in ((0.0, EIGHT_BIT), TYPICAL)]
    return {
        "models": [row(results[subject], size) for subject in subjects],
        "growth": [growth_row(results[subject]) for subject in growth],
        "tflm": {
            "source": peers.SOURCE,
            "fairness": peers.FAIRNESS,
            "text_bytes": peers.TEXT_BYTES,
            "models": [asdict(peer) for peer in peers.TFLM.values()],
        },
        "host": [host_row(model, host_speed(model)) for model in timed],
    }
