"""The assembler kernels, with and without the LX6's own instructions, give what their C twins give here.

In the call0 ABI of the bare-metal build and, interrupted all the time, in the windowed one of ESP-IDF.

Random networks over all operators, extremes included, and with four lanes wherever less RAM allows it."""

from pathlib import Path

import numpy as np
import pytest

from squeezenet_lib.bench.cores import build_cores, count
from squeezenet_lib.bench.random_squeezenet import random_squeezenet
from squeezenet_lib.coding.code_table import pack_table
from squeezenet_lib.coding.low_bits import MOST_LOW_BITS
from squeezenet_lib.coding.weight_coding import CodedLayer
from squeezenet_lib.compiler.convolution_plan import LARGEST_LEVEL
from squeezenet_lib.compiler.planner import ARENA_LIMIT, plan
from squeezenet_lib.errors import UserError
from squeezenet_lib.graph import Graph
from squeezenet_lib.sqz import container
from squeezenet_lib.sqz.container import write_sqz
from squeezenet_lib.sqz.host_runtime import HostRuntime
from tests.support.coded_weights import coded_in_pairs, coded_with
from tests.support.random_model import random_model
from tests.support.windowed_firmware import WINDOWED_CORE, windowed_firmware

Elfs = list[tuple[str, Path]]  # beside the names of the cores that they are for

CI_SEEDS = range(6)
FULL_SEEDS = range(6, 500)


@pytest.fixture(scope="module")
def elfs(tmp_path_factory: pytest.TempPathFactory) -> Elfs:
    return [
        *build_cores(tmp_path_factory.mktemp("cores")).items(),
        *((WINDOWED_CORE, elf) for elf in windowed_firmware()),
    ]


def programs(graph: Graph) -> list[bytes]:
    """The .sqz files for the graph with the most and with the least RAM."""
    names = tuple(str(index) for index in range(graph.output.shape[-1]))
    program, memory = plan(graph, names, False, "test")
    found = [write_sqz(program)[0]]
    try:
        found.append(write_sqz(plan(graph, names, False, "test", memory.lower_bound - 1)[0])[0])
    except UserError:
        assert memory.arena_bytes <= ARENA_LIMIT  # nothing in lanes at its peak
    return found


def assert_equal(elfs: Elfs, graph: Graph, random: np.random.Generator) -> None:
    picture = random.integers(0, 256, graph.input.shape[1:]).astype(np.uint8)
    for sqz in programs(graph):
        (expected,) = HostRuntime(sqz).run(picture[np.newaxis])
        for core, elf in elfs:
            counted = count({core: elf}, core, sqz, picture)
            assert counted.scores.tolist() == expected.tolist(), elf


@pytest.mark.parametrize("seed", CI_SEEDS)
def test_random_networks(elfs: Elfs, seed: int) -> None:
    random = np.random.default_rng(seed)
    assert_equal(elfs, random_model(random), random)


@pytest.mark.full
@pytest.mark.parametrize("seed", FULL_SEEDS)
def test_many_random_networks(elfs: Elfs, seed: int) -> None:
    random = np.random.default_rng(seed)
    assert_equal(elfs, random_model(random), random)


@pytest.mark.parametrize(
    "choice", [0, 3, 6, *(pytest.param(choice, marks=pytest.mark.full) for choice in (1, 2, 4, 5, 7))]
)
def test_every_kind_of_alphabet(elfs: Elfs, monkeypatch: pytest.MonkeyPatch, choice: int) -> None:
    """Layers coded in ways that the encoder would not choose: long code words, symbols of zeros alone,
    symbols that reach into the next filters, any number of low bits, and pairs."""

    def code(layers: list[np.ndarray], *_: object) -> list[CodedLayer]:
        coded = []
        for number, weights in enumerate(layers):
            low_bits = (choice + number) % (MOST_LOW_BITS + 2)
            if np.abs(weights.astype(np.int64)).max() <= LARGEST_LEVEL:  # in lists, which know no low bits
                low_bits = 0
            if low_bits <= MOST_LOW_BITS:
                ways = list(coded_with(weights, low_bits))
                table, stream = ways[(4 * choice + number) % len(ways)]
            elif weights[0].size % 2 == 0 and 2 * np.count_nonzero(weights) >= weights.size:
                table, stream = coded_in_pairs(weights)
            else:
                table, stream = next(coded_with(weights, 0))
            coded.append(CodedLayer(pack_table(table), stream))
        return coded

    monkeypatch.setattr(container, "code_layers", code)
    random = np.random.default_rng(choice)
    levels = None if choice % 2 == 0 else 7
    graph = random_squeezenet(random, 32, 1, 2, width=0.25, sparsity=0.12 * choice, levels=levels)
    assert_equal(elfs, graph, random)


@pytest.mark.parametrize(("size", "sparsity", "levels"), [(96, 0.8, 7), (48, 0.0, None)])
def test_squeezenets(elfs: Elfs, size: int, sparsity: float, levels: int | None) -> None:
    random = np.random.default_rng(size)
    graph = random_squeezenet(random, size, 1, 2, sparsity=sparsity, levels=levels)
    assert_equal(elfs, graph, random)
