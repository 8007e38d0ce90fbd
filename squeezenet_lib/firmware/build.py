"""Drives PlatformIO: one build of esp32_pio in a folder of its own.

Nothing is written inside esp32_pio, so builds of the pipeline, of tests and of an IDE do not meet.
"""

import configparser
import dataclasses
import hashlib
import json
import os
import shutil
import string
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from squeezenet_lib import interrupts
from squeezenet_lib.errors import UserError, require_room, temporary_folder
from squeezenet_lib.params.board import CameraParams, PioParams
from squeezenet_lib.paths import ROOT
from squeezenet_lib.processes import announced
from squeezenet_lib.sqz.decision import Statistic
from squeezenet_lib.sqz.header import SQZ, TFL, read_header

PROJECT = ROOT / "esp32_pio"
SIZES = "size.json"
_PLAIN = string.ascii_letters + string.digits + " _.-"
# Per env of a chip that in which its code runs on an emulated core.
EMULATED = {"esp32": "qemu", "esp32c3": "qemu_esp32c3", "esp32s3": "qemu_esp32s3", "esp32cam": "qemu"}


@dataclass(frozen=True)
class FirmwareBuild:
    """Products of one build. `image` exists where there is a chip, not for an emulator.

    sizes: content of size.json, bytes. objects: sha256 of the portable objects (src and the libraries but
    lib/board), by name: these do not depend on the board.
    """

    elf: Path
    image: Path
    sizes: dict[str, Any]
    objects: dict[str, str]


def build_firmware(
    work: Path,
    environment: str,
    model: Path | None,
    golden: Path | None,
    settings: PioParams | None = None,
    project: Path = PROJECT,
) -> FirmwareBuild:
    """Build `environment` of `project` inside the folder `work`, around `model` and `golden`.

    Environments of the benchmark take neither.
    settings: how the image sits in flash; without them platformio.ini's own hold. Raises UserError with the
    builder's sentence: a file is missing, a tool is not installed, the model does not fit (with the numbers).
    """
    work = work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    ini = work / "platformio.ini"
    ini.write_text(
        configuration(project / "platformio.ini", work, model, golden, settings, work / "core"),
        encoding="utf-8",
    )
    run_platformio(
        ["run", "-d", str(project), "-c", str(ini), "-e", environment], work, "building the firmware"
    )
    folder = work / "pio" / "build" / environment
    return FirmwareBuild(
        elf=folder / "firmware.elf",
        image=folder / "firmware.bin",
        sizes=json.loads((folder / SIZES).read_text(encoding="utf-8")),
        objects=_portable_objects(folder),
    )


def configuration(
    original: Path,
    work: Path,
    model: Path | None,
    golden: Path | None,
    settings: PioParams | None,
    core: Path,
) -> str:
    """The project's platformio.ini with other inputs, settings and working folders. core: for tools."""
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(original, encoding="utf-8")
    ini["platformio"]["core_dir"] = str(core)
    ini["platformio"]["workspace_dir"] = str(work / "pio")
    ini["env"]["custom_model"] = str(model.resolve()) if model else ""
    ini["env"]["custom_golden"] = str(golden.resolve()) if golden else ""
    ini["env"]["custom_version"] = str((original.parent / ini["env"]["custom_version"]).resolve())
    if settings is not None:
        ini["env"]["monitor_speed"] = str(settings.baud_rate)
        ini["env"]["custom_light"] = "yes" if settings.light else "no"
        ini["env"]["custom_continuous"] = "yes" if settings.continuous else "no"
        ini["env"]["custom_camera"] = _camera(settings.camera)
        ini["env"]["custom_output"] = _output(settings.output)
        chosen = ini[f"env:{settings.env}"]
        chosen["board_build.flash_mode"] = settings.flash_mode
        chosen["board_build.f_flash"] = f"{int(settings.flash_freq.removesuffix('m'))}000000L"
        chosen["board_upload.flash_size"] = settings.flash_size
        if settings.env == "esp32cam":
            chosen["custom_board"] = settings.board
            chosen["custom_engine"] = settings.engine
    lines: list[str] = []
    for section in ini.sections():
        lines += [f"[{section}]", *(f"{key} = {value}" for key, value in ini[section].items()), ""]
    return "\n".join(lines)


