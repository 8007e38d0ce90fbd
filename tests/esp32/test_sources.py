"""What the compilers do not mind in C and assembler sources, and a reader does."""

import re
from pathlib import Path

from squeezenet_lib.paths import ROOT

COMMENT = re.compile(r"/\*(?P<block>.*?)\*/|//(?P<line>[^\n]*)", re.DOTALL)
LONGEST_COMMENT = 120  # of code .clang-format says


def files(*suffixes: str) -> list[Path]:
    folders = (ROOT / "esp32_pio", ROOT / "tests" / "c")
    paths = (path for folder in folders for path in folder.rglob("*") if path.suffix in suffixes)
    found = sorted(path for path in paths if ".pio" not in path.parts)
    assert found, suffixes
    return found


def named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def opening(path: Path) -> str:
    """The comment with which the file begins, "" where it begins with something else."""
    found = COMMENT.match(path.read_text(encoding="utf-8"))
    return re.sub(r"\n[\s*]*", " ", found["block"] or found["line"]).strip() if found else ""


def test_each_file_begins_with_a_sentence_that_says_what_it_is() -> None:
    sources = files(".c", ".cc", ".h", ".S", ".inc")
    assert named([path for path in sources if not re.match(r"\w.*[.:]( |$)", opening(path))]) == []


def test_a_header_s_guard_is_its_name() -> None:
    wrong = []
    for path in files(".h", ".inc"):
        guard = path.name.upper().replace(".", "_")
        if f"#ifndef {guard}\n#define {guard}\n" not in path.read_text(encoding="utf-8"):
            wrong.append(path)
    assert named(wrong) == []


def test_no_line_is_too_long() -> None:
    sources = files(".c", ".cc", ".h", ".S", ".inc", ".ld")
    lines = {path: path.read_text(encoding="utf-8").splitlines() for path in sources}
    assert named([path for path in sources if any(len(line) > LONGEST_COMMENT for line in lines[path])]) == []
