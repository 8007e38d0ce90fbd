"""Counts the instructions of random models in an emulator, and sets them beside TensorFlow Lite Micro's.

    python -m squeezenet_lib.bench [--input 96x96x1] [--sparsity 0.8] [--levels 7] [--layers]

Writes metrics/bench.json (the models), metrics/bench_growth.json (cost over input size and width),
metrics/bench_host.json (pictures a second on this machine; all else repeats exactly) and plots/bench.svg, and
prints a table. With an option that chooses models, these are measured and printed, and no file is written.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from squeezenet_lib import bench_peers
from squeezenet_lib.bench_cores import CORES, DE212, LX106, CodeSize, Count, build_cores, code_size, count
from squeezenet_lib.bench_host import HostSpeed, host_speed
from squeezenet_lib.bench_models import EIGHT_BIT, FOUR_BIT, BenchModel, Subject, draw
from squeezenet_lib.bench_plot import plot
from squeezenet_lib.bench_report import layers, table
from squeezenet_lib.errors import UserError
from squeezenet_lib.host_runtime import HostRuntime
from squeezenet_lib.outputs import replace_when_done, write_json
from squeezenet_lib.tflm_sources import GoldenVectors, golden_binary

METRICS = {
    "models": Path("metrics/bench.json"),
    "growth": Path("metrics/bench_growth.json"),
    "host": Path("metrics/bench_host.json"),
}
PLOT = Path("plots/bench.svg")

# (size, channels, classes), as TFLM was counted on.
INPUTS = {"48x48x1": (48, 1, 2), "96x96x1": (96, 1, 2), "150x150x3": (150, 3, 6)}
SPARSITIES = (0.0, 0.6, 0.8, 0.9)
LEVELS = (EIGHT_BIT, FOUR_BIT)
GROWTH_SIZES = (32, 48, 64, 96, 128, 150)
GROWTH_WIDTHS = (0.25, 0.5, 1.0)
TYPICAL = (0.8, FOUR_BIT)  # sparsity and levels at which growth is measured


@dataclass(frozen=True)
class Result:
    """A model and its inference on each core."""

    model: BenchModel
    counts: Mapping[str, Count]


def measure(elfs: Mapping[str, Path], subject: Subject) -> Result:
    """Run a model on every core.

    Raises UserError when a core's scores are not those of the runtime on this machine.
    """
    model = draw(subject)
    (expected,) = HostRuntime(model.sqz).run(model.picture[np.newaxis])
    counts = {core: count(elfs, core, model.sqz, model.picture) for core in CORES}
    for core, counted in counts.items():
        if not np.array_equal(counted.scores, expected):
            raise UserError(
                f"the {core} core gives {subject} the scores {counted.scores.tolist()}, this machine "
                f"{expected.tolist()}; please report it as a fault"
            )
        if len(counted.steps) != len(model.work):
            raise UserError(f"the {core} core runs {len(counted.steps)} steps of {len(model.work)}")
    return Result(model, counts)


def row(result: Result, size: CodeSize) -> dict[str, Any]:
    """A model's entry of metrics/bench.json. Instructions are lx106's, but where de212 is named."""
    model, lx106, de212 = result.model, result.counts[LX106], result.counts[DE212]
    work = zip(model.work, lx106.steps, de212.steps, strict=True)
    return {
        "model": model.subject.input,
        "sparsity": model.subject.sparsity,
        "levels": model.subject.levels,
        "instructions": lx106.instructions,
        "instructions_de212": de212.instructions,
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
        "layers": [
            {
                "name": step.name,
                "macs": step.macs,
                "nonzero_macs": step.nonzero_macs,
                "instructions": counted,
                "instructions_de212": counted_de212,
            }
            for step, counted, counted_de212 in work
        ],
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


def growth_subjects() -> list[Subject]:
    """By input size at full width, then by width at 96x96x1."""
    sizes = [Subject(size, 1, 2, *TYPICAL) for size in GROWTH_SIZES]
    return sizes + [Subject(96, 1, 2, *TYPICAL, width) for width in GROWTH_WIDTHS if width != 1.0]


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
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        found = workers.map(lambda subject: measure(elfs, subject), chosen)
        for subject, result in zip(chosen, found, strict=True):
            results[subject] = result
            millions = result.counts[LX106].instructions / 1e6
            print(f"[{len(results)}/{len(chosen)}] {subject}: {millions:.1f} M instructions", flush=True)
    size = firmware_size(work, results[subjects[0]].model)
    # On their own: nothing else runs while the clock does.
    timed = [results[s].model for s in subjects if (s.sparsity, s.levels) in ((0.0, EIGHT_BIT), TYPICAL)]
    return {
        "models": [row(results[subject], size) for subject in subjects],
        "growth": [growth_row(results[subject]) for subject in growth],
        "tflm": {
            "source": bench_peers.SOURCE,
            "fairness": bench_peers.FAIRNESS,
            "text_bytes": bench_peers.TEXT_BYTES,
            "models": [asdict(peer) for peer in bench_peers.TFLM.values()],
        },
        "host": [host_row(model, host_speed(model)) for model in timed],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0, or 1 after one line on stderr."""
    parser = argparse.ArgumentParser(
        prog="python -m squeezenet_lib.bench", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--input", action="append", choices=INPUTS, help="these only (may be repeated)")
    parser.add_argument("--sparsity", action="append", type=float, choices=SPARSITIES)
    parser.add_argument("--levels", action="append", type=int, choices=LEVELS, help="127: 8-bit, 7: 4-bit")
    parser.add_argument("--layers", action="store_true", help="print each model's steps, too")
    options = parser.parse_args(arguments)
    everything = not (options.input or options.sparsity or options.levels)
    subjects = [
        Subject(*INPUTS[name], sparsity, levels)
        for name in options.input or INPUTS
        for levels in options.levels or LEVELS
        for sparsity in options.sparsity or SPARSITIES
    ]
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as work:
            content = bench(Path(work), subjects, growth_subjects() if everything else [])
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if everything:
        for part, path in METRICS.items():
            write_json(path, content[part])
        with replace_when_done(PLOT) as temporary:
            temporary.write_text(plot(content), encoding="utf-8")
    if options.layers:
        print(layers(content))
    print(table(content))
    return 0


if __name__ == "__main__":
    sys.exit(main())
