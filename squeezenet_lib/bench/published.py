"""What other libraries' authors measured on the chips, in cycles, beside instructions here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from squeezenet_lib.bench.models import EIGHT_BIT
from squeezenet_lib.report.markdown_table import markdown_table

SHAPE = "96x96x1"  # of the benchmark's models, as person detection's input
PERSON_DETECTION_MACS = 7_157_888  # by its layers: MobileNetV1 of width 0.25, 96x96x1, two classes
MOBILENET_V2_MACS = 300_000_000  # arXiv:1801.04381, table 4
ESP_NN = "https://github.com/espressif/esp-nn/tree/d45b843ca5f873ca9d0706ab0e7f14eafd132e98"
IMAGENET_CLS = "https://components.espressif.com/components/espressif/imagenet_cls/versions/0.4.2/readme"


@dataclass(frozen=True)
class Measured:
    """One network's time on a board, by its library's authors."""

    chip: str
    core: str  # the benchmark's count that holds for this chip: instructions_<core>
    library: str
    network: str
    milliseconds: float
    megahertz: int
    macs: int
    source: str

    @property
    def cycles_per_mac(self) -> float:
        return self.milliseconds * self.megahertz * 1000 / self.macs


MEASURED = (
    Measured("ESP32", "de212", "TFLM, esp-nn", "person detection", 380, 240, PERSON_DETECTION_MACS, ESP_NN),
    Measured("ESP32-C3", "rv32", "TFLM, esp-nn", "person detection", 426, 160, PERSON_DETECTION_MACS, ESP_NN),
    Measured("ESP32-S3", "de212", "TFLM, esp-nn", "person detection", 54, 240, PERSON_DETECTION_MACS, ESP_NN),
    Measured("ESP32-S3", "de212", "ESP-DL", "MobileNetV2", 437.9, 240, MOBILENET_V2_MACS, IMAGENET_CLS),
)


def markdown(models: Sequence[Mapping[str, Any]]) -> str:
    """The table of docs/performance.md: a multiply-accumulate's cycles there, its instructions here."""
    columns = (
        *("chip", "library, network", "time", "cycles a MAC"),
        *("here, dense 8-bit: instructions a MAC", "here, 4-bit, 80 % zeros"),
    )
    rows = [
        (
            row.chip,
            f"[{row.library}]({row.source}), {row.network}",
            f"{row.milliseconds:g} ms at {row.megahertz} MHz",
            f"{row.cycles_per_mac:.2g}" if row.cycles_per_mac < 1 else f"{row.cycles_per_mac:.1f}",
            *_here(models, row.core),
        )
        for row in MEASURED
    ]
    return markdown_table(columns, rows)


def table(models: Sequence[Mapping[str, Any]]) -> list[str]:
    """The same for reading in a terminal; empty without models of that input."""
    if not any(row["model"] == SHAPE for row in models):
        return []
    lines = [f"published, cycles a MAC; here, instructions a MAC of {SHAPE}: dense 8-bit; 4-bit, 80 % zeros"]
    for row in MEASURED:
        dense, sparse = _here(models, row.core)
        name = f"{row.chip}, {row.library}, {row.network}"
        lines.append(f"{name:<48}{row.cycles_per_mac:>8.2f}{dense:>12}{sparse:>12}")
    return lines


def _here(models: Sequence[Mapping[str, Any]], core: str) -> tuple[str, str]:
    def of(eight_bit: bool, sparsity: float) -> str:
        for row in models:
            if (row["model"], row["levels"] == EIGHT_BIT, row["sparsity"]) == (SHAPE, eight_bit, sparsity):
                return f"{row[f'instructions_{core}'] / row['macs']:.2f}"
        return "not counted"

    return of(True, 0.0), of(False, 0.8)
