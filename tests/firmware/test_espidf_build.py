"""What runs before PlatformIO builds with ESP-IDF: sources and configuration that come of platformio.ini."""

import configparser
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from elftools.elf.elffile import ELFFile

from tests.support.builder_modules import BUILDER, builder_module
from tests.support.small_firmware import PROJECT, small_model

ENVIRONMENT = "env:esp32cam"


class Board(dict[str, Any]):
    """PlatformIO's board: env.BoardConfig()."""

    def update(self, key: str, value: Any) -> None:  # type: ignore[override]
        self[key] = value


class Environment:
    """As much of SCons's environment as the script touches, with the options of [env:esp32cam]."""

    def __init__(self, build: Path, **options: str) -> None:
        ini = configparser.ConfigParser(interpolation=None)
        ini.read(PROJECT / "platformio.ini", encoding="utf-8")
        self.options = dict(ini["env"]) | dict(ini[ENVIRONMENT])
        self.options |= {"custom_model": str(small_model().sqz), "custom_golden": str(small_model().golden)}
        self.options |= options
        boards = {key: value for key, value in self.options.items() if key.startswith("board_")}
        self.board = Board({key.removeprefix("board_"): value for key, value in boards.items()})
        self.paths = {"$PROJECT_DIR": str(PROJECT), "$BUILD_DIR": str(build)}
        self.objects: dict[str, tuple[str, Any]] = {}
        self.depends: dict[str, list[str]] = {}
        self.program: list[str] = []
        self.includes: list[str] = []
        self.libraries: list[str] = []
        self.cleaning = False

    def subst(self, text: str) -> str:
        return self.paths[text]

    def GetProjectOption(self, name: str) -> str:  # noqa: N802
        return self.options[name]

    def BoardConfig(self) -> Board:  # noqa: N802
        return self.board

    def Object(self, target: str, source: str, **settings: Any) -> str:  # noqa: N802
        self.objects[target] = (source, settings)
        return target

    def Depends(self, target: str, files: list[str]) -> None:  # noqa: N802
        self.depends[target] = files

    def Append(self, PIOBUILDFILES: tuple[str, ...] = (), CPPPATH: tuple[str, ...] = ()) -> None:  # noqa: N802, N803
        self.program += PIOBUILDFILES
        self.includes += CPPPATH

    def GetProjectConfig(self) -> "Environment":  # noqa: N802
        return self

    def set(self, section: str, option: str, value: list[str]) -> None:
        assert section == ENVIRONMENT
        self.libraries += {"lib_deps": value}[option]

    def __getitem__(self, name: str) -> str:
        return {"PIOENV": "esp32cam"}[name]

    def IsCleanTarget(self) -> bool:  # noqa: N802
        return self.cleaning

    def Exit(self, code: int) -> None:  # noqa: N802
        sys.exit(code)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    return tmp_path / "build"


