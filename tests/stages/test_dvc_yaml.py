"""dvc.yaml declares what the stages do: code they import, params they read, files they make."""

import ast
import dataclasses
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import yaml

from squeezenet_lib.params.sections import OF_TRAIN_ALONE, Params
from squeezenet_lib.paths import ROOT

PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
# DVC fills in what params.yaml has; dvc.yaml asks it for one path.
PIPELINE = yaml.safe_load(
    (ROOT / "dvc.yaml")
    .read_text(encoding="utf-8")
    .replace("${train.init_from}", PARAMS["train"]["init_from"])
)
STAGES: dict[str, dict[str, Any]] = PIPELINE["stages"]
NAMES = (
    "download",
    "preprocess",
    "weights",
    "train",
    "prune",
    "quantize",
    "decide",
    "huffman",
    "tflm-export",
    "pio-build",
    "emulate",
    "coders",
)
# Modules that work on files which are no Python: whoever imports them depends on these too.
SOURCES_OF = {
    "squeezenet_lib/sqz/host_runtime.py": {"esp32_pio/lib/squeeze_rt"},
    "squeezenet_lib/firmware/build.py": {
        "esp32_pio/boards",
        "esp32_pio/lib",
        "esp32_pio/platform",
        "esp32_pio/platformio.ini",
        "esp32_pio/src",
    },
    "squeezenet_lib/firmware/camera.py": {
        "esp32_pio/CMakeLists.txt",
        "esp32_pio/partitions.csv",
        "esp32_pio/sdkconfig.defaults",
    },
}
VERSION_PARAM = {"pyproject.toml": ["project.version"]}
# Modules that put the project's version into what they make (the firmware's build reads it for the banner).
VERSION_WRITERS = {"squeezenet_lib/version.py", "squeezenet_lib/firmware/build.py"}


def script(stage: str) -> str:
    return f"stages/{stage.replace('-', '_')}.py"


def does_something(file: str) -> bool:
    """Not so a room's __init__.py, which holds a docstring."""
    return len(ast.parse((ROOT / file).read_text(encoding="utf-8")).body) > 1


