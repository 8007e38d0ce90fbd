"""The page's data: what the pipeline made, checked, in a folder that any file server can serve."""

import dataclasses
import hashlib
import json
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.dataset.arrays import Split
from squeezenet_lib.errors import UserError
from squeezenet_lib.outputs import write_table
from squeezenet_lib.ranking import UNKNOWN
from squeezenet_lib.site.data import save_samples, write_data
from squeezenet_lib.sqz.container import read_sqz, write_sqz
from squeezenet_lib.sqz.decision import Decision, Statistic, decide, decide_one, from_json
from squeezenet_lib.sqz.header import CRC_START
from squeezenet_lib.version import version
from tests.support.small_firmware import CLASSES, FAST_SERIAL, firmware, small_model
from tests.support.small_site import CHIPS, METRICS, NOTICE, WRONG, make_project, small_site

OUTPUTS = [
    "models/model.tflite",
    "models/model.sqz",
    "build/firmware/firmware.bin",
    "data/raw/provenance.json",
    "models/imagenet/provenance.json",
    "models/imagenet/LICENSE.txt",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_project(tmp_path / "project")
    return tmp_path / "project"


def refusal(project: Path, *chips: str) -> str:
    folder = project / "site"
    folder.mkdir()
    with pytest.raises(UserError) as raised:
        write_data(folder, project, chips)
    return str(raised.value)


def test_the_story_is_that_of_the_outputs() -> None:
    story = json.loads((small_site() / "story.json").read_text())
    sqz = small_model().sqz.read_bytes()
    assert (story["version"], story["classes"]) == (version(), list(CLASSES))
    assert story["input"] == {"height": 32, "width": 32, "channels": 1, "standardise": False}
    assert story["path"][-1] == {"name": "Huffman-coded (.sqz)", "accuracy": 0.75, "bytes": 5000}
    assert story["model"] == {"bytes": len(sqz), "crc32": zlib.crc32(sqz[CRC_START:])}
    assert np.sum(story["confusion"]) == story["pictures"] == len(small_model().images)
    assert story["instructions"] == METRICS["emulate"]["instructions"]
    assert story["params"]["preprocess"]["test_share"] == 0.25
    assert story["provenance"] == {"licence": "CC BY 4.0", "citation": "Somebody, Blots, 2026."}
    assert story["weights"] == {
        "licence": "BSD",
        "citation": "Others, Weights, 2016.",
        "notice": "weights-license.txt",
    }
    assert (small_site() / "weights-license.txt").read_text() == NOTICE
    assert story["advice"][0].keys() == {"key", "pattern", "sentence"}
    assert story["packages"]["tensorflow"] and story["baud"] == FAST_SERIAL.baud_rate


def test_without_the_decide_stage_the_highest_score_decides_and_nothing_is_to_choose() -> None:
    story = json.loads((small_site() / "story.json").read_text())
    assert (story["decision"], story["choice"], story["unknown"]) == (None, None, None)


def test_how_it_decides_and_what_else_may_be_chosen_is_told(project: Path) -> None:
    decision = Decision(1, -40, Statistic.MARGIN, 60)
    program = read_sqz(small_model().sqz.read_bytes())
    header = dataclasses.replace(program.header, decision=decision)
    sqz, _ = write_sqz(dataclasses.replace(program, header=header))
    (project / "models/model.sqz").write_bytes(sqz)
    (project / "models/decision.json").write_text('{"curve_of": "intact"}')
    rows = [{"recall": 1.0, "precision": 0.25, "probability": 0.5}]
    for split in ("validation", "test"):
        write_table(project / f"plots/decide/precision_recall_{split}.csv", rows)
    (project / "site").mkdir()
    write_data(project / "site", project)
    story = json.loads((project / "site/story.json").read_text())
    assert from_json(story["decision"]) == decision
    assert story["choice"] == {"class": "intact", "validation": rows, "test": rows}
    labels = np.load(project / "data/processed/test_labels.npy")
    answers = decide(decision, small_model().expected)
    assert story["unknown"] == [int(((answers == UNKNOWN) & (labels == c)).sum()) for c in (0, 1)]
    assert sum(story["unknown"]) > 0
    assert np.sum(story["confusion"]) + sum(story["unknown"]) == story["pictures"]
    wrong = [sample for sample in story["wrong"] if sample["label"] == decide_one(decision, sample["scores"])]
    assert not wrong


def test_samples_are_finished_network_inputs_with_the_reference_s_scores() -> None:
    story = json.loads((small_site() / "story.json").read_text())
    assert (len(story["right"]), len(story["wrong"])) == (len(small_model().images) - WRONG, WRONG)
    for sample in story["right"] + story["wrong"]:
        index = int(Path(sample["picture"]).stem)
        assert sample["scores"] == small_model().expected[index].tolist()
        pixels = np.asarray(Image.open(small_site() / sample["picture"]))
        assert np.array_equal(pixels, small_model().images[index, :, :, 0])
    assert all(sample["label"] != int(np.argmax(sample["scores"])) for sample in story["wrong"])


def test_pictures_in_colour_keep_their_bytes(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 30, 30, 3), np.uint8)
    split = Split(images, np.array([0, 1]), np.eye(2, dtype=np.float32))
    save_samples(tmp_path, split, np.zeros((2, 2), np.int8), [1])
    assert np.array_equal(np.asarray(Image.open(tmp_path / "pictures/1.png")), images[1])


