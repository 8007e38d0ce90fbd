"""The benchmark's table, with TensorFlow Lite Micro's figures beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from squeezenet_lib.bench import published
from squeezenet_lib.bench.models import EIGHT_BIT
from squeezenet_lib.bench.peers import TFLM
from squeezenet_lib.report.markdown_table import markdown_table

_COLUMNS = (
    ("model", 10),
    ("weights", 8),
    ("zeros", 6),
    ("instructions", 14),
    ("TFLM", 7),
    ("per MAC", 8),
    ("per nonzero", 12),
    ("on de212", 13),
    ("on two", 12),
    ("of one", 8),
    ("on rv32", 13),
    ("decoding", 9),
    ("arena", 9),
    ("TFLM", 7),
    ("stack", 6),
    (".sqz", 9),
)


def table(content: Mapping[str, Any]) -> str:
    """The benchmark for reading. `TFLM`: how many times as much TFLM with esp-nn takes.

    on two: cores of de212's kind that share the work, until the later one is done; of one: against one core.
    decoding: instructions for a weight that is not zero, and all the zeros between."""
    peers = {peer["model"]: peer for peer in content["tflm"]["models"]}
    lines = ["", _line([name for name, _ in _COLUMNS])]
    for row in content["models"]:
        peer = peers[row["model"]]
        lines.append(
            _line(
                [
                    row["model"],
                    _weights(row),
                    f"{100 * row['sparsity']:.0f} %",
                    f"{row['instructions']:,}",
                    _times(peer["instructions"] / row["instructions"]),
                    f"{row['instructions_per_mac']:.2f}",
                    f"{row['instructions_per_nonzero_mac']:.2f}",
                    f"{row['instructions_de212']:,}",
                    f"{row['two_cores']['instructions_de212']:,}",
                    f"{100 * row['two_cores']['of_one']:.1f} %",
                    f"{row['instructions_rv32']:,}",
                    f"{row['decode_per_nonzero']:.1f}",
                    f"{row['arena_bytes']:,}",
                    _times(peer["arena_bytes"] / row["arena_bytes"]),
                    f"{row['stack_bytes']:,}",
                    f"{row['sqz_bytes']:,}",
                ]
            )
        )
    lines += ["", "TFLM            reference kernels      with esp-nn      arena"]
    for peer in peers.values():
        figures = (peer["reference_instructions"], peer["instructions"], peer["arena_bytes"])
        lines.append(f"{peer['model']:<10}{figures[0]:>23,}{figures[1]:>17,}{figures[2]:>11,}")
    lines += ["", *_published(content), *_growth(content), *_code(content), *_host(content)]
    cores = "Instructions are lx106's where no core is named, TFLM's too"
    for sentence in (f"{cores}: {content['tflm']['source']}", content["tflm"]["fairness"]):
        lines += textwrap.wrap(sentence, 110, break_on_hyphens=False)
    return "\n".join(lines)


def markdown(models: Sequence[Mapping[str, Any]]) -> str:
    """The table of docs/performance.md: dense models and the usual sparsity beside TFLM with esp-nn."""
    columns = (
        *("input", "weights", "zeros", "instructions", "TFLM, esp-nn", "fewer", "arena", "TFLM"),
        *("ESP32, -S3", "both cores", "ESP32-C3"),
    )
    rows = []
    for row in models:
        if row["sparsity"] not in (0.0, 0.8):
            continue
        peer = TFLM[row["model"]]
        cells = (
            row["model"],
            _weights(row),
            f"{100 * row['sparsity']:.0f} %",
            f"{row['instructions'] / 1e6:.1f} M",
            f"{peer.instructions / 1e6:,.1f} M",
            f"{peer.instructions / row['instructions']:.1f} x",
            f"{row['arena_bytes']:,}",
            f"{peer.arena_bytes:,}",
            f"{row['instructions_de212'] / 1e6:.1f} M",
            f"{row['two_cores']['instructions_de212'] / 1e6:.1f} M",
            f"{row['instructions_rv32'] / 1e6:.1f} M",
        )
        rows.append(cells)
    return markdown_table(columns, rows)


def layers(content: Mapping[str, Any]) -> str:
    """Each model's steps: multiply-accumulates with non-zero weights, instructions, and one by the other."""
    lines = []
    for row in content["models"]:
        lines += ["", f"{row['model']}, {_weights(row)}, {100 * row['sparsity']:.0f} % zeros"]
        names = (
            ("nonzero MACs", 14),
            ("instructions", 14),
            ("per nonzero", 12),
            ("on de212", 14),
            ("on rv32", 14),
        )
        lines.append(f"{'':<24}" + "".join(f"{name:>{width}}" for name, width in names))
        for layer in row["layers"]:
            macs, instructions = layer["nonzero_macs"], layer["instructions"]
            ratio = f"{instructions / macs:.2f}" if macs else ""
            lines.append(
                f"{layer['name']:<24}{macs:>14,}{instructions:>14,}{ratio:>12}{layer['instructions_de212']:>14,}"
                f"{layer['instructions_rv32']:>14,}"
            )
    return "\n".join(lines)


def _times(ratio: float) -> str:
    return f"{ratio:.1f} x" if ratio >= 1 else f"{ratio:.2f} x"


def _weights(row: Mapping[str, Any]) -> str:
    return "8-bit" if row["levels"] == EIGHT_BIT else "4-bit"


def _line(cells: list[str]) -> str:
    return "".join(f"{cell:>{width}}" for cell, (_, width) in zip(cells, _COLUMNS, strict=True))


def _published(content: Mapping[str, Any]) -> list[str]:
    lines = published.table(content["models"])
    return [*lines, ""] if lines else []


def _growth(content: Mapping[str, Any]) -> list[str]:
    if not content["growth"]:
        return []
    points = []
    for row in content["growth"]:
        width = "" if row["width"] == 1 else f" of width {row['width']:g}"
        points.append(f"{row['model']}{width}: {row['instructions'] / 1e6:.1f} M")
    return [*textwrap.wrap(f"growth (4-bit levels, 80 % zeros): {', '.join(points)}", 110), ""]


def _code(content: Mapping[str, Any]) -> list[str]:
    runtime, image = content["models"][0]["text_bytes"], content["models"][0]["image_text_bytes"]
    return [
        f".text of the runtime: {runtime:,} bytes (TFLM: {content['tflm']['text_bytes']:,}); "
        f"of the whole firmware: {image:,}",
        "",
    ]


def _host(content: Mapping[str, Any]) -> list[str]:
    lines = [
        f"this machine, {row['model']}, {_weights(row)}, "
        f"{100 * row['sparsity']:.0f} % zeros: {row['images_per_second']:,.1f} pictures/s; "
        f"TFLM's Python interpreter {row['tflm_images_per_second']:,.1f}"
        for row in content["host"]
    ]
    return [*lines, ""] if lines else []
