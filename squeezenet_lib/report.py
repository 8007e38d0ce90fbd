"""The story from float to chip, told from metrics/*.json: a table of figures and a picture of the way."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from squeezenet_lib.errors import UserError

Metrics = Mapping[str, Mapping[str, Any]]

STAGES_WITH_METRICS = ("train", "prune", "quantize", "huffman", "tflm_export", "pio_build", "emulate")


@dataclass(frozen=True)
class Step:
    """One state of the model: its name, its test accuracy (share of 1), its size in bytes."""

    name: str
    accuracy: float
    bytes: int


def load_metrics(folder: Path) -> dict[str, dict[str, Any]]:
    """metrics/<stage>.json of all stages that write one, by stage. Raises UserError for a missing file."""
    metrics = {}
    for stage in STAGES_WITH_METRICS:
        path = folder / f"{stage}.json"
        try:
            metrics[stage] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UserError(f"{path} cannot be read ({error}); run `dvc repro` first.") from None
    return metrics


def steps(metrics: Metrics) -> list[Step]:
    """The model's states on its way to the chip. The .sqz computes what the .tflite computes, bit for bit."""
    quantized = metrics["quantize"]
    float_bytes = metrics["huffman"]["float32_bytes"]
    zeros = f"{100 * metrics['prune']['sparsity']:.0f} %"
    return [
        Step("float32", metrics["train"]["accuracy"], float_bytes),
        Step(f"pruned ({zeros} zeros)", metrics["prune"]["accuracy"], float_bytes),
        Step("int8 (.tflite)", quantized["accuracy"], quantized["tflite_bytes"]),
        Step("Huffman-coded (.sqz)", quantized["accuracy"], metrics["huffman"]["sqz_bytes"]),
    ]


def summary(metrics: Metrics) -> str:
    """The closing table of `make demo`."""
    float_bytes = metrics["huffman"]["float32_bytes"]
    lines = [f"{'':<24}{'test accuracy':>14}{'bytes':>12}{'smaller':>10}"]
    for step in steps(metrics):
        smaller = f"{float_bytes / step.bytes:.1f} x"
        lines.append(f"{step.name:<24}{100 * step.accuracy:>12.2f} %{step.bytes:>12,}{smaller:>10}")
    lines.append("")
    lines += [f"{name:<14}{text}" for name, text in facts(metrics)]
    return "\n".join(lines)


def facts(metrics: Metrics) -> list[tuple[str, str]]:
    """What the table of sizes leaves open, as (name, sentence)."""
    huffman, tflm, build, chip = (
        metrics[name] for name in ("huffman", "tflm_export", "pio_build", "emulate")
    )
    return [
        (
            "weights",
            f"{huffman['bits_per_weight']:.3f} bits each, code tables included; "
            f"Shannon entropy {huffman['entropy_bits_per_weight']:.3f}",
        ),
        ("arena", f"{chip['arena_bytes']:,} bytes (TFLM on a 64-bit host: {tflm['tflm_arena_bytes']:,})"),
        (
            "memory",
            f"{build['flash_bytes']:,} bytes of flash, {build['iram_bytes']:,} of IRAM, "
            f"{build['dram_bytes']:,} of DRAM",
        ),
        (
            "checked",
            f"TFLite's reference kernels, TFLM and the chip's runtime on the host give equal scores, bit for "
            f"bit, on {chip['pictures']:,} test pictures; the emulated chip on {chip['emulated_pictures']:,}",
        ),
        (
            "speed",
            f"{chip['instructions']:,} instructions for each picture (emulated; instructions, not cycles)",
        ),
    ]


def markdown(metrics: Metrics) -> str:
    """The same figures for README.md."""
    float_bytes = metrics["huffman"]["float32_bytes"]
    rows = [
        f"| {step.name} | {100 * step.accuracy:.2f} % | {step.bytes:,} | {float_bytes / step.bytes:.1f} x |"
        for step in steps(metrics)
    ]
    table = ["| model | test accuracy | bytes | smaller |", "|---|---|---|---|", *rows, ""]
    return "\n".join(table + [f"- {name}: {text}" for name, text in facts(metrics)])


