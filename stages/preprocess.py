"""Turn the collected pictures into network inputs, split into train, val and test.

Reads:  data/raw
Writes: data/processed/{train,val,test}_{images,labels,targets}.npy, classes.json, report.json
Params: seed, preprocess
"""

import csv
import json
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from squeezenet_lib.dataset import SPLITS, Split, save_split
from squeezenet_lib.errors import UserError
from squeezenet_lib.images import Pixels, UnreadablePictureError, load_picture
from squeezenet_lib.outputs import replace_when_done, write_json
from squeezenet_lib.params import PreprocessParams, load_params
from squeezenet_lib.splits import stratified_split
from stages.stage import run

RAW = Path("data/raw")
PROCESSED = Path("data/processed")
FEWEST_PER_CLASS = 10

Row = dict[str, str]


@dataclass(frozen=True)
class Readable:
    """The pictures that could be decoded: their index rows, their inputs; and the names of the others."""

    rows: list[Row]
    inputs: list[Pixels]
    unreadable: list[str]


def main() -> None:
    """Decode, check, split, write."""
    params = load_params()
    preprocess(RAW, PROCESSED, params.preprocess, params.seed)


def preprocess(raw: Path, processed: Path, params: PreprocessParams, seed: int) -> None:
    """Make `processed` out of `raw`.

    Raises UserError when too many pictures are unreadable or a class has fewer than 10 readable ones.
    """
    try:
        classes = json.loads((raw / "provenance.json").read_text(encoding="utf-8"))["classes"]
        with (raw / "index.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{raw} is incomplete ({error}); run the download stage first.") from None
    readable = read_pictures(rows, raw / "pictures.zip", params)
    check_counts(readable, classes, params.max_unreadable_share)
    splits = assign_splits(readable.rows, params, seed)
    labels = np.array([classes.index(row["class"]) for row in readable.rows], np.int64)
    targets = soft_targets(readable.rows, labels, len(classes))
    inputs = np.stack(readable.inputs)
    counts: dict[str, Any] = {}
    with replace_when_done(processed) as temporary:
        temporary.mkdir()
        for name in SPLITS:
            chosen = splits == name
            save_split(temporary, name, Split(inputs[chosen], labels[chosen], targets[chosen]))
            tally = np.bincount(labels[chosen], minlength=len(classes))
            counts[name] = dict(zip(classes, tally.tolist(), strict=True))
            print(
                f"{name}: {tally.sum()} pictures, " + ", ".join(f"{n} {c}" for c, n in counts[name].items())
            )
        (temporary / "classes.json").write_text(json.dumps(classes, ensure_ascii=False) + "\n", "utf-8")
        settings = {key: getattr(params, key) for key in ("size", "channels", "standardise")}
        report = {"input": settings, "pictures": counts, "unreadable": readable.unreadable}
        write_json(temporary / "report.json", report)


def read_pictures(rows: list[Row], archive_path: Path, params: PreprocessParams) -> Readable:
    """Decode every picture of the index."""
    readable = Readable([], [], [])
    try:
        with zipfile.ZipFile(archive_path) as archive:
            for row in tqdm(rows, desc="preprocess", unit="picture", mininterval=1):
                content = archive.read(row["member"])
                try:
                    picture = load_picture(content, params.size, params.channels, params.standardise)
                except UnreadablePictureError:
                    readable.unreadable.append(row["member"])
                else:
                    readable.rows.append(row)
                    readable.inputs.append(picture)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(f"{archive_path} is damaged ({error}); run the download stage again.") from None
    return readable


def check_counts(readable: Readable, classes: list[str], max_unreadable_share: float) -> None:
    """Raise UserError for too many unreadable pictures or too few readable ones of a class."""
    bad, total = len(readable.unreadable), len(readable.unreadable) + len(readable.rows)
    if bad > max_unreadable_share * total:
        names = ", ".join(readable.unreadable[:5]) + (", ..." if bad > 5 else "")
        raise UserError(
            f"{bad} of {total} pictures cannot be read, more than preprocess.max_unreadable_share "
            f"({max_unreadable_share}) allows: {names}; repair or remove them."
        )
    counts = Counter(row["class"] for row in readable.rows)
    for name in classes:
        if counts[name] < FEWEST_PER_CLASS:
            raise UserError(
                f"The class {name} has {counts[name]} readable pictures; it needs {FEWEST_PER_CLASS} or more."
            )


def assign_splits(rows: list[Row], params: PreprocessParams, seed: int) -> npt.NDArray[np.str_]:
    """The split of each row, str (N,). Splits that the source decided stay; missing ones come out of train.

    Stratified on class and stratum: first test_share of all, then validation_share of what is left.
    """
    splits = np.array([row["split"] or "train" for row in rows])
    strata = [(row["class"], row["stratum"]) for row in rows]
    for draw, (name, share) in enumerate((("test", params.test_share), ("val", params.validation_share))):
        if name not in splits:
            pool = np.flatnonzero(splits == "train")
            chosen = stratified_split([strata[index] for index in pool], share, (seed, draw))
            splits[pool[chosen]] = name
    return splits


def soft_targets(rows: list[Row], labels: npt.NDArray[np.int64], classes: int) -> npt.NDArray[np.float32]:
    """float32 (N, classes): the source's probability of the second class where it gives one, else one-hot."""
    targets = np.eye(classes, dtype=np.float32)[labels]
    for target, row in zip(targets, rows, strict=True):
        if row["target"]:
            target[:] = 1 - float(row["target"]), float(row["target"])
    return targets


if __name__ == "__main__":
    run(main)
