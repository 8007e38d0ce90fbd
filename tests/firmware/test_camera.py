"""Env esp32cam: what is asked of PlatformIO, what is kept of its products, what is said without network.

No toolchain is here: a function that leaves files like PlatformIO's takes its place.
"""

import configparser
import hashlib
import json
import shutil
import socket
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware import camera, platform_packages
from squeezenet_lib.firmware.camera import application_partition, build_camera_firmware, copy_camera_products
from squeezenet_lib.firmware.product import flash_command
from squeezenet_lib.params.sections import PioParams
from tests.support.small_firmware import FAST_SERIAL, ROOT, small_model

SETTINGS = replace(FAST_SERIAL, env="esp32cam", board="t-camera-v05", light=True, flash_size="4MB")
INI = """
[platformio]
default_envs = esp32
[env]
platform = symlink://${PROJECT_DIR}/platform
custom_version = ../pyproject.toml
[env:esp32]
board = esp32
[env:esp32cam]
platform = platformio/espressif32@6.9.0
board = esp32cam
"""
APPLICATION, SIZE = 0x20000, 0x300000
PRINTED = (
    "RAM:   [=         ]  12.3% (used 40321 bytes from 327680 bytes)\nFlash: [==  ]  25.0% (used 1 bytes"
)


def partition(kind: int, offset: int, size: int, name: bytes) -> bytes:
    return struct.pack("<HBBII16sI", 0x50AA, kind, 0, offset, size, name, 0)


