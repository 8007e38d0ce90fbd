"""The int8 weights that a .sqz codes, through general compressors and a range coder, with bounds beside.

The compressors get the weights of all layers as one run of bytes, filter by filter. The range coder has a
static model for each layer, whose size counts. What they make is decoded again and compared. Sizes whose name
starts with "bound" are computed: the order-0 entropy without any parameters, and what an ideal coder would
need with better static models (weight_contexts.py), their parameters counted.
"""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import brotli
import numpy as np
import zstandard

from squeezenet_lib.coding.alphabet import Weights
from squeezenet_lib.coding.entropy import layer_entropy_bits
from squeezenet_lib.coding.range_coding import range_decode, range_encode
from squeezenet_lib.coding.weight_contexts import (
    MODELS,
    ORDER_0,
    best_of_each_layer,
    model_size,
)

BOUND = "bound: "
RANGE_CODER = "range coder"
ENTROPY = f"{BOUND}order-0 entropy"
BEST = "best model of each layer"

Coder = tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]


@dataclass(frozen=True)
class CodedSize:
    """bytes: everything a decoder needs besides the layers' shapes. model_bytes: those of them that describe
    a model (tables, side information). ratio: how much smaller than the float32 network.
    """

    name: str
    bytes: int
    model_bytes: int
    ratio: float

    @property
    def computed(self) -> bool:
        """Whether this is a bound, not the size of something that was coded and decoded again."""
        return self.name.startswith(BOUND)


# xz and zstd write what their command-line tools write, zstd without the tool's checksum of 4 bytes.
COMPRESSORS: Mapping[str, Coder] = {
    "gzip -9": (lambda data: gzip.compress(data, 9, mtime=0), gzip.decompress),
    "xz -9e": (lambda data: lzma.compress(data, preset=9 | lzma.PRESET_EXTREME), lzma.decompress),
    "zstd -19": (zstandard.ZstdCompressor(level=19).compress, zstandard.ZstdDecompressor().decompress),
    "brotli 11": (lambda data: brotli.compress(data, quality=11), brotli.decompress),
}


def compare(weights: Sequence[Weights], float32_bytes: int) -> list[CodedSize]:
    """Sizes of the layers' weights, each int8 (filters, k, k, channels): compressors, range coder, bounds.

    float32_bytes: size of the float32 network, weights and biases, that the ratios refer to. Raises
    RuntimeError when something does not decode to the same weights: a defect of the coder.
    """

    def sized(name: str, size: float, model: float = 0.0) -> CodedSize:
        whole = int(np.ceil(size))
        return CodedSize(name, whole, int(np.ceil(model)), float32_bytes / max(whole, 1))

    data = b"".join(layer.tobytes() for layer in weights)
    sizes = []
    for name, (compress, decompress) in COMPRESSORS.items():
        packed = compress(data)
        _check(name, decompress(packed) == data)
        sizes.append(sized(name, len(packed)))
    stream, table_bytes = range_encode(weights)
    decoded = range_decode(stream, [layer.size for layer in weights])
    _check(RANGE_CODER, b"".join(layer.tobytes() for layer in decoded) == data)
    sizes.append(sized(RANGE_CODER, len(stream), table_bytes))
    sizes.append(sized(ENTROPY, layer_entropy_bits(weights) / 8))
    by_model = {name: [model_size(layer, model) for layer in weights] for name, model in MODELS.items()}
    choices = {name: [by_model[ORDER_0], found] for name, found in by_model.items() if name != ORDER_0}
    choices[BEST] = list(by_model.values())
    for name, options in choices.items():
        best = best_of_each_layer(options)
        bits = sum(size.bits for size in best)
        sizes.append(sized(BOUND + name, bits / 8, sum(size.parameter_bits for size in best) / 8))
    return sizes


def _check(name: str, same: bool) -> None:
    if not same:
        raise RuntimeError(f"{name} does not decode to the weights that were coded")
