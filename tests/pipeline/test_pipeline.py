"""The whole pipeline as a user runs it: `dvc repro` on own pictures in a copy of the project, in small."""

import json
import re
import shutil
import sys

import pytest
import yaml

from squeezenet_lib.paths import ROOT
from tests.pipeline.project import DVC, Project, attempt, printed, stages_run
from tests.pipeline.small_project import CORRUPT, PER_CLASS, SPARSITY
from tests.pipeline.synthetic_pictures import CLASSES


def test_every_stage_ran_once(project: Project) -> None:
    ran = stages_run(project.log)
    assert sorted(ran) == sorted(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])


def test_the_broken_picture_is_reported_and_the_others_are_split(project: Project) -> None:
    report = json.loads((project.folder / "data/processed/report.json").read_text())
    assert report["unreadable"] == [CORRUPT]
    assert sum(sum(split.values()) for split in report["pictures"].values()) == 2 * PER_CLASS
    assert json.loads((project.folder / "data/processed/classes.json").read_text()) == list(CLASSES)


def test_accuracy_in_the_metrics_is_that_of_the_confusion_matrix(project: Project) -> None:
    for stage in ("train", "prune", "quantize"):
        rows = (project.folder / f"plots/{stage}/confusion.csv").read_text().splitlines()[1:]
        correct = [actual == predicted for actual, predicted in (row.split(",") for row in rows)]
        assert project.metrics(stage)["accuracy"] == pytest.approx(sum(correct) / len(correct))


def test_every_copy_of_the_network_says_the_same(project: Project) -> None:
    test_pictures = 2 * PER_CLASS // 4
    assert project.metrics("tflm_export")["pictures"] == test_pictures
    assert project.metrics("tflm_export")["agreement"] == 1.0
    assert project.metrics("emulate")["agreement"] == 1.0
    assert project.metrics("emulate")["accuracy"] == pytest.approx(project.metrics("quantize")["accuracy"])


def test_sizes_in_the_metrics_are_those_of_the_files(project: Project) -> None:
    assert (
        project.metrics("quantize")["tflite_bytes"] == (project.folder / "models/model.tflite").stat().st_size
    )
    huffman = project.metrics("huffman")
    assert huffman["sqz_bytes"] == (project.folder / "models/model.sqz").stat().st_size
    assert huffman["ratio"] == pytest.approx(huffman["float32_bytes"] / huffman["sqz_bytes"])
    assert huffman["bits_per_weight"] >= huffman["entropy_bits_per_weight"]
    assert (project.folder / "build/firmware/firmware.bin").stat().st_size > huffman["sqz_bytes"]


def test_nothing_that_git_should_not_have_is_committed(project: Project) -> None:
    tracked = project.git("ls-files").split()
    assert "dvc.lock" in tracked and "metrics/train.json" in tracked
    assert not [name for name in tracked if name.startswith(("data/", "models/", "build/"))]
    assert project.git("status", "--porcelain") == ""


def test_summary_ends_with_the_command_that_flashes(project: Project) -> None:
    assert f"{project.metrics('huffman')['sqz_bytes']:,}" in project.summary
    last = project.summary.splitlines()[-1]
    assert last.endswith("write-flash 0x1000 build/firmware/firmware.bin")


def test_a_second_run_does_nothing(project: Project) -> None:
    assert stages_run(project.dvc("repro")) == []
    assert "up to date" in project.dvc("status")


def test_pictures_are_classified_on_the_host_by_their_path(project: Project) -> None:
    pictures = ["pictures/grain/0001.png", "pictures/waves/0002.png"]
    lines = printed(project.folder, sys.executable, "-m", "squeezenet_lib", "predict", *pictures).splitlines()
    assert [line.split(":")[0] for line in lines] == pictures
    assert all(set(re.findall(r"grain|waves", line.split(":")[1])) == set(CLASSES) for line in lines)


def test_curves_and_confusion_matrix_can_be_shown(project: Project) -> None:
    project.dvc("plots", "show", "-o", "page")
    page = (project.folder / "page/index.html").read_text()
    shown = re.findall(r"vegaEmbed\('#(\w+)'", page)
    assert shown[:7] == [
        "training_loss",
        "training_accuracy",
        "confusion_of_the_float_model",
        "right_answers_over_their_probability",
        "precision_over_recall",
        "accuracy_over_coverage",
        "accuracy_over_size",
    ]
    assert {"plots_prune_confusion_csv", "plots_quantize_confusion_csv"} < set(shown)
    shutil.rmtree(project.folder / "page")


