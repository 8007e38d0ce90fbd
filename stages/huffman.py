"""Compile the int8 model into the .sqz file that the chip runs, its weights Huffman-coded.

Reads:  models/model.tflite, data/processed/classes.json
Writes: models/model.sqz, metrics/huffman.json
Params: huffman, preprocess.standardise
"""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from squeezenet_lib import huffman
from squeezenet_lib.coder_comparison import BEST, BOUND, ENTROPY, compare
from squeezenet_lib.container import SectionBytes, read_sqz, read_tables, write_sqz
from squeezenet_lib.dataset import load_classes
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import Graph
from squeezenet_lib.outputs import replace_when_done, write_json
from squeezenet_lib.params import load_params
from squeezenet_lib.planner import plan
from squeezenet_lib.program import Program
from squeezenet_lib.symbol_alphabet import alphabet_name
from squeezenet_lib.tflite_graph import read_graph
from squeezenet_lib.version import version
from stages.stage import run

TFLITE = Path("models/model.tflite")
SQZ = Path("models/model.sqz")
METRICS = Path("metrics/huffman.json")


def main() -> None:
    """Plan, code, and read back what was written before it is kept."""
    params = load_params()
    try:
        model = TFLITE.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{TFLITE} is missing; run the quantize stage first.") from None
    graph = read_graph(model)
    classes = tuple(load_classes(Path("data/processed")))
    program, memory = plan(
        graph, classes, params.preprocess.standardise, version(), params.huffman.arena_limit
    )
    sqz, sections = write_sqz(program, params.huffman.max_code_length)
    check_weights(graph, read_sqz(sqz))
    with replace_when_done(SQZ) as temporary:
        temporary.write_bytes(sqz)
    write_json(METRICS, measure(graph, program, sections))
    print(f"{SQZ}: {len(sqz)} bytes, {graph.float32_bytes / len(sqz):.2f} times smaller than float32")
    print(f"weights: {alphabets(sqz)}")
    alive = ", ".join(f"{buffer.name}: {buffer.size}" for buffer in memory.peak_buffers)
    print(f"arena: {memory.arena_bytes} bytes, at the least {memory.lower_bound}; at its peak {alive}")


def check_weights(graph: Graph, decoded: Program) -> None:
    """The decoded weights are the .tflite's, bit for bit; anything else is a defect of the coder."""
    for conv, filters in zip(graph.convolutions, decoded.convolutions, strict=True):
        if not np.array_equal(conv.weights, filters.weights):
            raise AssertionError(f"the decoded weights of {conv.output.name!r} differ from the .tflite's")


def alphabets(sqz: bytes) -> str:
    """What kinds of symbols the layers' weights are coded in, the most frequent first."""
    kinds = Counter(alphabet_name(lengths) for lengths in read_tables(sqz))
    return ", ".join(f"{count} layers {kind}" for kind, count in kinds.most_common())


def measure(graph: Graph, program: Program, sections: SectionBytes) -> dict[str, Any]:
    """Sizes in bytes. bits_per_weight counts code and tables; the entropy is the sum over the layers. coders:
    what others make of the same weights, and bounds.
    """
    weights = sum(filters.weights.size for filters in program.convolutions)
    entropy = sum(huffman.entropy_bits(filters.weights) for filters in program.convolutions)
    sqz_bytes = sections.program + sections.filters + sections.tables + sections.code
    return {
        "sqz_bytes": sqz_bytes,
        "float32_bytes": graph.float32_bytes,
        "ratio": graph.float32_bytes / sqz_bytes,
        "bits_per_weight": 8 * (sections.code + sections.tables) / weights,
        "entropy_bits_per_weight": entropy / weights,
        "entropy_bytes": entropy / 8,
        "code_bytes": sections.code,
        "table_bytes": sections.tables,
        "filter_bytes": sections.filters,
        "program_bytes": sections.program,
        "arena_bytes": program.header.arena_bytes,
        "coders": coders(graph),
    }


def coders(graph: Graph) -> dict[str, int]:
    """Bytes of the int8 weights by coder, and two of the bounds: the entropy, and the best static models."""
    sizes = compare([conv.weights for conv in graph.convolutions], graph.float32_bytes)
    bounds = (ENTROPY, BOUND + BEST)
    return {size.name: size.bytes for size in sizes if not size.computed or size.name in bounds}


if __name__ == "__main__":
    run(main)
