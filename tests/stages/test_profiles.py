"""profiles/: flags for `dvc exp run $(cat profiles/NAME)` that make a valid params.yaml."""

import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from dvc.utils.hydra import apply_overrides

from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import ROOT

PROFILES = sorted((ROOT / "profiles").iterdir())


def overrides(profile: Path) -> list[str]:
    """The values of all -S flags: what a shell makes of the unquoted text."""
    words = profile.read_text().split()
    assert words == shlex.split(profile.read_text()), "nothing needs quotes"
    assert set(words[::2]) == {"-S"}
    return words[1::2]


def test_there_is_a_profile_for_each_purpose() -> None:
    assert {path.name for path in PROFILES} == {"best", "caltech256", "few", "intel", "quick", "small"}


@pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.name)
def test_every_profile_makes_valid_params_and_keeps_the_comments(profile: Path, tmp_path: Path) -> None:
    file = tmp_path / "params.yaml"
    shutil.copy(ROOT / "params.yaml", file)
    apply_overrides(file, overrides(profile))
    load_params(file)
    assert file.read_text().count("#") == (ROOT / "params.yaml").read_text().count("#")


@pytest.mark.parametrize("profile", PROFILES, ids=lambda path: path.name)
def test_a_profile_changes_each_key_once_and_to_something_else(profile: Path) -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    keys = [override.partition("=")[0] for override in overrides(profile)]
    assert len(set(keys)) == len(keys)
    for override in overrides(profile):
        key, _, text = override.partition("=")
        value = params
        for part in key.split("."):
            value = value[part]
        assert yaml.safe_load(text) != value, f"{key} is the default"
