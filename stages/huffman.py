"""Compile the int8 model into the .sqz file that the chip runs, its weights Huffman-coded.

Reads:  models/model.tflite, models/decision.json, data/processed/classes.json
Writes: models/model.sqz, metrics/huffman.json
Params: huffman, preprocess.standardise
"""

from collections import Counter
from typing import Any

from squeezenet_lib.coding.code_table import code_name
from squeezenet_lib.coding.entropy import layer_entropy_bits
from squeezenet_lib.compiler.compile import Compiled, compile_graph
from squeezenet_lib.dataset.arrays import load_classes
from squeezenet_lib.graph import Graph
from squeezenet_lib.outputs import replace_when_done, write_json
from squeezenet_lib.params.file import load_params
from squeezenet_lib.paths import DECISION, METRICS, PROCESSED, SQZ_MODEL
from squeezenet_lib.sqz.container import read_tables
from squeezenet_lib.sqz.decision import read_decision
from squeezenet_lib.sqz.display_names import in_words
from squeezenet_lib.sqz.program import ModelFacts
from squeezenet_lib.tflite.reader import read_graph
from stages.int8_model import read_int8_model
from stages.stage import run


def main() -> None:
    """Plan and code; what was coded has been read back before it is kept."""
    params = load_params()
    model = read_int8_model()
    graph, classes = read_graph(model), tuple(load_classes(PROCESSED))
    compiled = compile_graph(
        graph,
        ModelFacts(classes, params.preprocess.standardise, read_decision(DECISION, len(classes))),
        params.huffman.arena_limit,
        params.huffman.max_code_length,
        params.huffman.cores,
    )
    sqz, memory = compiled.sqz, compiled.memory
    with replace_when_done(SQZ_MODEL) as temporary:
        temporary.write_bytes(sqz)
    write_json(METRICS / "huffman.json", measure(graph, compiled))
    print(f"{SQZ_MODEL}: {len(sqz)} bytes, {graph.float32_bytes / len(sqz):.2f} times smaller than float32")
    print(f"weights: {alphabets(sqz)}")
    if other_names := in_words(compiled.program.header.class_names):
        print(other_names)
    alive = ", ".join(f"{buffer.name}: {buffer.size}" for buffer in memory.peak_buffers)
    print(f"arena: {memory.arena_bytes} bytes, at the least {memory.lower_bound}; at its peak {alive}")


def alphabets(sqz: bytes) -> str:
    """What kinds of symbols the layers' weights are coded in, the most frequent first."""
    kinds = Counter(code_name(table) for table in read_tables(sqz))
    return ", ".join(f"{count} layers {kind}" for kind, count in kinds.most_common())


def measure(graph: Graph, compiled: Compiled) -> dict[str, Any]:
    """Sizes in bytes. bits_per_weight counts code and tables; the entropy is the sum over the layers."""
    program, sections = compiled.program, compiled.sections
    weights = sum(filters.weights.size for filters in program.convolutions)
    entropy = layer_entropy_bits(filters.weights for filters in program.convolutions)
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
    }


if __name__ == "__main__":
    run(main)