def project_imports(source: str) -> set[str]:
    """Paths of the project's own modules that the module at `source` imports, anywhere in its code."""
    dotted = set()
    for node in ast.walk(ast.parse((ROOT / source).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            dotted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source} has a relative import"
            dotted |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    found = set()
    for name in dotted:
        parts = name.split(".")
        if parts[0] not in ("stages", "squeezenet_lib"):
            continue
        for end in range(1, len(parts) + 1):
            path = "/".join(parts[:end])
            found |= {file for file in (f"{path}.py", f"{path}/__init__.py") if (ROOT / file).is_file()}
    return {file for file in found if does_something(file)}


def code_of(stage: str) -> set[str]:
    """The stage's script and every module of the project that it imports, directly or not."""
    seen: set[str] = set()
    waiting = {script(stage), "stages/__init__.py"}
    while waiting:
        source = waiting.pop()
        seen.add(source)
        waiting |= project_imports(source) - seen
    return seen


def outs_of(stage: str) -> list[str]:
    """Paths of outs, metrics and plots."""
    entries = [entry for kind in ("outs", "metrics", "plots") for entry in STAGES[stage].get(kind, [])]
    return [next(iter(entry)) if isinstance(entry, dict) else entry for entry in entries]


def covers(outer: str, inner: str, separator: str = "/") -> bool:
    """True for a folder and what is in it, or a section (separator ".") and its keys."""
    return inner == outer or inner.startswith(f"{outer}{separator}")


def attribute_chain(node: ast.AST) -> list[str]:
    """["train", "epochs"] of `params.train.epochs` and of `load_params().train.epochs`, else []."""
    chain: list[str] = []
    while isinstance(node, ast.Attribute):
        chain.insert(0, node.attr)
        node = node.value
    return chain if ast.unparse(node) in ("params", "load_params()") else []


def params_read(stage: str) -> set[str]:
    """Keys such as `seed` or `huffman.max_code_length` that the script takes from the loaded params.

    `replace(params.train, epochs=1)` reads all keys of the section but those that it overwrites;
    `**OF_TRAIN_ALONE` stands for several.
    """
    sections = get_type_hints(Params)
    keys = set()

    def visit(node: ast.AST) -> None:
        chain = attribute_chain(node)
        if chain and chain[0] in sections:
            keys.add(".".join(chain))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "replace":
            (section,) = attribute_chain(node.args[0])
            overwritten = {keyword.arg for keyword in node.keywords if keyword.arg}
            if any(ast.unparse(keyword) == "**OF_TRAIN_ALONE" for keyword in node.keywords):
                overwritten |= OF_TRAIN_ALONE.keys()
            names = {field.name for field in dataclasses.fields(sections[section])} - overwritten
            keys.update(f"{section}.{name}" for name in names)
        else:
            for child in ast.iter_child_nodes(node):
                visit(child)

    visit(ast.parse((ROOT / script(stage)).read_text(encoding="utf-8")))
    # A section that is passed on whole includes its keys.
    return {key for key in keys if not any(covers(other, key, ".") for other in keys - {key})}


def test_the_stages_are_the_documented_ones_in_order() -> None:
    assert tuple(STAGES) == NAMES


@pytest.mark.parametrize("stage", NAMES)
def test_stage_runs_its_module_with_the_python_on_path(stage: str) -> None:
    assert STAGES[stage]["cmd"] == f"python -m stages.{stage.replace('-', '_')}"


def declared_code(stage: str) -> set[str]:
    """Modules and rooms of the library that dvc.yaml declares."""
    return {dep for dep in STAGES[stage]["deps"] if dep.startswith(("squeezenet_lib/", "stages/"))}


@pytest.mark.parametrize("stage", NAMES)
def test_declared_code_is_what_the_stage_imports(stage: str) -> None:
    code, declared = code_of(stage), declared_code(stage)
    undeclared = {file for file in code if not any(covers(dep, file) for dep in declared)}
    unused = {dep for dep in declared if not any(covers(dep, file) for file in code)}
    assert not undeclared and not unused


@pytest.mark.parametrize("stage", NAMES)
def test_a_room_is_declared_whole_where_the_stage_uses_half_of_it_or_more(stage: str) -> None:
    """Else file by file, so that a change reruns what it can affect and little more."""
    code, declared = code_of(stage), declared_code(stage)
    for room in (folder for folder in (ROOT / "squeezenet_lib").iterdir() if folder.is_dir()):
        path = f"squeezenet_lib/{room.name}"
        files = {f"{path}/{file.name}" for file in room.glob("*.py")} - {f"{path}/__init__.py"}
        if files:
            assert (path in declared) == (2 * len(code & files) >= len(files)), path


@pytest.mark.parametrize("stage", NAMES)
def test_sources_that_are_no_python_are_declared_with_the_module_that_uses_them(stage: str) -> None:
    declared = set(STAGES[stage]["deps"])
    for module in code_of(stage) & set(SOURCES_OF):
        missing = {path for path in SOURCES_OF[module] if not any(covers(dep, path) for dep in declared)}
        assert not missing, f"{module} needs them"


@pytest.mark.parametrize("stage", NAMES)
def test_declared_params_are_those_that_the_stage_reads(stage: str) -> None:
    declared = {key for key in STAGES[stage].get("params", []) if isinstance(key, str)}
    read = params_read(stage)
    assert declared == read


@pytest.mark.parametrize("stage", NAMES)
def test_stage_that_writes_the_version_depends_on_it(stage: str) -> None:
    writes_version = bool(VERSION_WRITERS & code_of(stage))
    assert (VERSION_PARAM in STAGES[stage].get("params", [])) == writes_version


@pytest.mark.parametrize("stage", NAMES)
def test_files_come_from_an_earlier_stage_or_from_git(stage: str) -> None:
    earlier = [out for name in NAMES[: NAMES.index(stage)] for out in outs_of(name)]
    made = ("data/", "models/", "build/", "metrics/", "plots/")
    for dep in STAGES[stage]["deps"]:
        if dep.startswith(made):
            assert any(covers(out, dep) for out in earlier), f"no earlier stage writes {dep}"
        else:
            assert (ROOT / dep).exists(), f"{dep} is not in the project"


@pytest.mark.parametrize("stage", NAMES)
def test_metrics_are_kept_in_git_and_big_outs_in_the_cache(stage: str) -> None:
    """DVC's run cache passes over stages with plain outs that are not cached or that persist: every
    experiment would train anew. The build, of seconds, is no matter."""
    for kind in ("outs", "metrics", "plots"):
        for entry in STAGES[stage].get(kind, []):
            path, options = next(iter(entry.items())) if isinstance(entry, dict) else (entry, {})
            assert (options.get("cache", True) is False) == (kind != "outs"), path
            assert path.startswith(f"{kind}/") == (kind != "outs"), path
            # DVC takes nothing that persists from its run cache: only where an earlier result has to stay.
            assert ("persist" in options) == (stage == "pio-build"), path


def test_every_stage_with_a_result_has_metrics() -> None:
    files = {Path(out).stem for stage in NAMES for out in outs_of(stage) if out.startswith("metrics/")}
    expected = {name.replace("-", "_") for name in NAMES} - {"download", "preprocess", "weights"}
    assert files == expected
