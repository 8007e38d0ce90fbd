"""Convolutions divided between two cores: the filters of each in two parts that take about the same time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from squeezenet_lib.compiler.convolution_plan import filter_costs, filter_taps
from squeezenet_lib.compiler.dataflow import Step, Storage
from squeezenet_lib.graph import Conv2D
from squeezenet_lib.sqz.program import TensorRecord

_WORTH = 2000  # instructions that dividing a step has to save: the cores have to meet, and a file grows


def divided(
    steps: Sequence[Step], records: Mapping[Storage, TensorRecord], undivided: Collection[str] = ()
) -> list[Step]:
    """The steps with two in the place of each convolution that is worth it; the second one is `beside`.

    undivided: names of steps that stay as they are.
    """
    found: list[Step] = []
    for step in steps:
        first = 0 if step.name in undivided else _first_filters(step, records)
        found += [_part(step, 0, first), _part(step, first, None)] if first else [step]
    return found


def _first_filters(step: Step, records: Mapping[Storage, TensorRecord]) -> int:
    """How many filters the first core takes, such that the slower one is done as early as can be; 0: all."""
    conv = step.operator
    if not isinstance(conv, Conv2D) or len(conv.weights) < 2:
        return 0
    assert step.source is not None
    record, made = records[step.source], (step.pool or conv).output
    costs = filter_costs(conv.weights, filter_taps(conv.weights), record, made.height * made.width)
    before = np.cumsum(costs)[:-1]  # of each place to divide them
    slower = np.maximum(before, costs.sum() - before)
    return int(slower.argmin()) + 1 if costs.sum() - slower.min() > _WORTH else 0


def _part(step: Step, first: int, end: int | None) -> Step:
    """Filters `first` to `end`, without it."""
    conv = step.operator
    assert isinstance(conv, Conv2D)
    part = replace(
        conv,
        weights=conv.weights[first:end],
        filter_scales=conv.filter_scales[first:end],
        bias=conv.bias[first:end],
    )
    return replace(step, operator=part, channel=step.channel + first, layer=conv, beside=first > 0)
