"""What messages tell people to do: commands, options, stages, make targets, params and files exist.

tests/pipeline/test_advice.py follows such advice to its end.
"""

import ast
import functools
import re
import shlex
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from squeezenet_lib.cli.device import COMMANDS as DEVICE
from squeezenet_lib.params.sections import Grid, PioParams, Source
from squeezenet_lib.paths import ROOT
from squeezenet_lib.report.story import STUDY
from squeezenet_lib.sqz.header import SQZ, TFL
from tests.support.what_exists import is_command, is_param, make_targets, options, params, stages, takes

CODE = ("squeezenet_lib", "stages", "esp32_pio/platform", "esp32_pio/lib/board")
SPAN = re.compile(r"`([^`]+)`")
HOLE = "\N{WHITE SQUARE}"  # what a message fills in when it is said
STAGES = ("huffman", "tflm-export", "coders")  # what is filled in behind `dvc repro`
# In backticks because they are quoted: what chips print, places in documents.
QUOTED = re.compile(
    rf"{HOLE}( {HOLE})*|dvc {HOLE}|\{{0\}}|entry|boot step|invalid header|csum err|flash read err|factory"
)
SETTING = re.compile(r"(source|env|grid): ([\w-]+)")
CHOICES = {
    "source": get_args(Source),
    "env": get_args(get_type_hints(PioParams)["env"]),
    "grid": get_args(Grid),
}
PIO = ("pkg install", "run -t upload")
FILE = re.compile(r".*\.(tfl|sqz|tflite|keras|json|csv|svg)")
WORDS = 3  # fewer are no message


def texts_of(path: Path) -> Iterator[str]:
    """The messages in a module: its strings of several words that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    parts = {
        part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
    } - {node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)}
    for node in ast.walk(tree):
        if node in docstrings or node in parts:
            continue
        text = ""
        if isinstance(node, ast.JoinedStr):
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        if len(text.split()) >= WORDS:
            yield " ".join(text.split())


@functools.cache
def messages() -> tuple[tuple[str, str], ...]:
    """Where it stands, and the message."""
    return tuple(
        (str(path.relative_to(ROOT)), text)
        for folder in CODE
        for path in sorted((ROOT / folder).rglob("*.py"))
        for text in texts_of(path)
    )


def filled(span: str) -> list[str]:
    """What the span may read when it is said."""
    if span.startswith("dvc repro "):
        return [span.replace(HOLE, name) for name in STAGES]
    if span.startswith("python -m stages."):
        return [span.replace(HOLE, "train")]
    return [span.replace(HOLE, "PLACE")]


def is_git(words: list[str]) -> bool:
    known = subprocess.run(["git", "--list-cmds=main"], capture_output=True, text=True, check=True).stdout
    return words[0] in known.split()


def is_dvc(words: list[str]) -> bool:
    from dvc.cli import DvcParserError, parse_args

    try:
        parsed = parse_args(words)
    except (DvcParserError, SystemExit):
        return False
    return set(getattr(parsed, "targets", None) or []) <= stages()


def is_pip(words: list[str]) -> bool:
    files = [word for flag, word in pairwise(words) if flag == "-r"]
    return words[0] in ("install", "config") and all((ROOT / file).is_file() for file in files)


def is_apt(words: list[str]) -> bool:
    """Debian packages that setup installs, too, have been seen to exist."""
    known = (ROOT / "setup/debian.sh").read_text(encoding="utf-8")
    return words[:1] == ["install"] and all(re.search(rf"\b{word}\b", known) for word in words[1:])


def exists(said: str) -> bool:
    """Whether what is in backticks is there to be done."""
    if setting := SETTING.fullmatch(said):
        return setting[2] in CHOICES[setting[1]]
    words = shlex.split(said)
    match words:
        case ["dvc", *rest]:
            return is_dvc(rest)
        case ["make", target]:
            return target in make_targets()
        case ["python", "-m", *rest]:
            return is_command(rest)
        case ["device" | "flash" | "compile" | "run" | "predict", *_]:
            return words in ([words[0]], ["device", *set(words[1:]) & DEVICE.keys()]) or takes(words)
        case ["pio", *rest]:
            return rest in ([], ["check"], ["test"]) or " ".join(rest).startswith(PIO)
        case [".", script]:  # `make setup` makes it
            return script in (".venv/bin/activate", "PLACE/bin/activate")
        case ["git", *rest]:
            return is_git(rest)
        case ["pip", *rest]:
            return is_pip(rest)
        case ["sudo", "apt", *rest]:
            return is_apt(rest)
        case ["sudo", "usermod", *_]:
            return True
    return False


@pytest.mark.parametrize("where", sorted({where for where, text in messages() if "`" in text}))
def test_what_stands_in_backticks_can_be_done(where: str) -> None:
    spans = [
        span
        for place, text in messages()
        if place == where and "```" not in text
        for span in SPAN.findall(text)
    ]
    missing = [
        said
        for span in spans
        if not QUOTED.fullmatch(span)
        for said in filled(span.removeprefix(f"{HOLE} "))
        if not exists(said)
    ]
    assert missing == []


@pytest.mark.parametrize(
    "said",
    [
        "dvc repro none",
        "dvc repro --none huffman",
        "dvc none",
        "make none",
        "python -m squeezenet_lib none",
        "python -m squeezenet_lib.device",
        "device none",
        "device load a b",
        "git none",
        "pip install -r none.txt",
        "sudo apt install none",
        "source: none",
        "none",
    ],
)
def test_what_is_missing_is_found(said: str) -> None:
    assert not exists(said)


def test_the_messages_are_found() -> None:
    found = [text for _, text in messages()]
    assert len(found) > 400
    assert any("run `dvc repro huffman` in the project's folder" in text for text in found)
    assert any(text.startswith(f"{HOLE} cannot be read ({HOLE})") for text in found)


def test_stages_that_are_named_exist() -> None:
    named = {
        name for _, text in messages() for name in re.findall(r"\bthe ([a-z-]+) stage\b(?! of| that)", text)
    }
    assert named - stages() == set()
    assert {SQZ.stage, TFL.stage, STUDY} == set(STAGES) <= stages()


def test_params_that_are_named_exist() -> None:
    sections = "|".join(name for name, value in params().items() if isinstance(value, dict))
    pattern = re.compile(rf"(?<![\w/.])(?:{sections})(?:\.[a-z_0-9]+)+(?![\w/])")
    named = {name for _, text in messages() for name in pattern.findall(text)}
    assert len(named) > 20
    assert {name for name in named if not is_param(name) and not FILE.fullmatch(name)} == set()


def test_options_that_are_named_exist() -> None:
    named = {
        option
        for place, text in messages()
        if place.startswith("squeezenet_lib/")
        for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", SPAN.sub("", text))
    }
    assert named >= {"--port", "--baud", "--model", "--timeout"}
    assert named - options() == set()


def test_make_targets_that_the_page_names_exist() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "site/src").glob("*.ts")))
    named = set(re.findall(r"\brun make ([a-z-]+)", code))
    assert "site" in named <= make_targets()


def test_documents_that_are_named_exist() -> None:
    named = {name for _, text in messages() for name in re.findall(r"\bdocs/[\w-]+\.md", text)}
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_versions_that_are_named_are_the_pinned_ones() -> None:
    pinned = re.findall(r"^\S+==\S+", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    named = {name for _, text in messages() for name in re.findall(r"\b[\w-]+==[\d.]+", text)}
    assert "esptool==5.6.0" in named
    assert {name for name in named if name != "elpv-dataset==1.0.0.post1"} - set(pinned) == set()
