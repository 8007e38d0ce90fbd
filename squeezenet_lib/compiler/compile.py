"""The one way from a graph to the .sqz file that the chip runs: plan, code, read back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from squeezenet_lib.coding import huffman
from squeezenet_lib.compiler.memory_plan import MemoryPlan
from squeezenet_lib.compiler.planner import ARENA_LIMIT, plan
from squeezenet_lib.graph import Graph
from squeezenet_lib.sqz.container import SectionBytes, read_sqz, write_sqz
from squeezenet_lib.sqz.program import ModelFacts, Program
from squeezenet_lib.version import version


@dataclass(frozen=True)
class Compiled:
    """sqz: the file's content. sections: where its bytes go. memory: where in the arena what is when."""

    sqz: bytes
    program: Program
    sections: SectionBytes
    memory: MemoryPlan


def compile_graph(
    graph: Graph,
    facts: ModelFacts | None = None,
    arena_limit: int = ARENA_LIMIT,
    max_code_length: int = huffman.MAX_CODE_LENGTH,
    cores: int = 1,
) -> Compiled:
    """The graph as a .sqz, for one core or for two.

    Raises UserError for a graph that the runtime cannot run or that needs more than `arena_limit` bytes, and
    for another number of names than classes.
    """
    facts = facts or ModelFacts()
    names = facts.class_names
    if names is None:
        names = tuple(map(str, range(graph.output.shape[-1])))
    program, memory = plan(graph, names, facts.standardise, facts.producer or version(), arena_limit, cores)
    program = replace(program, header=replace(program.header, decision=facts.decision))
    sqz, sections = write_sqz(program, max_code_length)
    _check_weights(graph, read_sqz(sqz))
    return Compiled(sqz, program, sections, memory)


def _check_weights(graph: Graph, decoded: Program) -> None:
    """The decoded weights are the graph's, bit for bit; anything else is a defect of the coder."""
    for conv, filters in zip(graph.convolutions, decoded.convolutions, strict=True):
        if not np.array_equal(conv.weights, filters.weights):
            raise AssertionError(f"the decoded weights of {conv.output.name!r} differ from the graph's")
