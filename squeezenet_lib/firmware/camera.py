"""Env esp32cam of esp32_pio: the application on ESP-IDF, as the files that a module's flash gets.

PlatformIO and ESP-IDF write into the project's folder (sdkconfig, managed components), so a copy is built.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from squeezenet_lib.errors import UserError
from squeezenet_lib.firmware.build import PROJECT, SIZES, configuration, run_platformio
from squeezenet_lib.firmware.platform_packages import ENVIRONMENT, core_folder, require_packages
from squeezenet_lib.params.board import PioParams
from squeezenet_lib.sqz.header import SQZ, TFL, read_header

MERGED = "merged.bin"  # all parts, from the flash's beginning
BOOTLOADER_OFFSET, PARTITIONS_OFFSET = 0x1000, 0x8000  # of a classic ESP32
_PARTITION = struct.Struct("<HBBII16sI")  # magic, type, subtype, offset, bytes, name, flags
_PARTITION_MAGIC, _APP = 0x50AA, 0
_RAM = re.compile(r"^RAM:.*\(used (\d+) bytes from (\d+) bytes\)", re.MULTILINE)


@dataclass(frozen=True)
class CameraBuild:
    """Products of one build. sizes: bytes, as in the bare-metal build's size.json; null: unknown."""

    elf: Path
    bootloader: Path
    partitions: Path
    image: Path
    sizes: dict[str, Any]


def build_camera_firmware(
    work: Path, model: Path, golden: Path, settings: PioParams, project: Path = PROJECT
) -> CameraBuild:
    """Build inside the folder `work`, around `model` and `golden`. PlatformIO's tools stay in core_folder().

    Raises UserError: a file is missing or no model of the engine, the tools are neither installed nor to be
    had, the build fails.
    """
    arena_bytes = _arena_bytes(model, settings.engine)
    if not golden.is_file():
        raise UserError(f"{golden} does not exist; run `dvc repro` in the project's folder to make it")
    require_packages(project)
    copy = work.resolve() / "esp32_pio"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns(".pio", "__pycache__", "sdkconfig.esp32*"))
    ini = copy.with_name("platformio.ini")
    ini.write_text(
        configuration(project / "platformio.ini", copy.parent, model, golden, settings, core_folder(project)),
        encoding="utf-8",
    )
    printed = run_platformio(
        ["run", "-d", str(copy), "-c", str(ini), "-e", ENVIRONMENT], copy.parent, "building the firmware"
    )
    folder = copy.parent / "pio" / "build" / ENVIRONMENT
    image, partitions = folder / "firmware.bin", folder / "partitions.bin"
    return CameraBuild(
        elf=folder / "firmware.elf",
        bootloader=folder / "bootloader.bin",
        partitions=partitions,
        image=image,
        sizes=_sizes(printed, image, partitions, arena_bytes),
    )


def _arena_bytes(model: Path, engine: str) -> int:
    kind = TFL if engine == "tflm" else SQZ
    if not model.is_file():
        raise UserError(f"{model} does not exist; run `dvc repro {kind.stage}` to make it")
    return read_header(model.read_bytes(), (kind,)).arena_bytes


def application_partition(partitions: bytes) -> tuple[int, int]:
    """Offset in flash and bytes of the first partition for an application."""
    for at in range(0, len(partitions) - _PARTITION.size + 1, _PARTITION.size):
        magic, kind, _, offset, size, _, _ = _PARTITION.unpack_from(partitions, at)
        if magic == _PARTITION_MAGIC and kind == _APP:
            return offset, size
    raise UserError("the partition table has no place for an application; see esp32_pio's partition table")


def _sizes(printed: str, image: Path, partitions: Path, arena_bytes: int) -> dict[str, Any]:
    """ESP-IDF links code of its own into IRAM and the runtime: these figures would compare with nothing."""
    used, of = map(int, found.groups()) if (found := _RAM.search(printed)) else (None, None)
    content = image.read_bytes()
    limits = {"flash_bytes": application_partition(partitions.read_bytes())[1], "dram_bytes": of}
    return {
        "flash_bytes": len(content),
        "iram_bytes": None,
        "dram_bytes": used,
        "text_bytes": None,
        "arena_bytes": arena_bytes,
        "limits": limits,
        "image_sha256": hashlib.sha256(content).hexdigest(),
        "chip": "esp32",
        "chip_family": "ESP32",
        "image": MERGED,
        "image_offset": 0,
    }


def merged(build: CameraBuild) -> bytes:
    """The flash's content from its beginning, as `esptool merge-bin` puts the parts together."""
    table = build.partitions.read_bytes()
    parts = {
        BOOTLOADER_OFFSET: build.bootloader.read_bytes(),
        PARTITIONS_OFFSET: table,
        application_partition(table)[0]: build.image.read_bytes(),
    }
    flash = b""
    for offset, part in sorted(parts.items()):
        if len(flash) > offset:
            raise UserError(f"the parts of the flash overlap at {offset:#x}; see esp32_pio's partition table")
        flash = flash.ljust(offset, b"\xff") + part
    return flash


def copy_camera_products(build: CameraBuild, folder: Path) -> None:
    """Keep what is flashed and examined. No objects.json: another compiler made these objects."""
    folder.mkdir(parents=True)
    for path in (build.elf, build.bootloader, build.partitions, build.image):
        shutil.copyfile(path, folder / path.name)
    (folder / MERGED).write_bytes(merged(build))
    (folder / SIZES).write_text(json.dumps(build.sizes, indent=2) + "\n", encoding="utf-8")
