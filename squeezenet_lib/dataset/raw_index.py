"""data/raw without the pictures themselves: what its index and its provenance file say about them."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from squeezenet_lib.errors import UserError


@dataclass(frozen=True)
class RawIndex:
    """N pictures in the source's order, each column of length N; see SourcePicture.

    classes: in label order. members: names in the archive. labels: int64, indices into classes. splits: as
    the source decided, else empty. targets: float32 (N, classes), its soft targets or else one-hot. left_out:
    what the source had besides, by reason.
    """

    classes: list[str]
    members: list[str]
    labels: npt.NDArray[np.int64]
    splits: npt.NDArray[np.str_]
    strata: npt.NDArray[np.str_]
    targets: npt.NDArray[np.float32]
    left_out: dict[str, Any]


COLUMNS = ("member", "class", "target", "stratum", "split")


def index_writer(file: TextIO) -> Callable[[Sequence[str]], None]:
    """Writes the columns' names into `file`, which is open without newline translation; returns what writes
    a picture's row.

    Python before 3.11.9 and 3.12.3 does not quote carriage returns by itself, and then reads two rows.
    """
    plain = csv.writer(file, lineterminator="\n")
    quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    plain.writerow(COLUMNS)

    def write(row: Sequence[str]) -> None:
        (quoted if any("\r" in text for text in row) else plain).writerow(row)

    return write


def read_index(raw: Path, chosen: list[str] | None) -> RawIndex:
    """The index of the folder `raw`, of the classes `chosen` only unless that is None.

    Raises UserError when a file is missing or damaged or `chosen` has an unknown class.
    """
    try:
        provenance = json.loads((raw / "provenance.json").read_text(encoding="utf-8"))
        classes = provenance["classes"]
        rows = _whole_rows(raw / "index.csv", sum(provenance["pictures"].values()))
        if chosen is not None:
            refuse_unknown_classes("preprocess.classes", chosen, classes)
            classes = [name for name in classes if name in chosen]
            rows = [row for row in rows if row["class"] in classes]
        if not rows:
            raise ValueError(f"no pictures of {', '.join(classes)}")
        labels = np.array([classes.index(row["class"]) for row in rows], np.int64)
        return RawIndex(
            classes,
            [row["member"] for row in rows],
            labels,
            np.array([row["split"] for row in rows]),
            np.array([row["stratum"] for row in rows]),
            _targets([row["target"] for row in rows], labels, len(classes)),
            provenance.get("left_out", {}),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise UserError(f"{raw} is incomplete ({error}); run the download stage first.") from None


def _whole_rows(path: Path, pictures: int) -> list[dict[str, str]]:
    """The rows of the file, which are so many. ValueError when some, or a part of the last, are missing."""
    with path.open(newline="", encoding="utf-8") as file:
        text = file.read()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    if len(rows) != pictures or not text.endswith("\n"):
        raise ValueError(f"{path.name} is cut off or changed: it has {len(rows)} of {pictures} pictures")
    return rows


def refuse_unknown_classes(key: str, names: Iterable[str], classes: list[str]) -> None:
    """Raise UserError when params.yaml has a name at `key` that is not one of `classes`."""
    unknown = [name for name in names if name not in classes]
    if unknown:
        raise UserError(f"{key} has {', '.join(unknown)}; the classes are {', '.join(classes)}.")


def _targets(given: list[str], labels: npt.NDArray[np.int64], classes: int) -> npt.NDArray[np.float32]:
    """given: the probability of the second of two classes, or empty."""
    targets = np.eye(classes, dtype=np.float32)[labels]
    for target, text in zip(targets, given, strict=True):
        if text:
            target[:] = 1 - float(text), float(text)
    return targets
