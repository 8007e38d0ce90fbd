"""The benchmark: what it counts on three emulated cores, and what it makes of the figures."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from squeezenet_lib.bench import benchmark, cores, published
from squeezenet_lib.bench.benchmark import Result, measure, row
from squeezenet_lib.bench.benchmark import bench as run_bench
from squeezenet_lib.bench.cores import (
    CORES,
    DE212,
    LX106,
    RV32,
    CodeSize,
    build_cores,
    code_size,
    count,
    unwrapped,
)
from squeezenet_lib.bench.models import EIGHT_BIT, FOUR_BIT, Subject, draw, growth_subjects
from squeezenet_lib.bench.peers import TFLM
from squeezenet_lib.bench.plot import plot
from squeezenet_lib.bench.report import layers, markdown, table
from squeezenet_lib.cli.command_line import main
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import FirmwareBuild
from squeezenet_lib.sqz.host_runtime import HostRuntime

LEVELS = Subject(size=32, channels=1, classes=2, sparsity=0.8, levels=FOUR_BIT, width=0.125)
DENSE = Subject(size=33, channels=3, classes=5, sparsity=0.0, levels=EIGHT_BIT, width=0.125)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where PlatformIO builds; once built, an ELF is there for all."""
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def elfs(work: Path) -> dict[str, Path]:
    return build_cores(work)


@pytest.fixture(scope="module", params=[LEVELS, DENSE], ids=["levels", "dense"])
def result(request: pytest.FixtureRequest, elfs: dict[str, Path]) -> Iterator[Result]:
    yield measure(elfs, request.param)


# --- counting ---


def test_all_cores_give_the_scores_of_this_machine(result: Result) -> None:
    (expected,) = HostRuntime(result.model.sqz).run(result.model.picture[np.newaxis])
    assert set(result.counts) == {"lx106", "de212", "rv32"}
    for counted in (*result.counts.values(), result.shared):
        assert np.array_equal(counted.scores, expected)


def test_steps_add_up_to_the_whole(result: Result) -> None:
    for counted in result.counts.values():
        # Each step by itself costs a call more or less.
        assert abs(sum(counted.steps) - counted.instructions) <= 60 * len(counted.steps)
        assert all(step > 0 for step in counted.steps)


def test_counts_repeat_exactly(elfs: dict[str, Path], result: Result) -> None:
    for core, first in result.counts.items():
        second = count(elfs, core, result.model.sqz, result.model.picture)
        assert (second.instructions, second.steps) == (first.instructions, first.steps)
        assert second.stack_bytes == first.stack_bytes


def test_arena_and_stack_are_those_of_the_run(result: Result) -> None:
    for counted in result.counts.values():
        assert counted.arena_bytes == result.model.arena_bytes
        assert 200 < counted.stack_bytes < 4096


def test_a_damaged_model_is_refused_on_every_core(elfs: dict[str, Path], result: Result) -> None:
    damaged = bytearray(result.model.sqz)
    damaged[-5] ^= 1
    for core in CORES:
        with pytest.raises(UserError, match=rf"(?s)on {core} stopped early.*error why="):
            count(elfs, core, bytes(damaged), result.model.picture)