def pipeline_mermaid(pipeline: Mapping[str, Any]) -> str:
    """dvc.yaml's stages as a Mermaid flow chart, with the files that one hands on to the next.

    An arrow is left out when others lead the same way: data/processed goes to almost every stage.
    """
    stages = pipeline["stages"]
    arrows: dict[tuple[str, str], list[str]] = {}
    for maker, made in stages.items():
        outs = [next(iter(out)) if isinstance(out, Mapping) else out for out in made.get("outs", [])]
        for user, used in stages.items():
            files = [
                dep for dep in used["deps"] if any(dep == out or dep.startswith(f"{out}/") for out in outs)
            ]
            if files:
                arrows[maker, user] = files
    lines = ["flowchart LR", *(f"    {name}" for name in stages)]
    for (maker, user), files in arrows.items():
        others = [(a, b) for a, b in arrows if (a, b) != (maker, user)]
        if not _leads(maker, user, others):
            lines.append(f'    {maker} -- "{", ".join(files)}" --> {user}')
    return "\n".join(lines)


def _leads(start: str, end: str, arrows: Sequence[tuple[str, str]]) -> bool:
    """True when a chain of arrows (which have no cycle) goes from `start` to `end`."""
    return start == end or any(_leads(b, end, arrows) for a, b in arrows if a == start)


def replace_marked(document: str, name: str, content: str) -> str:
    """`document` with `content` between its comments `<!-- name -->` and `<!-- /name -->`.

    Raises ValueError when it does not have exactly one such place.
    """
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found_begin, rest = document.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end) or begin in after:
        raise ValueError(f"the document needs one place between {begin} and {end}")
    return f"{before}{begin}\n{content}\n{end}{after}"


def steps_svg(path: Sequence[Step]) -> str:
    """Test accuracy over size (logarithmic) as an SVG picture that depends on its input alone."""
    width, height, left, right, top, bottom = 720, 360, 70, 40, 50, 60
    lowest = min(math.log10(step.bytes) for step in path) - 0.25
    highest = max(math.log10(step.bytes) for step in path) + 0.15
    floor = math.floor(100 * min(step.accuracy for step in path)) - 1
    ceiling = math.ceil(100 * max(step.accuracy for step in path)) + 1

    def x(size: float) -> float:
        # The largest is on the left: the way to the chip reads as one to the right.
        return left + (highest - math.log10(size)) / (highest - lowest) * (width - left - right)

    def y(percent: float) -> float:
        return top + (ceiling - percent) / (ceiling - floor) * (height - top - bottom)

    marks = []
    tick = max(1, (ceiling - floor) // 6)
    for percent in range(floor, ceiling + 1, tick):
        marks.append(f'<path class="grid" d="M{left} {y(percent):.1f}H{width - right}"/>')
        marks.append(f'<text class="end" x="{left - 8}" y="{y(percent) + 4:.1f}">{percent} %</text>')
    for exponent in range(math.floor(lowest), math.ceil(highest) + 1):
        for digit in (1, 2, 5):
            size = digit * 10**exponent
            if lowest <= math.log10(size) <= highest:
                label = f"{size / 1e6:g} MB" if size >= 1e6 else f"{size / 1e3:g} KB"
                marks.append(f'<path class="grid" d="M{x(size):.1f} {top}V{height - bottom}"/>')
                marks.append(f'<text class="mid" x="{x(size):.1f}" y="{height - bottom + 20}">{label}</text>')
    points = [(x(step.bytes), y(100 * step.accuracy)) for step in path]
    marks.append(f'<polyline points="{" ".join(f"{px:.1f},{py:.1f}" for px, py in points)}"/>')
    for index, (step, (px, py)) in enumerate(zip(path, points, strict=True)):
        # Neighbours may share a size or an accuracy: labels go above and below by turns.
        label_y = py + (-14 if index % 2 == 0 else 24)
        marks.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="5"/>')
        label = f"{_escaped(step.name)}: {100 * step.accuracy:.2f} %"
        anchor = "start" if px < width / 2 else "end"
        marks.append(f'<text class="{anchor}" x="{px:.1f}" y="{label_y:.1f}">{label}</text>')
    body = "\n".join(marks)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<style>
text {{ font: 13px sans-serif; fill: #222; }}
.mid {{ text-anchor: middle; }} .end {{ text-anchor: end; }}
.grid {{ stroke: #ddd; fill: none; }}
polyline {{ stroke: #1664b0; stroke-width: 2; fill: none; }}
circle {{ fill: #1664b0; }}
</style>
<rect width="{width}" height="{height}" fill="#fff"/>
<text x="{left}" y="24">Test accuracy and bytes (logarithmic), from float32 to what the chip runs</text>
{body}
</svg>
"""


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
