"""The page's data: what the pipeline made, checked, in a folder that any file server can serve."""

import json
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from squeezenet_lib.container_header import CRC_START
from squeezenet_lib.dataset import Split
from squeezenet_lib.errors import UserError
from squeezenet_lib.site_data import save_samples, write_data
from squeezenet_lib.version import version
from tests.small_firmware import CLASSES, firmware, small_model
from tests.small_site import METRICS, WRONG, make_project, small_site

OUTPUTS = [
    "models/model.tflite",
    "models/model.sqz",
    "build/firmware/firmware.bin",
    "data/raw/provenance.json",
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_project(tmp_path / "project")
    return tmp_path / "project"


def refusal(project: Path) -> str:
    folder = project / "site"
    folder.mkdir()
    with pytest.raises(UserError) as raised:
        write_data(folder, project)
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
    assert story["packages"]["tensorflow"] and story["baud"] == 115200


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


def test_image_and_model_are_there_to_be_fetched() -> None:
    assert (small_site() / "firmware.bin").read_bytes() == firmware("esp32").image.read_bytes()
    assert (small_site() / "model.sqz").read_bytes() == small_model().sqz.read_bytes()


@pytest.mark.parametrize("path", OUTPUTS)
def test_a_missing_output_is_named_with_what_makes_it(project: Path, path: str) -> None:
    (project / path).unlink()
    said = refusal(project)
    assert path in said and said.endswith("run `make demo` first.")


def test_an_image_of_another_run_is_refused(project: Path) -> None:
    with (project / "build/firmware/firmware.bin").open("ab") as image:
        image.write(b"\0")
    assert "firmware.bin is not the image that metrics/pio_build.json tells of" in refusal(project)


def test_a_model_with_other_classes_is_refused(project: Path) -> None:
    (project / "data/processed/classes.json").write_text('["one", "two"]')
    assert "model.sqz has other classes than data/processed" in refusal(project)


def test_an_image_that_the_page_cannot_install_is_refused(project: Path) -> None:
    params = project / "params.yaml"
    params.write_text(params.read_text().replace("env: esp32 ", "env: esp32cam "))
    assert "the image of `env: esp32`, and pio.env is esp32cam" in refusal(project)
