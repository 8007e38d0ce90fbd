"""`bench [--input 96x96x1] [--sparsity 0.8] [--levels 7] [--layers]`: prints a table.

Writes metrics/bench.json (the models), metrics/bench_growth.json (cost over input size and width),
metrics/bench_host.json (pictures a second on this machine; all else repeats exactly) and plots/bench.svg.
With an option that chooses models, these are measured and printed, and no file is written.
"""

import argparse
import tempfile
from pathlib import Path

from squeezenet_lib.bench.models import INPUTS, LEVELS, SPARSITIES, Subject, growth_subjects
from squeezenet_lib.paths import METRICS, PLOTS

PARTS = {
    "models": METRICS / "bench.json",
    "growth": METRICS / "bench_growth.json",
    "host": METRICS / "bench_host.json",
}
PLOT = PLOTS / "bench.svg"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--input", action="append", choices=INPUTS, help="these only (may be repeated)")
    parser.add_argument("--sparsity", action="append", type=float, choices=SPARSITIES)
    parser.add_argument("--levels", action="append", type=int, choices=LEVELS, help="127: 8-bit, 7: 4-bit")
    parser.add_argument("--layers", action="store_true", help="print each model's steps, too")


def run(options: argparse.Namespace) -> None:
    from squeezenet_lib.bench.benchmark import bench
    from squeezenet_lib.bench.plot import plot
    from squeezenet_lib.bench.report import layers, table
    from squeezenet_lib.outputs import replace_when_done, write_json

    everything = not (options.input or options.sparsity or options.levels)
    subjects = [
        Subject(*INPUTS[name], sparsity, levels)
        for name in options.input or INPUTS
        for levels in options.levels or LEVELS
        for sparsity in options.sparsity or SPARSITIES
    ]
    with tempfile.TemporaryDirectory(prefix="bench-") as work:
        content = bench(Path(work), subjects, growth_subjects() if everything else [])
    if everything:
        for part, path in PARTS.items():
            write_json(path, content[part])
        with replace_when_done(PLOT) as temporary:
            temporary.write_text(plot(content), encoding="utf-8")
    if options.layers:
        print(layers(content))
    print(table(content))
