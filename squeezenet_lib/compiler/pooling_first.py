"""Max pooling moved in front of what never decreases, such as a batch normalisation without negative factors.

The maximum of what it makes is what it makes of the maximum, so nothing changes but the work: fewer pixels
are normalised, and the pooling comes right behind a convolution, which takes it in.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from squeezenet_lib.graph import (
    AddChannels,
    Graph,
    MaxPool2D,
    MultiplyChannels,
    Operator,
    Requantize,
    Tensor,
    inputs_of,
)


def pooling_first(graph: Graph) -> Graph:
    """The same network; tensors between the operators that change places are new ones."""
    while (moved := _move_one(graph)) is not None:
        graph = moved
    return graph


def _move_one(graph: Graph) -> Graph | None:
    reads = [tensor.index for op in graph.operators for tensor in inputs_of(op)] + [graph.output.index]
    makers = {op.output.index: op for op in graph.operators}
    for pool in graph.operators:
        if not isinstance(pool, MaxPool2D) or (pool.clamp_min, pool.clamp_max) != (-128, 127):
            continue
        before = makers.get(pool.input.index)
        if isinstance(before, AddChannels | MultiplyChannels | Requantize) and _never_decreases(before):
            alone = reads.count(before.output.index) == reads.count(before.input.index) == 1
            if alone and before.input.index in makers:
                return _exchanged(graph, before, pool)
    return None


def _never_decreases(op: AddChannels | MultiplyChannels | Requantize) -> bool:
    if isinstance(op, MultiplyChannels):
        return bool(np.all(op.constants.numbers >= 0))
    return not (isinstance(op, AddChannels) and op.negate_input)


def _exchanged(graph: Graph, before: AddChannels | MultiplyChannels | Requantize, pool: MaxPool2D) -> Graph:
    source = before.input
    index = 1 + max(tensor.index for op in graph.operators for tensor in (*inputs_of(op), op.output))
    pooled = Tensor(index, f"{source.name} pooled", pool.output.shape, source.scale, source.zero_point)
    operators: list[Operator] = []
    for op in graph.operators:
        if op is pool:
            operators += [replace(pool, input=source, output=pooled)]
            operators += [replace(before, input=pooled, output=pool.output)]
        elif op is not before:
            operators.append(op)
    return replace(graph, operators=tuple(operators))
