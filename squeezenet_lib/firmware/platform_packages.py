"""What env esp32cam needs and pip does not bring: PlatformIO's platform espressif32, ESP-IDF, its compiler.

PlatformIO fetches them from its registry into its core folder, once. Without a network it would try for
minutes and end with an empty message, so that is found out before.
"""

from __future__ import annotations

import configparser
import json
import os
from contextlib import suppress
from pathlib import Path

import platformio
import requests

from squeezenet_lib.errors import UserError
from squeezenet_lib.interrupts import OverdueError, limited
from squeezenet_lib.processes import announced

ENVIRONMENT = "esp32cam"
PACKAGES = ("framework-espidf", "toolchain-xtensa-esp")  # starts of their folders' names
_TIMEOUT = 4.0  # seconds, to connect and for each piece of the answer
_LIMIT = 15.0  # for all hosts


def core_folder(project: Path) -> Path:
    """Where about 1 GB of tools stays between builds: PLATFORMIO_CORE_DIR, or a folder of the project."""
    return Path(os.environ.get("PLATFORMIO_CORE_DIR") or project / ".pio" / "core").resolve()


def require_packages(project: Path) -> None:
    """Raise UserError when the tools are not installed and the registry cannot be reached."""
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(project / "platformio.ini", encoding="utf-8")
    platform = ini[f"env:{ENVIRONMENT}"]["platform"]
    if not _installed(core_folder(project), platform) and not _registry_answers(platform):
        raise UserError(
            f"env {ENVIRONMENT} needs PlatformIO's platform {platform} with ESP-IDF, which is not in "
            f"{core_folder(project)}, and PlatformIO's registry cannot be reached: be online once, for "
            f"`pio pkg install -d esp32_pio -e {ENVIRONMENT}`, or set pio.env to esp32 in params.yaml"
        )


def _installed(core: Path, platform: str) -> bool:
    """Whether `core` has this very version and the packages that it builds with."""
    name, _, version = platform.rpartition("/")[2].partition("@")
    descriptions = (core / "platforms").glob(f"{name}*/platform.json")
    versions = [json.loads(path.read_text(encoding="utf-8"))["version"] for path in descriptions]
    found = [list((core / "packages").glob(f"{package}*/package.json")) for package in PACKAGES]
    return version.strip() in versions and all(found)


def _registry_answers(platform: str) -> bool:
    name = platform.rpartition("/")[2].partition("@")[0].strip()
    with suppress(OverdueError), limited(_LIMIT), announced("PlatformIO's registry to answer"):
        for host in platformio.__registry_mirror_hosts__:
            address = f"https://api.{host}/v3/packages/platformio/platform/{name}"
            with suppress(requests.RequestException):
                if requests.get(address, timeout=_TIMEOUT).ok:
                    return True
    return False
