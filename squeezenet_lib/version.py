"""The project's version, which stands in pyproject.toml alone."""

import functools
import tomllib

from squeezenet_lib.paths import ROOT

PYPROJECT = ROOT / "pyproject.toml"


@functools.cache
def version() -> str:
    """For example "0.1.0"."""
    return str(tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["version"])
