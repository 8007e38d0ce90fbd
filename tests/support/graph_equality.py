"""Two graphs side by side: arrays and renumbered tensors have no == of their own."""

import dataclasses
from typing import Any

import numpy as np

from squeezenet_lib.graph import ChannelConstants, Graph, Operator, Tensor


def without_indexes(graph: Graph) -> list[Any]:
    """The graph as values that compare: each tensor without its index, arrays as dtype and numbers."""
    return [_plain(graph.input), _plain(graph.output), *map(_operator, graph.operators)]


def _operator(op: Operator) -> list[Any]:
    fields = dataclasses.fields(op)
    return [type(op).__name__, *((field.name, _plain(getattr(op, field.name))) for field in fields)]


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        return dataclasses.replace(value, index=0)
    if isinstance(value, ChannelConstants):
        return (_plain(value.numbers), value.scale)
    if isinstance(value, np.ndarray):
        return (value.dtype, value.shape, value.tolist())
    if isinstance(value, tuple):
        return tuple(_plain(part) for part in value)
    return value