def _camera(camera: CameraParams) -> str:
    """As platformio.ini has it."""
    values = dataclasses.asdict(camera).items()
    words = {True: "yes", False: "no"}
    return " ".join(f"{key}={words[v] if isinstance(v, bool) else v}" for key, v in values)


def _output(output: dict[str, Any] | None) -> str:
    """As platformio.ini has it: what would mean something else there is written as in JSON."""
    if output is None:
        return ""
    utf16 = output["class"].encode("utf-16-be")
    units = [int.from_bytes(utf16[at : at + 2], "big") for at in range(0, len(utf16), 2)]
    name = "".join(chr(unit) if chr(unit) in _PLAIN else f"\\u{unit:04x}" for unit in units)
    return f"{output['pin']} {output['active']} {output['hold_ms']} {name}"


def require_output_class(model: Path, output: dict[str, Any] | None) -> None:
    """Raise UserError when the pin that acts waits for something that `model`, a .sqz or .tfl, never says."""
    if output is None:
        return
    header = read_header(model.read_bytes(), (SQZ, TFL))
    name = output["class"]
    if name == "unknown" and (header.decision is None or header.decision.statistic == Statistic.NONE):
        raise UserError("the class of pio.output is unknown, which this model never says; see decide.unknown")
    if name != "unknown" and name not in header.class_names:
        raise UserError(
            f"the class of pio.output is {name!r}; the model's classes are {', '.join(header.class_names)}"
        )


def run_platformio(arguments: list[str], work: Path, doing: str) -> str:
    """Run PlatformIO in `work`; returns what it printed. Raises UserError with the builder's own sentence, or
    with the last lines.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PLATFORMIO_")}
    environment |= {
        "PLATFORMIO_SETTING_ENABLE_TELEMETRY": "no",
        "PLATFORMIO_DISABLE_UPGRADE_CHECK": "true",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # PlatformIO waits for what it has started: that writes into `work`, which the caller may remove.
    with announced(f"PlatformIO, {doing}"):
        done = interrupts.run_to_end(
            [sys.executable, "-m", "platformio", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=work,
        )
    if done.returncode == 0:
        return done.stdout
    require_room(done.stdout + done.stderr, work, temporary_folder())
    for line in done.stderr.splitlines():
        if line.startswith("error: "):
            raise UserError(line.removeprefix("error: "))
    last = " | ".join((done.stdout + done.stderr).strip().splitlines()[-12:])
    raise UserError(f"{doing} failed; PlatformIO's last lines: {last}")


def _portable_objects(folder: Path) -> dict[str, str]:
    portable = ("src/*.o", "lib*/frame/*.o", "lib*/link/*.o", "lib*/squeeze_rt/*.o")
    hashes = {
        f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for pattern in portable
        for path in folder.glob(pattern)
    }
    return dict(sorted(hashes.items()))  # PlatformIO names the folders lib* by a hash of where it builds


def copy_products(build: FirmwareBuild, folder: Path) -> None:
    """Keep what is flashed, examined and compared: ELF, image, size.json and objects.json.

    merged.bin is the flash's content from its beginning, for tools that write nothing but that.
    """
    folder.mkdir(parents=True)
    shutil.copyfile(build.elf, folder / "firmware.elf")
    shutil.copyfile(build.image, folder / "firmware.bin")
    (folder / "merged.bin").write_bytes(b"\xff" * build.sizes["image_offset"] + build.image.read_bytes())
    for name, content in ((SIZES, build.sizes), ("objects.json", build.objects)):
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
