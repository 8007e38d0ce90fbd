"""params.yaml: what is accepted, and the one sentence for what is not."""

import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.file import load_params
from squeezenet_lib.params.sections import Params
from squeezenet_lib.paths import ROOT

PROJECT = ROOT / "params.yaml"


def changed(folder: Path, key: str, value: Any) -> Path:
    """A copy of the project's params.yaml with one key changed or added."""
    content = yaml.safe_load(PROJECT.read_text())
    section = content
    *path, last = key.split(".")
    for part in path:
        section = section[part]
    section[last] = value
    target = folder / "params.yaml"
    target.write_text(yaml.safe_dump(content))
    return target


def test_the_projects_own_file_is_accepted() -> None:
    params = load_params(PROJECT)
    assert isinstance(params, Params)
    assert params.preprocess.size == 96
    assert params.train.augment.rotate is True


def test_whole_numbers_are_accepted_for_floats(tmp_path: Path) -> None:
    width = load_params(changed(tmp_path, "model.width", 1)).model.width
    assert width == 1.0
    assert type(width) is float


@pytest.mark.parametrize("value", [None, "0123456789abcdefABCDEF" + "0" * 42])
def test_a_checksum_may_be_given(tmp_path: Path, value: str | None) -> None:
    params = load_params(changed(tmp_path, "download.archive_sha256", value))
    assert params.download.archive_sha256 == value


@pytest.mark.parametrize("value", [None, 0, 7])
def test_splits_may_have_a_seed_of_their_own(tmp_path: Path, value: int | None) -> None:
    assert load_params(changed(tmp_path, "preprocess.seed", value)).preprocess.seed == value


@pytest.mark.parametrize("value", [None, "auto", {}, {"conv1": 0.5, "fire2_squeeze": 0}])
def test_a_layers_own_value_may_be_given_or_left_to_the_scan(tmp_path: Path, value: Any) -> None:
    assert load_params(changed(tmp_path, "prune.per_layer", value)).prune.per_layer == value


@pytest.mark.parametrize("spelling", [None, "none", "None", "NONE"])
@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("download.archive_sha256", None),
        ("preprocess.classes", None),
        ("preprocess.pictures_per_class", None),
        ("prune.per_layer", None),
        ("quantize.per_layer", None),
        ("train.class_balance", "none"),
    ],
)
def test_nothing_is_null_and_none_is_taken_for_it(
    tmp_path: Path, key: str, meant: str | None, spelling: str | None
) -> None:
    section, name = key.split(".")
    assert getattr(getattr(load_params(changed(tmp_path, key, spelling)), section), name) == meant


@pytest.mark.parametrize("key", ["folder", "archive"])
def test_a_folder_or_archive_may_be_called_none(tmp_path: Path, key: str) -> None:
    assert getattr(load_params(changed(tmp_path, f"download.{key}", "none")).download, key) == "none"


def test_the_project_s_own_file_has_one_spelling_for_nothing() -> None:
    text = PROJECT.read_text(encoding="utf-8")
    assert ": null" in text
    assert not re.search(r"\bnone\b|~", text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("classes", [None, ["cat", "dog"], ["7", "8", "9"]]),
        ("pictures_per_class", [None, 1, 10_000, {}, {"cat": 20}, {"cat": 20, "7": 1}]),
    ],
)
def test_classes_may_be_chosen_and_limited(tmp_path: Path, key: str, values: list[Any]) -> None:
    for value in values:
        assert getattr(load_params(changed(tmp_path, f"preprocess.{key}", value)).preprocess, key) == value


