"""The pio-build and emulate stages, in a folder that holds what the stages before them leave."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.dataset.arrays import Split, save_split
from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import require_output_class
from stages import emulate, pio_build
from tests.support.random_network import random_network
from tests.support.small_firmware import ROOT, small_model


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline's folder after pio-build."""
    folder = tmp_path_factory.mktemp("pipeline")
    model = small_model()
    for name, content in (
        ("models/model.tflite", model.tflite),
        ("models/model.sqz", model.sqz.read_bytes()),
        ("build/tflm/golden.bin", model.golden.read_bytes()),
        ("params.yaml", (ROOT / "params.yaml").read_bytes().replace(b"pictures: 32", b"pictures: 5")),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    processed = folder / "data/processed"
    processed.mkdir(parents=True)
    labels = model.expected.argmax(axis=1)
    labels[0] ^= 1
    save_split(processed, "test", Split(model.images, labels, np.eye(2, dtype=np.float32)[labels]))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        pio_build.main()
    return folder


@pytest.fixture
def pipeline(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to work in."""
    folder = tmp_path / "pipeline"
    shutil.copytree(built, folder)
    monkeypatch.chdir(folder)
    return folder


def test_pio_build_leaves_image_elf_and_figures(built: Path) -> None:
    firmware = built / "build/firmware"
    names = {"firmware.bin", "firmware.elf", "merged.bin", "objects.json", "size.json"}
    assert {path.name for path in firmware.iterdir()} == names
    image, merged = ((firmware / name).read_bytes() for name in ("firmware.bin", "merged.bin"))
    assert merged == b"\xff" * 0x1000 + image
    metrics = json.loads((built / "metrics/pio_build.json").read_text())
    keys = ["flash_bytes", "iram_bytes", "dram_bytes", "text_bytes", "limits", "image_sha256"]
    assert list(metrics) == keys
    assert metrics["flash_bytes"] == (firmware / "firmware.bin").stat().st_size
    assert all(metrics[key] <= metrics["limits"][key] for key in ("flash_bytes", "iram_bytes", "dram_bytes"))


def test_pio_build_says_how_to_flash(pipeline: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (pipeline / "build/firmware/firmware.bin").read_bytes()
    pio_build.main()
    assert "write-flash 0x1000 build/firmware/firmware.bin" in capsys.readouterr().out
    assert (pipeline / "build/firmware/firmware.bin").read_bytes() == before


def test_a_build_that_fails_leaves_the_earlier_one(pipeline: Path) -> None:
    before = (pipeline / "build/firmware/firmware.bin").read_bytes()
    (pipeline / "models/model.sqz").unlink()
    with pytest.raises(UserError, match="does not exist"):
        pio_build.main()
    assert (pipeline / "build/firmware/firmware.bin").read_bytes() == before


def test_emulate_compares_everything_and_counts(pipeline: Path) -> None:
    emulate.main()
    metrics = json.loads((pipeline / "metrics/emulate.json").read_text())
    assert metrics["pictures"] == 12
    assert metrics["emulated_pictures"] == 5
    assert metrics["agreement"] == 1.0
    assert metrics["accuracy"] == pytest.approx(11 / 12)
    assert metrics["instructions"] > 50_000
    assert metrics["arena_bytes"] > 1024
    assert 200 < metrics["stack_bytes"] < 4096
    assert metrics["identical_objects"] == len(json.loads(Path("build/firmware/objects.json").read_text()))


def test_a_pin_that_waits_for_a_class_that_never_comes_is_refused(pipeline: Path) -> None:
    settings = {"pin": 27, "active": "high", "hold_ms": 5}
    for name, why in (
        ("cat", r"the class of pio\.output is 'cat'; the model's classes are functional, rather defective"),
        ("unknown", r"the class of pio\.output is unknown, which this model never says"),
    ):
        with pytest.raises(UserError, match=why):
            require_output_class(Path("models/model.sqz"), {**settings, "class": name})
    require_output_class(Path("models/model.sqz"), {**settings, "class": "rather defective"})


def test_emulate_fails_when_the_reference_says_otherwise(pipeline: Path) -> None:
    Path("models/model.tflite").write_bytes(random_network(seed=1).tflite)
    with pytest.raises(UserError, match=r"runtime on this machine disagrees .* of 12 pictures; picture \d"):
        emulate.main()


def test_emulate_fails_when_the_image_holds_other_code(pipeline: Path) -> None:
    objects = json.loads(Path("build/firmware/objects.json").read_text())
    Path("build/firmware/objects.json").write_text(json.dumps(objects | {"src/serve.o": "0" * 64}))
    with pytest.raises(UserError, match=r"other code .*src/serve\.o.*pio-build"):
        emulate.main()


def test_what_another_compiler_made_is_not_compared(pipeline: Path) -> None:
    params = Path("params.yaml").read_text()
    Path("params.yaml").write_text(params.replace("env: esp32 ", "env: esp32cam "))
    Path("build/firmware/objects.json").unlink()
    emulate.main()
    metrics = json.loads(Path("metrics/emulate.json").read_text())
    assert metrics["identical_objects"] == 0
    assert metrics["agreement"] == 1.0


@pytest.mark.parametrize(
    ("chip", "family"), [("esp32c3", "ESP32-C3"), pytest.param("esp32s3", "ESP32-S3", marks=pytest.mark.full)]
)
def test_another_chip_is_built_and_emulated_in_the_same_way(
    pipeline: Path, capsys: pytest.CaptureFixture[str], chip: str, family: str
) -> None:
    params = Path("params.yaml").read_text()
    Path("params.yaml").write_text(params.replace("env: esp32 ", f"env: {chip} "))
    pio_build.main()
    assert f"--chip {chip} --port PORT write-flash 0x0 build/firmware/firmware.bin" in capsys.readouterr().out
    sizes = json.loads(Path("build/firmware/size.json").read_text())
    assert (sizes["chip"], sizes["chip_family"], sizes["image_offset"]) == (chip, family, 0)
    emulate.main()
    metrics = json.loads(Path("metrics/emulate.json").read_text())
    assert (metrics["pictures"], metrics["emulated_pictures"], metrics["agreement"]) == (12, 5, 1.0)
    assert metrics["identical_objects"] == len(json.loads(Path("build/firmware/objects.json").read_text()))


def test_pictures_are_taken_from_the_whole_split() -> None:
    assert emulate.spread(100, 4).tolist() == [0, 33, 66, 99]
    assert emulate.spread(3, 3).tolist() == [0, 1, 2]
