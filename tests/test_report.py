"""The summary says what metrics/*.json say; pictures depend on nothing else."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from squeezenet_lib.errors import UserError
from squeezenet_lib.report import (
    load_metrics,
    markdown,
    pipeline_mermaid,
    replace_marked,
    steps,
    steps_svg,
    summary,
)

ROOT = Path(__file__).resolve().parent.parent
METRICS: dict[str, dict[str, float]] = {
    "train": {"accuracy": 0.8364},
    "prune": {"accuracy": 0.8318, "sparsity": 0.7998},
    "quantize": {"accuracy": 0.8303, "tflite_bytes": 825_000},
    "huffman": {
        "float32_bytes": 2_889_480,
        "sqz_bytes": 230_000,
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


def test_summary_has_accuracy_size_and_ratio_of_each_step() -> None:
    rows = {line[:24].strip(): line[24:].split() for line in summary(METRICS).splitlines()[1:5]}
    assert rows == {
        "float32": ["83.64", "%", "2,889,480", "1.0", "x"],
        "pruned (80 % zeros)": ["83.18", "%", "2,889,480", "1.0", "x"],
        "int8 (.tflite)": ["83.03", "%", "825,000", "3.5", "x"],
        "Huffman-coded (.sqz)": ["83.03", "%", "230,000", "12.6", "x"],
    }


def test_summary_states_bits_against_the_entropy_memory_and_agreement() -> None:
    text = summary(METRICS)
    assert "2.235 bits each, code tables included; Shannon entropy 2.100" in text
    assert "90,000 bytes (TFLM on a 64-bit host: 210,604)" in text
    assert "260,000 bytes of flash, 20,000 of IRAM, 130,000 of DRAM" in text
    assert "bit for bit, on 654 test pictures; the emulated chip on 32" in text


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


def test_picture_is_well_formed_deterministic_and_has_a_point_for_each_step() -> None:
    picture = steps_svg(steps(METRICS))
    assert picture == steps_svg(steps(METRICS))
    circles = ElementTree.fromstring(picture).findall("{http://www.w3.org/2000/svg}circle")
    assert len(circles) == 4
    # Further right is smaller, further down is less accurate.
    x = [float(circle.attrib["cx"]) for circle in circles]
    y = [float(circle.attrib["cy"]) for circle in circles]
    assert x[0] == x[1] < x[2] < x[3] < 720
    assert y[0] < y[1] < y[2] == y[3] < 360


def test_picture_copes_with_a_model_that_is_always_right() -> None:
    metrics = {**METRICS, "train": {"accuracy": 1.0}, "prune": {"accuracy": 1.0, "sparsity": 0.5}}
    assert "float32: 100.00 %" in steps_svg(steps(metrics))


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


def test_marked_place_is_replaced_and_the_rest_kept() -> None:
    document = "a\n<!-- figures -->\nold\n<!-- /figures -->\nz\n"
    once = replace_marked(document, "figures", "new")
    assert once == "a\n<!-- figures -->\nnew\n<!-- /figures -->\nz\n"
    assert replace_marked(once, "figures", "new") == once
    with pytest.raises(ValueError, match="figures"):
        replace_marked("no place", "figures", "new")
