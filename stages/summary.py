"""The end of `make demo`: the figures of all stages in one table, and a picture of accuracy over size.

Reads: metrics/*.json, plots/frontier.json (if it is there), dvc.yaml.
Writes: plots/accuracy_size.svg, plots/accuracy_size.json.
With a file name, such as README.md: writes the tables, the benchmark's figures and the pictures of sweep and
stages into it instead of printing, between the comments that mark their places.
"""

import json
import sys
from pathlib import Path

import yaml

from squeezenet_lib import bench_report
from squeezenet_lib.accuracy_plot import path_svg
from squeezenet_lib.firmware import flash_command
from squeezenet_lib.frontier import from_json, path_over_seeds
from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.report import (
    Metrics,
    coders_markdown,
    load_metrics,
    markdown,
    pipeline_mermaid,
    replace_marked,
    seed_markdown,
    steps,
    summary,
)
from stages.stage import run

METRICS = Path("metrics")
BENCH = METRICS / "bench.json"
PICTURE = Path("plots/accuracy_size.svg")
POINTS = Path("plots/accuracy_size.json")
SWEEP = Path("plots/frontier.json")
FRONTIER = "![Test accuracy over the .sqz's size, by sparsity and levels](plots/frontier.svg)"
FIRMWARE = Path("build/firmware")


def main() -> None:
    """Draw the picture; print the table or write it into the document."""
    metrics = load_metrics(METRICS)
    draw(metrics)
    if len(sys.argv) > 1:
        pipeline = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))
        document = Path(sys.argv[1])
        text = document.read_text(encoding="utf-8")
        text = replace_marked(text, "figures", markdown(metrics))
        text = replace_marked(text, "seed", seed_markdown(metrics))
        text = replace_marked(text, "coders", coders_markdown(metrics))
        text = replace_marked(text, "frontier", FRONTIER if SWEEP.is_file() else "")
        text = replace_marked(
            text, "bench", bench_report.markdown(json.loads(BENCH.read_text(encoding="utf-8")))
        )
        text = replace_marked(text, "stages", f"```mermaid\n{pipeline_mermaid(pipeline)}\n```")
        write_text(document, text)
        return
    image = f"{'image':<14}{FIRMWARE / 'firmware.bin'}"
    print(f"\n{summary(metrics)}\n{image}\n{'flash it':<14}.venv/bin/{flash_command(FIRMWARE)}")


def draw(metrics: Metrics) -> None:
    """The path from float32 to the chip as points and picture; over seeds where the sweep has several."""
    path = path_over_seeds(steps(metrics), from_json(SWEEP))
    points = [
        {
            "step": point.name,
            "bytes": point.bytes.mean,
            "accuracy": point.accuracy.mean,
            "lowest_accuracy": point.accuracy.lowest,
            "highest_accuracy": point.accuracy.highest,
            "seeds": point.seeds,
        }
        for point in path
    ]
    write_text(PICTURE, path_svg(path))
    write_text(POINTS, json.dumps(points, indent=2) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    with replace_when_done(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
