"""Documents: links lead somewhere, and the files, commands, make targets and params that they name exist."""

import ast
import functools
import importlib
import re
from collections.abc import Iterator

import pytest

from squeezenet_lib.paths import ROOT
from tests.support.what_exists import FOLDERS, is_command, is_param, make_targets, params, stages

README_BYTES = 12_288
RELEASED = re.compile(r"^## \[\d", re.MULTILINE)  # CHANGELOG.md: what a release said stays as it was
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
DOCUMENTS += sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/*.md"))

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^ {4}.*$", re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")

# Paths in backticks that need not exist: what is made by a run and not in git, and the reader's own files.
MADE = ("data/", "models/", "build/", ".dvc/", "pictures/", "some/", "~/", "/")
MADE_FILES = {
    "board-report.txt",
    "metrics/decide.json",
    "metrics/device.json",
    "plots/decide",
    "plots/device.csv",
    "plots/prune/sensitivity.csv",
    "plots/prune/sensitivity.svg",
}
FILE = re.compile(r".*\.(py|md|yaml|toml|json|csv|svg|sh|txt|c|h|S|ts|lock)")


@functools.cache
def text_of(document: str) -> str:
    text = (ROOT / document).read_text(encoding="utf-8")
    return RELEASED.split(text)[0] if document == "CHANGELOG.md" else text


@functools.cache
def prose(document: str) -> str:
    """Without blocks of code; their lines may hold anything."""
    return FENCE.sub("", text_of(document))


def spans(document: str) -> list[str]:
    return SPAN.findall(prose(document))


def code(document: str) -> list[str]:
    """Lines of blocks, and what is in backticks."""
    blocks = [match.group(3) for match in FENCE.finditer(text_of(document))]
    return [*"\n".join([*blocks, *INDENTED.findall(prose(document))]).splitlines(), *spans(document)]


def anchors(text: str) -> set[str]:
    """GitHub's, of headings: lower case, no punctuation, hyphens for spaces, a number where they repeat."""
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.+)$", FENCE.sub("", text), re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        repeated = (f"{slug}-{i}" for i in range(1, len(found) + 2))
        found.add(slug if slug not in found else next(name for name in repeated if name not in found))
    return found


def dead_links(document: str, text: str) -> list[str]:
    """Relative links of the text that lead to no file, or to no heading of it."""
    dead = []
    for link in LINK.findall(SPAN.sub("", FENCE.sub("", text))):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / document).parent / path if path else ROOT / document
        reached = target.exists() and target.resolve().is_relative_to(ROOT)
        if not reached or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            dead.append(link)
    return dead


def is_path(span: str) -> bool:
    """Whether it looks like a path in the project: below one of its folders, or a file by its suffix."""
    if not re.fullmatch(r"[\w.\-/*]+", span) or not re.search(r"[a-z]", span):
        return False
    return ("/" in span and span.split("/", 1)[0] in FOLDERS) or FILE.fullmatch(span) is not None


def is_missing(path: str) -> bool:
    return not (path.startswith(MADE) or path in MADE_FILES or any(ROOT.glob(path.rstrip("/"))))


def commands(document: str) -> Iterator[list[str]]:
    """The words behind each `python -m`, up to a comment, a pipe or a quotation mark."""
    lines = (ROOT / document).read_text().splitlines() if document.endswith(".sh") else code(document)
    for line in lines:
        for words in re.findall(r"python -m ([^#|'`]+)", line):
            yield words.split()


def test_readme_can_be_read_in_one_sitting() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= README_BYTES


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_and_headings(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")  # the whole changelog, too
    assert dead_links(document, text) == []


@pytest.mark.parametrize("link", ["docs/none.md", "docs/board.md#no-such-heading", "#none", "../outside.md"])
def test_a_link_that_leads_nowhere_is_found(link: str) -> None:
    assert dead_links("README.md", f"# A\n[a](#what-comes-out) [b]({link}) `[c](none)`") == [link]


def test_headings_have_githubs_anchors() -> None:
    text = (
        "# How small: zeros, values\n## a_b `c`\n## The .sqz [file](x), 3\n```\n# no heading\n```\n## a_b c\n"
    )
    assert anchors(text) == {"how-small-zeros-values", "a_b-c", "the-sqz-file-3", "a_b-c-1"}


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if name.startswith("docs/")])
def test_every_page_of_docs_can_be_reached_from_the_readme(document: str) -> None:
    assert f"]({document}" in text_of("README.md")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_are_named_exist(document: str) -> None:
    assert [span for span in spans(document) if is_path(span) and is_missing(span)] == []


def test_a_file_that_is_missing_is_found() -> None:
    named = [
        "docs/",
        "params.yaml",
        "models/model.sqz",
        "esp32_pio/lib/*/src",
        "NAME/x",
        "a b.py",
        "download.limits",
    ]
    missing = ["squeezenet_lib/none.py", "none.py", "lib/frame", "docs/*.rst"]
    assert [span for span in named + missing if is_path(span) and is_missing(span)] == missing


@pytest.mark.parametrize("document", [*DOCUMENTS, "docs/desk.sh"])
def test_commands_that_are_named_exist_and_take_their_arguments(document: str) -> None:
    assert [" ".join(words) for words in commands(document) if not is_command(words)] == []


@pytest.mark.parametrize(
    "words",
    [
        "squeezenet_lib none",
        "squeezenet_lib device none",
        "squeezenet_lib device info --none",
        "squeezenet_lib.device",
        "stages.none",
    ],
)
def test_a_command_that_is_missing_is_found(words: str) -> None:
    assert not is_command(words.split())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_make_targets_that_are_named_exist(document: str) -> None:
    named = {name for line in code(document) for name in re.findall(r"^make ([a-z][\w\-]*)", line.strip())}
    assert named - make_targets() == set()


def test_make_help_names_targets_that_exist() -> None:
    named = set(re.findall(r"echo 'make ([\w\-]+)", (ROOT / "Makefile").read_text(encoding="utf-8")))
    assert named
    assert named <= make_targets()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_stages_that_are_named_exist(document: str) -> None:
    named = {
        name
        for line in code(document)
        for name in re.findall(r"dvc repro (?:-[\w\-]+ )*([a-z][\w\-]*)", line)
    }
    assert named - stages() == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_params_that_are_named_exist(document: str) -> None:
    sections = "|".join(name for name, value in params().items() if isinstance(value, dict))
    named = {
        name
        for span in code(document)
        for name in re.findall(rf"(?:^|-S '?)((?:{sections})(?:\.[a-z_0-9]+)+)(?=[:=\s]|$)", span)
    }
    assert {name for name in named if not is_param(name) and not FILE.fullmatch(name)} == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_python_examples_import_exists(document: str) -> None:
    for match in FENCE.finditer(text_of(document)):
        if match.group(2) != "python":
            continue
        for node in ast.walk(ast.parse(match.group(3))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("squeezenet_lib"):
                module = importlib.import_module(node.module or "")
                assert [name.name for name in node.names if not hasattr(module, name.name)] == []