def test_images_and_model_are_there_to_be_fetched() -> None:
    images = json.loads((small_site() / "story.json").read_text())["firmware"]
    assert [image["family"] for image in images] == ["ESP32", "ESP32-C3", "ESP32-S3"]
    for env, image in zip(CHIPS, images, strict=True):
        content = (small_site() / image["file"]).read_bytes()
        assert content == firmware(env).image.read_bytes(), "it was built in another way than by the stage"
        assert (image["bytes"], image["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert (small_site() / "model.sqz").read_bytes() == small_model().sqz.read_bytes()


@pytest.mark.parametrize("path", OUTPUTS)
def test_a_missing_output_is_named_with_what_makes_it(project: Path, path: str) -> None:
    (project / path).unlink()
    said = refusal(project)
    assert path in said and said.endswith("run `make demo` first.")


def test_a_network_of_random_weights_owes_nobody_a_notice(project: Path) -> None:
    (project / "models/imagenet/provenance.json").write_text("{}")
    (project / "models/imagenet/LICENSE.txt").unlink()
    (project / "site").mkdir()
    write_data(project / "site", project)
    assert json.loads((project / "site/story.json").read_text())["weights"] is None
    assert not (project / "site/weights-license.txt").exists()


def test_an_image_of_another_run_is_refused(project: Path) -> None:
    with (project / "build/firmware/firmware.bin").open("ab") as image:
        image.write(b"\0")
    assert "firmware.bin is not the image that metrics/pio_build.json tells of" in refusal(project)


def test_a_model_with_other_classes_is_refused(project: Path) -> None:
    (project / "data/processed/classes.json").write_text('["one", "two"]')
    assert "model.sqz has other classes than data/processed" in refusal(project)


def test_without_a_choice_the_page_installs_what_was_built(project: Path) -> None:
    (project / "site").mkdir()
    write_data(project / "site", project)
    assert builds(project / "site") == [("ESP32", "firmware-esp32.bin", 0x1000)]
    assert not (project / "site/firmware-esp32c3.bin").exists()


@pytest.mark.full
def test_another_chip_than_the_one_that_was_built_may_be_the_only_one(project: Path) -> None:
    (project / "site").mkdir()
    write_data(project / "site", project, ("esp32c3", "esp32c3"))
    assert builds(project / "site") == [("ESP32-C3", "firmware-esp32c3.bin", 0)]


def builds(site: Path) -> list[tuple[str, str, int]]:
    manifest = json.loads((site / "manifest.json").read_text())
    return [
        (build["chipFamily"], part["path"], part["offset"])
        for build in manifest["builds"]
        for part in build["parts"]
    ]


def test_what_the_page_cannot_install_is_refused(project: Path) -> None:
    """The camera's firmware has a bootloader and a partition table of its own."""
    params = project / "params.yaml"
    params.write_text(params.read_text().replace("env: esp32 ", "env: esp32cam "))
    said = refusal(project)
    assert said.startswith("the page installs bare-metal images, of env esp32, esp32c3")
    assert "none of env esp32cam: choose with CHIPS= of `make site`" in said


def test_an_unknown_chip_is_named(project: Path) -> None:
    assert "none of env esp8266: choose with" in refusal(project, "esp32", "esp8266")