TABLE = partition(1, 0x9000, 0x4000, b"nvs") + partition(0, APPLICATION, SIZE, b"factory") + b"\xff" * 32
PRODUCTS = {
    "bootloader.bin": b"\xe9boot" * 500,
    "partitions.bin": TABLE,
    "firmware.bin": b"\xe9image" * 3000,
    "firmware.elf": b"\x7fELF",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "esp32_pio"
    (folder / "src").mkdir(parents=True)
    (folder / "src/main.c").write_text("int main(void);")
    (folder / ".pio/build").mkdir(parents=True)
    (folder / "sdkconfig.esp32cam").write_text("CONFIG_OF_ANOTHER_DAY=y")
    (folder / "platformio.ini").write_text(INI)
    return folder


def install(core: Path, version: str = "6.9.0") -> None:
    for name in ("platforms/espressif32/platform.json", "packages/framework-espidf/package.json"):
        (core / name).parent.mkdir(parents=True)
        (core / name).write_text(json.dumps({"version": version}))
    (core / "packages/toolchain-xtensa-esp-elf").mkdir()
    (core / "packages/toolchain-xtensa-esp-elf/package.json").write_text("{}")


@pytest.fixture
def ran(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[configparser.ConfigParser]:
    """The tools are installed; the platformio.ini of each run."""
    monkeypatch.delenv("PLATFORMIO_CORE_DIR", raising=False)
    install(project / ".pio/core")
    runs: list[configparser.ConfigParser] = []

    def run(arguments: list[str], work: Path, doing: str) -> str:
        ini = configparser.ConfigParser(interpolation=None)
        ini.read(arguments[arguments.index("-c") + 1])
        runs.append(ini)
        copy = Path(arguments[arguments.index("-d") + 1])
        assert {path.name for path in copy.iterdir()} == {"src", "platformio.ini"}
        folder = Path(ini["platformio"]["workspace_dir"]) / "build" / arguments[-1]
        folder.mkdir(parents=True)
        for name, content in PRODUCTS.items():
            (folder / name).write_bytes(content)
        return PRINTED

    monkeypatch.setattr(camera, "run_platformio", run)
    return runs


def build(project: Path, settings: PioParams = SETTINGS) -> camera.CameraBuild:
    model = small_model()
    return build_camera_firmware(project.parent / "work", model.sqz, model.golden, settings, project)


def test_platformio_gets_model_settings_and_a_core_folder_that_stays(
    project: Path, ran: list[configparser.ConfigParser]
) -> None:
    build(project)
    (ini,) = ran
    assert ini["platformio"]["core_dir"] == str(project / ".pio/core")
    shared, camera = ini["env"], ini["env:esp32cam"]
    assert shared["custom_model"] == str(small_model().sqz)
    assert shared["custom_version"] == str(project.parent / "pyproject.toml")
    assert (shared["monitor_speed"], shared["custom_light"], shared["custom_continuous"]) == (
        "921600",
        "yes",
        "no",
    )
    assert (camera["custom_board"], camera["custom_engine"]) == ("t-camera-v05", "squeeze_rt")
    assert (camera["board_build.f_flash"], camera["board_upload.flash_size"]) == ("40000000L", "4MB")
    assert "board_upload.flash_size" not in ini["env:esp32"]


def test_the_core_folder_may_be_shared(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", "/somewhere/else")
    assert platform_packages.core_folder(project) == Path("/somewhere/else")


def test_products_are_kept_and_merged_as_esptool_does(
    project: Path, ran: list[configparser.ConfigParser]
) -> None:
    folder = project.parent / "firmware"
    copy_camera_products(build(project), folder)
    assert {path.name for path in folder.iterdir()} == {*PRODUCTS, "merged.bin", "size.json"}
    parts = ("0x1000", "bootloader.bin", "0x8000", "partitions.bin", hex(APPLICATION), "firmware.bin")
    subprocess.run(
        [sys.executable, "-m", "esptool", "--chip", "esp32", "merge-bin", "-o", "by_esptool", *parts],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    assert (folder / "merged.bin").read_bytes() == (folder / "by_esptool").read_bytes()
    assert flash_command(folder).endswith(f"write-flash 0x0 {folder}/merged.bin")


def test_sizes_are_what_platformio_tells_and_null_where_it_does_not(
    project: Path, ran: list[configparser.ConfigParser]
) -> None:
    image = PRODUCTS["firmware.bin"]
    assert build(project).sizes == {
        "flash_bytes": len(image),
        "iram_bytes": None,
        "dram_bytes": 40321,
        "text_bytes": None,
        "arena_bytes": 3952,
        "limits": {"flash_bytes": SIZE, "dram_bytes": 327680},
        "image_sha256": hashlib.sha256(image).hexdigest(),
        "chip": "esp32",
        "chip_family": "ESP32",
        "image": "merged.bin",
        "image_offset": 0,
    }


def test_a_partition_table_without_an_application_is_refused() -> None:
    with pytest.raises(UserError, match="no place for an application"):
        application_partition(partition(1, 0x9000, 0x4000, b"nvs") + b"\xff" * 64)


def test_parts_that_overlap_are_refused(
    project: Path, ran: list[configparser.ConfigParser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRODUCTS, "bootloader.bin", bytes(0x7001))
    with pytest.raises(UserError, match="overlap at 0x8000"):
        camera.merged(build(project))


@pytest.mark.parametrize(
    ("engine", "words"), [("tflm", r"no \.tfl file.*dvc repro tflm-export"), ("squeeze_rt", "")]
)
def test_each_engine_takes_its_own_model(
    project: Path, ran: list[configparser.ConfigParser], engine: str, words: str
) -> None:
    if not words:
        build(project, replace(SETTINGS, engine=engine))
        return
    with pytest.raises(UserError, match=words):
        build(project, replace(SETTINGS, engine=engine))


# --- without a network ---


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every connection is refused: a proxy's port on this machine at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    monkeypatch.delenv("PLATFORMIO_CORE_DIR", raising=False)


@pytest.mark.parametrize("version", [None, "6.8.0"])
@pytest.mark.usefixtures("offline")
def test_missing_tools_are_named_with_how_to_get_them(project: Path, version: str | None) -> None:
    if version:
        install(project / ".pio/core", version)
    with pytest.raises(UserError) as refused:
        build(project)
    message = str(refused.value)
    assert "\n" not in message
    for words in (
        "platformio/espressif32@6.9.0",
        str(project / ".pio/core"),
        "be online once",
        "pio pkg install -d esp32_pio -e esp32cam",
    ):
        assert words in message


@pytest.mark.usefixtures("offline")
def test_installed_tools_need_no_network(project: Path, ran: list[configparser.ConfigParser]) -> None:
    build(project)
    assert len(ran) == 1


@pytest.mark.parametrize(("status", "ok"), [(200, True), (403, False)])
def test_a_registry_that_answers_is_left_to_platformio(
    project: Path, monkeypatch: pytest.MonkeyPatch, status: int, ok: bool
) -> None:
    class Answer:
        def __init__(self) -> None:
            self.ok = status < 400

    asked: list[str] = []
    monkeypatch.delenv("PLATFORMIO_CORE_DIR", raising=False)
    monkeypatch.setattr(platform_packages.requests, "get", lambda url, timeout: asked.append(url) or Answer())
    if ok:
        platform_packages.require_packages(project)
    else:
        with pytest.raises(UserError):
            platform_packages.require_packages(project)
    assert asked[0].endswith("/platform/espressif32")


@pytest.mark.usefixtures("offline")
def test_the_stage_fails_with_one_sentence_and_leaves_the_earlier_build(project: Path) -> None:
    """As DVC runs it, in a copy of the project's code."""
    folder = project.parent
    for name in ("squeezenet_lib", "stages"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    params = (ROOT / "params.yaml").read_text().replace("env: esp32 ", "env: esp32cam ")
    (folder / "params.yaml").write_text(params)
    for name, content in (
        ("models/model.sqz", small_model().sqz.read_bytes()),
        ("build/tflm/golden.bin", small_model().golden.read_bytes()),
        ("build/firmware/firmware.bin", b"earlier"),
        ("metrics/pio_build.json", b"{}\n"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = subprocess.run(
        [sys.executable, "-B", "-m", "stages.pio_build"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: env esp32cam needs PlatformIO's platform")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
