"""Accuracy against bytes over many experiments: records, their spread over seeds, the Pareto front."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from squeezenet_lib.errors import UserError
from squeezenet_lib.report.spread import Spread, spread
from squeezenet_lib.report.story import Metrics, Step, steps


@dataclass(frozen=True, order=True)
class Setting:
    """What the sweep varies. sparsity: share of zeros asked for, of 1. levels: weight values besides zero.

    scanned: layers differ as the sensitivity scan proposed, so the two say little; only params.yaml's own
    setting can be so.
    """

    sparsity: float
    levels: int
    scanned: bool = False


@dataclass(frozen=True)
class Record:
    """One finished experiment. The accuracies are shares of 1 on the test split, sqz_bytes the whole file.

    default: whether this is params.yaml's own setting. path: the model's states on its way to the chip.
    """

    setting: Setting
    seed: int
    default: bool
    float_accuracy: float
    accuracy: float
    sqz_bytes: int
    path: tuple[Step, ...]


@dataclass(frozen=True)
class Point:
    """A setting, or a state of the model, over its seeds. accuracy: share of 1."""

    name: str
    accuracy: Spread
    bytes: Spread
    seeds: int


def record(setting: Setting, seed: int, default: bool, metrics: Metrics) -> Record:
    """The record of an experiment with these metrics/<stage>.json, by stage."""
    return Record(
        setting,
        seed,
        default,
        metrics["train"]["accuracy"],
        metrics["quantize"]["accuracy"],
        metrics["huffman"]["sqz_bytes"],
        tuple(steps(metrics)),
    )


def to_json(records: Iterable[Record]) -> str:
    """plots/frontier.json: a list of flat objects, but for `path`; sorted by setting and seed."""
    rows = []
    for item in sorted(records, key=lambda item: (item.setting, item.seed)):
        row = asdict(item)
        path = [{"step": step.name, "bytes": step.bytes, "accuracy": step.accuracy} for step in item.path]
        rows.append({**row.pop("setting"), **row, "path": path})
    return json.dumps(rows, indent=2, allow_nan=False) + "\n"


def from_json(path: Path) -> list[Record]:
    """The records in the file; none when there is no such file. Raises UserError for a damaged one."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [_from_row(row) for row in rows]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is not what `make frontier` writes ({error!r}); run it again or remove the file."
        ) from None


def _from_row(row: Mapping[str, Any]) -> Record:
    path = tuple(Step(step["step"], step["accuracy"], step["bytes"]) for step in row["path"])
    setting = Setting(row["sparsity"], row["levels"], row["scanned"])
    figures = (row["float_accuracy"], row["accuracy"], row["sqz_bytes"])
    return Record(setting, row["seed"], row["default"], *figures, path)


def by_setting(records: Iterable[Record]) -> dict[Setting, Point]:
    """The spread over the seeds of each setting; accuracy is the int8 network's, bytes the .sqz's."""
    groups: dict[Setting, list[Record]] = {}
    for item in records:
        groups.setdefault(item.setting, []).append(item)
    return {
        setting: Point(
            "auto" if setting.scanned else f"{100 * setting.sparsity:g} %",
            spread([item.accuracy for item in group]),
            spread([item.sqz_bytes for item in group]),
            len(group),
        )
        for setting, group in sorted(groups.items())
    }


def float_accuracy(records: Iterable[Record]) -> Spread:
    """Of the float networks, of which there is one for each seed."""
    return spread(list({item.seed: item.float_accuracy for item in records}.values()))


def path_over_seeds(path: Sequence[Step], records: Iterable[Record]) -> list[Point]:
    """The states of `path`, spread over the seeds of the same setting where the sweep has this very path.

    A sweep of another pipeline, or from another machine, has no record with the same figures: then each
    point is that of one seed.
    """
    known = list(records)
    same = next((item.setting for item in known if item.path == tuple(path)), None)
    paths = [item.path for item in known if item.setting == same] or [tuple(path)]
    return [
        Point(
            states[0].name,
            spread([state.accuracy for state in states]),
            spread([state.bytes for state in states]),
            len(states),
        )
        for states in zip(*paths, strict=True)
    ]


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Indices of the points (bytes, accuracy) that no other beats, from the smallest on.

    One beats another when it is no larger and no less accurate, and better in one of the two.
    """
    front: list[int] = []
    for index in sorted(range(len(points)), key=lambda index: (points[index][0], -points[index][1])):
        if not front or points[index][1] > points[front[-1]][1] or points[index] == points[front[-1]]:
            front.append(index)
    return front
