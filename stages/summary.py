"""The end of `make demo`: the figures of all stages in one table, and a picture of accuracy over size.

Reads: metrics/*.json, dvc.yaml. Writes: plots/accuracy_size.svg, plots/accuracy_size.json.
With a file name, such as README.md: writes the figures, those of the benchmark and the picture of the stages
into it instead, between the comments that mark their places.
"""

import json
import sys
from pathlib import Path

import yaml

from squeezenet_lib import bench_report
from squeezenet_lib.firmware import flash_command
from squeezenet_lib.outputs import replace_when_done
from squeezenet_lib.report import (
    load_metrics,
    markdown,
    pipeline_mermaid,
    replace_marked,
    steps,
    steps_svg,
    summary,
)
from stages.stage import run

METRICS = Path("metrics")
BENCH = METRICS / "bench.json"
PICTURE = Path("plots/accuracy_size.svg")
POINTS = Path("plots/accuracy_size.json")
IMAGE = Path("build/firmware/firmware.bin")


def main() -> None:
    """Print the table, draw the picture."""
    metrics = load_metrics(METRICS)
    if len(sys.argv) > 1:
        pipeline = yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))
        document = Path(sys.argv[1])
        text = document.read_text(encoding="utf-8")
        text = replace_marked(text, "figures", markdown(metrics))
        text = replace_marked(
            text, "bench", bench_report.markdown(json.loads(BENCH.read_text(encoding="utf-8")))
        )
        text = replace_marked(text, "stages", f"```mermaid\n{pipeline_mermaid(pipeline)}\n```")
        write_text(document, text)
        return
    path = steps(metrics)
    points = [{"step": step.name, "bytes": step.bytes, "accuracy": step.accuracy} for step in path]
    write_text(PICTURE, steps_svg(path))
    write_text(POINTS, json.dumps(points, indent=2) + "\n")
    print(f"\n{summary(metrics)}\n{'image':<14}{IMAGE}\n{'flash it':<14}.venv/bin/{flash_command(IMAGE)}")


def write_text(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    with replace_when_done(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
