"""compile_graph reads back what it wrote before it gives it away."""

import numpy as np
import pytest

from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.compiler import compile as compiler
from squeezenet_lib.compiler.compile import compile_graph
from squeezenet_lib.sqz.container import read_sqz
from squeezenet_lib.sqz.program import Program


def test_weights_that_do_not_survive_are_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(sqz: bytes) -> Program:
        program = read_sqz(sqz)
        weights = program.convolutions[3].weights.copy()
        weights.flat[5] += 1
        object.__setattr__(program.convolutions[3], "weights", weights)
        return program

    graph = random_squeezenet(np.random.default_rng(0), 32, 1, 2, 0.125, 0.8)
    assert read_sqz(compile_graph(graph).sqz).convolutions
    monkeypatch.setattr(compiler, "read_sqz", damaged)
    with pytest.raises(AssertionError, match=r"differ from the graph's"):
        compile_graph(graph)