def test_names_of_classes_are_composed_as_sources_spell_them(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Käfer")
    classes = load_params(changed(tmp_path, "preprocess.classes", [decomposed, "Ameise"])).preprocess.classes
    assert classes == ["Käfer", "Ameise"]
    limits = load_params(changed(tmp_path, "preprocess.pictures_per_class", {decomposed: 20})).preprocess
    assert limits.pictures_per_class == {"Käfer": 20}


@pytest.mark.parametrize(
    ("start", "width", "rate"),
    [
        ("imagenet", 1.0, 0.001),
        ("imagenet", 1, 0.001),
        ("imagenet", 0.5, 0.003),  # of which there are no trained weights
        ("random", 1.0, 0.003),
        (None, 1.0, 0.003),
        ("earlier.keras", 0.5, 0.001),
    ],
)
def test_each_start_has_the_learning_rate_that_suits_it_unless_one_is_given(
    tmp_path: Path, start: str | None, width: float, rate: float
) -> None:
    content = yaml.safe_load(PROJECT.read_text())
    content["model"]["width"] = width
    content["train"] |= {"init_from": start, "learning_rate": None}
    file = tmp_path / "params.yaml"
    file.write_text(yaml.safe_dump(content))
    assert load_params(file).train.learning_rate == rate
    content["train"]["learning_rate"] = 0.02
    file.write_text(yaml.safe_dump(content))
    assert load_params(file).train.learning_rate == 0.02


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("prune.sparsity", 1.5, ["prune.sparsity", "1.5", "from 0.0 to 0.99"]),
        ("prune.sparsity", float("nan"), ["prune.sparsity", "nan", "from 0.0 to 0.99"]),
        ("train.epochs", "many", ["train.epochs", "'many'", "whole number"]),
        ("train.steps", 0, ["train.steps", "0", "a whole number from 1 to 1000000, or null"]),
        ("train.folds", 0, ["train.folds", "0", "a whole number from 1 to 100"]),
        ("train.epochs", 2.5, ["train.epochs", "2.5", "whole number"]),
        ("train.epochs", True, ["train.epochs", "true", "whole number"]),
        ("train.learning_rate", "1e-3", ["train.learning_rate", "'1e-3'", "a number"]),
        ("preprocess.standardise", 1, ["preprocess.standardise", "true or false"]),
        ("preprocess.size", 28, ["preprocess.size", "28", "from 29"]),
        ("preprocess.channels", 2, ["preprocess.channels", "2", "one of 1, 3"]),
        ("preprocess.channels", True, ["preprocess.channels", "true", "one of 1, 3"]),
        ("preprocess.channels", 1.0, ["preprocess.channels", "1.0", "one of 1, 3"]),
        ("preprocess.near_duplicates", True, ["preprocess.near_duplicates", "true", "one of drop, keep"]),
        ("preprocess.classes", "cat", ["preprocess.classes", "'cat'", "null or a list of two different"]),
        ("preprocess.classes", ["cat"], ["preprocess.classes", "['cat']", "a list of two different"]),
        ("preprocess.classes", ["cat", "cat"], ["preprocess.classes", "a list of two different"]),
        ("preprocess.classes", [7, 8], ["preprocess.classes", "[7, 8]", "in quotes if they are numbers"]),
        ("preprocess.pictures_per_class", 0, ["pictures_per_class", "0", "a whole number from 1"]),
        ("preprocess.pictures_per_class", 2.5, ["pictures_per_class", "2.5", "a whole number from 1"]),
        ("preprocess.pictures_per_class", True, ["pictures_per_class", "true", "a whole number from 1"]),
        ("preprocess.pictures_per_class", {"cat": -1}, ["pictures_per_class", "-1", "each of some class"]),
        ("preprocess.pictures_per_class", {7: 3}, ["pictures_per_class", "{7: 3}", "in quotes"]),
        ("preprocess.training_share", 0, ["preprocess.training_share", "0", "a number from 0.001 to 1.0"]),
        ("preprocess.seed", -1, ["preprocess.seed", "-1", "a whole number from 0 to 2147483647, or null"]),
        ("preprocess.seed", 0.5, ["preprocess.seed", "0.5", "a whole number from 0"]),
        ("train.class_balance", "some", ["train.class_balance", "one of null, weights, sampling"]),
        ("train.class_balance", ["none"], ["train.class_balance", "['none']", "null, weights, sampling"]),
        ("train.strategy", None, ["train.strategy", "null", "one of single, mirrored, multiworker"]),
        (
            "train.init_from",
            "weights/he_uniform",
            ["'weights/he_uniform'", "imagenet, random, null or"],
        ),
        (
            "train.init_from",
            "weights/earlier.keras",
            ["init_from", "a .keras file in the folder weights"],
        ),
        ("train.init_from", "earlier.h5", ["train.init_from", "'earlier.h5'", "imagenet, random, null or"]),
        ("train.init_from", 3, ["train.init_from", "3", "imagenet, random, null or"]),
        ("train.learning_rate", 0, ["train.learning_rate", "1.0, or null for what suits train.init_from"]),
        ("train", None, ["train is null", "section"]),
        ("model", 3, ["model is 3", "section"]),
        ("train.augment.shift", -1, ["train.augment.shift", "-1", "from 0"]),
        ("train.augment", 3, ["train.augment", "3", "section"]),
        ("train.epoch", 3, ["train.epoch ", "unknown", "epochs"]),
        ("training", {}, ["training", "unknown", "train"]),
        ("train.warmup_epochs", 36, ["train.warmup_epochs", "36", "train.epochs"]),
        ("download.source", "folder", ["download.folder", "empty"]),
        ("download.source", "archive", ["download.archive", "empty", "path or address"]),
        (
            "download.source",
            "caltech",
            ["download.source", "'caltech'", "intel, caltech256, folder, archive"],
        ),
        ("download.archive_sha256", "abc", ["download.archive_sha256", "'abc'", "null or 64 hexadecimal"]),
        ("download.archive_sha256", 10**63, ["download.archive_sha256", "as text"]),
        ("download.limits", None, ["download.limits", "null", "section"]),
        ("download.limits.members", 0, ["download.limits.members", "0", "from 1"]),
        ("download.limits.total_bytes", "16 GB", ["download.limits.total_bytes", "'16 GB'", "whole number"]),
        ("seed", None, ["seed", "null", "whole number"]),
        ("prune.per_layer", "automatic", ["prune.per_layer", "'automatic'", "null, auto, or a layer's name"]),
        ("prune.per_layer", {"conv1": 1.0}, ["prune.per_layer", "1.0", "from 0.0 to 0.99"]),
        ("prune.per_layer", {1: 0.5}, ["prune.per_layer", "a layer's name"]),
        ("quantize.per_layer", {"conv1": 15}, ["quantize.per_layer", "15", "an even number from 2 to 32"]),
        ("quantize.levels", 15, ["quantize.levels", "15", "an even number from 2 to 32"]),
        ("quantize.levels", 34, ["quantize.levels", "34", "an even number from 2 to 32"]),
        ("quantize.grid", "shift", ["quantize.levels is 14", "`grid: shift` has 6 values"]),
        ("quantize.grid", "log", ["quantize.grid", "'log'", "one of uniform, shift"]),
        ("pio.env", "esp32s2", ["pio.env", "'esp32s2'", "one of esp32, esp32c3, esp32s3, esp32cam"]),
        ("pio.board", "m5", ["pio.board", "'m5'", "ai-thinker, t-camera-v05, custom"]),
        ("pio.engine", "tflm", ["pio.engine is tflm", "needs `env: esp32cam`", "pio.env is esp32"]),
        ("pio.light", True, ["pio.light is true", "needs `env: esp32cam`"]),
        ("pio.continuous", True, ["pio.continuous is true", "needs `env: esp32cam`"]),
        ("pio.light", "yes", ["pio.light", "'yes'", "true or false"]),
        ("pio.camera", None, ["pio.camera", "section"]),
        ("pio.camera.rotate", 45, ["pio.camera.rotate", "45", "one of 0, 90, 180, 270"]),
        (
            "pio.camera.exposure",
            1201,
            ["pio.camera.exposure", "auto or a whole number from 0 to 1200"],
        ),
        (
            "pio.camera.white_balance",
            "snow",
            ["white_balance", "auto, sunny, cloudy, office, home"],
        ),
        ("pio.camera.flip", True, ["pio.camera is not as it is", "`env: esp32cam`", "pio.env is esp32"]),
        ("pio.output", 27, ["pio.output", "27", "null, or a section of pin"]),
        ("pio.output", {"pin": 27}, ["pio.output", "hold_ms"]),
        (
            "pio.output",
            {"pin": 27, "class": "cat", "active": "on", "hold_ms": 5},
            ["pio.output", "active (high or low)"],
        ),
        (
            "pio.output",
            {"pin": 27, "class": "cat", "active": "high", "hold_ms": -5},
            ["pio.output", "hold_ms (0 to 3600000)"],
        ),
        ("frontier.sparsity", [], ["frontier.sparsity", "[]", "a list"]),
        ("frontier.sparsity", [0.5, 1.0], ["frontier.sparsity", "1.0", "from 0.0 to 0.99"]),
        ("learning_curve.pictures_per_class", [50, 0], ["pictures_per_class", "each a whole number from 1"]),
        (
            "learning_curve.pictures_per_class",
            [5.5],
            ["learning_curve.pictures_per_class", "[5.5]", "a list"],
        ),
        ("frontier.levels", [6, 7], ["frontier.levels", "[6, 7]", "an even number"]),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(
    tmp_path: Path, key: str, value: Any, words: list[str]
) -> None:
    if key == "train.warmup_epochs":
        value = load_params(PROJECT).train.epochs
        words = [key, str(value), "train.epochs"]
    with pytest.raises(UserError) as error:
        load_params(changed(tmp_path, key, value))
    for word in words:
        assert word in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"levels": 10}, "quantize.levels is 10; `grid: shift` has 6 values"),
        ({"levels": 6, "per_layer": {"conv1": 14}}, "quantize.per_layer.conv1 is 14; `grid: shift` has 6"),
        ({"levels": 8, "per_layer": "auto"}, "quantize.per_layer is auto, which proposes values of"),
    ],
)
def test_the_shift_grid_comes_in_six_and_eight_values(
    tmp_path: Path, values: dict[str, Any], words: str
) -> None:
    content = yaml.safe_load(PROJECT.read_text())
    content["quantize"] |= {"grid": "shift", **values}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(UserError, match=re.escape(words)):
        load_params(tmp_path / "params.yaml")
    content["quantize"] |= {"levels": 8, "per_layer": {"fire2_squeeze": 6}}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(content))
    assert load_params(tmp_path / "params.yaml").quantize.grid == "shift"


