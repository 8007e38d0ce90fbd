"""The modules of esp32_pio/platform/builder, which import each other by their bare names."""

import sys
from importlib import import_module
from types import ModuleType

import pytest

from tests.support.small_firmware import PROJECT

BUILDER = PROJECT / "platform" / "builder"


def builder_module(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import it as the build does; the test's end forgets it, and all that it imported."""
    monkeypatch.syspath_prepend(str(BUILDER))
    for path in BUILDER.glob("*.py"):
        monkeypatch.delitem(sys.modules, path.stem, raising=False)
    return import_module(name)
