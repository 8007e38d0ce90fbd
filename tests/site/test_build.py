"""The page's code is bundled from pinned packages; what is missing is told in a sentence."""

import json
import re
from pathlib import Path

import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.site import build
from tests.support.small_site import small_site


def test_the_page_is_whole_and_refers_to_nothing_elsewhere() -> None:
    page = (small_site() / "index.html").read_text()
    named = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert named and all((small_site() / name).is_file() for name in named)
    style = (small_site() / "page.css").read_text()
    assert "url(" not in style and "@import" not in style


def test_licences_of_all_bundled_libraries_are_in_it() -> None:
    text = (small_site() / "licenses.txt").read_text()
    for name in build.BUNDLED:
        assert re.search(rf"^{re.escape(name)} [\d.]+ \(", text, re.MULTILINE), name
    assert "Apache License" in text


def test_packages_are_pinned_and_the_lock_names_no_registry() -> None:
    packages = json.loads((build.SITE / "package.json").read_text())["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", pin) for pin in packages.values())
    lock = (build.SITE / "package-lock.json").read_text()
    assert "resolved" not in lock


def test_without_npm_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(build, "INSTALLED", tmp_path / "nothing")
    with pytest.raises(UserError, match="npm is not installed: sudo apt install npm"):
        build.install_packages()


def test_what_a_tool_finds_wrong_is_passed_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "ENTRIES", ("none.ts",))
    with pytest.raises(UserError, match=r"`esbuild src/none\.ts` in site/ failed: .*none\.ts"):
        build.bundle(tmp_path)