def with_pio(folder: Path, **values: Any) -> Path:
    content = yaml.safe_load(PROJECT.read_text())
    content["pio"] |= values
    (folder / "params.yaml").write_text(yaml.safe_dump(content))
    return folder / "params.yaml"


def test_a_camera_board_may_have_what_it_alone_can(tmp_path: Path) -> None:
    path = with_pio(tmp_path, env="esp32cam", board="custom", engine="tflm", light=True, continuous=True)
    pio = load_params(path).pio
    assert (pio.env, pio.board, pio.engine, pio.light, pio.continuous) == (
        "esp32cam",
        "custom",
        "tflm",
        True,
        True,
    )


@pytest.mark.parametrize("key", ["light", "continuous"])
def test_a_chip_without_a_camera_has_nothing_of_it(tmp_path: Path, key: str) -> None:
    with pytest.raises(UserError, match=rf"pio\.{key} is true; .*`env: esp32cam`, and pio\.env is esp32c3\."):
        load_params(with_pio(tmp_path, env="esp32c3", **{key: True}))
    assert load_params(with_pio(tmp_path, env="esp32c3")).pio.env == "esp32c3"


@pytest.mark.parametrize("size", ["1MB", "2MB"])
def test_esp_idf_does_not_fit_into_a_small_flash(tmp_path: Path, size: str) -> None:
    with pytest.raises(UserError, match=rf"pio\.flash_size is {size}; `env: esp32cam` needs 4MB or more"):
        load_params(with_pio(tmp_path, env="esp32cam", flash_size=size))


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    content = yaml.safe_load(PROJECT.read_text())
    del content["model"]["width"]
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(UserError, match=r"model\.width is missing"):
        load_params(tmp_path / "params.yaml")


