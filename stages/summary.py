"""The end of `make demo`: the figures of all stages in one table, and a picture of accuracy over size.

Reads: metrics/*.json, plots/frontier.json (if it is there), dvc.yaml.
Writes: plots/accuracy_size.svg, plots/accuracy_size.json.
With names of documents (`make figures`): writes the tables, the benchmark's figures and the pictures of sweep
and stages into them instead of printing, between the comments that mark their places.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from squeezenet_lib.bench import published, report
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.product import flash_command
from squeezenet_lib.outputs import write_text
from squeezenet_lib.paths import FIRMWARE, METRICS, PLOTS
from squeezenet_lib.report.accuracy_plot import path_svg
from squeezenet_lib.report.frontier import from_json, path_over_seeds
from squeezenet_lib.report.marked_places import fill
from squeezenet_lib.report.story import (
    Metrics,
    coders_markdown,
    load_metrics,
    markdown,
    pipeline_mermaid,
    seed_markdown,
    steps,
    summary,
)
from stages.stage import run

BENCH = METRICS / "bench.json"
PICTURE = PLOTS / "accuracy_size.svg"
POINTS = PLOTS / "accuracy_size.json"
SWEEP = PLOTS / "frontier.json"
FRONTIER = "![Test accuracy over the .sqz's size, by sparsity and levels](../plots/frontier.svg)"  # in docs/


def main() -> None:
    """Draw the picture; print the table or fill the documents."""
    metrics = load_metrics(METRICS)
    try:
        draw(metrics)
        if len(sys.argv) > 1:
            for document, text in fill(read(sys.argv[1:]), places(metrics)).items():
                write_text(document, text)
            return
        told = summary(metrics)
    except (KeyError, TypeError) as error:
        raise UserError(
            f"The files in {METRICS} are not what this version writes ({error!r} was met); run `dvc repro` "
            "and then `make bench` to make them anew."
        ) from None
    image = f"{'image':<14}{FIRMWARE / 'firmware.bin'}"
    print(f"\n{told}\n{image}\n{'flash it':<14}.venv/bin/{flash_command(FIRMWARE)}")


def read(names: Sequence[str]) -> dict[Path, str]:
    """The documents' texts. Raises UserError naming one that cannot be read."""
    try:
        return {Path(name): Path(name).read_text(encoding="utf-8") for name in names}
    except OSError as error:
        raise UserError(f"the document {error.filename} cannot be read: {error.strerror}") from None


def places(metrics: Metrics) -> dict[str, str]:
    """What documents show, by the name of its place."""
    import yaml

    pipeline = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))
    benchmark = load_benchmark()
    return {
        "figures": markdown(metrics),
        "seed": seed_markdown(metrics),
        "coders": coders_markdown(metrics),
        "frontier": FRONTIER if SWEEP.is_file() else "",
        "bench": report.markdown(benchmark),
        "published": published.markdown(benchmark),
        "stages": f"```mermaid\n{pipeline_mermaid(pipeline)}\n```",
    }


def load_benchmark() -> list[Any]:
    """metrics/bench.json. Raises UserError when it is missing or holds no models."""
    try:
        models = json.loads(BENCH.read_text(encoding="utf-8"))
        if type(models) is not list or not models:
            raise ValueError("no list of models")
    except (OSError, ValueError) as error:
        raise UserError(f"{BENCH} cannot be read ({error}); run `make bench` first.") from None
    return models


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


if __name__ == "__main__":
    run(main)
