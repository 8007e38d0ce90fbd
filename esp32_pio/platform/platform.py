"""A PlatformIO platform that needs no registry package.

The compiler comes from PATH (Debian's gcc-xtensa-lx106), esptool and SCons from PlatformIO's own Python.
"""

import importlib.util
import shutil
import sys
from pathlib import Path

from platformio.exception import UserSideException
from platformio.public import PlatformBase

OLDEST = (3, 11)  # that has all that the builder imports


class Esp32barePlatform(PlatformBase):
    """Named after platform.json: PlatformIO looks for `Esp32bare` + `Platform`."""

    def is_embedded(self) -> bool:
        # Anything else makes PlatformIO demand an uploader package from its registry.
        return True

    def configure_default_packages(self, variables, targets):
        """Give Core the SCons that pip installed, in the place of its own `tool-scons` package.

        Without it Core asks its registry, for a minute where there is no network. When esptool is missing,
        too, this is another Python than the project's, and what the build would end with is said now.
        """
        board = variables.get("board")
        for_chip = bool(board) and bool(self.board_config(board).get("build.chip", ""))
        lacks_both = not (importlib.util.find_spec("SCons") or importlib.util.find_spec("esptool"))
        if sys.version_info < OLDEST or (for_chip and lacks_both):
            raise UserSideException(
                f"this PlatformIO runs in another Python than the project's, {sys.executable}: in the "
                "project's folder run `make setup` and `. .venv/bin/activate`, then `pio` again; or, where "
                "that Python is 3.11 or newer, `pip install scons==4.11.1 esptool==5.6.0` into it"
            )
        if sys.argv[1:2] == ["check"] and shutil.which("cppcheck") is None:
            raise UserSideException(
                "cppcheck is not installed, which `pio check` calls: on Debian or Ubuntu, "
                "sudo apt install cppcheck"
            )
        # `pio check` reads this option by itself; for a build Core would look into its registry.
        chosen = self._custom_packages or []
        self._custom_packages = [item for item in chosen if not item.endswith("/tool-cppcheck")]
        if importlib.util.find_spec("SCons"):
            wrapper = Path(self.get_dir(), "tools", "tool-scons")
            self.packages["tool-scons"] = {
                "type": "tool",
                "owner": "platformio",
                "optional": False,
                "version": f"symlink://{wrapper}",
            }
        return super().configure_default_packages(variables, targets)

    def run(self, *args, **kwargs):
        # `pio run -t clean` on a fresh core folder skips installation, then finds no SCons.
        self.install_required_packages()
        return super().run(*args, **kwargs)
