"""`make figures`: every figure has its place in a document, and writing them again changes nothing."""

import shutil
import sys
from pathlib import Path

import pytest

from squeezenet_lib.errors import UserError
from squeezenet_lib.paths import ROOT
from stages import summary


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Copies of the project's documents, named to the program; README.md first."""
    names = [Path("README.md"), *(path.relative_to(ROOT) for path in sorted(ROOT.glob("docs/*.md")))]
    for name in [*names, Path("dvc.yaml"), Path("plots/frontier.json")]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "metrics", tmp_path / "metrics")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["summary", *map(str, names)])
    return names


def test_figures_go_into_the_documents_and_twice_changes_nothing(documents: list[Path]) -> None:
    readme = documents[0]
    before = readme.read_text(encoding="utf-8")
    start, end = "<!-- figures -->\n", "<!-- /figures -->\n"
    without = before[: before.index(start) + len(start)] + before[before.index(end) :]
    readme.write_text(without, encoding="utf-8")
    summary.main()
    once = {path: path.read_bytes() for path in documents}
    assert "| Huffman-coded (.sqz) |" in once[readme].decode().split(start)[1].split(end)[0]
    summary.main()
    assert {path: path.read_bytes() for path in documents} == once


def test_no_document_is_written_when_one_has_a_place_that_nobody_fills(documents: list[Path]) -> None:
    documents[0].write_text(documents[0].read_text().replace("<!-- figures -->\n", "<!-- figures -->\nold\n"))
    with documents[-1].open("a") as last:
        last.write("\n<!-- figgures -->\n<!-- /figgures -->\n")
    before = [path.read_bytes() for path in documents]
    with pytest.raises(UserError, match="nothing is known of <!-- figgures -->"):
        summary.main()
    assert [path.read_bytes() for path in documents] == before


def test_a_figure_that_no_document_shows_is_an_error(
    documents: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["summary", "docs/first-boot.md"])
    with pytest.raises(UserError, match=r"no place <!-- bench --> in docs/first-boot\.md"):
        summary.main()


def test_a_document_that_is_missing_is_named(documents: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["summary", "README.md", "docs/none.md"])
    with pytest.raises(UserError, match=r"docs/none\.md cannot be read: No such file"):
        summary.main()


@pytest.mark.parametrize("name", ["bench", "train", "prune", "quantize", "huffman", "pio_build", "emulate"])
@pytest.mark.parametrize("content", [None, "{", "{}", "[]", "null"])
@pytest.mark.usefixtures("documents")
def test_a_metrics_file_that_is_missing_or_no_good_is_a_sentence(name: str, content: str | None) -> None:
    path = Path(f"metrics/{name}.json")
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match=rf"metrics(/{name}\.json)? .*run `(dvc repro|make bench)`"):
        summary.main()