@pytest.fixture
def run(build: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the script with other options."""
    script = BUILDER / "espidf.py"

    def run(cleaning: bool = False, **options: str) -> Environment:
        environment = Environment(build, **options)
        environment.cleaning = cleaning
        builder_module("inputs", monkeypatch)  # forgets what another test imported
        code = compile(script.read_text(encoding="utf-8"), script, "exec")
        exec(code, {"Import": lambda name: None, "env": environment})
        return environment

    return run


@pytest.fixture
def refusal(run: Any, capsys: pytest.CaptureFixture[str]) -> Any:
    def refuse(**options: str) -> str:
        with pytest.raises(SystemExit, match="1"):
            run(**options)
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error: ")
        return line.removeprefix("error: ")

    return refuse


def test_model_and_golden_pictures_become_constants_in_flash(run: Any, build: Path) -> None:
    environment = run(monitor_speed="921600", custom_light="yes")
    target = build / "image_data.o"
    subprocess.run(["xtensa-lx106-elf-gcc", "-c", "-o", target, build / "image_data.S"], check=True)
    with target.open("rb") as file:
        elf = ELFFile(file)
        symbols = {
            symbol.name: symbol["st_value"] for symbol in elf.get_section_by_name(".symtab").iter_symbols()
        }
        names = [section.name for section in elf.iter_sections()]
        files = elf.get_section_by_name(".rodata.image_files").data()
        words = elf.get_section_by_name(".rodata.image_data").data()
    for name, path in (("image_model", small_model().sqz), ("image_golden", small_model().golden)):
        content = path.read_bytes()
        assert files[symbols[name] :].startswith(content)
        assert symbols[name] % 16 == 0
        assert int.from_bytes(words[symbols[f"{name}_bytes"] :][:4], "little") == len(content)
    assert int.from_bytes(words[symbols["image_baud_rate"] :][:4], "little") == 921600
    assert int.from_bytes(words[symbols["image_light"] :][:4], "little") == 1
    assert not [name for name in names if "arena" in name], "ESP-IDF's heap gives the arena"
    assert environment.program == list(environment.objects) == [str(target), str(build / "pins.o")]
    assert environment.depends[str(target)] == [str(small_model().sqz), str(small_model().golden)]


def test_the_board_is_the_one_that_is_asked_for(run: Any, build: Path) -> None:
    environment = run(custom_board="t-camera-v05")
    assert '.board = "t-camera-v05"' in (build / "pins.c").read_text()
    (source, settings) = environment.objects[str(build / "pins.o")]
    assert source == str(build / "pins.c")
    assert (Path(settings["CPPPATH"][0]) / "pins.h").is_file()


def test_cleaning_needs_no_model_and_writes_nothing(run: Any, build: Path) -> None:
    run(cleaning=True, custom_model="nowhere.sqz")
    assert not build.exists()


def test_mistakes_are_one_sentence(refusal: Any, tmp_path: Path) -> None:
    assert "nowhere.sqz does not exist; run `dvc repro`" in refusal(custom_model="nowhere.sqz")
    assert "there is no board 'esp-eye' in" in refusal(custom_board="esp-eye")
    assert "is not a .sqz model; run `dvc repro`" in refusal(custom_model=str(small_model().golden))
    assert "custom_engine is 'keras'" in refusal(custom_engine="keras")


def test_tflm_is_linked_in_the_runtimes_place_with_the_exported_resolver(
    run: Any, refusal: Any, tmp_path: Path
) -> None:
    model, golden = tmp_path / "model.tfl", tmp_path / "golden.bin"
    model.write_bytes(b"TFL1" + small_model().sqz.read_bytes()[4:])
    golden.write_bytes(b"")
    options = {"custom_engine": "tflm", "custom_model": str(model), "custom_golden": str(golden)}
    assert "op_resolver.h does not exist; run `dvc repro tflm-export`" in refusal(**options)
    (tmp_path / "op_resolver.h").write_text("")
    environment = run(**options)
    assert (environment.libraries, environment.includes) == (["tflm_rt"], [str(tmp_path)])
    library = json.loads((PROJECT / "lib/tflm_rt/library.json").read_text(encoding="utf-8"))
    assert library["build"]["libArchive"] is False  # PlatformIO would put that of squeeze_rt before it
    environment = run()
    assert (environment.libraries, environment.includes) == ([], [])


# --- ESP-IDF's configuration ---


@pytest.mark.parametrize(
    ("clock", "mode", "size", "lines"),
    [
        ("40000000L", "dio", "4MB", "FLASHSIZE_4MB FLASHMODE_DIO FLASHFREQ_40M SPIRAM_SPEED_40M"),
        ("80000000L", "dout", "16MB", "FLASHSIZE_16MB FLASHMODE_DOUT FLASHFREQ_80M SPIRAM_SPEED_80M"),
    ],
)
def test_the_flash_is_as_platformio_ini_has_it(
    run: Any, build: Path, clock: str, mode: str, size: str, lines: str
) -> None:
    options = {"board_build.f_flash": clock, "board_build.flash_mode": mode, "board_upload.flash_size": size}
    environment = run(**options)
    written = (build / "sdkconfig.flash").read_text().replace("CONFIG_ESPTOOLPY_", "").replace("CONFIG_", "")
    assert written.replace("=y", "").split() == lines.split()
    assert environment.board["build.esp-idf.sdkconfig_path"] == str(build / "sdkconfig")
    defaults = f"{PROJECT / 'sdkconfig.defaults'};{build / 'sdkconfig.flash'}"
    assert environment.board["build.cmake_extra_args"] == f'"-DSDKCONFIG_DEFAULTS={defaults}"'


@pytest.mark.parametrize(
    ("option", "value"), [("board_build.f_flash", "26000000L"), ("board_build.flash_mode", "qio")]
)
def test_what_psram_cannot_do_is_refused(refusal: Any, option: str, value: str) -> None:
    assert refusal(**{option: value}).startswith("the flash cannot run at ")


def test_a_configuration_lasts_until_its_sources_change(run: Any, build: Path) -> None:
    run()
    (build / "sdkconfig").write_text("made by ESP-IDF")
    run()
    assert (build / "sdkconfig").exists()
    run(**{"board_build.f_flash": "80000000L"})
    assert not (build / "sdkconfig").exists()


def test_the_partition_has_to_fit_the_flash(refusal: Any, tmp_path: Path) -> None:
    assert "does not fit a flash of 2,097,152 bytes" in refusal(**{"board_upload.flash_size": "2MB"})
    table = tmp_path / "none.csv"
    table.write_text("# Name, Type, SubType, Offset, Size\nnvs, data, nvs, 0x9000, 0x6000\n")
    assert "has no partition named factory" in refusal(**{"board_build.partitions": str(table)})


def test_a_model_has_to_fit_the_partition(refusal: Any, tmp_path: Path) -> None:
    large = tmp_path / "large.sqz"
    large.write_bytes(small_model().sqz.read_bytes().ljust(4 << 20, b"\0"))
    assert "does not fit the flash" in refusal(custom_model=str(large))


def test_everything_that_is_fetched_has_one_version() -> None:
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(PROJECT / "platformio.ini", encoding="utf-8")
    assert re.fullmatch(r"platformio/espressif32@\d+\.\d+\.\d+", ini[ENVIRONMENT]["platform"])
    components = yaml.safe_load((PROJECT / "src/idf_component.yml").read_text(encoding="utf-8"))[
        "dependencies"
    ]
    assert set(components) >= {"idf", "espressif/esp32-camera", "espressif/esp-tflite-micro"}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", components[name]) for name in components if name != "idf")
