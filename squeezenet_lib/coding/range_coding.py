"""Weights through a range coder with one static order-0 model for each layer: what entropy coding can reach.

The stream is the layers' frequency tables (see frequency_table.py), padded to whole 16-bit units, then the
range coder's 32-bit words, little endian. A layer with a single value takes no bits after its table; the
weights' shapes are known to the decoder, as they are to the chip. constriction does the coding.
"""

from __future__ import annotations

from collections.abc import Sequence

import constriction
import numpy as np

from squeezenet_lib.coding.alphabet import Weights
from squeezenet_lib.coding.frequency_table import (
    FrequencyTable,
    fit_table,
    pack_tables,
    unpack_tables,
)


def range_encode(layers: Sequence[Weights]) -> tuple[bytes, int]:
    """The stream of all layers, any shapes, and how many of its bytes are the tables."""
    filled = [layer.ravel() for layer in layers if layer.size]
    tables = [fit_table(layer) for layer in filled]
    coder = constriction.stream.queue.RangeEncoder()
    for layer, table in zip(filled, tables, strict=True):
        if len(table.frequencies) > 1:
            coder.encode(layer.astype(np.int32) - table.first, _model(table))
    packed = pack_tables(tables)
    return packed + coder.get_compressed().astype("<u4").tobytes(), len(packed)


def range_decode(data: bytes, sizes: Sequence[int]) -> list[Weights]:
    """The layers of `data` again, flat, with `sizes` weights each."""
    tables, start = unpack_tables(data, sum(size > 0 for size in sizes))
    words = np.frombuffer(data[start:], "<u4").astype(np.uint32)
    coder = constriction.stream.queue.RangeDecoder(words)
    layers, waiting = [], iter(tables)
    for size in sizes:
        table = next(waiting) if size else None
        if table is None or len(table.frequencies) == 1:
            layers.append(np.full(size, table.first if table else 0, np.int8))
        else:
            symbols = coder.decode(_model(table), size)
            layers.append((symbols + table.first).astype(np.int8))
    return layers


def _model(table: FrequencyTable) -> constriction.stream.model.Categorical:
    probabilities = table.frequencies / 2.0**table.precision
    return constriction.stream.model.Categorical(probabilities, perfect=False)
