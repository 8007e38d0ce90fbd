"""The story from float to chip, told from metrics/*.json: tables of figures and a chart of the stages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.rules import IMAGENET, RANDOM
from squeezenet_lib.report.markdown_table import markdown_table

Metrics = Mapping[str, Mapping[str, Any]]

STAGES_WITH_METRICS = ("train", "prune", "quantize", "huffman", "tflm_export", "pio_build", "emulate")
SHOWN = {IMAGENET: "ImageNet"}
STUDY = "coders"  # only a table of docs/performance.md needs it


@dataclass(frozen=True)
class Step:
    """One state of the model: its name, its test accuracy (share of 1), its size in bytes."""

    name: str
    accuracy: float
    bytes: int


def load_metrics(folder: Path) -> dict[str, dict[str, Any]]:
    """metrics/<stage>.json of all stages that write one, by stage; the study's where it was made. Raises
    UserError for another that is missing.
    """
    metrics = {}
    for stage in (*STAGES_WITH_METRICS, STUDY):
        path = folder / f"{stage}.json"
        if stage == STUDY and not path.exists():
            continue
        try:
            metrics[stage] = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(metrics[stage], dict):
                raise ValueError("it has no section of figures")
        except (OSError, ValueError) as error:
            raise UserError(f"{path} cannot be read ({error}); run `dvc repro` first.") from None
    return metrics


def steps(metrics: Metrics) -> list[Step]:
    """The model's states on its way to the chip, each at the smallest it can be handed on.

    The networks before int8 count as the .zip of their weights: a zero saves nothing without a coder. A state
    that the chosen method does not have (shared weights of ptq and qat) is left out. The .sqz computes what
    the .tflite computes, bit for bit.
    """
    zeros = f"{100 * metrics['prune']['sparsity']:.0f} %"
    accuracy = metrics["quantize"]["accuracy"]
    states = [
        (float_name(metrics["train"]), metrics["train"]["accuracy"], metrics["huffman"]["float32_bytes"]),
        (f"pruned ({zeros} zeros, zip)", metrics["prune"]["accuracy"], metrics["prune"].get("zip_bytes")),
        (
            "shared values (zip)",
            metrics["quantize"].get("shared_accuracy"),
            metrics["quantize"].get("shared_zip_bytes"),
        ),
        ("int8 (.tflite, zip)", accuracy, metrics["quantize"].get("tflite_zip_bytes")),
        ("Huffman-coded (.sqz)", accuracy, metrics["huffman"]["sqz_bytes"]),
    ]
    return [Step(name, share, size) for name, share, size in states if share is not None and size is not None]


def float_name(train: Mapping[str, Any]) -> str:
    """What the float network is called: with the weights that its training started from, unless random."""
    start = train.get("start", RANDOM)
    return "float32" if start == RANDOM else f"float32, from {SHOWN.get(start, start)}"


def summary(metrics: Metrics) -> str:
    """The closing table of `make demo`."""
    float_bytes = metrics["huffman"]["float32_bytes"]
    lines = [f"{'':<28}{'test accuracy':>14}{'bytes':>12}{'smaller':>10}"]
    for step in steps(metrics):
        smaller = f"{float_bytes / step.bytes:.1f} x"
        lines.append(f"{step.name:<28}{100 * step.accuracy:>12.2f} %{step.bytes:>12,}{smaller:>10}")
    lines.append("")
    lines += [f"{name:<14}{text}" for name, text in facts(metrics)]
    return "\n".join(lines)


def facts(metrics: Metrics) -> list[tuple[str, str]]:
    """What the table of sizes leaves open, as (name, sentence)."""
    huffman, tflm, build, chip = (
        metrics[name] for name in ("huffman", "tflm_export", "pio_build", "emulate")
    )
    memory = [
        f"{build[key]:,} {what}"
        for key, what in (
            ("flash_bytes", "bytes of flash"),
            ("iram_bytes", "of IRAM"),
            ("dram_bytes", "of DRAM"),
        )
        if build[key] is not None  # env esp32cam: PlatformIO does not tell all
    ]
    return [
        (
            "weights",
            f"{huffman['bits_per_weight']:.3f} bits each, code tables included; "
            f"Shannon entropy {huffman['entropy_bits_per_weight']:.3f}",
        ),
        ("arena", f"{chip['arena_bytes']:,} bytes (TFLM on a 64-bit host: {tflm['tflm_arena_bytes']:,})"),
        ("memory", ", ".join(memory)),
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
    """The same figures for a document."""
    float_bytes = metrics["huffman"]["float32_bytes"]
    rows = [
        (step.name, f"{100 * step.accuracy:.2f} %", f"{step.bytes:,}", f"{float_bytes / step.bytes:.1f} x")
        for step in steps(metrics)
    ]
    table = markdown_table(("model", "test accuracy", "bytes", "smaller"), rows)
    return "\n".join([table, "", *(f"- {name}: {text}" for name, text in facts(metrics))])


def seed_markdown(metrics: Metrics) -> str:
    """The three techniques, each by the measure of the student project that came before, in bytes.

    The last column says what that project counted instead. A row whose figures are not in the metrics is
    left out.
    """
    train, prune, quantize, huffman = (metrics[name] for name in ("train", "prune", "quantize", "huffman"))
    rows = [
        (
            "pruning",
            "float32 weights, each as a .zip",
            train.get("zip_bytes"),
            prune.get("zip_bytes"),
            "zipped with pruning's masks beside the weights",
        ),
        (
            "quantization",
            "float and int8 .tflite",
            quantize.get("float_tflite_bytes"),
            quantize.get("tflite_bytes"),
            "int8 weights, float activations",
        ),
        (
            "Huffman coding",
            "float32 weights and the .sqz: code, codec, program",
            huffman["float32_bytes"],
            huffman["sqz_bytes"],
            "one tensor, against 32 bits a weight, without the codec",
        ),
    ]
    columns = ("technique", "what is counted", "before", "after", "smaller", "in the student project")
    cells = [
        (name, counted, f"{before:,}", f"{after:,}", f"{before / after:.1f} x", theirs)
        for name, counted, before, after, theirs in rows
        if before is not None and after is not None
    ]
    return markdown_table(columns, cells)


def coders_markdown(metrics: Metrics) -> str:
    """The .sqz's weights beside other coders of the same int8 weights, the smallest first; bounds, which
    were computed and not coded, in italics. Raises UserError without the study.
    """
    if STUDY not in metrics:
        raise UserError(f"metrics/{STUDY}.json is missing; run `dvc repro {STUDY}` first.")
    huffman = metrics["huffman"]
    sizes = dict(metrics[STUDY])
    own = sizes["**.sqz: code words and tables**"] = huffman["code_bytes"] + huffman["table_bytes"]
    rows = []
    for name, size in sorted(sizes.items(), key=lambda item: item[1]):
        shown = f"*{name}*" if name.startswith("bound: ") else name
        smaller = huffman["float32_bytes"] / size
        rows.append((shown, f"{size:,}", f"{100 * size / own:.1f} %", f"{smaller:.1f} x"))
    return markdown_table(("coder", "bytes", "of the .sqz's", "smaller than float32"), rows)


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