@pytest.mark.parametrize(
    ("section", "key", "value", "stage"),
    [("prune", "sparsity", 0.5, "prune"), ("pio", "flash_freq", "80m", "pio-build")],
)
def test_a_param_concerns_the_stage_that_reads_it_only(
    project: Project, section: str, key: str, value: object, stage: str
) -> None:
    params = project.params()
    params[section][key] = value
    project.write_params(params)

    changed = json.loads(project.dvc("params", "diff", "--json"))["params.yaml"]
    assert list(changed) == [f"{section}.{key}"]
    assert list(json.loads(project.dvc("status", "--json"))) == [stage]

    project.git("checkout", "-q", ".")
    assert "up to date" in project.dvc("status")


@pytest.mark.full
def test_a_param_of_the_build_reruns_the_build_and_the_emulation_only(project: Project) -> None:
    params = project.params()
    params["pio"]["flash_freq"] = "80m"
    project.write_params(params)

    changed = json.loads(project.dvc("params", "diff", "--json"))["params.yaml"]
    assert list(changed) == ["pio.flash_freq"]
    assert stages_run(project.dvc("repro")) == ["pio-build", "emulate"]
    assert "metrics/pio_build.json" in json.loads(project.dvc("metrics", "diff", "--json"))

    project.git("checkout", "-q", ".")
    project.dvc("checkout")
    assert "up to date" in project.dvc("status")


def test_without_a_network_the_camera_s_env_is_refused_and_the_firmware_stays(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")  # nobody listens there
    monkeypatch.delenv("PLATFORMIO_CORE_DIR", raising=False)
    kept = [project.folder / name for name in ("build/firmware/firmware.bin", "metrics/pio_build.json")]
    before = [path.read_bytes() for path in kept]
    params = project.params()
    params["pio"]["env"] = "esp32cam"
    project.write_params(params)

    done = attempt(project.folder, *DVC, "repro")
    assert done.returncode != 0
    assert "error: env esp32cam needs PlatformIO's platform" in done.stdout
    assert "`pio pkg install -d esp32_pio -e esp32cam`" in done.stdout
    assert [path.read_bytes() for path in kept] == before

    project.git("checkout", "-q", ".")
    project.dvc("checkout")
    assert "up to date" in project.dvc("status")


@pytest.mark.full
def test_an_experiment_with_less_sparsity_starts_at_prune(project: Project) -> None:
    log = project.dvc("exp", "run", "-n", "denser", "-S", "prune.sparsity=0.5")
    assert stages_run(log)[0] == "prune"
    assert "train" not in stages_run(log)

    changed = json.loads(project.dvc("metrics", "diff", "--json"))
    sparsity = changed["metrics/prune.json"]["sparsity"]
    assert sparsity["old"] > 0.7 and sparsity["new"] < 0.6
    assert changed["metrics/huffman.json"]["sqz_bytes"]["diff"] > 0
    assert "denser" in project.dvc("exp", "show")


@pytest.mark.full
def test_an_experiment_takes_from_the_run_cache_what_an_earlier_one_computed(project: Project) -> None:
    """After the experiment with less sparsity. Of the first run's stages only the build runs again, whose
    outputs persist and so are no matter for the run cache; it makes the same bytes."""
    assert project.params()["prune"]["sparsity"] == 0.5
    log = project.dvc("exp", "run", "-n", "back", "-S", f"prune.sparsity={SPARSITY}")
    assert stages_run(log) == ["pio-build"]
    assert "Stage 'emulate' is cached - skipping run" in log
    assert "Stage 'prune' is cached - skipping run" in log
    assert project.metrics("prune")["sparsity"] > 0.7


def test_the_small_network_started_from_random_weights_without_a_network(project: Project) -> None:
    """Of its width there are none of ImageNet's, which params.yaml asks for."""
    assert project.params()["train"]["init_from"] == "imagenet"
    assert [path.name for path in (project.folder / "models/imagenet").iterdir()] == ["provenance.json"]
    assert "starts from random weights in all layers: imagenet has those of width 1.0 only" in project.log
    assert project.metrics("train")["start"] == "random"


@pytest.mark.full
def test_an_experiment_starts_from_the_weights_of_an_earlier_training(project: Project) -> None:
    curve = project.folder / "plots/train/plots/metrics/train/loss.tsv"
    first_loss = float(curve.read_text().split()[3])
    shutil.copy(project.folder / "models/float.keras", project.folder / "weights/earlier.keras")
    project.git("add", "weights")
    changes = ("train.init_from=earlier.keras", "train.epochs=1", "train.warmup_epochs=0")
    log = project.dvc("exp", "run", "-n", "warm", *(word for c in changes for word in ("-S", c)), "train")
    assert stages_run(log) == ["weights", "train"]
    assert "starts from earlier.keras's weights; learning rate up to 0.001" in log
    assert float(curve.read_text().split()[3]) < first_loss
    lock = yaml.safe_load((project.folder / "dvc.lock").read_text())
    assert "weights/earlier.keras" in [dep["path"] for dep in lock["stages"]["train"]["deps"]]
