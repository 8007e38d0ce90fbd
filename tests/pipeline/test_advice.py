"""Advice that names a command is followed, and then what failed works."""

import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline.project import DVC, Project, attempt

PICTURE = "pictures/grain/0001.png"


def advised(sentence: str) -> list[list[str]]:
    """The commands of dvc in it, in order."""
    return [shlex.split(span)[1:] for span in re.findall(r"`(dvc [^`]+)`", sentence)]


def fails(project: Project, *arguments: str) -> str:
    """The sentence."""
    done = attempt(project.folder, *arguments)
    assert done.returncode != 0, done.stdout
    return next(line for line in reversed(done.stdout.splitlines()) if line.startswith("error: "))


def works(project: Project, *arguments: str) -> None:
    done = attempt(project.folder, *arguments)
    assert done.returncode == 0, done.stdout[-3000:]


def follow(project: Project, sentence: str) -> None:
    commands = advised(sentence)
    assert commands, sentence
    for command in commands:
        works(project, *DVC, *command)


def module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


PREDICT = ("squeezenet_lib", "predict", PICTURE)


@pytest.mark.parametrize(
    ("spoil", "file", "command", "commands"),
    [
        (cut_short, "models/model.sqz", PREDICT, ["repro huffman"]),
        pytest.param(Path.unlink, "models/model.sqz", PREDICT, ["repro huffman"], marks=pytest.mark.full),
        (Path.unlink, "models/model.sqz", ("stages.emulate",), ["repro"]),
        pytest.param(Path.unlink, "models/float.keras", ("stages.prune",), ["repro"], marks=pytest.mark.full),
        pytest.param(
            cut_short, "models/pruned.keras", ("stages.quantize",), ["repro"], marks=pytest.mark.full
        ),
        (Path.unlink, "metrics/huffman.json", ("stages.summary",), ["repro"]),
    ],
)
def test_a_file_of_the_pipeline_that_is_spoilt_is_there_again(
    project: Project,
    spoil: Callable[[Path], None],
    file: str,
    command: tuple[str, ...],
    commands: list[str],
) -> None:
    whole = (project.folder / file).read_bytes()
    spoil(project.folder / file)
    sentence = fails(project, *module(*command))
    assert [" ".join(words) for words in advised(sentence)] == commands
    follow(project, sentence)
    assert (project.folder / file).read_bytes() == whole
    if command[0] in ("squeezenet_lib", "stages.summary"):  # the others train
        works(project, *module(*command))


@pytest.mark.parametrize(
    ("file", "stage"),
    [("data/processed/test_labels.npy", "preprocess"), ("data/raw/pictures.zip", "download")],
)
def test_a_data_set_that_is_spoilt_is_there_again(project: Project, file: str, stage: str) -> None:
    """The sentence names the stage."""
    whole = (project.folder / file).read_bytes()
    cut_short(project.folder / file)
    reader = {"preprocess": "stages.emulate", "download": "stages.preprocess"}[stage]
    assert re.search(rf"run the {stage} stage (first|again)\.$", fails(project, *module(reader)))
    works(project, *DVC, "repro", stage)
    assert (project.folder / file).read_bytes() == whole


def test_pictures_that_are_repaired_are_taken_anew(project: Project) -> None:
    """`dvc repro` alone would go on reading the broken ones."""
    broken = sorted((project.folder / "pictures").rglob("*.png"))[:5]
    contents = [path.read_bytes() for path in broken]
    for path in broken:
        path.write_bytes(b"no picture")
    works(project, *DVC, "repro", "--single-item", "--force", "download")
    sentence = fails(project, *DVC, "repro", "preprocess")
    assert "6 of 121 pictures cannot be read, more than preprocess.max_unreadable_share" in sentence
    for path, content in zip(broken, contents, strict=True):
        path.write_bytes(content)
    assert fails(project, *DVC, "repro", "preprocess") == sentence
    follow(project, sentence)


@pytest.mark.full
def test_firmware_of_other_code_is_built_again(project: Project) -> None:
    """As after another compiler was installed, of which DVC knows nothing."""
    objects = project.folder / "build/firmware/objects.json"
    text = objects.read_text()
    objects.write_text(re.sub(r'(": ")[0-9a-f]{4}', r"\g<1>beef", text, count=1))
    sentence = fails(project, *module("stages.emulate"))
    assert "objects.json lists other code than esp32_pio has" in sentence
    follow(project, sentence)
    assert objects.read_text() == text
