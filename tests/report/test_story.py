"""The summary says what metrics/*.json say; pictures depend on nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from squeezenet_lib.errors import UserError
from squeezenet_lib.paths import ROOT
from squeezenet_lib.report.story import (
    coders_markdown,
    load_metrics,
    markdown,
    pipeline_mermaid,
    seed_markdown,
    steps,
    summary,
)

METRICS: dict[str, dict[str, Any]] = {
    "train": {"accuracy": 0.8364, "zip_bytes": 2_680_000},
    "prune": {"accuracy": 0.8318, "sparsity": 0.7998, "zip_bytes": 700_000},
    "quantize": {
        "accuracy": 0.8303,
        "tflite_bytes": 825_000,
        "tflite_zip_bytes": 250_000,
        "float_tflite_bytes": 2_900_000,
        "shared_accuracy": 0.8333,
        "shared_zip_bytes": 300_000,
    },
    "huffman": {
        "float32_bytes": 2_889_480,
        "sqz_bytes": 230_000,
        "code_bytes": 199_500,
        "table_bytes": 500,
        "bits_per_weight": 2.2346,
        "entropy_bits_per_weight": 2.1,
    },
    "tflm_export": {"tflm_arena_bytes": 210_604, "pictures": 654, "agreement": 1.0},
    "pio_build": {"flash_bytes": 260_000, "iram_bytes": 20_000, "dram_bytes": 130_000},
    "emulate": {
        "arena_bytes": 90_000,
        "pictures": 654,
        "emulated_pictures": 32,
        "instructions": 123_456_789,
    },
    "coders": {"gzip -9": 276_000, "xz -9e": 207_000, "bound: order-0 entropy": 198_000},
}
PIPELINE = {
    "stages": {
        "preprocess": {"deps": ["stages/preprocess.py"], "outs": ["data/processed"]},
        "train": {"deps": ["stages/train.py", "data/processed"], "outs": ["models/float.keras"]},
        "prune": {
            "deps": ["models/float.keras", "data/processed/classes.json"],
            "outs": [{"models/pruned.keras": {"persist": True}}],
        },
    }
}


@pytest.mark.parametrize(
    ("start", "name"),
    [
        ({}, "float32"),  # of a version that did not say it
        ({"start": "random"}, "float32"),
        ({"start": "imagenet"}, "float32, from ImageNet"),
        ({"start": "earlier.keras"}, "float32, from earlier.keras"),
    ],
)
def test_the_float_network_is_named_with_the_weights_that_it_started_from(
    start: dict[str, str], name: str
) -> None:
    metrics = {**METRICS, "train": METRICS["train"] | start}
    assert steps(metrics)[0].name == name
    assert f"| {name} | 83.64 % |" in markdown(metrics)


def test_summary_has_accuracy_size_and_ratio_of_each_step() -> None:
    rows = {line[:28].strip(): line[28:].split() for line in summary(METRICS).splitlines()[1:6]}
    assert rows == {
        "float32": ["83.64", "%", "2,889,480", "1.0", "x"],
        "pruned (80 % zeros, zip)": ["83.18", "%", "700,000", "4.1", "x"],
        "shared values (zip)": ["83.33", "%", "300,000", "9.6", "x"],
        "int8 (.tflite, zip)": ["83.03", "%", "250,000", "11.6", "x"],
        "Huffman-coded (.sqz)": ["83.03", "%", "230,000", "12.6", "x"],
    }


def test_a_network_without_shared_weights_has_one_step_less() -> None:
    quantize = {key: value for key, value in METRICS["quantize"].items() if not key.startswith("shared")}
    names = [step.name for step in steps({**METRICS, "quantize": quantize})]
    assert names == [step.name for step in steps(METRICS) if not step.name.startswith("shared")]


def test_summary_states_bits_against_the_entropy_memory_and_agreement() -> None:
    text = summary(METRICS)
    assert "2.235 bits each, code tables included; Shannon entropy 2.100" in text
    assert "90,000 bytes (TFLM on a 64-bit host: 210,604)" in text
    assert "260,000 bytes of flash, 20,000 of IRAM, 130,000 of DRAM" in text
    assert "bit for bit, on 654 test pictures; the emulated chip on 32" in text


def test_summary_leaves_out_what_a_build_does_not_tell() -> None:
    build = {"flash_bytes": 900_000, "iram_bytes": None, "dram_bytes": 130_000}
    text = summary({**METRICS, "pio_build": build})
    assert "memory        900,000 bytes of flash, 130,000 of DRAM\n" in text


def test_readme_figures_are_the_summary_s() -> None:
    text = markdown(METRICS)
    assert "| Huffman-coded (.sqz) | 83.03 % | 230,000 | 12.6 x |" in text
    assert "- arena: 90,000 bytes (TFLM on a 64-bit host: 210,604)" in text


def test_missing_metrics_name_the_file_and_what_to_do(tmp_path: Path) -> None:
    for stage, values in METRICS.items():
        (tmp_path / f"{stage}.json").write_text(json.dumps(values))
    assert load_metrics(tmp_path) == METRICS
    (tmp_path / "huffman.json").unlink()
    with pytest.raises(UserError, match=r"huffman\.json cannot be read .*`dvc repro`"):
        load_metrics(tmp_path)


def test_only_its_own_table_misses_the_study_of_coders(tmp_path: Path) -> None:
    for stage, values in METRICS.items():
        (tmp_path / f"{stage}.json").write_text(json.dumps(values))
    (tmp_path / "coders.json").unlink()
    metrics = load_metrics(tmp_path)
    assert summary(metrics) == summary(METRICS)
    with pytest.raises(UserError, match=r"metrics/coders\.json is missing; run `dvc repro coders`"):
        coders_markdown(metrics)


def test_each_technique_has_its_bytes_before_and_after_and_the_ratio() -> None:
    rows = [[cell.strip() for cell in line.split("|")] for line in seed_markdown(METRICS).splitlines()[2:]]
    assert [[row[1], *row[3:6]] for row in rows] == [
        ["pruning", "2,680,000", "700,000", "3.8 x"],
        ["quantization", "2,900,000", "825,000", "3.5 x"],
        ["Huffman coding", "2,889,480", "230,000", "12.6 x"],
    ]


def test_a_technique_without_figures_has_no_row() -> None:
    metrics = {**METRICS, "train": {"accuracy": 0.8364}}
    assert "pruning" not in seed_markdown(metrics).split("|")[8:]
    assert "| Huffman coding |" in seed_markdown(metrics)


def test_coders_are_sorted_by_size_and_held_against_the_sqzs_weights() -> None:
    assert coders_markdown(METRICS).splitlines()[2:] == [
        "| *bound: order-0 entropy* | 198,000 | 99.0 % | 14.6 x |",
        "| **.sqz: code words and tables** | 200,000 | 100.0 % | 14.4 x |",
        "| xz -9e | 207,000 | 103.5 % | 14.0 x |",
        "| gzip -9 | 276,000 | 138.0 % | 10.5 x |",
    ]


def test_flow_chart_has_the_files_between_stages_but_no_arrow_that_others_replace() -> None:
    assert pipeline_mermaid(PIPELINE).splitlines() == [
        "flowchart LR",
        "    preprocess",
        "    train",
        "    prune",
        '    preprocess -- "data/processed" --> train',
        '    train -- "models/float.keras" --> prune',
    ]


def test_readme_shows_the_stages_of_dvc_yaml() -> None:
    chart = pipeline_mermaid(yaml.safe_load((ROOT / "dvc.yaml").read_text()))
    assert f"```mermaid\n{chart}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")