def test_a_core_that_disagrees_with_this_machine_fails_the_benchmark(
    elfs: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Liar(HostRuntime):
        def run(self, images: Any) -> Any:
            return super().run(images) ^ np.int8(1)

    monkeypatch.setattr(benchmark, "HostRuntime", Liar)
    with pytest.raises(UserError, match=r"the lx106 core gives 32x32x1 .* the scores"):
        measure(elfs, LEVELS)


@pytest.mark.parametrize("true", [5, 2**32 - 1, 2**32 + 17, 3 * 2**32 + 1])
def test_a_counter_that_wrapped_is_put_right_by_the_sum_of_the_steps(true: int) -> None:
    for error in (-(10**6), 0, 10**6):
        assert unwrapped(true % 2**32, true + error) == true


def test_a_runtime_other_than_the_shipped_one_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(work: Path, environment: str, model: Path | None, golden: Path | None) -> FirmwareBuild:
        objects = {"squeeze_rt/conv2d.o": environment, "squeeze_rt/mean.o": "same", "src/main.o": environment}
        return FirmwareBuild(work, work, {"text_bytes": 1, "iram_bytes": 2}, objects)

    monkeypatch.setattr(cores, "build_firmware", build)
    with pytest.raises(UserError, match=r"other objects of the runtime .* \(squeeze_rt/conv2d\.o\)"):
        code_size(tmp_path, tmp_path, tmp_path)


# --- models ---


def test_a_subject_gives_the_same_model_each_time() -> None:
    first, second = draw(DENSE), draw(DENSE)
    assert first.sqz == second.sqz
    assert np.array_equal(first.picture, second.picture)
    assert draw(LEVELS).sqz != first.sqz


def test_work_is_that_of_the_models_that_tflm_was_counted_on() -> None:
    model = draw(Subject(96, 1, 2, 0.8, FOUR_BIT))
    assert round(model.macs, -5) == TFLM["96x96x1"].macs
    assert model.nonzero_macs / model.macs == pytest.approx(0.2, abs=0.001)
    assert sum(step.macs > 0 for step in model.work) == 26
    assert all(step.nonzero_macs <= step.macs for step in model.work)


# --- what comes out ---

SIZE = CodeSize(text_bytes=9_000, image_text_bytes=20_000)


def test_a_row_has_the_agreed_keys_and_its_layers_add_up(result: Result) -> None:
    entry = row(result, SIZE)
    agreed = (
        "model sparsity levels macs nonzero_macs instructions arena_bytes stack_bytes text_bytes sqz_bytes"
    )
    assert set(agreed.split()) <= set(entry)
    assert entry["instructions"] == result.counts[LX106].instructions
    assert entry["instructions_de212"] == result.counts[DE212].instructions
    assert entry["instructions_rv32"] == result.counts[RV32].instructions
    for key in ("macs", "nonzero_macs"):
        assert sum(layer[key] for layer in entry["layers"]) == entry[key]
    assert entry["instructions_per_mac"] == pytest.approx(entry["instructions"] / entry["macs"], abs=1e-4)
    assert entry["sqz_bytes"] == len(result.model.sqz)
    two, one = entry["two_cores"], entry["instructions_de212"]
    assert two["of_one"] == pytest.approx(two["instructions_de212"] / one, abs=1e-4)
    assert one / 2 < two["instructions_de212"] < one  # the models are small: not all is shared
    assert two["sqz_bytes"] > entry["sqz_bytes"]
    share = 1 - result.model.subject.sparsity
    assert 15 < entry["decode_per_nonzero"] < 400  # the models are small: most of it goes into code tables
    assert entry["decode_per_weight"] == pytest.approx(share * entry["decode_per_nonzero"], rel=0.02)
    assert result.counts[LX106].decoding < entry["instructions"]


@pytest.fixture(scope="module")
def content(work: Path) -> dict[str, Any]:
    """A whole run on two narrow models."""
    narrow = Subject(48, 1, 2, 0.8, FOUR_BIT, width=0.125)
    return run_bench(work, [narrow], [narrow, LEVELS])


def test_a_whole_run_holds_json_and_compares_with_tflm(content: dict[str, Any]) -> None:
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert [entry["model"] for entry in content["models"]] == ["48x48x1"]
    assert [entry["model"] for entry in content["growth"]] == ["48x48x1", "32x32x1"]
    (entry,) = content["models"]
    assert 4_000 < entry["text_bytes"] <= 20 * 1024
    # The application has a serial link, a display, models into RAM, frames of a camera, a pin that acts,
    # MLPerf's commands, self-tests and a second core by now.
    assert entry["text_bytes"] < entry["image_text_bytes"] <= 50 * 1024
    assert entry["stack_bytes"] < 2048
    (speed,) = content["host"]
    assert speed["images_per_second"] > 0 < speed["tflm_images_per_second"]
    assert "18 %" in content["tflm"]["fairness"]


def test_ctrl_c_leaves_out_what_is_not_begun(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ending, begun = threading.Event(), []

    class Pool(ThreadPoolExecutor):
        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            super().shutdown(wait=False, cancel_futures=cancel_futures)
            ending.set()
            super().shutdown(wait)

    def measured(elfs: object, subject: Subject) -> Any:
        begun.append(subject)
        assert len(begun) == 1 or ending.wait()
        return SimpleNamespace(counts={LX106: SimpleNamespace(instructions=1)})

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(benchmark, "build_cores", lambda _: {})
    monkeypatch.setattr(benchmark, "ThreadPoolExecutor", lambda _: Pool(1))
    monkeypatch.setattr(benchmark, "measure", measured)
    monkeypatch.setattr(benchmark, "print", interrupted, raising=False)
    with pytest.raises(KeyboardInterrupt):
        run_bench(work, [Subject(size, 1, 2, 0.8, FOUR_BIT) for size in (32, 48, 64)], [])
    assert len(begun) <= 2


def test_the_documents_show_the_recorded_benchmark() -> None:
    recorded = json.loads(Path("metrics/bench.json").read_text(encoding="utf-8"))
    assert markdown(recorded) in Path("docs/performance.md").read_text(encoding="utf-8")
    assert published.markdown(recorded) in Path("docs/performance.md").read_text(encoding="utf-8")


def test_published_times_are_divided_by_the_networks_multiplications() -> None:
    side, channels = 48, 8
    macs = side * side * 9 * channels
    blocks = [(1, 16), (2, 32), (1, 32), (2, 64), (1, 64), (2, 128), *[(1, 128)] * 5, (2, 256), (1, 256)]
    for stride, filters in blocks:
        side //= stride
        macs += side * side * (9 * channels + channels * filters)
        channels = filters
    assert macs + 2 * channels == published.PERSON_DETECTION_MACS

    cycles = [round(row.cycles_per_mac, 2) for row in published.MEASURED]
    assert cycles == [12.74, 9.52, 1.81, 0.35]


def test_published_figures_stand_beside_those_of_the_chips_own_core() -> None:
    dense = {"model": "96x96x1", "levels": EIGHT_BIT, "sparsity": 0.0, "macs": 1000}
    counts = {"instructions": 9000, "instructions_de212": 3000, "instructions_rv32": 4000}
    lines = published.table([dense | counts])
    assert [line.split()[-3] for line in lines[1:]] == ["3.00", "4.00", "3.00", "3.00"]
    assert all(line.endswith("not counted") for line in lines[1:])
    assert published.table([dense | counts | {"model": "48x48x1"}]) == []


def test_the_recorded_benchmark_keeps_what_is_promised() -> None:
    """Instructions on each core and bytes of arena, 4-bit levels at 80 % zeros, and dense 8-bit ones."""
    recorded = json.loads(Path("metrics/bench.json").read_text(encoding="utf-8"))
    rows = {(row["model"], row["levels"], row["sparsity"]): row for row in recorded}
    for input_, instructions, arena in (
        ("48x48x1", 15_000_000, 32_768),
        ("96x96x1", 45_000_000, 114_688),
        ("150x150x3", 140_000_000, 286_720),
    ):
        row = rows[input_, FOUR_BIT, 0.8]
        on_each = row["instructions"], row["instructions_de212"], row["instructions_rv32"]
        assert max(on_each) <= instructions
        assert row["instructions_rv32"] <= 1.11 * row["instructions_de212"]
        assert row["arena_bytes"] <= arena
    dense = rows["96x96x1", EIGHT_BIT, 0.0]
    assert dense["instructions"] <= 190_000_000
    assert dense["instructions_rv32"] <= 1.12 * dense["instructions_de212"]


def test_table_shows_the_ratio_to_tflm(content: dict[str, Any]) -> None:
    (entry,) = content["models"]
    (line,) = [line for line in table(content).splitlines() if line.strip().startswith("48x48x1   4-bit")]
    assert f"{entry['instructions']:,}" in line
    assert f"{TFLM['48x48x1'].instructions / entry['instructions']:.1f} x" in line


def test_layers_are_listed_with_their_cost(content: dict[str, Any]) -> None:
    entry = content["models"][0]
    listed = layers(content).splitlines()
    assert len(listed) == 3 + len(entry["layers"])
    for line, layer in zip(listed[3:], entry["layers"], strict=True):
        assert line.startswith(layer["name"])
        assert f" {layer['instructions']:,} " in line


def pretended(content: dict[str, Any], asked: list[Any]) -> Callable[..., dict[str, Any]]:
    def pretend(_: Path, subjects: list[Subject], growth: list[Subject]) -> dict[str, Any]:
        asked.extend([subjects, growth])
        return content

    return pretend


def test_a_chosen_subset_writes_no_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[Any] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(benchmark, "bench", pretended(content, asked))
    assert main(["bench", "--input", "48x48x1", "--sparsity", "0.8", "--levels", "7"]) == 0
    assert asked == [[Subject(48, 1, 2, 0.8, FOUR_BIT)], []]
    assert list(tmp_path.iterdir()) == []
    assert "48x48x1" in capsys.readouterr().out


def test_the_whole_benchmark_leaves_its_figures_and_its_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: dict[str, Any]
) -> None:
    asked: list[Any] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(benchmark, "bench", pretended(content, asked))
    assert main(["bench"]) == 0
    assert len(asked[0]) == 24 and asked[1] == growth_subjects()
    for part, name in (("models", "bench"), ("growth", "bench_growth"), ("host", "bench_host")):
        assert json.loads(Path(f"metrics/{name}.json").read_text()) == content[part]
    assert Path("plots/bench.svg").read_text() == plot(content)