@pytest.mark.parametrize("text", ["a: [1", "- 1", "", "\x00"])
def test_files_that_are_no_mapping_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(UserError):
        load_params(tmp_path / "params.yaml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere"):
        load_params(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("operating_point", "none", None),
        ("operating_point", None, None),
        ("operating_point", {"class": "7", "recall": 1}, {"class": "7", "recall": 1}),
        ("operating_point", {"class": "e\u0301", "precision": 0.9}, {"class": "\u00e9", "precision": 0.9}),
        ("unknown", False, "off"),  # YAML's `off`
        ("unknown", "off", "off"),
        ("unknown", "auto", "auto"),
        ("unknown", 0, 0.0),
        ("unknown", 0.75, 0.75),
    ],
)
def test_how_to_decide_has_several_spellings(tmp_path: Path, key: str, value: Any, read: Any) -> None:
    found = getattr(load_params(changed(tmp_path, f"decide.{key}", value)).decide, key)
    assert found == read and type(found) is type(read)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("operating_point", "recall"),
        ("operating_point", {"class": "a"}),
        ("operating_point", {"recall": 0.9}),
        ("operating_point", {"class": 7, "recall": 0.9}),
        ("operating_point", {"class": "a", "recall": 1.1}),
        ("operating_point", {"class": "a", "recall": 0.9, "precision": 0.9}),
        ("unknown", True),
        ("unknown", None),
        ("unknown", "on"),
        ("unknown", 1.5),
        ("unknown", [0.5]),
    ],
)
def test_other_ways_to_decide_are_refused(tmp_path: Path, key: str, value: Any) -> None:
    with pytest.raises(UserError, match=rf"decide\.{key} is .*; it has to be (null|off), "):
        load_params(changed(tmp_path, f"decide.{key}", value))
