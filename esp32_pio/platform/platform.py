"""A PlatformIO platform that needs no registry package.

The compiler comes from PATH (Debian's gcc-xtensa-lx106), esptool and SCons from PlatformIO's own Python.
"""

import importlib.util
from pathlib import Path

from platformio.public import PlatformBase


class Esp32barePlatform(PlatformBase):
    """Named after platform.json: PlatformIO looks for `Esp32bare` + `Platform`."""

    def is_embedded(self) -> bool:
        # Anything else makes PlatformIO demand an uploader package from its registry.
        return True

    def configure_default_packages(self, variables, targets):
        """Give Core the SCons that pip installed, in the place of its own `tool-scons` package."""
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
