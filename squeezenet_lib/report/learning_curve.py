"""Accuracy over the number of pictures: experiments with limits for each class, their records and picture."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from squeezenet_lib.errors import UserError
from squeezenet_lib.params.sections import Params
from squeezenet_lib.report.accuracy_axes import HEIGHT, WIDTH, accuracy_axes, bars, means, seeds_in_words
from squeezenet_lib.report.figure import COLOURS, SMALL, drawing, logarithmic, svg
from squeezenet_lib.report.spread import Spread, spread

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LIMIT = "preprocess.pictures_per_class"
# Folds say nothing of the network whose accuracy is asked for, and would train it anew several times.
VARIED = (LIMIT, "seed", "train.folds")


@dataclass(frozen=True)
class Trial:
    """One experiment. limit: pictures of a class to train and validate with; None: all of them."""

    limit: int | None
    seed: int


@dataclass(frozen=True)
class Record:
    """A finished one. training_pictures: of all classes. accuracy: share of 1, on the test split."""

    pictures_per_class: int | None
    seed: int
    training_pictures: int
    accuracy: float


@dataclass(frozen=True)
class Point:
    """A limit over its seeds."""

    name: str
    pictures: Spread
    accuracy: Spread
    seeds: int


def trials_of(params: Params, digest: str) -> dict[str, Trial]:
    """Experiments by name, such as curve-50-seed1-0123abcd, seed by seed; params.yaml's own limit is one of
    them. digest: of what all have in common. Raises UserError where classes have limits of their own.
    """
    curve, own = params.learning_curve, params.preprocess.pictures_per_class
    if isinstance(own, dict):
        raise UserError(
            f"params.yaml: {LIMIT} has numbers for some classes, which the learning curve cannot vary; set "
            f"it to null or to one number."
        )
    given = set(curve.pictures_per_class)
    limits = [*sorted(given), None] if own is None else sorted(given | {own})
    trials = [Trial(limit, params.seed + more) for more in range(curve.repeats) for limit in limits]
    return {f"curve-{trial.limit or 'all'}-seed{trial.seed}-{digest}": trial for trial in trials}


def overrides(trial: Trial) -> dict[str, Any]:
    """What the experiment changes in params.yaml, by dotted key."""
    limit = "null" if trial.limit is None else trial.limit
    return dict(zip(VARIED, (limit, trial.seed, 1), strict=True))


def record(trial: Trial, train: Mapping[str, Any]) -> Record:
    """train: the experiment's metrics/train.json."""
    return Record(trial.limit, trial.seed, train["training_pictures"], train["accuracy"])


def to_json(records: Iterable[Record]) -> str:
    """plots/learning_curve.json: a list of flat objects, those with fewest pictures first."""
    rows = sorted(map(asdict, records), key=lambda row: (row["training_pictures"], row["seed"]))
    return json.dumps(rows, indent=2, allow_nan=False) + "\n"


def by_limit(records: Iterable[Record]) -> list[Point]:
    """The spread over the seeds of each limit, fewest pictures first."""
    groups: dict[int | None, list[Record]] = {}
    for item in records:
        groups.setdefault(item.pictures_per_class, []).append(item)
    points = [
        Point(
            "all" if limit is None else f"{limit} a class",
            spread([item.training_pictures for item in group]),
            spread([item.accuracy for item in group]),
            len(group),
        )
        for limit, group in groups.items()
    ]
    return sorted(points, key=lambda point: point.pictures.mean)


def learning_curve_svg(points: Sequence[Point]) -> str:
    """Accuracy over training pictures. points: at least one, fewest pictures first."""
    return svg(learning_curve_figure(points))


def learning_curve_figure(points: Sequence[Point]) -> Figure:
    """What learning_curve_svg shows."""
    with drawing(WIDTH, HEIGHT) as figure:
        title = "Test accuracy and training pictures (logarithmic): where it still rises, more would help"
        remark = seeds_in_words(point.seeds for point in points)
        axes = accuracy_axes(figure, title, remark, [point.accuracy for point in points])
        axes.set_xscale("log")
        axes.set_xlim(points[0].pictures.lowest / 1.3, 1.3 * points[-1].pictures.highest)
        logarithmic(axes.xaxis, (1, 2, 5), lambda count: f"{count:g}")
        spots = [(point.pictures, point.accuracy) for point in points]
        axes.plot(*means(spots), "o-", color=COLOURS[0], label="accuracy")
        bars(axes, (spot for spot, point in zip(spots, points, strict=True) if point.seeds > 1), COLOURS[0])
        for point in points:
            at = (point.pictures.mean, 100 * point.accuracy.mean)
            axes.annotate(point.name, at, (7, -13), textcoords="offset points", fontsize=SMALL)
    return figure
